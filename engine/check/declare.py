"""The declarations of a block: params, data feeds, lets, latches, legs (floor 4).

Names are taken once: a second declaration, or one that hides a word of the language, is refused.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.base.diagnostics import Fix, Note
from engine.base.near import near
from engine.base.spans import Span
from engine.base.units import BARS, MONEY, UNITS, Unit
from engine.check.clocks import bar_count
from engine.check.infer import infer
from engine.check.kinds import item_word, literal, number, words
from engine.check.scope import Ctx, Item, report
from engine.check.text import walk
from engine.check.typed import Const, FeedUse, Kind, ParamValue
from engine.fields import BY_NAME as FIELDS
from engine.lang.ast import Data, Expr, Latch, Leg, Let, Literal, Name, Param
from engine.ops import BY_NAME as OPS
from engine.records.instrument import COLUMNS

Overrides = Mapping[str, "float | Literal"]
Ends = tuple[float | None, float | None]


def declare(ctx: Ctx, items: Iterable[Item]) -> None:
    """Enter the names of a block into its scope, first come first served."""
    scope = ctx.scope
    for item in items:
        if item.name in scope.names:
            first = scope.names[item.name]
            duplicate(ctx, item.span, f"{item_word(item)} `{item.name}`", first.span)
            continue
        taken = _is_taken(ctx, item.name)
        if taken:
            message = f"`{item.name}` already means {taken}"
            report(ctx, "SW203", item.span, message, f"choose another name: `my_{item.name}`")
        scope.names[item.name] = item


def duplicate(ctx: Ctx, span: Span, what: str, first: Span) -> None:
    """Report a second declaration of one thing."""
    notes = (Note(first, "first declared here"),)
    report(ctx, "SW202", span, f"a second {what}", "remove or rename one of them", notes=notes)


def _is_taken(ctx: Ctx, name: str) -> str:
    if name in COLUMNS:
        return "a column of the bars"
    if name in FIELDS:
        return "a field"
    if name in OPS and OPS[name].callable:
        return "a function"
    if name in ctx.scope.defines:
        return "a `define`"
    return ""


# ---------------------------------------------------------------- params


def check_params(
    ctx: Ctx, params: Iterable[Param], block: str, overrides: Overrides
) -> tuple[ParamValue, ...]:
    """Every param's value in force; a param with a bad value still stands for its default."""
    found = [_param(ctx, p, block, overrides) for p in params if ctx.scope.names.get(p.name) is p]
    return tuple(p for p in found if p is not None)


def _param(ctx: Ctx, param: Param, block: str, overrides: Overrides) -> ParamValue | None:
    scope = ctx.scope
    default = literal(ctx, param.default)
    if default is None or not isinstance(default.typed, Const):
        return None
    kind = default.kind
    low = _bound(ctx, param, param.low, kind, "lower")
    high = _bound(ctx, param, param.high, kind, "upper")
    value = default.typed.value
    _in_range(ctx, param, value, kind, (low, high), param.default.span)
    asked, where = _override(ctx, param, block, overrides, value, kind)
    if asked != value and _in_range(ctx, param, asked, kind, (low, high), where):
        value = asked
    value = float(round(value)) if kind.unit == BARS else value
    const = Const(value, kind)
    scope.consts[param.name] = const
    scope.ranges[id(const)] = (
        const,
        low if low is not None else float("-inf"),
        high if high is not None else float("inf"),
    )
    return ParamValue(param.name, value, low, high, kind, param.span)


def _bound(ctx: Ctx, param: Param, bound: Literal | None, kind: Kind, side: str) -> float | None:
    if bound is None:
        return None
    val = literal(ctx, bound)
    if val is None or not isinstance(val.typed, Const):
        return None
    if val.unit != kind.unit and not val.zero:
        message = (
            f"the {side} bound of `{param.name}` is {words(val.kind)}, its value {words(kind)}"
        )
        report(ctx, "SW215", bound.span, message, "write value and bounds in one unit")
    return val.typed.value


def _in_range(ctx: Ctx, param: Param, value: float, kind: Kind, ends: Ends, span: Span) -> bool:
    """Whether a value may stand; reports it when it may not."""
    low = float("-inf") if ends[0] is None else ends[0]
    high = float("inf") if ends[1] is None else ends[1]
    if low > high:
        message = f"the range of `{param.name}` is empty: {low:g} .. {high:g}"
        report(ctx, "SW215", param.span, message, "write the smaller bound first")
    elif not low <= value <= high:
        message = f"`{param.name}` is {value:g}, outside its range {low:g} .. {high:g}"
        _bad_value(ctx, param, span, message, "move the value or widen the range")
    elif kind.unit == BARS and value != int(value):
        message = f"`{param.name}` counts bars and must be whole, it is {value:g}"
        _bad_value(ctx, param, span, message, f"write `{round(value)} bars`")
    else:
        return True
    return False


def _bad_value(ctx: Ctx, param: Param, span: Span, message: str, help: str) -> None:
    """Report a value where it was given: a set-up's points back to the declaration."""
    is_far = span.file != param.span.file
    notes = (Note(param.span, "declared here"),) if is_far else ()
    report(ctx, "SW215", span, message, help, notes=notes)


def _override(
    ctx: Ctx, param: Param, block: str, overrides: Overrides, default: float, kind: Kind
) -> tuple[float, Span]:
    """The value that a set-up or command line gives, and its place (the param's own if none)."""
    given = overrides.get(f"{block}.{param.name}", overrides.get(param.name))
    if given is None:
        return default, param.span
    if not isinstance(given, Literal):
        return float(given), param.span
    val = literal(ctx, given)
    if val is None or not isinstance(val.typed, Const):
        return default, param.span
    if val.unit == kind.unit or given.kind == "number" or _same_money(val.unit, kind.unit):
        return val.typed.value, given.span
    message = f"`{param.name}` is set to `{given.text}`, {words(val.kind)}; it is {words(kind)}"
    _bad_value(ctx, param, given.span, message, "set it in the unit of its declaration")
    return default, param.span


def _same_money(one: Unit, other: Unit) -> bool:
    return one == MONEY and other == UNITS["price"]


# ---------------------------------------------------------------- data feeds


def check_feeds(ctx: Ctx, feeds: Iterable[Data]) -> tuple[FeedUse, ...]:
    """Every data line as a feed of the catalogue; one that is unknown stays out of the scope."""
    found = [_feed(ctx, d) for d in feeds if ctx.scope.names.get(d.name) is d]
    return tuple(f for f in found if f is not None)


def _feed(ctx: Ctx, data: Data) -> FeedUse | None:
    unit = UNITS.get(data.unit)
    if unit is None:
        close = near(data.unit, UNITS)
        help = f"did you mean `{close}`?" if close else f"the units are {', '.join(UNITS)}"
        report(ctx, "SW206", data.span, f"unknown unit `{data.unit}`", help)
        return None
    if not _known_feed(ctx, data, unit):
        return None
    stale = 0
    if data.stale_after is not None:
        stale = bar_count(ctx, data.stale_after, "`stale after`")
    elif ctx.scope.block == "limits":
        message = f"the feed `{data.name}` never grows stale"
        help = "write how long its last value counts: `stale after 2 bars`"
        report(ctx, "SW403", data.span, message, help)
    use = FeedUse(data.name, data.symbol, stale, number(unit), data.span)
    ctx.scope.feeds[data.name] = use
    return use


def _known_feed(ctx: Ctx, data: Data, unit: Unit) -> bool:
    known = ctx.scope.catalogue.symbol(data.symbol)
    if known is None:
        close = ctx.scope.catalogue.near(data.symbol)
        help = f'did you mean "{close}"?' if close else "see `seawall data list`"
        report(ctx, "SW401", data.span, f"unknown feed `{data.symbol}`", help)
        return False
    if known.unit != unit:
        right = next((n for n, u in UNITS.items() if u == known.unit), "ratio")
        message = f"`{data.symbol}` comes in {words(number(known.unit))}, declared as `{data.unit}`"
        report(ctx, "SW402", data.span, message, f"write `data {data.name} : {right} = …`")
        return False
    return True


# ---------------------------------------------------------------- lets, legs, unused names


def check_lets(ctx: Ctx) -> None:
    """Work out every let and latch where it stands, so that a bad one is reported there, once."""
    for item in list(ctx.scope.names.values()):
        if isinstance(item, Latch) and item.set_when.span == item.span:
            ctx.scope.failed.add(item.name)  # parsing has reported that it is never set
        if isinstance(item, Let | Latch) and item.name not in ctx.scope.failed:
            infer(ctx, Name(item.span, item.name))


def check_legs(ctx: Ctx, legs: Iterable[Leg]) -> None:
    """Every leg's symbol; legs of unknown symbols still stand, so that they are reported once."""
    for leg in legs:
        ctx.scope.legs[leg.name] = leg.symbol
        if ctx.scope.catalogue.symbol(leg.symbol) is None:
            close = ctx.scope.catalogue.near(leg.symbol)
            help = f"did you mean `{close}`?" if close else "see `seawall data list`"
            report(ctx, "SW212", leg.span, f"unknown symbol `{leg.symbol}`", help)


def mentioned(thing: Any) -> set[str]:
    """The plain names inside a statement or expression, found without knowing its type."""
    found: set[str] = set()
    todo = [thing]
    while todo:
        at = todo.pop()
        if isinstance(at, tuple):
            todo.extend(at)
        elif isinstance(at, Expr):
            found.update(e.name for e in walk(at) if isinstance(e, Name))
        elif hasattr(at, "__match_args__"):
            todo.extend(getattr(at, name) for name in at.__match_args__ if name != "span")
    return found


def check_unused(ctx: Ctx, body: tuple[Any, ...]) -> None:
    """Warn of names that nothing in the block reads."""
    uses = [(getattr(s, "name", None), mentioned(s)) for s in body]
    legs = {leg.leg for s in body for leg in getattr(s, "legs", ())}
    for item in ctx.scope.names.values():
        if item.name in legs or any(item.name in used for n, used in uses if n != item.name):
            continue
        fix = Fix(item.span, "", isinstance(item, Let | Latch))
        message = f"the {item_word(item)} `{item.name}` is never used"
        report(ctx, "SW210", item.span, message, "use it or remove it", severity="warning", fix=fix)
