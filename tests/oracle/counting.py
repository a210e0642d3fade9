"""What happened in a run, in order, and what was counted of it in a window: one long list that is
gone through anew for every question (docs/spec.md section 7, ADR 0009)."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from statistics import pstdev

from engine.lang import ast
from engine.records import account
from engine.records.account import Fill
from engine.records.desk import TARGET_LEVEL, Desk

from .ledger import money
from .rounded import Num, TooClose, divide, exactly, total
from .scopes import Scope
from .terms import Unread

REMEMBERED = 256
EXACT = 64
"""Bars up to which a window is exact; beyond, it may reach up to a sixty-third further back."""
IN_BARS = {"s": 0, "m": 0, "h": 0, "d": 1, "w": 5, "mo": 21}
"""Daily bars in a unit of time."""
SECONDS = {"s": 1, "m": 60, "h": 3_600}
OPEN, SESSION = 570, 390
"""When New York opens, and for how long, in minutes."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Event:
    """kind: as the field that counts it. gain: of a round trip, after fees; cost: of the position
    that it closed."""

    kind: str
    bar: int
    book: int
    symbol: int
    gain: Decimal = ZERO
    cost: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Sent:
    """An order that added risk, as it was sent."""

    bar: int
    key: tuple[int, int, int]
    side: int
    qty: float
    price: float


@dataclass(frozen=True, slots=True)
class Moment:
    """How much of the log was written by then."""

    bar: int
    events: int
    sent: int


class Periods:
    """Which bar each day, week and month of a run began with."""

    def __init__(self, desk: Desk) -> None:
        tape, count = desk.tape, len(desk.tape.days)
        self.is_daily = not tape.closes
        self.minutes = 0 if self.is_daily else tape.closes[0] - tape.days[0] * 1_440 - OPEN
        """How long a bar is; 0 where it is a session."""
        starts = {
            "today": [t == 0 or tape.days[t] != tape.days[t - 1] for t in range(count)],
            "week": [t == 0 or tape.week_end[t - 1] == 1.0 for t in range(count)],
            "month": [t == 0 or tape.month_end[t - 1] == 1.0 for t in range(count)],
        }
        self.starts = {name: [t for t, x in enumerate(at) if x] for name, at in starts.items()}

    def first(self, name: str, t: int) -> int:
        """The first bar of the period that bar t lies in."""
        begun = self.starts[name]
        return begun[bisect_right(begun, t) - 1]

    def reach(self, window: ast.Expr, t: int) -> tuple[int, int]:
        """The first bar of a window that ends with bar t, at the latest and at the earliest."""
        if isinstance(window, ast.Name):
            return (first := self.first(window.name, t)), first
        bars = self.bars(window)
        further = 0 if bars <= EXACT else -(-bars // (EXACT - 1)) - 1
        return max(0, t - bars + 1), max(0, t - bars + 1 - further)

    def bars(self, window: ast.Expr) -> int:
        """How many bars a written window is; what is shorter than a bar is this bar alone."""
        if not isinstance(window, ast.Literal):
            raise Unread(str(window))
        if window.kind != "duration":
            return int(window.value)
        if window.unit not in IN_BARS:
            raise Unread(window.text)
        if self.is_daily:
            return max(1, int(window.value) * IN_BARS[window.unit])
        return max(1, self._holding(int(window.value), window.unit))

    def _holding(self, count: int, unit: str) -> int:
        """As many bars of minutes as hold a length; a day is a whole session."""
        if unit in SECONDS:
            return -(-count * SECONDS[unit] // (60 * self.minutes))
        return count * IN_BARS[unit] * -(-SESSION // self.minutes)


class Log:
    """Everything that a limit may count."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.periods = Periods(desk)
        self.events: list[Event] = []
        self.sent: list[Sent] = []
        self.held: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
        self.trips: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
        self.costs: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
        self.stops: set[tuple[int, ...]] = set()

    def moment(self, t: int) -> Moment:
        return Moment(t, len(self.events), len(self.sent))

    def note(self, kind: str, bar: int, book: int, symbol: int) -> None:
        self.events.append(Event(kind, bar, book, symbol))

    def fill(self, fill: Fill, cash: Decimal) -> None:
        """A fill and the cash that it brought; a position that it closes was a round trip."""
        key = (fill.book, fill.symbol, fill.entry)
        self.note("fills", fill.bar, fill.book, fill.symbol)
        hit = (*key, fill.rule, fill.decided)
        if fill.source == account.FROM_LEVEL and hit not in self.stops:
            self.stops.add(hit)
            level = self.desk.books[fill.book].levels[fill.rule]
            if level.kind != TARGET_LEVEL and fill.entry in level.entries:
                self.note("stops_hit", fill.bar, fill.book, fill.symbol)
        if self.held[key] * Decimal(fill.qty) >= 0:
            self.costs[key] += money(abs(Decimal(fill.qty)) * Decimal(fill.price))
        self.held[key] += Decimal(fill.qty)
        self.trips[key] += cash
        if abs(self.held[key]) <= Decimal(self.desk.instruments[fill.symbol].lot) / 1_000_000:
            told = self.trips.pop(key), self.costs.pop(key)
            self.events.append(Event("trips", fill.bar, fill.book, fill.symbol, *told))
            del self.held[key]

    def split(self, key: tuple[int, int, int], held: Decimal, paid: Decimal, bar: int) -> None:
        """A position in new shares; one of which nothing is left was a round trip."""
        self.trips[key] += paid
        self.held[key] = held
        if not held:
            told = self.trips.pop(key), self.costs.pop(key)
            self.events.append(Event("trips", bar, key[0], key[1], *told))
            del self.held[key]

    def count(self, kind: str, scope: Scope, window: ast.Expr, at: Moment) -> Num:
        """How often something happened in a window; a range where the window is not exact."""
        late, early = self.periods.reach(window, at.bar)
        least, most = (self._amount(kind, scope, first, at) for first in (late, early))
        if least.value == most.value:
            return most
        half = (most.value - least.value) / 2.0
        return Num(least.value + half, half + least.off + most.off)

    def _amount(self, kind: str, scope: Scope, first: int, at: Moment) -> Num:
        name = "trips" if kind in ("losing_trips", "lost") else kind
        found = []
        for event in reversed(self.events[: at.events]):
            if event.bar < first:
                break
            if event.kind == name and scope.covers(event.book, event.symbol):
                found.append(event)
        if name == "trips":
            found = [e for e in found if e.gain < 0]
        if kind == "lost":
            return total(exactly(-e.gain) for e in found)
        return Num(float(len(found)))

    def lost_in_a_row(self, scope: Scope, at: Moment) -> Num:
        """Round trips lost one after another; one that came out even changes nothing."""
        trips = [
            e.gain
            for e in self.events[: at.events]
            if e.kind == "trips" and e.gain and scope.covers(e.book, e.symbol)
        ]
        runs = [(lost, len(list(same))) for lost, same in groupby(trips, lambda g: g < 0)]
        return Num(float(runs[-1][1] if runs and runs[-1][0] else 0))

    def returns(self, scope: Scope, at: Moment) -> list[Num]:
        """The return of every round trip: its gain over what the position cost."""
        trips = [
            divide(exactly(e.gain), exactly(e.cost))
            for e in self.events[: at.events]
            if e.kind == "trips" and scope.covers(e.book, e.symbol)
        ]
        return [r for r in trips if r is not None]

    def mean_return(self, scope: Scope, at: Moment) -> Num | None:
        """Their mean; None until there is one."""
        found = self.returns(scope, at)
        mean = divide(total(found), Num(float(len(found)))) if found else None
        return None if mean is None else _loose(mean, found)

    def deviation(self, scope: Scope, at: Moment) -> Num | None:
        """Their deviation, of the population; None until there are two."""
        found = self.returns(scope, at)
        if len(found) < 2:
            return None
        return _loose(Num(pstdev([r.value for r in found])), found)

    def alike(
        self, kind: str, scope: Scope, window: ast.Expr, order: Sent, at: Moment
    ) -> Num | None:
        """Orders in a window like this one; None when they are more than are remembered."""
        first = self.periods.reach(window, at.bar)[0]
        sent = self.sent[: at.sent]
        forgotten = sent[: max(0, len(sent) - REMEMBERED)]
        if forgotten and forgotten[-1].bar >= first:
            return None
        if forgotten and sent[len(forgotten)].bar >= first:
            raise TooClose  # one more in the window, and it would be unknown
        bars = [s.bar for s in sent]
        recent = [s for s in sent[bisect_left(bars, first) :] if scope.covers(s.key[0], s.key[1])]
        like = same_order if kind == "duplicates" else same_entry
        return Num(float(sum(like(s, order) for s in recent)))


def _loose(value: Num, found: list[Num]) -> Num:
    """A figure that may be added up in many ways."""
    return Num(value.value, value.off + 1e-12 * max(abs(r.value) for r in found))


def same_entry(a: Sent, b: Sent) -> bool:
    return a.key == b.key


def same_order(a: Sent, b: Sent) -> bool:
    return (a.key[1], a.side, a.qty, a.price) == (b.key[1], b.side, b.qty, b.price)
