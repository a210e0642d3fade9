"""The market as the judge sees it: each symbol's own bars, its weeks and months, the calendar.

Limits count in sessions whatever the clock: on bars of minutes their market is that of the last
session that has closed. What a strategy reads there is its bars.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby, pairwise
from math import frexp, isnan, nan

from engine.records.calendar import Calendar
from engine.records.desk import Desk

from .averages import Unread
from .clocks import COLUMNS, Period, Row, completed, gathered, period_of
from .rounded import Num, divide

MINUTES = 1_440


class Own:
    """One symbol's bars, those before the run first. days: of each; since: its bar of the run, -1
    before it."""

    def __init__(self, days: list[int], rows: list[Row], since: list[int]) -> None:
        self.days = days
        self.rows = rows
        self.since = since
        self.at = {t: k for k, t in enumerate(since) if t >= 0}

    def first(self, since: int) -> int:
        """The first bar of a day or of a later one."""
        return bisect_left(self.days, since)


class Market:
    """The bars of a run. before: per symbol, the columns of its own bars that came before it, with
    their days. calendar: of the exchange. by_session: as limits see bars of minutes."""

    def __init__(
        self,
        desk: Desk,
        before: Sequence[Mapping[str, Sequence[float]]],
        calendar: Calendar | None,
        by_session: bool = True,
    ) -> None:
        self.desk = desk
        self.calendar = calendar
        self.sessions = calendar.days if calendar else ()
        self.planned = sorted({*self.sessions, *(calendar.unplanned if calendar else ())})
        self.early = dict(calendar.early) if calendar else {}
        self.gathers = by_session and bool(desk.tape.closes)
        self.periods: dict[tuple[object, str], list[Period]] = {}
        told = before or [{} for _ in desk.instruments]
        self.own = [self._own(k, rows) for k, rows in enumerate(told)]

    def _own(self, symbol: int, before: Mapping[str, Sequence[float]]) -> Own:
        tape = self.desk.tape
        here = [t for t, is_here in enumerate(tape.present[symbol]) if is_here]
        early = [list(before.get(c, ())) for c in COLUMNS]
        count = max(map(len, early))
        rows = [tuple(column[k] if column else nan for column in early) for k in range(count)]
        rows += [tuple(float(getattr(tape, c)[symbol][t]) for c in COLUMNS) for t in here]
        days = [int(d) for d in before.get("day", [0.0] * count)] + [
            int(tape.days[t]) for t in here
        ]
        since = [-1] * count + here
        if not self.gathers:
            return Own(days, rows, since)
        return self._by_session(days, rows, since, "late" in before)

    def _by_session(self, days: list[int], rows: list[Row], since: list[int], is_late: bool) -> Own:
        """One bar for each session; data that begin inside one (is_late) leave it out."""
        made, begun = Own([], [], []), days[:1] if is_late else []
        for day, group in groupby(range(len(days)), days.__getitem__):
            if [day] == begun:
                continue
            bars = list(group)
            made.days.append(day)
            made.rows.append(gathered([rows[k] for k in bars]))
            made.since.append(since[bars[-1]])
        return made

    # ------------------------------------------------------------ where a bar is

    def place(self, symbol: int, t: int) -> int | None:
        """Where the bar that shows at bar t is among the symbol's own; None where it has none."""
        own = self.own[symbol]
        if not self.gathers:
            return own.at.get(t)
        day = self.closed_session(t)
        at = bisect_left(own.days, day)
        return at if own.days[at : at + 1] == [day] else None

    def closed_session(self, t: int) -> int:
        """The day of the last session that has closed at the close of bar t."""
        day, now = int(self.desk.tape.days[t]), self.desk.tape.closes[t] % MINUTES
        if self.calendar is None:
            raise Unread("sessions without a calendar")
        if now >= self.early.get(day, self.calendar.closes):
            return day
        return self.sessions[bisect_left(self.sessions, day) - 1]

    def depth(self, symbol: int, t: int, since: int = 0) -> int:
        """How many of the symbol's bars from a day on are known at bar t."""
        at, own = self.place(symbol, t), self.own[symbol]
        return 0 if at is None else max(0, at - own.first(since) + 1)

    def line(self, symbol: int, t: int) -> object:
        """A symbol's bars in the shares of bar t."""
        acted = sum(bar <= t and which == symbol for bar, which, _, _ in self.desk.tape.actions)
        return self.gathers, symbol, acted

    def sessions_between(self, day: int, later: int) -> int:
        """How many sessions came after a day and not after a later one."""
        return bisect_right(self.sessions, later) - bisect_right(self.sessions, day)

    def planned_after(self, day: int) -> list[int]:
        """The sessions of the next five weeks, as they were planned."""
        at = bisect_right(self.planned, day)
        return self.planned[at : at + 25]

    def day(self, symbol: int, t: int, back: int) -> int | None:
        """The day of a symbol's own bar so many before bar t; the session in progress itself."""
        if self.desk.tape.closes:
            return None if back else int(self.desk.tape.days[t])
        at = self.place(symbol, t)
        return None if at is None or at < back else self.own[symbol].days[at - back]

    # ------------------------------------------------------------ columns

    def column(self, symbol: int, name: str, t: int, back: int, since: int = 0) -> Num | None:
        """A symbol's column so many of its own bars before bar t, of a day `since` or later."""
        at, own = self.place(symbol, t), self.own[symbol]
        if at is None or at - back < own.first(since):
            return None
        value = own.rows[at - back][COLUMNS.index(name)]
        if isnan(value):
            return None
        return self.restated(Num(value), name, symbol, own.since[at - back], t)

    def restated(self, value: Num, name: str, symbol: int, then: int, t: int) -> Num:
        """A price of bar `then` in the shares of bar t, or a volume."""
        ratio = self.new_shares(symbol, then, t)
        if ratio == 1.0:
            return value
        found = value * Num(ratio) if name == "volume" else divide(value, Num(ratio))
        assert found is not None
        return found

    @cached_property
    def is_long(self) -> bool:
        """Whether a split leaves earlier prices without an end in binary, as one of 3 for 2 does:
        then a sum carried over it has rounded, whatever its window holds by now."""
        return any(frexp(ratio)[0] != 0.5 for _, _, ratio, _ in self.desk.tape.actions)

    def new_shares(self, symbol: int, then: int, t: int) -> float:
        """How many shares of bar t one of bar `then` became."""
        made = 1.0
        for bar, which, ratio, _ in self.desk.tape.actions:
            if which == symbol and then < bar <= t:
                made *= ratio
        return made

    def slow_column(
        self, symbol: int, clock: str, name: str, t: int, ago: int, back: int, since: int = 0
    ) -> Num | None:
        """A column of the completed week or month that lies `back` before the last one known so
        many of the symbol's own bars ago."""
        if clock not in ("1w", "1mo") or self.calendar is None:
            raise Unread(clock)
        at, own = self.place(symbol, t), self.own[symbol]
        if at is None or at - ago < own.first(since):
            return None
        key = (self.line(symbol, t), clock)
        if key not in self.periods:
            self.periods[key] = self.completed(symbol, clock, t)
        known = [p for p in self.periods[key] if since <= p.at <= own.days[at - ago]]
        if back >= len(known):
            return None
        value = known[-1 - back].row[COLUMNS.index(name)]
        return None if isnan(value) else Num(value)

    def completed(self, symbol: int, clock: str, now: int) -> list[Period]:
        """The completed weeks or months of a symbol, in the shares of bar `now`."""
        tape, own = self.desk.tape, self.own[symbol]
        rows = [
            self._in_shares(row, self.new_shares(symbol, then, now))
            for row, then in zip(own.rows, own.since, strict=True)
        ]
        days = own.days
        marks = tape.week_end if clock == "1w" else tape.month_end
        ends = [int(d) for d, is_end in zip(tape.days, marks, strict=True) if is_end == 1.0]
        past = [s for s in self.sessions if days[:1] <= [s] and s < tape.days[0]]
        past_ends = [
            s
            for s, later in pairwise([*past, int(tape.days[0])])
            if period_of(clock, s) != period_of(clock, later)
        ]
        return completed(clock, days, rows, past_ends + ends, self.sessions)

    def _in_shares(self, row: Row, by: float) -> Row:
        o, high, low, close, volume = row
        return o / by, high / by, low / by, close / by, volume * by
