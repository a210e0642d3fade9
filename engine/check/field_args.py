"""What fields take in parentheses: windows, periods, groups (floor 4)."""

from collections.abc import Mapping

from engine.base.near import near
from engine.check.kinds import bars_in
from engine.check.scope import Ctx, report
from engine.check.text import show
from engine.fields.spec import FieldSpec
from engine.lang.ast import Call, Expr, Literal, Name, Quoted
from engine.records.shocks import LENGTHS

EVENT_CALLS: Mapping[str, int] = {"blackout": 3, "sessions_to": 1, "sessions_since": 1}
"""What may be asked of a list of events, and how many arguments it takes."""

PERIODS = ("today", "week", "month")
GROUPS = ("sector", "class", "symbol", "book", "desk")
SHORT = ("s", "m", "h")
MAX_BARS = 100_000
MIN_RETURNS, MOST_RETURNS = 2, 2_520

_WANTED = {
    "window": "a window: `60s`, `5d`, `20 bars`, `today`, `week` or `month`",
    "period": "a period: `today`, `week` or `month`",
    "group": "a group: `sector`, `class`, `symbol`, `book` (one strategy) or `desk`",
}


def field_argument(ctx: Ctx, spec: FieldSpec, expr: Call) -> bool:
    """Whether what stands in the parentheses is what the field takes; reported if not."""
    arg, wanted = expr.args[0], _WANTED.get(spec.arg or "")
    if spec.arg == "level, length":
        return _is_risk(ctx, expr)
    if spec.arg == "symbol, length":
        return _is_beta(ctx, expr)
    if spec.arg == "length":
        return _is_stress(ctx, expr)
    if wanted is None:
        return True
    known = GROUPS if spec.arg == "group" else PERIODS
    is_good = isinstance(arg, Name) and arg.name in known
    if is_good or (spec.arg == "window" and _is_window(arg)):
        return True
    close = near(arg.name, known) if isinstance(arg, Name) else None
    help = f"did you mean `{close}`?" if close else f"it takes {wanted}"
    report(ctx, "SW208", arg.span, f"`{expr.name}({show(arg)})` names no {spec.arg}", help)
    return False


def _is_risk(ctx: Ctx, expr: Call) -> bool:
    level, length = expr.args
    if _is_level(level) and _is_length(length):
        return True
    message = f"`{show(expr)}` names no level and length"
    help = f"write `{expr.name}(99%, 250 bars)`, with {MIN_RETURNS} to {MOST_RETURNS} bars"
    report(ctx, "SW208", expr.span, message, help)
    return False


def _is_beta(ctx: Ctx, expr: Call) -> bool:
    symbol, length = expr.args
    if not isinstance(symbol, Name | Quoted) or not _is_length(length):
        help = f"write `{expr.name}(SP500, 60 bars)`, with {MIN_RETURNS} to {MOST_RETURNS} bars"
        report(ctx, "SW208", expr.span, f"`{show(expr)}` names no symbol and length", help)
        return False
    if ctx.scope.catalogue.symbol(symbol.name) is None:
        close = ctx.scope.catalogue.near(symbol.name)
        help = f"did you mean `{close}`?" if close else "check the spelling of this symbol"
        report(ctx, "SW201", symbol.span, f"unknown symbol `{symbol.name}`", help)
        return False
    return True


def _is_stress(ctx: Ctx, expr: Call) -> bool:
    (length,) = expr.args
    if _is_bars(length) and isinstance(length, Literal) and length.value in LENGTHS:
        return True
    known = " or ".join(f"`{expr.name}({n} bars)`" for n in LENGTHS)
    message = f"`{show(expr)}` names no length of the shocks that are known"
    report(ctx, "SW208", expr.span, message, f"write {known}")
    return False


def _is_level(arg: Expr) -> bool:
    return isinstance(arg, Literal) and arg.kind == "percent" and 0.0 < arg.value < 1.0


def _is_length(arg: Expr) -> bool:
    if not isinstance(arg, Literal) or not _is_bars(arg):
        return False
    return _is_window(arg) and MIN_RETURNS <= arg.value <= MOST_RETURNS


def _is_bars(arg: Expr) -> bool:
    return isinstance(arg, Literal) and arg.unit in ("bar", "bars")


def _is_window(arg: Expr) -> bool:
    if not isinstance(arg, Literal) or not 0 < arg.value <= MAX_BARS:
        return False
    if arg.kind == "duration":
        return arg.unit in SHORT or bars_in(arg) > 0
    return arg.kind == "unit" and arg.unit in ("bar", "bars") and arg.value == int(arg.value)
