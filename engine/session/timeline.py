"""The instants of a replay: the bars of the window, and those before it that warm rules up
(floor 9).

Rules see the whole timeline; the account trades from `start` on. Knows calendars, not prices. An
instant is a session on a daily clock, else the close of a bar of minutes.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.base.clocks import minutes_in
from engine.session.schedule import Days, Instants, Schedule


@dataclass(frozen=True, eq=False)
class Timeline:
    """`days` are the sessions of the bars in order; `start` is the index of the window's first bar
    (earlier ones warm up). closes: the instant of each bar's close, on a clock of minutes.
    """

    schedule: Schedule
    days: Days
    start: int
    closes: Instants | None = None

    @property
    def sessions(self) -> Days:
        """All sessions of the calendar."""
        return self.schedule.sessions

    @property
    def bars(self) -> int:
        """Bars in the window."""
        return len(self.days) - self.start

    @property
    def window(self) -> Days:
        """The sessions of the window's bars alone."""
        return self.days[self.start :]

    @cached_property
    def instants(self) -> Instants:
        """The close of every bar."""
        return self.schedule.closes(self.days) if self.closes is None else self.closes

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """The running number of every bar in the whole schedule."""
        if not len(self.days):
            return np.empty(0, dtype=np.int64)
        first = self.sessions.searchsorted(self.days[:1])
        return np.arange(len(self.days)) + self.schedule.number(first, at_close=False)


def timeline(schedule: Schedule, first: int, last: int, warm_up: int) -> Timeline:
    """The bars of the sessions from `first` to `last` and up to `warm_up` bars before them; of
    minutes at least as many, back to a session's open."""
    sessions = schedule.sessions
    low, high = int(sessions.searchsorted(first, "left")), int(sessions.searchsorted(last, "right"))
    if not schedule.length:
        begin = max(0, low - warm_up)
        return Timeline(schedule, sessions[begin:high], low - begin)
    before = np.cumsum(schedule.counts(sessions[:low])[::-1])
    begin = max(0, low - int(before.searchsorted(warm_up)) - 1) if warm_up else low
    return cut(schedule, sessions[begin:high], int(before[low - begin - 1]) if begin < low else 0)


def cut(schedule: Schedule, sessions: Days, start: int) -> Timeline:
    """The timeline of whole sessions on a clock of minutes."""
    days = np.repeat(sessions, schedule.counts(sessions))
    return Timeline(schedule, days, start, schedule.grid(sessions))


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

    A period completes at its last scheduled bar; when that one was called off at short notice, at
    the next bar that took place. Periods that complete outside the timeline are left out.
    """
    if not len(line.days):
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing
    keys, ends = _periods(line, clock)
    at = line.instants.searchsorted(ends, "left")
    before = line.sessions[line.sessions < line.days[0]][-1:]
    inside = at < len(line.days)
    inside[ends <= line.schedule.closes(before).max(initial=-1)] = False
    return keys[inside], at[inside]


def _periods(line: Timeline, clock: str) -> tuple[NDArray[np.int64], Instants]:
    """The keys of the periods that may complete on the timeline, and when they were to."""
    if minutes_in(clock):
        ends = line.schedule.on(clock).grid(np.unique(line.days))
        return ends, ends
    planned = line.schedule.planned
    keys = period_keys(planned, clock)
    is_last = np.append(keys[1:] != keys[:-1], False)
    return keys[is_last], line.schedule.closes(planned[is_last])


def bar_keys(schedule: Schedule, days: Days, closes: Instants, clock: str) -> NDArray[np.int64]:
    """The key of the period that holds each bar, as in `completions`."""
    if minutes_in(clock):
        return schedule.on(clock).bar_of(days, closes)
    return period_keys(days, clock)


def period_ends(line: Timeline, clock: str) -> NDArray[np.float64]:
    """1.0 at each index where a period of `clock` completes, else 0.0."""
    marks = np.zeros(len(line.days))
    marks[completions(line, clock)[1]] = 1.0
    return marks


def session_numbers(line: Timeline) -> NDArray[np.int64]:
    """The number of each bar's session, 0 for the window's first."""
    sessions = line.sessions.searchsorted(line.window)
    numbers: NDArray[np.int64] = sessions - sessions[:1]
    return numbers


def closed_sessions(line: Timeline) -> NDArray[np.int64]:
    """For each bar of the window, the last session that has closed: 0 is the one before it."""
    return session_numbers(line) + ends_session(line)


def ends_session(line: Timeline) -> NDArray[np.bool_]:
    """Which bars of the window close their session."""
    ends: NDArray[np.bool_] = line.instants[line.start :] >= line.schedule.closes(line.window)
    return ends


def next_sessions(line: Timeline) -> Timeline:
    """The same daily timeline with each session replaced by the one after it (the last kept)."""
    after = np.minimum(line.sessions.searchsorted(line.days) + 1, len(line.sessions) - 1)
    return replace(line, days=line.sessions[after])
