"""From syntax to typed values: one function per form of expression (floor 4).

Sugar goes here: crossings, bands, `for n bars`, `[k]`, `of`, `on`, `since entry`. What a name means
is in names, what an operator accepts in apply.
"""

from engine.base.diagnostics import Fix, Note
from engine.base.frozen import replace
from engine.base.spans import Span
from engine.base.units import BARS
from engine.check.apply import BARS_WANTED, Given, apply, const
from engine.check.clocks import is_slower, runs_on
from engine.check.field_args import EVENT_CALLS
from engine.check.kinds import NUMBER, literal, number, want_truth, words
from engine.check.listed import event_call, list_column
from engine.check.memory import remembers
from engine.check.names import call, dotted, field_path, resolve, symbol_of
from engine.check.scope import Ctx, Val, later, on_frame, report
from engine.check.text import DEEPEST, depth, show
from engine.check.typed import Column, Const, Fold, Frame, Sample, Typed
from engine.lang.ast import (
    Back,
    Between,
    Binary,
    Call,
    Compare,
    Cross,
    Expr,
    Field,
    IfElse,
    Is,
    IsIn,
    Lasting,
    Literal,
    Logic,
    Name,
    Of,
    OnClock,
    Quoted,
    SinceEntry,
    Unary,
    Within,
)
from engine.ops.spec import Arg

_MAX_STEPS = 50_000
_COMPARE = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_BINARY = {"+": "add", "-": "sub", "*": "mul", "/": "div"}
_REACH = Arg("k", "const", unit="bars", low=0)


def infer(ctx: Ctx, expr: Expr) -> Val | None:
    """The typed value of an expression, or None when it was reported to have none."""
    if not _affordable(ctx, expr):
        return None
    ctx = replace(ctx, deep=ctx.deep + 1)
    match expr:
        case Literal():
            return literal(ctx, expr)
        case Name():
            return resolve(ctx, expr, infer)
        case Quoted():
            _lone_symbol(ctx, expr)
            return None
        case Call(name=name) if name in EVENT_CALLS and name not in ctx.scope.defines:
            return event_call(ctx, expr)
        case Call():
            return call(ctx, expr, infer)
        case Field():
            return field_path(ctx, expr)
        case Of():
            return _of(ctx, expr)
        case OnClock():
            return _on_clock(ctx, expr)
        case SinceEntry():
            return _since_entry(ctx, expr)
        case Back():
            return _back(ctx, expr)
        case Is():
            return _is(ctx, expr)
        case IsIn():
            return _is_in(ctx, expr)
        case Lasting():
            return _lasting(ctx, expr)
        case _:
            return _operator(ctx, expr)


def _affordable(ctx: Ctx, expr: Expr) -> bool:
    """Whether an expression is shallow and small enough, its lets and defines written out."""
    scope = ctx.scope
    scope.steps += 1
    if scope.steps > _MAX_STEPS:
        return False
    if scope.steps == _MAX_STEPS:
        message = "the lets and defines of this block are too much to work out"
        report(ctx, "SW314", expr.span, message, "drop lets that double one another")
        return False
    if ctx.deep <= DEEPEST and (ctx.deep or depth(expr) <= DEEPEST):
        return True
    message = f"this is nested more than {DEEPEST} deep"
    report(ctx, "SW314", expr.span, message, "name the inner parts with `let`")
    return False


def _operator(ctx: Ctx, expr: Expr) -> Val | None:
    match expr:
        case Unary(op="-"):
            return _negated(ctx, expr)
        case Unary():
            return _plain(ctx, "not", expr.span, (expr.value,))
        case Binary():
            return _plain(ctx, _BINARY[expr.op], expr.span, (expr.left, expr.right), "SW204")
        case Compare():
            return _compare(ctx, expr)
        case Logic():
            return _logic(ctx, expr)
        case Cross():
            name = f"cross_{expr.direction}"
            return _plain(ctx, name, expr.span, (expr.left, expr.right), "SW205")
        case Within():
            parts = (expr.value, expr.tolerance, expr.centre)
            return _plain(ctx, "within", expr.span, parts, "SW205")
        case Between():
            parts = (expr.value, expr.low, expr.high)
            return _plain(ctx, "between", expr.span, parts, "SW205")
        case IfElse():
            return _if_else(ctx, expr)
        case _:
            raise AssertionError(f"no such expression: {expr!r}")


def _given(ctx: Ctx, expr: Expr) -> Given:
    return Given(expr, infer(ctx, expr))


def _plain(
    ctx: Ctx, op: str, span: Span, parts: tuple[Expr, ...], code: str = "SW219"
) -> Val | None:
    """An operator on its parts, in order."""
    return apply(ctx, op, span, [_given(ctx, p) for p in parts], code)


# ---------------------------------------------------------------- signs, comparisons, logic


def _negated(ctx: Ctx, expr: Unary) -> Val | None:
    """Minus; a negated constant stays a constant, with the range of its param."""
    got = _given(ctx, expr.value)
    if got.val is None or not isinstance(got.val.typed, Const) or got.val.kind.name == "truth":
        return apply(ctx, "neg", expr.span, [got])
    fresh = Const(-got.val.typed.value, got.val.kind)
    held = ctx.scope.ranges.get(id(got.val.typed))
    if held is not None:
        ctx.scope.ranges[id(fresh)] = (fresh, -held[2], -held[1])
    return Val(fresh, got.val.zero)


def _compare(ctx: Ctx, expr: Compare) -> Val | None:
    left, right = _given(ctx, expr.left), _given(ctx, expr.right)
    for side in (left, right):
        if side.val is not None and side.val.kind.name == "truth":
            message = f"a truth value compared with {_other(left, right, side)}"
            help = f"write the condition itself, `{show(side.expr)}` or `not ({show(side.expr)})`"
            report(ctx, "SW209", expr.span, message, help)
            return None
    return apply(ctx, _COMPARE[expr.op], expr.span, [left, right], "SW205")


def _other(left: Given, right: Given, side: Given) -> str:
    other = right if side is left else left
    return "something else" if other.val is None else words(other.val.kind)


def _logic(ctx: Ctx, expr: Logic) -> Val | None:
    first, *rest = [_given(ctx, item) for item in expr.items]
    if any(g.val is None for g in (first, *rest)):
        for g in (first, *rest):
            want_truth(ctx, g.val, g.expr, f"`{expr.op}`")
        return None
    so_far: Given = first
    for item in rest:
        val = apply(ctx, expr.op, expr.span, [so_far, item])
        if val is None:
            return None
        so_far = Given(expr, val)
    return so_far.val


def _if_else(ctx: Ctx, expr: IfElse) -> Val | None:
    condition, then, other = (_given(ctx, e) for e in (expr.condition, expr.then, expr.other))
    if then.val is None or other.val is None or condition.val is None:
        want_truth(ctx, condition.val, expr.condition, "`if`")
        return None
    both = then.val.kind.name == "truth" and other.val.kind.name == "truth"
    op = "if_truth" if both else "if"
    return apply(ctx, op, expr.span, [condition, then, other], "SW204")


# ---------------------------------------------------------------- time


def _lasting(ctx: Ctx, expr: Lasting) -> Val | None:
    held, count = _given(ctx, expr.condition), _given(ctx, expr.count)
    bars = const(ctx, BARS_WANTED, count, "`for`")
    truth = want_truth(ctx, held.val, expr.condition, "`for … bars`")
    if bars is None or truth is None:
        return None
    counted = Given(expr.count, Val(Const(bars, number(BARS))))
    return apply(ctx, "lasting", expr.span, [held, counted])


def _back(ctx: Ctx, expr: Back) -> Val | None:
    got = _given(ctx, expr.value)
    if got.val is None:
        return None
    reach = Val(Const(float(expr.k), number(BARS)))
    if const(ctx, _REACH, Given(expr, reach), f"the reach of `[{expr.k}]`") is None:
        return None
    if expr.k == 0:
        return got.val
    op = "back_truth" if got.val.kind.name == "truth" else "back"
    return apply(ctx, op, expr.span, [got, Given(expr, reach)])


def _on_clock(ctx: Ctx, expr: OnClock) -> Val | None:
    """`value on 1w`: checked on the slower bars, then sampled from here."""
    if not is_slower(ctx, expr):
        return None
    inner = infer(on_frame(ctx, Frame(ctx.frame.symbol, expr.clock)), expr.value)
    if inner is None or isinstance(inner.typed, Const):
        return inner
    if not runs_on(ctx, expr):
        what = f"the clock `{expr.clock}`"
        later(ctx, "SW301", expr.span, what, "`on 1w` and `on 1mo` run now")
    return replace(inner, typed=Sample(inner.typed, ctx.frame, inner.kind), depth=inner.depth + 1)


def _since_entry(ctx: Ctx, expr: SinceEntry) -> Val | None:
    if not _fold_allowed(ctx, expr):
        return None
    inner = infer(replace(ctx, folding=True), expr.value)
    if inner is None:
        return None
    if not remembers(inner.typed):
        help = f"fold it over the position: `peak({show(expr.value)}) since entry`"
        message = f"`{show(expr.value)}` remembers nothing that `since entry` could start afresh"
        report(ctx, "SW318", expr.span, message, help)
        return None
    folded = Fold(inner.typed, inner.kind)
    return replace(inner, typed=folded, depth=inner.depth + 1, book=True)


def _fold_allowed(ctx: Ctx, expr: SinceEntry) -> bool:
    help = "it belongs in exits and trails, where a position is open"
    if ctx.folding:
        message = "`since entry` stands inside another `since entry`"
    elif ctx.frame != Frame():
        message = "`since entry` counts the strategy's own bars, not another clock's or symbol's"
    elif ctx.rules.folds:
        return True
    else:
        message = f"`since entry` in {ctx.rules.title}, where no position is open"
        if ctx.place in ("stop", "target"):
            message = f"{ctx.rules.title} is fixed when the position opens: `since entry` is empty"
            help = "make it a `trail`, which is worked out at each close"
    report(ctx, "SW318", expr.span, message, help)
    return False


# ---------------------------------------------------------------- of


def _of(ctx: Ctx, expr: Of) -> Val | None:
    """A share of a quantity, or a value on another symbol's bars."""
    symbol = symbol_of(ctx, expr.right)
    if symbol is not None:
        return _of_symbol(ctx, expr, symbol)
    left = _given(ctx, expr.left)
    if isinstance(expr.left, Literal) and expr.left.kind == "number":
        _bare_share(ctx, expr, expr.left)
    if left.val is not None and left.val.kind != NUMBER:
        _not_a_share(ctx, expr, left.val)
        return None
    right = _given(ctx, expr.right)
    return apply(ctx, "mul", expr.span, [left, right], "SW218")


def _bare_share(ctx: Ctx, expr: Of, share: Literal) -> None:
    """`2 of equity` is more often `(x / 2) of equity` than 200% of it: the sign must be written."""
    text = f"{share.value * 100:g}%"
    help = f"write `{text} of {show(expr.right)}`; `of` binds closer than `/`: `(x / 2) of equity`"
    message = f"`{share.text} of {show(expr.right)}`: a share is written in percent"
    report(ctx, "SW218", expr.span, message, help, fix=Fix(share.span, text, True))


def _not_a_share(ctx: Ctx, expr: Of, left: Val) -> None:
    right = show(expr.right)
    if isinstance(expr.right, Name | Quoted):
        close = ctx.scope.catalogue.near(expr.right.name)
        message = f"unknown symbol `{expr.right.name}`"
        help = f"did you mean `{close}`?" if close else "the known symbols: `seawall data list`"
        report(ctx, "SW212", expr.right.span, message, help)
        return
    message = f"`{show(expr.left)}` of `{right}`: {words(left.kind)} cannot be a share of anything"
    help = "left of `of` stands a percentage (`5% of equity`), right of it a quantity or a symbol"
    report(ctx, "SW218", expr.span, message, help)


def _of_symbol(ctx: Ctx, expr: Of, symbol: str) -> Val | None:
    if ctx.folding:
        message = f"`of {symbol}` inside `since entry` folds another symbol's bars"
        report(ctx, "SW318", expr.span, message, "fold the strategy's own bars")
        return None
    ctx.scope.symbols[symbol] = None
    inner = infer(on_frame(ctx, Frame(symbol, ctx.frame.clock)), expr.left)
    if inner is None:
        return None
    if isinstance(inner.typed, Const):
        message = f"`{show(expr.left)}` is the same for every symbol"
        help = f"name a column: `{show(expr.left)} of close of {symbol}`"
        report(ctx, "SW218", expr.span, message, help)
        return None
    return replace(inner, typed=Sample(inner.typed, ctx.frame, inner.kind), depth=inner.depth + 1)


def _lone_symbol(ctx: Ctx, expr: Quoted) -> None:
    help = f"name a column of it: `close of '{expr.name}'`"
    report(ctx, "SW212", expr.span, f"the symbol `{expr.name}` stands alone", help)


# ---------------------------------------------------------------- is


def _is(ctx: Ctx, expr: Is) -> Val | None:
    got = _given(ctx, expr.value)
    if got.val is None:
        return None
    if expr.test == "stale" and not _is_feed(got.val.typed):
        help = f"write `{show(expr.value)} is na`"
        notes = (Note(expr.value.span, "only a feed declared with `data` grows stale"),)
        message = f"`{show(expr.value)}` is no feed, so it is never stale"
        report(ctx, "SW406", expr.span, message, help, notes=notes)
        return None
    op = "is_unknown" if got.val.kind.name == "truth" else "is_na"
    return apply(ctx, op, expr.span, [got])


def _is_feed(typed: Typed) -> bool:
    return isinstance(typed, Column) and typed.name.startswith("feed:")


def _is_in(ctx: Ctx, expr: IsIn) -> Val | None:
    path = dotted(expr.value)
    return list_column(ctx, expr, path)
