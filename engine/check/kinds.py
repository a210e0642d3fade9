"""Units: what a written value means, and whether two values fit together (floor 4).

A written 0 fits every unit. A money constant (`$100`) stands for a price where a price is wanted.
A bare number where a unit is wanted is reported with the unit as its fix, and then taken as meant.
"""

import math

from engine.base.clocks import DAILY, bars_a_day, minutes_in
from engine.base.diagnostics import Fix, Note
from engine.base.frozen import replace
from engine.base.near import near
from engine.base.spans import Span
from engine.base.units import BARS, MONEY, PRICE, PTS, RATIO, SHARES, Unit
from engine.check.scope import Ctx, Val, report
from engine.check.text import show, walk
from engine.check.typed import Apply, Const, Kind, Typed
from engine.lang.ast import Data, Expr, Latch, Leg, Let, Literal, Name, Param

NUMBER = Kind("number")
TRUTH = Kind("truth")

UNIT_WORDS: dict[str, tuple[Unit, float]] = {
    "bars": (BARS, 1.0),
    "bar": (BARS, 1.0),
    "shares": (SHARES, 1.0),
    "share": (SHARES, 1.0),
    "pts": (PTS, 1.0),
    "bps": (RATIO, 10_000.0),
}
"""Words that may follow a number, with their unit and how many of them make one of it."""

_WORDS = {
    RATIO: "a ratio",
    MONEY: "$ (money)",
    PRICE: "$/share (price)",
    SHARES: "shares",
    BARS: "bars",
    PTS: "points",
}
_SUFFIX = {BARS: " bars", SHARES: " shares", PTS: " pts"}
_MEANT = {
    **dict.fromkeys(("day", "days", "candle", "candles", "period", "periods"), "bars"),
    **dict.fromkeys(("stock", "stocks", "lots", "units", "contracts"), "shares"),
    **dict.fromkeys(("point", "points"), "pts"),
}
"""What people write for our units."""

_MAX_BARS_IN = {"d": 1, "w": 5, "mo": 21}


def words(kind: Kind) -> str:
    """How messages call a kind."""
    return "a truth value" if kind.name == "truth" else _WORDS.get(kind.unit, str(kind.unit))


def number(unit: Unit) -> Kind:
    """The kind of a number in `unit`."""
    return Kind("number", unit)


# ---------------------------------------------------------------- written values


def literal(ctx: Ctx, expr: Literal) -> Val | None:
    """The constant that a written value means."""
    match expr.kind:
        case "number":
            return Val(Const(expr.value, NUMBER), zero=expr.value == 0)
        case "percent" | "time":
            return Val(Const(expr.value, NUMBER))
        case "money":
            return Val(Const(expr.value, number(MONEY)))
        case "unit":
            return _with_unit(ctx, expr)
        case "duration":
            return _duration(ctx, expr)
        case "truth":
            return Val(Const(2.0 * expr.value, TRUTH))
        case "date":
            help = "declare `list days : date = { … }` and write `market.date is in days`"
            report(ctx, "SW209", expr.span, f"the date `{expr.text}` is no number", help)
            return None


def _with_unit(ctx: Ctx, expr: Literal) -> Val | None:
    word = expr.unit or ""
    if word in UNIT_WORDS:
        unit, parts = UNIT_WORDS[word]
        return Val(Const(expr.value / parts, number(unit)))
    close = _MEANT.get(word) or near(word, ("bars", "shares", "pts", "bps"))
    count = expr.text[: len(expr.text) - len(word)].rstrip()
    fix = Fix(expr.span, f"{count} {close}", False) if close else None
    help = f"did you mean `{close}`?" if close else f"the units are {_listed(UNIT_WORDS)}"
    report(ctx, "SW206", expr.span, f"unknown unit `{word}`", help, fix=fix)
    return None


def _duration(ctx: Ctx, expr: Literal) -> Val | None:
    bars = bars_in(expr, ctx.scope.every)
    fix = Fix(expr.span, f"{bars} bars", False) if bars else None
    help = f"write `{bars} bars`" if bars else "count in bars of the strategy's clock: `10 bars`"
    report(ctx, "SW207", expr.span, f"a length of time `{expr.text}` is no number", help, fix=fix)
    return None


def bars_in(expr: Literal, every: str = DAILY) -> int:
    """How many bars of a clock a duration or a bar count is, a day counting as a full session; 0
    when it is not a whole number of them."""
    if expr.value != int(expr.value):
        return 0
    if expr.unit in ("bar", "bars"):
        return int(expr.value)
    length, minutes = minutes_in(every), minutes_in(f"{int(expr.value)}{expr.unit}")
    if minutes:
        return minutes // length if length and minutes % length == 0 else 0
    return int(expr.value) * _MAX_BARS_IN.get(expr.unit or "", 0) * bars_a_day(every)


def _listed(names: object) -> str:
    return ", ".join(f"`{n}`" for n in names)  # type: ignore[attr-defined]


# ---------------------------------------------------------------- constants


def constant(typed: Typed) -> float | None:
    """The value of an expression made of constants only, else None."""
    if isinstance(typed, Const):
        return typed.value
    if not isinstance(typed, Apply):
        return None
    if typed.op not in _FOLDS:
        return None
    parts = [constant(a) for a in typed.args]
    known = [p for p in parts if p is not None]
    return _fold(typed.op, known) if len(known) == len(parts) else None


_FOLDS = ("add", "sub", "mul", "div", "neg", "min", "max", "abs", "sqrt")


def _fold(op: str, at: list[float]) -> float | None:
    match op, at:
        case "add", [a, b]:
            return a + b
        case "sub", [a, b]:
            return a - b
        case "mul", [a, b]:
            return a * b
        case "div", [a, b]:
            return a / b if b else None
        case "min", [a, b]:
            return min(a, b)
        case "max", [a, b]:
            return max(a, b)
        case "neg", [a]:
            return -a
        case "abs", [a]:
            return abs(a)
        case "sqrt", [a]:
            return math.sqrt(a) if a >= 0 else None
        case _:
            return None


# ---------------------------------------------------------------- fitting together


def retyped(ctx: Ctx, val: Val, unit: Unit) -> Val:
    """A constant taken in another unit (the range of a param goes along)."""
    value = constant(val.typed)
    fresh = Const(value if value is not None else 0.0, number(unit))
    held = ctx.scope.ranges.get(id(val.typed))
    if held is not None:
        ctx.scope.ranges[id(fresh)] = (fresh, held[1], held[2])
    return replace(val, typed=fresh)


def fits(ctx: Ctx, val: Val, expr: Expr, unit: Unit) -> Val | None:
    """The value in the wanted unit, or None when it cannot be (nothing is reported)."""
    if val.kind.name == "truth":
        return None
    if val.unit == unit:
        return val
    if val.zero:
        return retyped(ctx, val, unit)
    if val.unit == MONEY and unit == PRICE and constant(val.typed) is not None:
        return retyped(ctx, val, unit)
    if unit != RATIO and _is_bare(expr) and _suffixed(expr, unit) != show(expr):
        report_bare(ctx, expr, unit)
        return retyped(ctx, val, unit)
    return None


def _is_bare(expr: Expr) -> bool:
    return isinstance(expr, Literal) and expr.kind == "number"


def _suffixed(expr: Expr, unit: Unit) -> str:
    text = show(expr)
    if unit in (PRICE, MONEY):
        return f"${text}"
    suffix = _SUFFIX.get(unit, "")
    return text + (suffix.removesuffix("s") if text == "1" and unit != PTS else suffix)


def report_bare(ctx: Ctx, expr: Expr, unit: Unit) -> None:
    """Say that a number needs its unit, with the unit as a safe fix."""
    text = _suffixed(expr, unit)
    report(
        ctx,
        "SW207",
        expr.span,
        f"`{show(expr)}` needs a unit: {words(number(unit))} wanted here",
        f"write `{text}`",
        fix=Fix(expr.span, text, True),
    )


def want(ctx: Ctx, val: Val | None, expr: Expr, unit: Unit, what: str, code: str) -> Val | None:
    """The value in `unit`; otherwise a report that `what` wants it."""
    if val is None:
        return None
    found = fits(ctx, val, expr, unit)
    if found is None:
        wanted = words(number(unit))
        message = f"{what} wants {wanted}, `{show(expr)}` is {words(val.kind)}"
        report(ctx, code, expr.span, message, _way(val, unit), notes=origins(ctx, expr))
    return found


def _way(val: Val, unit: Unit) -> str:
    if val.kind.name == "truth":
        return "a condition is no number; choose between two with `if … then … else …`"
    ways = {
        (RATIO, BARS): "write the number with its unit: `20 bars`",
        (RATIO, PRICE): "a share of a price stands `of` it: `99% of close`",
        (RATIO, MONEY): "a share of an amount stands `of` it: `1% of equity`",
        (RATIO, SHARES): "a share of a quantity stands `of` it: `10% of adv(20 bars)`",
        (MONEY, SHARES): "divide by a price to get shares: `… / order.price`",
        (MONEY, PRICE): "divide by shares to get a price",
        (PRICE, RATIO): "divide by another price to get a ratio",
        (MONEY, RATIO): "write a share such as `10%`, or divide by another amount",
    }
    return ways.get((val.unit, unit), f"{words(number(unit))} is wanted here")


def want_truth(ctx: Ctx, val: Val | None, expr: Expr, what: str) -> Val | None:
    """The value when it is a condition; otherwise a report that `what` wants one."""
    if val is None or val.kind.name == "truth":
        return val
    message = f"{what} wants a condition, `{show(expr)}` is {words(val.kind)}"
    help = f"compare it with something: `{show(expr)} > 0`"
    report(ctx, "SW209", expr.span, message, help, notes=origins(ctx, expr))
    return None


def want_number(ctx: Ctx, val: Val | None, expr: Expr, what: str) -> Val | None:
    """The value when it is a number; otherwise a report that `what` wants one."""
    if val is None or val.kind.name == "number":
        return val
    message = f"{what} wants a number, `{show(expr)}` is a truth value"
    help = "truth values join with `and`, `or` and `not`, or choose in `if … then … else …`"
    report(ctx, "SW209", expr.span, message, help)
    return None


# ---------------------------------------------------------------- unit clashes


def clash(
    ctx: Ctx, code: str, span: Span, op: str, left: Expr, a: Val, right: Expr, b: Val
) -> None:
    """Report two values whose units do not go together, naming both sides and their origins."""
    message = f"{words(a.kind)} compared with {words(b.kind)}"
    if code != "SW205":
        message = f"`{op}` joins {words(a.kind)} and {words(b.kind)}"
    notes = (
        Note(left.span, f"`{show(left)}` is {words(a.kind)}"),
        Note(right.span, f"`{show(right)}` is {words(b.kind)}"),
        *origins(ctx, left),
        *origins(ctx, right),
    )
    guess = _namesake(ctx, left, right, b.unit) or _namesake(ctx, right, left, a.unit)
    if guess is None:
        help = _at_home(left, a, b.unit) or _at_home(right, b, a.unit) or _bridge(a, b)
        report(ctx, code, span, message, help, notes=notes)
        return
    wrong, name = guess
    fix = Fix(wrong.span, name, False)
    report(ctx, code, span, message, f"did you mean `{name}`?", notes=notes, fix=fix)


def _at_home(expr: Expr, val: Val, unit: Unit) -> str:
    """How to give a bare param or let the unit that the other side has, where it is declared."""
    if not isinstance(expr, Name) or val.unit != RATIO or unit == RATIO:
        return ""
    value = constant(val.typed)
    if value is None or not (unit in _SUFFIX or unit in (PRICE, MONEY)):
        return ""
    text = f"{value:g}{_SUFFIX[unit]}" if unit in _SUFFIX else f"${value:g}"
    return f"give `{expr.name}` its unit where it is declared: `{text}`"


def _bridge(a: Val, b: Val) -> str:
    pair = {a.unit, b.unit}
    if pair == {PRICE, RATIO}:
        return "divide the price by another price, or take a share `of` one: `99% of close`"
    if pair == {MONEY, RATIO}:
        return "take a share `of` the amount: `85% of peak(equity)`"
    if pair == {SHARES, RATIO}:
        return "take a share `of` the quantity: `10% of adv(20 bars)`"
    if pair == {MONEY, PRICE}:
        return "a price times shares is money: `close * position.qty`"
    return "bring both sides to one unit"


def origins(ctx: Ctx, expr: Expr) -> tuple[Note, ...]:
    """Where the named values inside an expression were declared."""
    if ctx.args is not None:
        return ()
    names = dict.fromkeys(e.name for e in walk(expr) if isinstance(e, Name))
    items = [(n, ctx.scope.names[n]) for n in names if n in ctx.scope.names]
    return tuple(
        Note(i.span, f"`{n}` is a {item_word(i)}, line {i.span.line}") for n, i in items[:2]
    )


def item_word(item: Param | Let | Data | Latch | Leg) -> str:
    """How messages call a declaration."""
    return type(item).__name__.lower() if not isinstance(item, Data) else "data feed"


def _namesake(ctx: Ctx, wrong: Expr, other: Expr, unit: Unit) -> tuple[Name, str] | None:
    """A let of the wanted unit that resembles a name in sight, to stand for a plain name."""
    if ctx.args is not None or not isinstance(wrong, Name):
        return None
    seen = [e.name for side in (wrong, other) for e in walk(side) if isinstance(e, Name)]
    for (name, *_), val in ctx.scope.memo.items():
        if val is None or val.kind != number(unit) or name in seen or name in ctx.scope.opened:
            continue
        if any(_like(name, at) for at in seen):
            return wrong, name
    return None


def _like(name: str, seen: str) -> bool:
    short, long = sorted((name, seen), key=len)
    return long.startswith(f"{short}_") or near(name, [seen]) is not None
