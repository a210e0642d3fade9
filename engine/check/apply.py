"""One row of the operator table on its arguments: arity, constants, units, columns (floor 4)."""

from collections.abc import Sequence

from engine.base.diagnostics import Fix
from engine.base.frozen import dataclass
from engine.base.spans import Span
from engine.base.units import BARS, MONEY, RATIO, UNITS, Unit
from engine.check.kinds import (
    NUMBER,
    TRUTH,
    clash,
    constant,
    fits,
    number,
    origins,
    report_bare,
    want,
    want_number,
    want_truth,
    words,
)
from engine.check.scope import Ctx, Val, report
from engine.check.text import show
from engine.check.typed import Apply, Column, Kind, Typed
from engine.lang.ast import Expr, Literal, Name
from engine.ops import BY_NAME
from engine.ops.spec import Arg, Op

MAX_SIZE, MAX_DEPTH = 20_000, 200
"""Nodes and nesting that one expression may have once its lets and defines are written out."""

ANY_UNIT = ("log",)
"""Operators that take a number of any unit as it stands: the logarithm of a price is customary, and
differences of logarithms are ratios whatever the unit was."""

COLUMN_UNITS = {"volume": UNITS["shares"]}


@dataclass(frozen=True, slots=True)
class Given:
    """One argument as written: its expression and what it came to (None: already reported)."""

    expr: Expr
    val: Val | None


def apply(
    ctx: Ctx, name: str, span: Span, given: Sequence[Given], code: str = "SW219"
) -> Val | None:
    """The value of one operator on its arguments, in the order of the op's row.

    `code` is what a clash of units between two arguments is reported as."""
    op = BY_NAME[name]
    if not _arity(ctx, op, span, given):
        return None
    pairs = list(zip(op.args, given, strict=False))
    consts = [
        const(ctx, arg, got, f"`{arg.name}` of `{op.name}`")
        for arg, got in pairs
        if arg.kind == "const"
    ]
    consts += [a.default for a in op.args[len(given) :] if a.kind == "const"]
    series = _series(ctx, op, span, [(a, g) for a, g in pairs if a.kind != "const"], code)
    result = None if series is None else _result(ctx, op, span, series)
    columns = _columns(ctx, op, span)
    if series is None or result is None or columns is None:
        return None
    if any(c is None for c in consts) or any(g.val is None for g in given):
        return None
    numbers = tuple(float(c) for c in consts if c is not None)
    args = tuple(v.typed for v in series.vals)
    kind = _as_condition(op, result)
    typed = Apply(op.name, (*args, *columns), numbers, ctx.frame, kind)
    return sized(ctx, span, typed, series.vals)


def sized(ctx: Ctx, span: Span, typed: Typed, parts: Sequence[Val]) -> Val | None:
    """A value with its size and depth; a report when it has grown past what is worth running."""
    size = 1 + sum(p.size for p in parts)
    depth = 1 + max((p.depth for p in parts), default=0)
    if size > MAX_SIZE or depth > MAX_DEPTH:
        what = f"{size:,} operations" if size > MAX_SIZE else f"{depth} levels"
        help = "split it, or drop lets that double one another"
        report(ctx, "SW314", span, f"written out, this expression has {what}", help)
        return None
    return Val(typed, False, size, depth, any(p.book for p in parts))


def _as_condition(op: Op, result: Unit | str) -> Kind:
    return TRUTH if isinstance(result, str) else number(result)


# ---------------------------------------------------------------- arity and constants


def _arity(ctx: Ctx, op: Op, span: Span, given: Sequence[Given]) -> bool:
    least = sum(1 for a in op.args if a.default is None)
    if least <= len(given) <= len(op.args):
        return True
    takes = f"{least}" if least == len(op.args) else f"{least} to {len(op.args)}"
    names = ", ".join(a.name for a in op.args)
    message = f"`{op.name}` takes {takes} arguments, {len(given)} given"
    help = f"write `{op.name}({names})`, for example `{op.example}`"
    report(ctx, "SW208", span, message, help)
    return False


def const(ctx: Ctx, arg: Arg, got: Given, what: str) -> float | None:
    """The number of an argument that must be known before running."""
    if got.val is None:
        return None
    unit = UNITS.get(arg.unit)
    val = got.val if unit is None else _const_unit(ctx, got, unit, what)
    if val is None or want_number(ctx, val, got.expr, what) is None:
        return None
    value = constant(val.typed)
    if value is None:
        message = f"{what} must be known before running, `{show(got.expr)}` changes"
        report(ctx, "SW214", got.expr.span, message, "use a number or a param")
        return None
    return value if _in_bounds(ctx, arg, value, got, what) else None


def written(ctx: Ctx, expr: Expr) -> tuple[Ctx, Expr]:
    """What a define's argument stands for, where the caller wrote it."""
    while isinstance(expr, Name) and ctx.args is not None and expr.name in ctx.args:
        bound = ctx.args[expr.name]
        ctx, expr = bound.ctx, bound.expr
    return ctx, expr


def _const_unit(ctx: Ctx, got: Given, unit: Unit, what: str) -> Val | None:
    val = got.val
    if val is not None and unit == BARS and val.kind == NUMBER and constant(val.typed) is not None:
        at, expr = written(ctx, got.expr)
        if isinstance(expr, Literal):
            report_bare(at, expr, BARS)
        else:
            message = f"{what} wants bars, `{show(got.expr)}` is a bare number"
            help = "give it its unit where it is declared: `20 bars`"
            report(ctx, "SW207", got.expr.span, message, help, notes=origins(ctx, got.expr))
        return val
    return want(ctx, val, got.expr, unit, what, "SW219")


def _in_bounds(ctx: Ctx, arg: Arg, value: float, got: Given, what: str) -> bool:
    whole = arg.unit != "bars" or value == int(value)
    if whole and arg.low <= value <= arg.high:
        return True
    if not whole:
        message = f"{what} must be a whole number, `{show(got.expr)}` is {value:g}"
    else:
        message = f"{what} must lie in {arg.low:g} .. {arg.high:g}, `{show(got.expr)}` is {value:g}"
    help = "choose a window inside these bounds; `on 1w` and `on 1mo` reach further back"
    report(ctx, "SW312", got.expr.span, message, help, notes=origins(ctx, got.expr))
    return False


# ---------------------------------------------------------------- series arguments


@dataclass(frozen=True, slots=True)
class _Bound:
    """Series arguments in their final units, and what the op's unit letters stand for."""

    vals: tuple[Val, ...]
    letters: dict[str, Unit]


def _series(
    ctx: Ctx, op: Op, span: Span, pairs: list[tuple[Arg, Given]], code: str
) -> _Bound | None:
    kinds = [_kind(ctx, op, arg, got) for arg, got in pairs]
    known = [(a, g, v) for (a, g), v in zip(pairs, kinds, strict=True) if v is not None]
    if len(known) < len(pairs):
        return None
    letters = {a.unit: _leader(known, a.unit) for a, _, _ in known if _is_letter(a)}
    vals: list[Val] = []
    for arg, got, val in known:
        fitted = _fit(ctx, op, arg, got, val, letters, known, span, code)
        if fitted is None:
            return None
        vals.append(fitted)
    return _Bound(tuple(vals), letters)


def _is_letter(arg: Arg) -> bool:
    return arg.kind == "number" and arg.unit not in UNITS


def _kind(ctx: Ctx, op: Op, arg: Arg, got: Given) -> Val | None:
    what = f"`{op.symbol}`" if op.symbol else f"`{arg.name}` of `{op.name}`"
    check = want_truth if arg.kind == "truth" else want_number
    return check(ctx, got.val, got.expr, what)


def _leader(known: list[tuple[Arg, Given, Val]], letter: str) -> Unit:
    """The unit that a letter takes: from the argument that is least willing to change its own."""
    rivals = [(g, v) for a, g, v in known if a.unit == letter and a.kind == "number"]
    return min(rivals, key=lambda pair: _willing(*pair))[1].unit


def _willing(got: Given, val: Val) -> int:
    if val.zero:
        return 3
    if isinstance(got.expr, Literal) and got.expr.kind == "number":
        return 2
    return 1 if val.unit == MONEY and constant(val.typed) is not None else 0


def _fit(
    ctx: Ctx,
    op: Op,
    arg: Arg,
    got: Given,
    val: Val,
    letters: dict[str, Unit],
    known: list[tuple[Arg, Given, Val]],
    span: Span,
    code: str,
) -> Val | None:
    if arg.kind == "truth":
        return val
    if op.name in ANY_UNIT:
        return val
    if arg.unit in UNITS:
        what = f"`{arg.name}` of `{op.name}`" if not op.symbol else f"`{op.symbol}`"
        return want(ctx, val, got.expr, UNITS[arg.unit], what, "SW219")
    unit = letters[arg.unit]
    fitted = fits(ctx, val, got.expr, unit)
    if fitted is None:
        other = next((g, v) for a, g, v in known if a.unit == arg.unit and v.unit == unit)
        first, second = sorted([other, (got, val)], key=lambda pair: pair[0].expr.span.start)
        sides = (first[0].expr, first[1], second[0].expr, second[1])
        clash(ctx, code, span, op.symbol or op.name, *sides)
    return fitted


# ---------------------------------------------------------------- results and columns


def _result(ctx: Ctx, op: Op, span: Span, bound: _Bound) -> Unit | str | None:
    """The unit of the result, `truth`, or None when it has none (already reported)."""
    if op.result == "truth":
        return "truth"
    unit = RATIO
    divide = False
    for part in op.result.replace("*", " * ").replace("/", " / ").split():
        if part in "*/":
            divide = part == "/"
            continue
        factor = _factor(part, bound.letters)
        if factor is None:
            inside = words(bound.vals[0].kind)
            help = "take the root of a square or of a ratio"
            report(ctx, "SW219", span, f"there is no square root of {inside}", help)
            return None
        unit = unit / factor if divide else unit * factor
    return unit


def _factor(part: str, letters: dict[str, Unit]) -> Unit | None:
    if part.startswith("root("):
        return letters[part[5:-1]].root()
    return letters[part] if part in letters else UNITS[part]


def column(ctx: Ctx, name: str, span: Span) -> Val | None:
    """One column of the bars that the expression steps on."""
    symbol = ctx.frame.symbol
    if symbol == "*":
        what = ctx.rules.title
        help = f"name one: `{name} of SPY`, or read a feed declared with `data`"
        report(ctx, "SW316", span, f"{what} has no symbol of its own to read `{name}` of", help)
        return None
    unit = UNITS["price"]
    if symbol is not None:
        known = ctx.scope.catalogue.symbol(symbol)
        if known is not None:
            unit = known.unit
            _has_column(ctx, name, symbol, known.column_names, span)
    return Val(Column(name, ctx.frame, number(COLUMN_UNITS.get(name, unit))))


def _has_column(ctx: Ctx, name: str, symbol: str, held: tuple[str, ...], span: Span) -> None:
    if held and name not in held:
        help = f"its columns are {', '.join(f'`{c}`' for c in held)}"
        report(
            ctx,
            "SW404",
            span,
            f"`{symbol}` has no `{name}`: it is always na",
            help,
            severity="warning",
        )


def _columns(ctx: Ctx, op: Op, span: Span) -> tuple[Column, ...] | None:
    found = [column(ctx, name, span) for name in op.columns]
    if any(c is None for c in found):
        return None
    return tuple(c.typed for c in found if c is not None and isinstance(c.typed, Column))


# ---------------------------------------------------------------- fixes


def needs_arguments(ctx: Ctx, op: Op, span: Span) -> None:
    """Report an operator's name that stands alone."""
    fix = Fix(span, op.example, False) if op.example.startswith(f"{op.name}(") else None
    message = f"`{op.name}` is a function and needs its arguments"
    report(ctx, "SW208", span, message, f"write `{op.example}`", fix=fix)


BARS_WANTED = Arg("count", "const", unit="bars")
"""The count of `for 3 bars`, `in 1 bar` and `stale after 2 bars`."""
