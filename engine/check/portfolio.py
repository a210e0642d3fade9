"""Which symbols a strategy holds and how much of each: `hold`, `weight`, `rebalance` (floor 4).

All three come down to one weight per symbol: `if held then weight else 0`. A symbol that could not
be ranked, or whose weight is unknown, has weight na: nothing is ordered for it.
"""

from math import nan

from engine.base.units import RATIO
from engine.check.across import differs, is_count, is_of_bars
from engine.check.apply import Given, const
from engine.check.infer import infer
from engine.check.kinds import constant, want, want_number, want_truth
from engine.check.named import named
from engine.check.scope import Ctx, report
from engine.check.text import show
from engine.check.typed import SELF, Apply, Const, Named, Typed
from engine.check.weightings import BY_NAME, Weighting, everyone, number, ratio, truth
from engine.lang.ast import Call, Compare, Expr, Hold, Name, Rebalance, Weight
from engine.ops.spec import Arg

_TOP = Arg("n", "const", "ratio", low=1, high=5000)
MISTAKE = "write `rebalance monthly when drift > 5%`"


def check_hold(ctx: Ctx, line: Hold | None) -> Named | None:
    """The condition that a symbol is among those held."""
    if line is None:
        return None
    score = Given(line.score, want_number(ctx, infer(ctx, line.score), line.score, "`by`"))
    when = None
    if line.when is not None:
        when = Given(line.when, want_truth(ctx, infer(ctx, line.when), line.when, "`when`"))
    count = _count(ctx, line.count)
    is_own = differs(ctx, "hold top", score)
    if not is_own or (when is not None and not is_of_bars(ctx, "hold top", when)):
        return None
    return None if count is None else _held(ctx, line, count, score, when)


def _count(ctx: Ctx, expr: Expr) -> float | None:
    """How many symbols are held: a whole number, or a param that is one."""
    got = Given(expr, infer(ctx, expr))
    count = const(ctx, _TOP, got, "the count of `hold top`")
    return count if count is not None and is_count(ctx, "hold top", got, count) else None


def _held(ctx: Ctx, line: Hold, count: float, score: Given, when: Given | None) -> Named:
    """Ranked among those that meet `when`; who does not is not held, who might is unknown."""
    assert score.val is not None
    by, text = score.val.typed, f"top {show(line.count)} by {show(line.score)}"
    parts = [named(ctx, "", score.expr, score.val)]
    if when is not None and when.val is not None:
        parts.append(named(ctx, "", when.expr, when.val))
        by = Apply("if", (when.val.typed, by, Const(nan, by.kind)), (), SELF, by.kind)
        text += f" when {show(when.expr)}"
    held: Typed = truth("among_top", by, consts=(count,))
    if when is not None and when.val is not None:
        held = truth("and", when.val.typed, held)
    parts.append(Named("", f"place by {show(line.score)}", ratio("rank", by), line.span))
    return Named("hold", text, held, line.span, tuple(parts))


def check_weight(ctx: Ctx, line: Weight | None, hold: Named | None) -> Typed | None:
    """The weight of a symbol as one value; `hold` alone means equal weights."""
    if line is None:
        return None if hold is None else _while_held(hold, BY_NAME["equal"], ())
    way = _weighting(ctx, line.value)
    if way is not None:
        given = list(line.value.args) if isinstance(line.value, Call) else []
        consts = _constants(ctx, way, line.value, given)
        return None if consts is None else _while_held(hold, way, consts)
    val = want(ctx, infer(ctx, line.value), line.value, RATIO, "`weight`", "SW220")
    if val is None or hold is None:
        return None if val is None else val.typed
    return ratio("if", hold.value, val.typed, number(0.0))


def _while_held(hold: Named | None, way: Weighting, consts: tuple[float, ...]) -> Typed:
    held = everyone() if hold is None else hold.value
    return ratio("if", held, way.build(held, consts), number(0.0))


def _weighting(ctx: Ctx, expr: Expr) -> Weighting | None:
    """The row of WEIGHTINGS that a weight names, unless the block uses the name for its own."""
    if isinstance(expr, Name) and expr.name not in ctx.scope.names:
        return BY_NAME.get(expr.name)
    return BY_NAME.get(expr.name) if isinstance(expr, Call) else None


def _constants(ctx: Ctx, way: Weighting, expr: Expr, given: list[Expr]) -> tuple[float, ...] | None:
    least = sum(a.default is None for a in way.args)
    if not least <= len(given) <= len(way.args):
        message = f"`{way.name}` takes {least} arguments, {len(given)} given"
        if least < len(way.args):
            message = f"`{way.name}` takes {least} to {len(way.args)} arguments, {len(given)} given"
        report(ctx, "SW208", expr.span, message, f"for example `weight {way.example}`")
        return None
    found = [
        const(ctx, arg, Given(e, infer(ctx, e)), f"`{arg.name}` of `{way.name}`")
        for arg, e in zip(way.args, given, strict=False)
    ]
    found += [a.default for a in way.args[len(given) :]]
    return None if any(c is None for c in found) else tuple(c for c in found if c is not None)


def check_drift(ctx: Ctx, line: Rebalance | None) -> float | None:
    """The band of `when drift > 5%`, or None."""
    if line is None or line.when is None:
        return None
    if not (isinstance(line.when, Compare) and line.when.op == ">" and _is_drift(line.when.left)):
        message = f"a rebalance waits for drift alone, `{show(line.when)}` is something else"
        report(ctx, "SW516", line.when.span, message, MISTAKE)
        return None
    limit = line.when.right
    val = want(ctx, infer(ctx, limit), limit, RATIO, "the drift", "SW220")
    band = None if val is None else constant(val.typed)
    if val is not None and (band is None or not 0 < band < 1):
        message = f"the drift `{show(limit)}` is no fixed share of equity between 0% and 100%"
        report(ctx, "SW516", limit.span, message, MISTAKE)
        return None
    return band


def _is_drift(expr: Expr) -> bool:
    return isinstance(expr, Name) and expr.name == "drift"
