"""What an expression of a limits block comes to, by walking its syntax tree naively.

Written from docs/spec.md and 2b-semantics, not from the engine: nothing of its checker, graph,
operators or emitter is used. Every value is worked out anew from the bars and the account's
history. What is not written down here raises `Unread`: a judge that guesses is none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.lang import ast

from .averages import (
    AVERAGES,
    Running,
    Unread,
    changed,
    deviation,
    mean_of_known,
    root,
    true_range,
    window,
)
from .rounded import (
    FALSE,
    TRUE,
    UNKNOWN,
    Could,
    Num,
    TooClose,
    above,
    all_of,
    any_of,
    divide,
    largest,
    opposite,
    same,
)
from .spelling import parts_of, put_in

ALIASES = {
    "equity": "account.equity",
    "cash": "account.cash",
    "start.equity": "account.start_equity",
    "drawdown": "account.drawdown",
    "pnl.today": "account.pnl_today",
    "exposure.gross": "account.gross",
    "exposure.net": "account.net",
    "positions.count": "account.positions",
    "return": "account.return",
    "last": "market.last",
}
ASKED = frozenset(
    {"orders", "cancels", "fills", "denials", "stops_hit", "losing_trips", "lost", "gain"}
    | {"repeats", "duplicates", "exposure", "correlated"}
    | {"value_at_risk", "expected_shortfall", "parametric_var", "stress_loss", "beta_exposure"}
)
"""Calls that ask what happened, or what is held together."""
EVENTS = ("blackout", "sessions_to", "sessions_since")
"""Calls that look into a list of events."""
COLUMNS = ("open", "high", "low", "close", "volume")

Value = Num | None | Could


class Place(Protocol):
    """Where an expression is read: an order, or a close that a switch looks at. name: which close
    it is, None for an order."""

    @property
    def name(self) -> object: ...

    @property
    def is_long(self) -> bool:
        """Whether splits leave prices of before long in binary; see markets."""

    @property
    def spot(self) -> object:
        """Where it is in the market: there, what reads nothing but bars is the same for every
        order. None: nowhere."""

    def field(self, name: str) -> Value:
        """A field; None where it has no value."""

    def column(self, name: str, back: int) -> Num | None:
        """A column of the order's symbol so many of its own bars ago."""

    def depth(self) -> int:
        """How many of the symbol's own bars are known, this one included."""

    @property
    def line(self) -> object:
        """The row of bars that `depth` counts: what was worked out along it stays so."""

    def feed(self, name: str, back: int) -> Num | None:
        """A feed's value so many sessions ago."""

    def before(self) -> "Place | None":
        """The close before, for what remembers; None where memory begins."""

    def listed(self, of_days: bool, name: str) -> Could:
        """Whether the order's symbol, or the date, is on a list."""

    def event(self, asked: str, name: str, reach: Sequence[int], back: int) -> Value:
        """What a list of events says so many bars ago."""

    def other(self, symbol: str) -> "Place":
        """The market of another symbol at this bar."""

    def slower(self, clock: str, back: int) -> "Place":
        """The periods of a slower clock that had completed so many bars ago."""

    def asked(self, e: ast.Call) -> Value:
        """What happened in a window, or what is held together."""


@dataclass
class Terms:
    """One block's words."""

    lets: Mapping[str, ast.Expr] = field(default_factory=dict)
    params: Mapping[str, float] = field(default_factory=dict)
    feeds: frozenset[str] = frozenset()
    defines: Mapping[str, ast.Define] = field(default_factory=dict)
    _spelt_out: dict[int, tuple[ast.Call, ast.Expr]] = field(default_factory=dict)
    _peaks: dict[tuple[int, object], Num | None] = field(default_factory=dict)
    _seen: dict[tuple[int, object, int], Value] = field(default_factory=dict)
    _of_bars: dict[int, bool] = field(default_factory=dict)
    _memory: dict[int, bool] = field(default_factory=dict)
    _averages: dict[tuple[int, object], Running] = field(default_factory=dict)

    def number(self, e: ast.Expr, at: Place, back: int = 0) -> Num | None:
        """A number; None is na."""
        value = self._value(e, at, back)
        if isinstance(value, frozenset):
            raise Unread(f"{e} is no number")
        return value

    def truth(self, e: ast.Expr, at: Place, back: int = 0) -> Could:
        """A condition."""
        value = self._value(e, at, back)
        if isinstance(value, Num):
            raise Unread(f"{e} is no condition")
        return UNKNOWN if value is None else value

    def _value(self, e: ast.Expr, at: Place, back: int) -> Value:
        read = READ.get(type(e))
        if read is None:
            raise Unread(str(e))
        if at.spot is None or not self._is_of_bars(e):
            return read(self, e, at, back)
        key = (id(e), at.spot, back)
        if key not in self._seen:
            self._seen[key] = read(self, e, at, back)
        return self._seen[key]

    def _is_of_bars(self, e: ast.Expr) -> bool:
        """Whether this is a window, an average or a slower clock of nothing but bars."""
        if id(e) not in self._of_bars:
            heavy = isinstance(e, ast.Call | ast.OnClock | ast.Lasting | ast.Cross)
            self._of_bars[id(e)] = heavy and not self._remembers(e)
        return self._of_bars[id(e)]

    def _binary(self, e: ast.Binary, at: Place, back: int) -> Num | None:
        a, b = self.number(e.left, at, back), self.number(e.right, at, back)
        return None if a is None or b is None else ARITHMETIC[e.op](a, b)

    def _of(self, e: ast.Of, at: Place, back: int) -> Num | None:
        symbol = self._symbol(e.right)
        if symbol:
            if back:
                raise Unread(f"{symbol} of an earlier bar")
            return self.number(e.left, at.other(symbol))
        a, b = self.number(e.left, at, back), self.number(e.right, at, back)
        return None if a is None or b is None else a * b

    def _symbol(self, e: ast.Expr) -> str:
        """The symbol that an expression names; "" when it is a value."""
        if not isinstance(e, ast.Name | ast.Quoted):
            return ""
        is_value = e.name in self.lets or e.name in self.params or e.name in self.feeds
        return "" if is_value or e.name in COLUMNS or e.name in ALIASES else e.name

    def _on_clock(self, e: ast.OnClock, at: Place, back: int) -> Value:
        return self._value(e.value, at.slower(e.clock, back), 0)

    def _is_in(self, e: ast.IsIn, at: Place, back: int) -> Could:
        word = _dotted(e.value)
        if back or word not in ("order.symbol", "market.date"):
            raise Unread(str(e))
        return at.listed(word == "market.date", e.list)

    def _cross(self, e: ast.Cross, at: Place, back: int) -> Could:
        """On its side now, and not on it at the bar before."""
        op, other = (">", "<=") if e.direction == "above" else ("<", ">=")
        a, b = self.number(e.left, at, back), self.number(e.right, at, back)
        was_a, was_b = self._last(e.left, at, back), self._last(e.right, at, back)
        if None in (a, b, was_a, was_b):
            return UNKNOWN
        return all_of([COMPARED[other](was_a, was_b), COMPARED[op](a, b)])

    def _last(self, e: ast.Expr, at: Place, back: int) -> Num | None:
        """A number a bar before; of the account, at the close before."""
        if not self._remembers(e):
            return self.number(e, at, back + 1)
        before = at.before()
        return None if before is None else self.number(e, before, back)

    def _since_entry(self, e: ast.SinceEntry, at: Place, back: int) -> Value:
        """What an order asks for before there is a position, as if that began with this bar."""
        fold = e.value
        if back or not isinstance(fold, ast.Call) or fold.name not in ("peak", "trough"):
            raise Unread(f"{fold} since entry")
        return self.number(fold.args[0], at)

    def _unary(self, e: ast.Unary, at: Place, back: int) -> Value:
        if e.op == "not":
            return opposite(self.truth(e.value, at, back))
        inner = self.number(e.value, at, back)
        return None if inner is None else -inner

    def _compare(self, e: ast.Compare, at: Place, back: int) -> Could:
        a, b = self.number(e.left, at, back), self.number(e.right, at, back)
        return COMPARED[e.op](a, b)

    def _logic(self, e: ast.Logic, at: Place, back: int) -> Could:
        items = [self.truth(i, at, back) for i in e.items]
        return all_of(items) if e.op == "and" else any_of(items)

    def _between(self, e: ast.Between, at: Place, back: int) -> Could:
        x = self.number(e.value, at, back)
        low, high = self.number(e.low, at, back), self.number(e.high, at, back)
        return all_of([COMPARED[">="](x, low), COMPARED["<="](x, high)])

    def _is(self, e: ast.Is, at: Place, back: int) -> Could:
        if e.test not in ("na", "stale"):  # a feed that is stale is na
            raise Unread(f"is {e.test}")
        return TRUE if self._value(e.value, at, back) is None else FALSE

    def _within(self, e: ast.Within, at: Place, back: int) -> Could:
        """Not further from the centre than the tolerance's share of the centre."""
        x, part = self.number(e.value, at, back), self.number(e.tolerance, at, back)
        centre = self.number(e.centre, at, back)
        if x is None or part is None or centre is None:
            return UNKNOWN
        return COMPARED["<="](abs(x - centre), part * abs(centre))

    def _lasting(self, e: ast.Lasting, at: Place, back: int) -> Could:
        """True on each of the last n; unknown among them makes it unknown unless one is false."""
        count = self.number(e.count, at, back)
        assert count is not None
        n = int(count.value)
        if not self._remembers(e.condition):
            return all_of(self.truth(e.condition, at, back + k) for k in range(n))
        seen: list[Could] = []
        here: Place | None = at
        for _ in range(n):
            seen.append(UNKNOWN if here is None else self.truth(e.condition, here, back))
            here = None if here is None else here.before()
        return all_of(seen)

    def _remembers(self, e: ast.Expr) -> bool:
        """Whether an expression reads a field, whose past is the account's and not the market's."""
        if isinstance(e, ast.Name | ast.Field):
            word = _dotted(e)
            if word in self.lets:
                return self._remembers(self.lets[word])
            return word not in COLUMNS and word not in self.feeds and word not in self.params
        if isinstance(e, ast.Call) and e.name in (*ASKED, *EVENTS):
            return e.name in ASKED
        if isinstance(e, ast.Call) and e.name in self.defines:
            return self._remembers(self.spelt_out(e))
        return any(map(self._remembers, parts_of(e)))

    def looks_back(self, e: ast.Expr) -> bool:
        """Whether an expression may ask the account of an earlier close."""
        match e:
            case ast.Call(name="peak") | ast.Lasting() | ast.Cross() if self._remembers(e):
                return True
            case ast.Call() if e.name in self.defines:
                return self.looks_back(self.spelt_out(e))
            case _:
                return any(map(self.looks_back, parts_of(e)))

    def has_memory(self, e: ast.Expr | None) -> bool:
        """Whether an expression keeps something of the account from close to close."""
        if id(e) not in self._memory:
            self._memory[id(e)] = self._has_memory(e)
        return self._memory[id(e)]

    def _has_memory(self, e: ast.Expr | None) -> bool:
        match e:
            case None:
                return False
            case ast.Name() | ast.Field():
                word = _dotted(e)
                return word in self.lets and self.has_memory(self.lets[word])
            case ast.Call(name="peak") | ast.Lasting() if self._remembers(e):
                return True
            case ast.Call() if e.name in self.defines:
                return self.has_memory(self.spelt_out(e))
            case _:
                return any(map(self.has_memory, parts_of(e)))

    def _named(self, e: ast.Name | ast.Field, at: Place, back: int) -> Value:
        word = _dotted(e)
        if word in self.lets:
            return self._value(self.lets[word], at, back)
        if word in self.params:
            return Num(self.params[word])
        if word in self.feeds:
            return at.feed(word, back)
        if word in COLUMNS:
            return at.column(word, back)
        if back:
            raise Unread(f"{word} of an earlier bar")
        return at.field(ALIASES.get(word, word))

    def _call(self, e: ast.Call, at: Place, back: int) -> Value:
        match e.name, e.args:
            case "abs", (x,):
                value = self.number(x, at, back)
                return None if value is None else abs(value)
            case "min" | "max", (x, y):
                a, b = self.number(x, at, back), self.number(y, at, back)
                return None if a is None or b is None else _outer(e.name, a, b)
            case "peak", (x,):
                return self._peak(x, at)
            case "adv", (n,):
                volumes = [at.column("volume", back + k) for k in self._span(n, at)]
                return mean_of_known(volumes, at.is_long)
            case (("sma" | "sum" | "highest" | "lowest"), (x, n)):
                values = [self.number(x, at, back + k) for k in self._span(n, at)]
                return window(e.name, values, at.is_long)
            case "change" | "roc", (x, *n):
                ago = len(self._span(n[0], at)) if n else 1
                return changed(e.name, self.number(x, at, back), self.number(x, at, back + ago))
            case "stdev", (x, n):
                return deviation([self.number(x, at, back + k) for k in self._span(n, at)])
            case (("ema" | "wilder" | "rsi"), (x, n)):
                return self._average(e, x, len(self._span(n, at)), at, back)
            case "atr", (n,):
                return self._average(e, e, len(self._span(n, at)), at, back)
            case "true_range", ():
                return true_range(at.column, back)
            case "sqrt", (x,):
                value = self.number(x, at, back)
                return None if value is None else root(value)
            case name, (of, *reach) if name in EVENTS:
                lengths = [len(self._span(n, at)) for n in reach]
                return at.event(name, _dotted(of), lengths, back)
            case name, _ if name in ASKED:
                if back:
                    raise Unread(f"{name} of an earlier bar")
                return at.asked(e)
            case name, _ if name in self.defines:
                return self._value(self.spelt_out(e), at, back)
            case _:
                raise Unread(f"{e.name}(…)")

    def _average(self, e: ast.Call, x: ast.Expr, n: int, at: Place, back: int) -> Num | None:
        """An average that has seen every bar since its first."""
        if at.line is None or not self.feeds.isdisjoint(words_in(e)):
            raise Unread(f"{e.name} of a feed")
        key, depth = (id(e), at.line), at.depth()
        if key not in self._averages:
            self._averages[key] = AVERAGES[e.name](n)
        found = self._averages[key]
        while len(found.values) < depth:
            ago = depth - 1 - len(found.values)
            found.push(true_range(at.column, ago) if x is e else self.number(x, at, ago))
        return found.values[depth - 1 - back] if back < depth else None

    def spelt_out(self, e: ast.Call) -> ast.Expr:
        """What a call of a `define` stands for."""
        if id(e) not in self._spelt_out:
            define = self.defines[e.name]
            if len(define.args) != len(e.args):
                raise Unread(f"{e.name} with {len(e.args)} arguments")
            given = dict(zip(define.args, e.args, strict=True))
            self._spelt_out[id(e)] = e, put_in(define.value, given)
        return self._spelt_out[id(e)][1]

    def _span(self, e: ast.Expr, at: Place) -> range:
        count = self.number(e, at)
        assert count is not None
        return range(int(count.value))

    def _peak(self, x: ast.Expr, at: Place) -> Num | None:
        """The highest value at a close since memory began; closes already seen are remembered."""
        new: list[Place] = []
        here: Place | None = at
        while here is not None and (id(x), here.name) not in self._peaks:
            new.append(here)
            here = here.before()
        best = None if here is None else self._peaks[id(x), here.name]
        for place in reversed(new):
            value = self.number(x, place)
            known = [v for v in (best, value) if v is not None]
            best = largest(known) if known else None
            if place.name is not None:
                self._peaks[id(x), place.name] = best
        return best

    def _chosen(self, e: ast.IfElse, at: Place, back: int) -> Value:
        which = self.truth(e.condition, at, back)
        if len(which) > 1:
            raise TooClose
        if which == UNKNOWN:
            other = self._value(e.other, at, back)
            return UNKNOWN if isinstance(other, frozenset) else None
        return self._value(e.then if which == TRUE else e.other, at, back)


def words_in(e: ast.Expr) -> list[str]:
    """Every name and dotted field that an expression says, in full."""
    if isinstance(e, ast.Name | ast.Field):
        word = _dotted(e)
        return [ALIASES.get(word, word)]
    return [w for part in parts_of(e) for w in words_in(part)]


def _literal(e: ast.Literal) -> Num:
    if e.kind == "duration":
        raise Unread(e.text)
    return Num(e.value / 10_000.0 if e.unit == "bps" else e.value)


def _dotted(e: ast.Expr) -> str:
    if isinstance(e, ast.Name):
        return e.name
    if isinstance(e, ast.Field):
        return f"{_dotted(e.base)}.{e.name}"
    raise Unread(str(e))


ARITHMETIC: Mapping[str, Callable[[Num, Num], Num | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divide,
}

COMPARED: Mapping[str, Callable[[Num | None, Num | None], Could]] = {
    ">": above,
    "<": lambda a, b: above(b, a),
    ">=": lambda a, b: opposite(above(b, a)),
    "<=": lambda a, b: opposite(above(a, b)),
    "==": same,
    "!=": lambda a, b: opposite(same(a, b)),
}


def _outer(name: str, a: Num, b: Num) -> Num:
    pick = min if name == "min" else max
    return Num(pick(a.value, b.value), max(a.off, b.off))


READ: Mapping[type, Callable[..., Value]] = {
    ast.Literal: lambda terms, e, at, back: _literal(e),
    ast.Name: Terms._named,
    ast.Field: Terms._named,
    ast.Call: Terms._call,
    ast.Back: lambda terms, e, at, back: terms._value(e.value, at, back + e.k),
    ast.Of: Terms._of,
    ast.Binary: Terms._binary,
    ast.Unary: Terms._unary,
    ast.Compare: Terms._compare,
    ast.Logic: Terms._logic,
    ast.Within: Terms._within,
    ast.Between: Terms._between,
    ast.Is: Terms._is,
    ast.Lasting: Terms._lasting,
    ast.IfElse: Terms._chosen,
    ast.OnClock: Terms._on_clock,
    ast.IsIn: Terms._is_in,
    ast.Cross: Terms._cross,
    ast.SinceEntry: Terms._since_entry,
}
"""How each kind of expression is read; what is not here is not."""
