"""`test "…" of NAME`: its inputs and outcomes fit the strategy it speaks of (floor 4)."""

import math
from collections.abc import Mapping

from engine.base.near import near
from engine.base.units import MONEY, PRICE, RATIO, SHARES, UNITS, Unit
from engine.check.declare import duplicate
from engine.check.kinds import literal, number, words
from engine.check.scope import Ctx, Scope, report
from engine.check.typed import CheckedExpected, CheckedGiven, CheckedStrategy, CheckedTest
from engine.fields import BY_NAME as FIELDS
from engine.lang.ast import Expected, Given, Test
from engine.records.instrument import COLUMNS


def check_test(
    scope: Scope, block: Test, strategies: Mapping[str, CheckedStrategy | None]
) -> CheckedTest | None:
    """One test of a strategy of this file or of a used one; None when it cannot run."""
    ctx = Ctx(scope, "let")
    givens = [s for s in block.body if isinstance(s, Given)]
    expected = [s for s in block.body if isinstance(s, Expected)]
    if block.of not in strategies:
        _unknown_strategy(ctx, block, strategies)
        return None
    if not expected:
        report(
            ctx,
            "SW702",
            block.span,
            f"the test `{block.title}` expects nothing",
            "add `expect fires NAME at bar 3`",
        )
    strategy = strategies[block.of]
    if strategy is None:
        return None
    checked = [_given(ctx, strategy, g) for g in givens]
    bars = _length(ctx, block, givens)
    for line in expected:
        _expect(ctx, strategy, line, bars)
    return CheckedTest(
        title=block.title,
        of=block.of,
        givens=tuple(g for g in checked if g is not None),
        expected=tuple(
            CheckedExpected(e.outcome, e.rule, e.first, e.last, e.span) for e in expected
        ),
        span=block.span,
    )


def _unknown_strategy(ctx: Ctx, block: Test, known: Mapping[str, object]) -> None:
    close = near(block.of, known)
    help = f"did you mean `{close}`?" if close else 'is a `use "….rule"` line missing?'
    report(ctx, "SW701", block.span, f"no strategy `{block.of}` to test", help)


# ---------------------------------------------------------------- given


def _given(ctx: Ctx, strategy: CheckedStrategy, line: Given) -> CheckedGiven | None:
    name, unit = _input(strategy, line.name)
    if unit is None:
        known = [*COLUMNS, *(f.name for f in strategy.feeds)]
        close = near(line.name, known)
        help = f"did you mean `{close}`?" if close else f"give one of {', '.join(known)}"
        report(ctx, "SW703", line.span, f"`{line.name}` is no input of `{strategy.name}`", help)
        return None
    _check_unit(ctx, line, unit)
    return CheckedGiven(name, tuple(math.nan if v is None else v for v in line.values))


def _input(strategy: CheckedStrategy, name: str) -> tuple[str, Unit | None]:
    """The input's name in typed values and its unit (None: no such input)."""
    feed = next((f for f in strategy.feeds if f.name == name), None)
    if feed is not None:
        return f"feed:{feed.symbol}", feed.kind.unit
    if name in COLUMNS:
        return name, SHARES if name == "volume" else PRICE
    spec = FIELDS.get(name)
    if spec is not None and "strategy" in spec.where and spec.slot >= 0:
        return spec.name, UNITS.get(spec.unit, RATIO)
    return name, None


def _check_unit(ctx: Ctx, line: Given, unit: Unit) -> None:
    """A written unit must be the input's; bare numbers are taken in the input's unit."""
    if line.unit is None or line.unit.kind == "number":
        return
    val = literal(ctx, line.unit)
    if val is None or val.unit == unit or (val.unit == MONEY and unit == PRICE):
        return
    message = f"`{line.name}` is {words(number(unit))}, given as {words(val.kind)}"
    report(ctx, "SW704", line.span, message, "write the values in the unit of the input")


def _length(ctx: Ctx, block: Test, givens: list[Given]) -> int:
    """How many bars the test has: that of its first input; others must be as long."""
    seen: dict[str, Given] = {}
    for line in givens:
        if line.name in seen:
            duplicate(ctx, line.span, f"given `{line.name}`", seen[line.name].span)
        seen.setdefault(line.name, line)
    if "close" not in seen:
        report(
            ctx,
            "SW705",
            block.span,
            f"the test `{block.title}` gives no `close`, so no bars",
            "add `given close = $100 x20, $95`",
        )
        return -1
    bars = len(seen["close"].values)
    for line in seen.values():
        if len(line.values) != bars:
            message = f"`{line.name}` has {len(line.values)} values, `close` has {bars}"
            report(ctx, "SW706", line.span, message, "give one value for every bar")
    return bars


# ---------------------------------------------------------------- expected


def _expect(ctx: Ctx, strategy: CheckedStrategy, line: Expected, bars: int) -> None:
    entries = [e.name for e in strategy.entries]
    rules = [*entries, *(e.name for e in strategy.exits)]
    known = entries if line.outcome == "sized" else rules
    if line.rule not in known:
        close = near(line.rule, known)
        what = "entry" if line.outcome == "sized" else "entry or exit"
        help = f"did you mean `{close}`?" if close else f"it has {', '.join(known) or 'none'}"
        message = f"`{strategy.name}` has no {what} `{line.rule}`"
        report(ctx, "SW707", line.span, message, help)
    if line.first > line.last:
        message = f"bars {line.first}..{line.last} are none"
        report(ctx, "SW708", line.span, message, "write the earlier bar first")
    elif 0 <= bars <= line.last:
        message = f"bar {line.last} lies beyond the test's {bars} bars"
        report(ctx, "SW708", line.span, message, f"bars count from 0 to {bars - 1}")
