"""How much an entry trades: shares or money, never a bare share of nothing (floor 4)."""

from typing import Literal

from engine.base.diagnostics import Fix
from engine.base.units import MONEY, RATIO, SHARES
from engine.check.infer import infer
from engine.check.kinds import constant, want_number, words
from engine.check.scope import Ctx, Val, report
from engine.check.text import grouped, show
from engine.check.typed import Typed
from engine.lang.ast import Entry, Expr

SizeIn = Literal["shares", "money"]


def sized_order(ctx: Ctx, entry: Entry) -> tuple[Typed, SizeIn] | None:
    """An entry's size and whether it counts shares or money; reported when it is neither."""
    if entry.size is None:
        message = f"the entry `{entry.name}` has no size"
        report(ctx, "SW514", entry.span, message, "say how much: `size 5% of equity`")
        return None
    return sized(ctx, entry.size)


def sized(ctx: Ctx, size: Expr) -> tuple[Typed, SizeIn] | None:
    """A size and whether it counts shares or money; reported when it is neither."""
    val = want_number(ctx, infer(ctx, size), size, "`size`")
    if val is None:
        return None
    if val.unit == SHARES:
        return val.typed, "shares"
    if val.unit == MONEY:
        return val.typed, "money"
    _no_size(ctx, size, val)
    return None


def _no_size(ctx: Ctx, size: Expr, val: Val) -> None:
    text = show(size)
    value = constant(val.typed)
    if val.unit != RATIO:
        help = "divide an amount by a price: `1% of equity / (2 * atr(14 bars))`"
        report(ctx, "SW221", size.span, f"`size` is {words(val.kind)}", help)
        return
    if value is not None and value > 2 and "%" not in text:
        fix = Fix(size.span, f"{grouped(size)} shares", False)
        report(ctx, "SW221", size.span, f"`size {text}` of what?", f"write `{fix.text}`", fix=fix)
        return
    fix = Fix(size.span, f"{grouped(size)} of equity", False)
    message = f"`size {text}` is a share of nothing"
    report(ctx, "SW221", size.span, message, f"write `{fix.text}`", fix=fix)
