"""The market as the judge sees it: each symbol's own bars, its weeks and months, the calendar."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from math import frexp, isnan

from engine.records.calendar import Calendar
from engine.records.desk import Desk

from .averages import Unread
from .clocks import COLUMNS, Period, Row, completed, period_of
from .rounded import Num, divide


class Market:
    """The bars of a run. before: per symbol, the columns of its own bars that came before it, with
    their days. calendar: of the exchange."""

    def __init__(
        self,
        desk: Desk,
        before: Sequence[Mapping[str, Sequence[float]]],
        calendar: Calendar | None,
    ) -> None:
        self.desk = desk
        self.calendar = calendar
        self.sessions = calendar.days if calendar else ()
        self.planned = sorted({*self.sessions, *(calendar.unplanned if calendar else ())})
        self.early = {day for day, _ in calendar.early} if calendar else set()
        self.periods: dict[tuple[int, str, int], list[Period]] = {}
        every = range(len(desk.instruments))
        self.before = before or [{} for _ in every]
        self.bars = [[t for t, here in enumerate(desk.tape.present[k]) if here] for k in every]
        self.place = [{t: at for at, t in enumerate(own)} for own in self.bars]

    def sessions_between(self, day: int, later: int) -> int:
        """How many sessions came after a day and not after a later one."""
        return bisect_right(self.sessions, later) - bisect_right(self.sessions, day)

    def planned_after(self, day: int) -> list[int]:
        """The sessions of the next five weeks, as they were planned."""
        at = bisect_right(self.planned, day)
        return self.planned[at : at + 25]

    def day(self, symbol: int, t: int, back: int) -> int | None:
        """The day of a symbol's own bar so many before bar t."""
        if self.desk.tape.closes:
            return None if back else int(self.desk.tape.days[t])
        if t not in self.place[symbol]:
            return None
        at = self.place[symbol][t] + self.lead(symbol) - back
        return self.own_days(symbol)[at] if at >= 0 else None

    def column(self, symbol: int, name: str, t: int, back: int) -> Num | None:
        """A symbol's column so many of its own bars before bar t."""
        if self.desk.tape.closes:
            raise Unread("bars of minutes")
        if t not in self.place[symbol]:
            return None
        at, earlier = self.place[symbol][t] - back, self.before[symbol].get(name, ())
        if at < -len(earlier):
            return None
        own = getattr(self.desk.tape, name)[symbol]
        value = own[self.bars[symbol][at]] if at >= 0 else earlier[at]
        if isnan(value):
            return None
        return self.restated(
            Num(float(value)), name, symbol, self.bars[symbol][at] if at >= 0 else -1, t
        )

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
        self, symbol: int, clock: str, name: str, t: int, ago: int, back: int
    ) -> Num | None:
        """A column of the completed week or month that lies `back` before the last one known so
        many of the symbol's own bars ago."""
        if clock not in ("1w", "1mo") or self.desk.tape.closes or self.calendar is None:
            raise Unread(clock)
        if t not in self.place[symbol]:
            return None
        day = self.own_days(symbol)[self.place[symbol][t] + self.lead(symbol) - ago :][:1]
        if not day or self.place[symbol][t] + self.lead(symbol) < ago:
            return None
        acted = sum(bar <= t and which == symbol for bar, which, _, _ in self.desk.tape.actions)
        key = (symbol, clock, acted)
        if key not in self.periods:
            self.periods[key] = self.gathered(symbol, clock, t)
        known = [p for p in self.periods[key] if p.at <= day[0]]
        if back >= len(known):
            return None
        value = known[-1 - back].row[COLUMNS.index(name)]
        return None if isnan(value) else Num(value)

    def lead(self, symbol: int) -> int:
        """How many bars of a symbol are known from before the run."""
        return len(self.before[symbol].get("day", ()))

    def own_days(self, symbol: int) -> list[int]:
        """The days of a symbol's own bars, those before the run too."""
        early = [int(d) for d in self.before[symbol].get("day", ())]
        return early + [int(self.desk.tape.days[t]) for t in self.bars[symbol]]

    def gathered(self, symbol: int, clock: str, now: int) -> list[Period]:
        """The completed weeks or months of a symbol, in the shares of bar `now`."""
        tape, days, early = self.desk.tape, self.own_days(symbol), self.before[symbol]
        made = [self.new_shares(symbol, t, now) for t in (-1, *self.bars[symbol])]
        shares = [made[0]] * self.lead(symbol) + made[1:]
        columns = [
            [v * by if c == "volume" else v / by for v, by in zip(values, shares, strict=True)]
            for c in COLUMNS
            for values in [
                [*early.get(c, ()), *(getattr(tape, c)[symbol][t] for t in self.bars[symbol])]
            ]
        ]
        rows: list[Row] = list(zip(*columns, strict=True))
        marks = tape.week_end if clock == "1w" else tape.month_end
        ends = [int(d) for d, is_end in zip(tape.days, marks, strict=True) if is_end == 1.0]
        past = [s for s in self.sessions if days[:1] <= [s] and s < tape.days[0]]
        past_ends = [
            s
            for s, later in pairwise([*past, int(tape.days[0])])
            if period_of(clock, s) != period_of(clock, later)
        ]
        return completed(clock, days, rows, past_ends + ends, self.sessions)
