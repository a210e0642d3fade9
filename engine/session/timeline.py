"""The instants of a replay: sessions of the window, and those before it that warm rules up
(floor 9).

Rules see the whole timeline; the account trades from `start` on. Knows calendars, not prices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.session.schedule import Days, Schedule


@dataclass(frozen=True, eq=False)
class Timeline:
    """`days` is a stretch of the schedule's sessions; `start` is the index of the window's first
    (earlier ones warm up).
    """

    schedule: Schedule
    days: Days
    start: int

    @property
    def sessions(self) -> Days:
        """All sessions of the calendar."""
        return self.schedule.sessions

    @property
    def bars(self) -> int:
        """Sessions in the window."""
        return len(self.days) - self.start

    @property
    def window(self) -> Days:
        """The sessions of the window alone."""
        return self.days[self.start :]


def timeline(schedule: Schedule, first: int, last: int, warm_up: int) -> Timeline:
    """The sessions from `first` to `last` and up to `warm_up` sessions before them."""
    sessions = schedule.sessions
    low, high = int(sessions.searchsorted(first, "left")), int(sessions.searchsorted(last, "right"))
    begin = max(0, low - warm_up)
    return Timeline(schedule, sessions[begin:high], low - begin)


def period_keys(days: Days, clock: str) -> NDArray[np.int64]:
    """The number of the week (Monday to Sunday) or month that holds each day; a day for other
    clocks."""
    if clock == "1w":
        return (days.astype(np.int64) + 3) // 7
    if clock == "1mo":
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return days.astype(np.int64)


def completions(line: Timeline, clock: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Period keys, and for each the timeline index at whose close the period completes.

    A period completes at its last scheduled session; when that one was closed at short notice, at
    the next session that took place. Periods that complete outside the timeline are left out.
    """
    sessions, planned = line.sessions, line.schedule.planned
    keys = period_keys(planned, clock)
    is_last = np.append(keys[1:] != keys[:-1], False)
    ends = sessions.searchsorted(planned[is_last], "left")
    offset = int(sessions.searchsorted(line.days[0], "left")) if len(line.days) else 0
    at = ends - offset
    inside = (at >= 0) & (at < len(line.days))
    return keys[is_last][inside], at[inside]


def period_ends(line: Timeline, clock: str) -> NDArray[np.float64]:
    """1.0 at each index where a period of `clock` completes, else 0.0."""
    marks = np.zeros(len(line.days))
    marks[completions(line, clock)[1]] = 1.0
    return marks
