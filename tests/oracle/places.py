"""Where an expression of limits is read: an order, a close that a switch looks at, and what both
may look through to: another symbol, a slower clock, a list, the calendar."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isnan
from typing import TYPE_CHECKING

from engine.lang import ast
from engine.records.account import Verdict

from .clocks import period_of
from .happenings import blackout, distance
from .held import at_risk, correlated, group_exposure, moving, stressed
from .markets import Market
from .rounded import FALSE, TRUE, UNKNOWN, Could, Num
from .scopes import Scope
from .terms import Place, Unread, Value

if TYPE_CHECKING:
    from .counting import Moment
    from .laws import Law
    from .standing import Fields, Key, Standing

COUNTED = ("orders", "cancels", "fills", "denials", "stops_hit", "losing_trips", "lost")
TAILS = ("value_at_risk", "expected_shortfall", "parametric_var")
FRIDAY = 4


@dataclass(frozen=True)
class Close:
    """A close that a switch looks at, with memory that began at bar `since`."""

    standing: "Standing"
    law: "Law"
    scope: Scope
    t: int
    since: int = 0

    spot: object = None

    @property
    def name(self) -> object:
        return self.scope, self.t, self.since

    @property
    def is_long(self) -> bool:
        return self.standing.market.is_long

    def field(self, name: str) -> Value:
        if name in self.law.given:
            return _given(self.law, name, self.t)
        if name.startswith("session.") or name == "market.time":
            return session_field(self.standing, name, self.t)
        return self.standing.past[self.scope][self.t].get(name)

    def column(self, name: str, back: int) -> Num | None:
        return None

    def depth(self) -> int:
        return 0

    @property
    def line(self) -> object:
        return None

    def feed(self, name: str, back: int) -> Num | None:
        return _feed(self.standing, self.law, name, self.t, back)

    def before(self) -> "Close | None":
        if self.t <= self.since:
            return None
        return Close(self.standing, self.law, self.scope, self.t - 1, self.since)

    def listed(self, of_days: bool, name: str) -> Could:
        return listed(self.standing, self.law, name, self.t, None if of_days else "")

    def event(self, asked: str, name: str, reach: Sequence[int], back: int) -> Value:
        day = int(self.standing.desk.tape.days[self.t])
        return happened(self.standing, self.law, asked, name, reach, day, back, None)

    def other(self, symbol: str) -> "Place":
        return OtherSymbol(self.standing, self.law, self.scope, self.t, symbol)

    def slower(self, clock: str, back: int) -> "Place":
        raise Unread("a slower clock of no symbol")

    def asked(self, e: ast.Call) -> Value:
        found = _counted(self.standing, self.scope, e, self.standing.moments[self.t])
        if not isinstance(found, str):
            return found
        if e.name not in (*TAILS, "stress_loss", "beta_exposure"):
            return None  # it is about an order, and there is none
        if self.t != self.standing.t:
            raise Unread(f"{e.name} of an earlier close")
        return _at_risk(self.standing, self.scope, e, None)


@dataclass(frozen=True)
class Order:
    """The order being judged: the account's fields as they are now, and its symbol's market. asks:
    the order itself, None where only a price is read."""

    standing: "Standing"
    law: "Law | None"
    scope: Scope
    t: int
    symbol: int
    fields: "Fields"
    asks: "tuple[Verdict, Key, float] | None" = None
    since: int = 0
    name: object = None

    @property
    def spot(self) -> object:
        return self.symbol, self.t, self.since

    @property
    def market(self) -> Market:
        """What a limit sees of the market; a strategy sees every bar."""
        return self.standing.bars if self.law is None else self.standing.market

    @property
    def is_long(self) -> bool:
        return self.market.is_long

    def depth(self) -> int:
        return self.market.depth(self.symbol, self.t, self.since)

    @property
    def line(self) -> object:
        return self.market.line(self.symbol, self.t), self.since

    def field(self, name: str) -> Value:
        if self.law is not None and name in self.law.given:
            return _given(self.law, name, self.t)
        if name.startswith("session.") or name == "market.time":
            return session_field(self.standing, name, self.t)
        return self.fields.get(name)

    def column(self, name: str, back: int) -> Num | None:
        return self.market.column(self.symbol, name, self.t, back, self.since)

    def feed(self, name: str, back: int) -> Num | None:
        return None if self.law is None else _feed(self.standing, self.law, name, self.t, back)

    def before(self) -> Close | None:
        if self.law is None or self.t == 0:
            return None
        return Close(self.standing, self.law, self.scope, self.t - 1)

    def listed(self, of_days: bool, name: str) -> Could:
        if self.law is None:
            raise Unread(name)
        symbol = None if of_days else self.standing.desk.instruments[self.symbol].symbol
        return listed(self.standing, self.law, name, self.t, symbol)

    def event(self, asked: str, name: str, reach: Sequence[int], back: int) -> Value:
        if self.law is None:
            raise Unread(name)
        day = self.standing.market.day(self.symbol, self.t, back)
        if day is None and self.standing.desk.tape.closes:
            raise Unread(f"events {name} of an earlier bar")
        symbol = self.standing.desk.instruments[self.symbol].symbol
        return happened(self.standing, self.law, asked, name, reach, day, 0, symbol)

    def other(self, symbol: str) -> "Place":
        return OtherSymbol(self.standing, self.law, self.scope, self.t, symbol, self.since)

    def slower(self, clock: str, back: int) -> "Place":
        return Slower(self.market, self.symbol, clock, self.t, back, self.since)

    def asked(self, e: ast.Call) -> Value:
        if self.asks is None:
            raise Unread(e.name)
        v, key, qty = self.asks
        s, moment = self.standing, self.standing.log.moment(self.t)
        found = _counted(s, self.scope, e, moment)
        if not isinstance(found, str):
            return found
        match e.name:
            case "repeats" | "duplicates":
                return s.log.alike(e.name, self.scope, e.args[0], s.sent(v, key, qty), moment)
            case "exposure":
                return group_exposure(s, v, self.scope, _word(e.args[0]))
            case "correlated":
                return correlated(s, v, self.scope, float(_level(e)), _bars(e))
            case _:
                return _at_risk(s, self.scope, e, (v, qty))


@dataclass(frozen=True)
class OtherSymbol:
    """The market of a symbol that was named, at the bar that is looked at."""

    standing: "Standing"
    law: "Law | None"
    scope: Scope
    t: int
    symbol: str
    since: int = 0
    name: object = None
    spot: object = None

    @property
    def market(self) -> Market:
        return self.standing.bars if self.law is None else self.standing.market

    @property
    def number(self) -> int:
        names = [i.symbol for i in self.standing.desk.instruments]
        if self.symbol not in names:
            raise Unread(f"{self.symbol} is not traded")
        return names.index(self.symbol)

    @property
    def is_long(self) -> bool:
        return self.standing.market.is_long

    def field(self, name: str) -> Value:
        raise Unread(f"{name} of {self.symbol}")

    def column(self, name: str, back: int) -> Num | None:
        return self.market.column(self.number, name, self.t, back, self.since)

    def depth(self) -> int:
        return self.market.depth(self.number, self.t, self.since)

    @property
    def line(self) -> object:
        return self.market.line(self.number, self.t), self.since

    def feed(self, name: str, back: int) -> Num | None:
        raise Unread(f"{name} of {self.symbol}")

    def before(self) -> None:
        raise Unread("the memory of another symbol")

    def listed(self, of_days: bool, name: str) -> Could:
        raise Unread(name)

    def event(self, asked: str, name: str, reach: Sequence[int], back: int) -> Value:
        raise Unread(name)

    def other(self, symbol: str) -> "Place":
        raise Unread(symbol)

    def slower(self, clock: str, back: int) -> "Place":
        return Slower(self.market, self.number, clock, self.t, back, self.since)

    def asked(self, e: ast.Call) -> Value:
        raise Unread(e.name)


@dataclass(frozen=True)
class Slower:
    """Completed weeks or months of a symbol, as they were known `ago` of its own bars ago."""

    market: Market
    symbol: int
    clock: str
    t: int
    ago: int
    since: int = 0
    name: object = None
    spot: object = None

    @property
    def is_long(self) -> bool:
        return self.market.is_long

    def depth(self) -> int:
        raise Unread("an average that never forgets on a slower clock")

    @property
    def line(self) -> object:
        return None

    def field(self, name: str) -> Value:
        raise Unread(f"{name} on {self.clock}")

    def column(self, name: str, back: int) -> Num | None:
        return self.market.slow_column(
            self.symbol, self.clock, name, self.t, self.ago, back, self.since
        )

    def feed(self, name: str, back: int) -> Num | None:
        raise Unread(f"{name} on {self.clock}")

    def before(self) -> None:
        raise Unread("memory on a slower clock")

    def listed(self, of_days: bool, name: str) -> Could:
        raise Unread(name)

    def event(self, asked: str, name: str, reach: Sequence[int], back: int) -> Value:
        raise Unread(name)

    def other(self, symbol: str) -> "Place":
        raise Unread(symbol)

    def slower(self, clock: str, back: int) -> "Place":
        raise Unread(clock)

    def asked(self, e: ast.Call) -> Value:
        raise Unread(e.name)


# ---------------------------------------------------------------- inputs


def _feed(s: "Standing", law: "Law", name: str, t: int, back: int) -> Num | None:
    """A feed at the last session that has closed, or so many before it."""
    at = law.warm + s.session_shown(t) - back
    value = law.feeds[name][at] if at >= 0 else float("nan")
    return None if isnan(value) else Num(value)


def _given(law: "Law", name: str, t: int) -> Value:
    value = law.given[name][t]
    if name in law.truths:
        return UNKNOWN if value is None else TRUE if value else FALSE
    return None if value is None else Num(value)


def listed(s: "Standing", law: "Law", name: str, t: int, symbol: str | None) -> Could:
    """Whether the symbol (None: the date) is on a list, as far as it was known at bar t."""
    if name not in law.lists:
        raise Unread(f"list {name}")
    copies, stale = law.lists[name]
    day = int(s.desk.tape.days[t])
    known = [c for c in copies if c[0] is None or c[0] <= day]
    if not known:
        return UNKNOWN
    as_of, members = known[-1]
    if as_of is not None and stale and s.market.sessions_between(as_of, day) > stale:
        return UNKNOWN
    return TRUE if (day if symbol is None else symbol) in members else FALSE


def happened(
    s: "Standing",
    law: "Law",
    asked: str,
    name: str,
    reach: Sequence[int],
    day: int | None,
    back: int,
    symbol: str | None,
) -> Value:
    """What a list of events says on a day, or so many sessions before it."""
    calendar, agenda = s.market.calendar, law.agendas.get(name)
    if calendar is None or agenda is None or (back and s.desk.tape.closes):
        raise Unread(f"events {name}")
    if day is None:
        return None
    now = bisect_left(calendar.days, day) - back
    day = calendar.days[now]
    if asked == "blackout":
        return blackout(calendar, agenda, symbol, now, day, reach[0], reach[1])
    return distance(calendar, agenda, symbol, now, day, asked == "sessions_to")


def session_field(s: "Standing", name: str, t: int) -> Value:
    """What the calendar says of a session, as it was planned then."""
    if name in ("session.minutes", "session.minutes_to_close", "market.time"):
        return time_field(s, name, t)
    read = SESSION.get(name)
    if read is None or s.market.calendar is None:
        raise Unread(name)
    return read(s, int(s.desk.tape.days[t]))


def time_field(s: "Standing", name: str, t: int) -> Num | None:
    """The time of day of a bar of minutes, by the exchange's clock; na of daily bars."""
    calendar, tape = s.market.calendar, s.desk.tape
    if not tape.closes:
        return None
    if calendar is None:
        raise Unread(name)
    day, now = int(tape.days[t]), tape.closes[t] % 1_440
    close = dict(calendar.early).get(day, calendar.closes)
    told = {"session.minutes": now - calendar.opens, "session.minutes_to_close": close - now}
    return Num(float(told.get(name, now)))


def _before_holiday(s: "Standing", day: int) -> Could:
    after = s.market.planned_after(day)[0]
    return TRUE if any((x + 3) % 7 <= FRIDAY for x in range(day + 1, after)) else FALSE


def _half_day(s: "Standing", day: int) -> Could:
    return TRUE if day in s.market.early else FALSE


def _left(clock: str) -> Callable[["Standing", int], Num]:
    def left(s: "Standing", day: int) -> Num:
        key = period_of(clock, day)
        return Num(float(sum(period_of(clock, x) == key for x in s.market.planned_after(day))))

    return left


SESSION: Mapping[str, Callable[["Standing", int], Value]] = {
    "session.half_day": _half_day,
    "session.before_holiday": _before_holiday,
    "session.left_in_week": _left("1w"),
    "session.left_in_month": _left("1mo"),
    "session.day_of_week": lambda s, day: Num(float((day + 3) % 7 + 1)),
    "session.month": lambda s, day: Num(float(period_of("1mo", day)[1])),
}


# ---------------------------------------------------------------- asked fields


def _counted(s: "Standing", scope: Scope, e: ast.Call, moment: "Moment") -> Value | str:
    """A count or a gain; the call's name where it is neither."""
    if e.name in COUNTED:
        return s.log.count(e.name, scope, e.args[0], moment)
    if e.name == "gain":
        return s.gain(scope, _word(e.args[0]), moment.bar)
    return e.name


def _word(e: ast.Expr) -> str:
    if not isinstance(e, ast.Name):
        raise Unread(str(e))
    return e.name


def _at_risk(
    s: "Standing", scope: Scope, e: ast.Call, order: "tuple[Verdict, float] | None"
) -> Num | None:
    """What may be lost, or moves with a benchmark."""
    if e.name == "stress_loss":
        return stressed(s, scope, _length(e.args[0]), order)
    if e.name == "beta_exposure":
        symbol = e.args[0]
        assert isinstance(symbol, ast.Name | ast.Quoted)
        return moving(s, scope, symbol.name, _bars(e), order)
    return at_risk(s, scope, e.name, _level(e), _bars(e), order)


def _level(e: ast.Call) -> Decimal:
    level = e.args[0]
    assert isinstance(level, ast.Literal)
    return Decimal(level.text.removesuffix("%")) / 100


def _bars(e: ast.Call) -> int:
    return _length(e.args[1])


def _length(length: ast.Expr) -> int:
    if not isinstance(length, ast.Literal) or length.kind == "duration":
        raise Unread(str(length))
    return int(length.value)
