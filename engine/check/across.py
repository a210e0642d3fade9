"""Operators that compare the symbols of a universe: where they stand, what they take (floor 4)."""

from collections.abc import Sequence
from functools import partial

from engine.base.spans import Span
from engine.check.apply import Given, apply
from engine.check.memory import remembers
from engine.check.scope import Ctx, Val, report
from engine.check.text import show
from engine.check.typed import SELF, Apply, Column, Fold, Sample, Typed
from engine.check.weightings import BY_NAME as WEIGHTINGS
from engine.ops import BY_NAME


def across(ctx: Ctx, name: str, span: Span, given: Sequence[Given]) -> Val | None:
    """The value of such an operator, or None when it was reported to have none."""
    if not _may_stand(ctx, name, span):
        return None
    val = apply(ctx, name, span, given)
    if val is None or not isinstance(val.typed, Apply):
        return None
    pairs = list(zip(BY_NAME[name].args, given, strict=False))
    counts = [g for a, g in pairs if a.kind == "const"]
    is_whole = all(map(partial(is_count, ctx, name), counts, val.typed.consts))
    is_own = all(differs(ctx, name, g) for a, g in pairs if a.kind != "const")
    return val if is_whole and is_own else None


def _may_stand(ctx: Ctx, name: str, span: Span) -> bool:
    if ctx.scope.block != "strategy":
        message = (
            f"`{name}` compares the symbols of a universe, which a {ctx.scope.block} block lacks"
        )
        report(
            ctx, "SW320", span, message, "it belongs in strategies, whose set-up names a universe"
        )
        return False
    if ctx.frame != SELF:
        message = f"`{name}` compares symbols at the strategy's own closes, not on other bars"
        help = f"put the other bars inside: `{name}(close on 1w)` instead of `{name}(close) on 1w`"
        report(ctx, "SW320", span, message, help)
        return False
    return True


def is_of_bars(ctx: Ctx, name: str, got: Given) -> bool:
    """Whether a value is the same for every book; reported when it is not."""
    if got.val is None or not got.val.book:
        return got.val is not None
    message = (
        f"`{name}` compares symbols by their bars, `{show(got.expr)}` reads a position or account"
    )
    report(ctx, "SW320", got.expr.span, message, "compare bars and feeds; read the book outside")
    return False


def differs(ctx: Ctx, name: str, got: Given) -> bool:
    """Whether a value may differ from symbol to symbol; reported when it may not."""
    text = show(got.expr)
    if got.val is None or not is_of_bars(ctx, name, got):
        return False
    if not _is_own(got.val.typed):
        message = f"`{name}` compares symbols, `{text}` is the same for all of them"
        help = "compare what each symbol's own bars give, such as `roc(close, 252 bars)`"
        report(ctx, "SW320", got.expr.span, message, help)
        return False
    if ctx.folding and remembers(got.val.typed):
        message = (
            f"`{name}` compares symbols, and only this one has the entry that `{text}` starts at"
        )
        report(
            ctx, "SW320", got.expr.span, message, "fold the result: `peak(rank(close)) since entry`"
        )
        return False
    return True


def _is_own(typed: Typed) -> bool:
    """Whether a value reads the symbol's own bars, or a list that it may be in."""
    match typed:
        case Column():
            return typed.frame.symbol is None and not typed.name.startswith("feed:")
        case Apply():
            return any(map(_is_own, typed.args))
        case Sample() | Fold():
            return _is_own(typed.value)
        case _:
            return False


def is_weighting(ctx: Ctx, name: str, span: Span) -> bool:
    """Whether a function is a way to weigh, which has no value of its own; reported when it is."""
    if name not in WEIGHTINGS:
        return False
    message = f"`{name}` shares out equity and stands alone after `weight`"
    report(ctx, "SW320", span, message, f"write `weight {WEIGHTINGS[name].example}`")
    return True


def is_count(ctx: Ctx, name: str, got: Given, value: float) -> bool:
    if value == int(value):
        return True
    message = f"`{name}` picks whole symbols, `{show(got.expr)}` is {value:g}"
    report(ctx, "SW312", got.expr.span, message, "write a whole number, such as 3")
    return False
