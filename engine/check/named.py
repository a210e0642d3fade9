"""Values that keep their text: conditions and lets with the pieces they are made of (floor 4).

`why` and the funnel show each piece, so a condition's parts are the items of its `and` or `or`, and
the lets that it mentions; a let's parts are those of its own expression.
"""

from engine.base.spans import Span
from engine.check.infer import infer
from engine.check.scope import Ctx, Scope, Val
from engine.check.text import show, walk
from engine.check.typed import Named
from engine.lang.ast import Expr, Latch, Let, Logic, Name

_PARTS_LIMIT = 64


def named(ctx: Ctx, name: str, expr: Expr, val: Val, span: Span | None = None) -> Named:
    """An expression's value under a name, with its pieces."""
    return Named(name, show(expr), val.typed, span or expr.span, pieces(ctx, expr))


def pieces(ctx: Ctx, expr: Expr) -> tuple[Named, ...]:
    """The and/or items of a condition, or else the lets that it mentions."""
    if isinstance(expr, Logic):
        found = [_piece(ctx, item) for item in expr.items]
        return tuple(p for p in found if p is not None)
    names = dict.fromkeys(e.name for e in walk(expr) if isinstance(e, Name))
    lets = [item_named(ctx, name) for name in names]
    return tuple(p for p in lets if p is not None)[:_PARTS_LIMIT]


def _piece(ctx: Ctx, expr: Expr) -> Named | None:
    if isinstance(expr, Name):
        known = item_named(ctx, expr.name)
        if known is not None:
            return known
    val = infer(ctx, expr)
    return None if val is None else named(ctx, "", expr, val)


def item_named(ctx: Ctx, name: str) -> Named | None:
    """The let or latch of that name with its pieces, made once per block."""
    scope: Scope = ctx.scope
    item = scope.names.get(name)
    if not isinstance(item, Let | Latch) or name in scope.failed or name in scope.opened:
        return None
    if name not in scope.named:
        made = _make(Ctx(scope, "let"), item)
        if made is None:
            return None
        scope.named[name] = made
    return scope.named[name]


def _make(ctx: Ctx, item: Let | Latch) -> Named | None:
    val = infer(ctx, Name(item.span, item.name))
    if val is None:
        return None
    if isinstance(item, Let):
        return Named(item.name, show(item.value), val.typed, item.span, pieces(ctx, item.value))
    text = f"set when {show(item.set_when)}"
    parts = [_piece(ctx, item.set_when)]
    if item.clear_when is not None:
        text += f" clear when {show(item.clear_when)}"
        parts.append(_piece(ctx, item.clear_when))
    return Named(item.name, text, val.typed, item.span, tuple(p for p in parts if p is not None))
