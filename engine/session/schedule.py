"""An exchange's sessions as arrays (floor 9), and the bars that a clock cuts them into.

A closure at short notice counts as planned until it has passed, even where it was announced some
days before: nothing may know of it too early, and knowing of it late costs little.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.base.clocks import DAILY, minutes_in
from engine.records.calendar import Calendar

Days = NDArray[np.int32]
Instants = NDArray[np.int64]
"""Minutes since 1970-01-01 by the exchange's own clock: a day times 1,440 plus the minute of it."""

MINUTES = 1_440


@dataclass(frozen=True, eq=False)
class Schedule:
    """One exchange's days in ascending order, cut into bars of the clock `every`: from the open on,
    the last one ending at the close."""

    calendar: Calendar
    every: str = DAILY

    @cached_property
    def sessions(self) -> Days:
        """Every day on which the exchange opened."""
        return np.asarray(self.calendar.days, dtype=np.int32)

    @cached_property
    def planned(self) -> Days:
        """Every day on which it was to open until the last moment."""
        both = np.append(self.sessions, np.asarray(self.calendar.unplanned, dtype=np.int32))
        return np.sort(both)

    @property
    def length(self) -> int:
        """Minutes of a full bar; 0 when a bar is a session."""
        return minutes_in(self.every)

    def on(self, every: str) -> "Schedule":
        """The same days on another clock."""
        return self if every == self.every else Schedule(self.calendar, every)

    def closes(self, days: Days) -> Instants:
        """The instant at which each day's session closes, early where it does."""
        early = self._early
        minute = np.full(len(days), self.calendar.closes, dtype=np.int64)
        if len(early):
            at = np.minimum(early[:, 0].searchsorted(days), len(early) - 1)
            minute = np.where(early[at, 0] == days, early[at, 1], minute)
        return days.astype(np.int64) * MINUTES + minute

    def opens(self, days: Days) -> Instants:
        """The instant at which each day's session opens."""
        return days.astype(np.int64) * MINUTES + self.calendar.opens

    def counts(self, days: Days) -> NDArray[np.int64]:
        """How many bars of minutes each day's session is cut into."""
        bars: NDArray[np.int64] = -(-(self.closes(days) - self.opens(days)) // self.length)
        return bars

    def grid(self, days: Days) -> Instants:
        """The close of every bar of minutes on these days."""
        counts = self.counts(days)
        starts = np.cumsum(counts) - counts
        nth = np.arange(counts.sum()) - np.repeat(starts, counts) + 1
        ends = np.repeat(self.opens(days), counts) + nth * self.length
        grid: Instants = np.minimum(ends, np.repeat(self.closes(days), counts))
        return grid

    def bar_of(self, days: Days, instants: Instants) -> Instants:
        """The close of the bar of minutes that holds each instant of a session."""
        opens = self.opens(days)
        ends = opens + -(-(instants - opens) // self.length) * self.length
        bars: Instants = np.minimum(ends, self.closes(days))
        return bars

    @cached_property
    def _early(self) -> NDArray[np.int64]:
        return np.asarray(self.calendar.early, dtype=np.int64).reshape(-1, 2)

    @cached_property
    def _before(self) -> NDArray[np.int64]:
        counts = self.counts(self.sessions)
        return np.cumsum(counts) - counts

    def number(self, sessions: NDArray[np.int64], at_close: bool) -> NDArray[np.int64]:
        """The running number of the first or last bar of the sessions with these indices."""
        if not self.length:
            return sessions
        inside = np.minimum(sessions, len(self.sessions) - 1)
        first = self._before[inside]
        last = self.counts(self.sessions[inside]) - 1 if at_close else 0
        numbers: NDArray[np.int64] = first + last + (sessions - inside) * MINUTES
        return numbers
