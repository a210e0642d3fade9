"""Looks into lists (floor 4): `order.symbol is in LIST`, `blackout(LIST, 1 bars, 0 bars)`."""

from collections.abc import Mapping

from engine.base.units import RATIO
from engine.check.clocks import bar_count
from engine.check.field_args import EVENT_CALLS
from engine.check.kinds import TRUTH, number
from engine.check.names import may_read, unknown_name
from engine.check.scope import Ctx, Val, later, report
from engine.check.text import show
from engine.check.typed import Column
from engine.fields import BY_NAME as FIELDS
from engine.lang.ast import Call, Expr, IsIn, Literal, Name

_HELP: Mapping[str, str] = {
    "blackout": "write `blackout(LIST, 1 bars, 0 bars)`: sessions before an event and after it",
    "sessions_to": "write `sessions_to(LIST)`",
    "sessions_since": "write `sessions_since(LIST)`",
}


def event_call(ctx: Ctx, expr: Call) -> Val | None:
    """The column that the session makes of a list of events."""
    if len(expr.args) != EVENT_CALLS[expr.name] or not isinstance(expr.args[0], Name):
        message = f"`{show(expr)}` names no list of events"
        report(ctx, "SW208", expr.span, message, _HELP[expr.name])
        return None
    name = expr.args[0].name
    declared = ctx.scope.lists.get(name)
    if declared is None:
        unknown_name(ctx, expr.args[0].span, name, ctx.scope.lists, "list")
        return None
    if declared.type != "event":
        message = f"`{name}` is a list of {declared.type}s, `{expr.name}` asks about events"
        report(ctx, "SW217", expr.span, message, f'write `list {name} : event = file "…"`')
        return None
    lengths = [_sessions(ctx, arg) for arg in expr.args[1:]]
    if None in lengths:
        return None
    inside = ", ".join([name, *(f"{k} bars" for k in lengths)])
    kind = TRUTH if expr.name == "blackout" else number(RATIO)
    return Val(Column(f"event:{expr.name}({inside})", ctx.frame, kind))


def _sessions(ctx: Ctx, arg: Expr) -> int | None:
    """A count of sessions, from 0 up."""
    if isinstance(arg, Literal) and arg.unit in ("bar", "bars") and arg.value == 0:
        return 0
    if not isinstance(arg, Literal):
        report(ctx, "SW208", arg.span, f"`{show(arg)}` is no count", _HELP["blackout"])
        return None
    return bar_count(ctx, arg, "a blackout") or None


def list_column(ctx: Ctx, expr: IsIn, path: str | None) -> Val | None:
    """`order.symbol is in LIST` as the truth column that the session makes of the list."""
    declared = ctx.scope.lists.get(expr.list)
    if declared is None:
        unknown_name(ctx, expr.span, expr.list, ctx.scope.lists, "list")
        return None
    if declared.type == "event":
        message = f"`{expr.list}` holds events, which are not looked up"
        report(ctx, "SW217", expr.span, message, f"write `blackout({expr.list}, 0 bars, 0 bars)`")
        return None
    spec = FIELDS.get(path or "")
    wanted = "order.symbol" if declared.type == "symbol" else "market.date"
    if spec is None or spec.name != wanted:
        message = f"`{show(expr.value)}` is looked up in `{expr.list}`, a list of {declared.type}s"
        report(ctx, "SW217", expr.span, message, f"write `{wanted} is in {expr.list}`")
        return None
    if not may_read(ctx, spec, path or "", expr.value.span):
        return None
    if not declared.items and declared.file is None:
        later(ctx, "SW405", expr.span, f"a look into `{expr.list}`", "write its dates out")
    return Val(Column(f"list:{expr.list}", ctx.frame, TRUTH))
