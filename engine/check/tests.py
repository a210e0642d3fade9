"""`test "…" of NAME`: its inputs and outcomes fit what it speaks of (floor 4).

A test of a strategy asks what its rules do; one of a limits block, what becomes of orders.
"""

import math
from collections.abc import Mapping
from typing import get_args

from engine.base.near import near
from engine.base.units import MONEY, PRICE, SHARES, UNITS
from engine.check.declare import duplicate
from engine.check.kinds import TRUTH, literal, number, words
from engine.check.limit_tests import check_limit_outcome, check_verdict
from engine.check.scope import Ctx, Scope, report
from engine.check.typed import (
    CheckedExpected,
    CheckedGiven,
    CheckedLimits,
    CheckedStrategy,
    CheckedTest,
    CheckedVerdict,
    Kind,
)
from engine.fields import BY_NAME as FIELDS
from engine.fields.spec import Where
from engine.lang.ast import Expected, ExpectedVerdict, Given, RuleOutcome, Test
from engine.records.instrument import COLUMNS

Subject = CheckedStrategy | CheckedLimits


def check_test(
    scope: Scope, block: Test, subjects: Mapping[str, Subject | None]
) -> CheckedTest | None:
    """One test of a strategy or limits block of this file or of a used one; None when it cannot
    run."""
    ctx = Ctx(scope, "let")
    givens = [s for s in block.body if isinstance(s, Given)]
    expected = [s for s in block.body if isinstance(s, Expected)]
    verdicts = [s for s in block.body if isinstance(s, ExpectedVerdict)]
    if block.of not in subjects:
        _unknown_subject(ctx, block, subjects)
        return None
    if not expected and not verdicts:
        report(
            ctx,
            "SW702",
            block.span,
            f"the test `{block.title}` expects nothing",
            "add `expect fires NAME at bar 3`",
        )
    subject = subjects[block.of]
    if subject is None:
        return None
    checked = [_given(ctx, subject, g) for g in givens]
    bars = _length(ctx, block, subject, givens)
    for line in expected:
        if isinstance(subject, CheckedStrategy):
            _expect(ctx, subject, line)
        else:
            check_limit_outcome(ctx, subject, line)
        _check_bars(ctx, line, line.first, line.last, bars)
    return CheckedTest(
        title=block.title,
        of=block.of,
        givens=tuple(g for g in checked if g is not None),
        expected=tuple(
            CheckedExpected(e.outcome, e.rule, e.first, e.last, e.span) for e in expected
        ),
        span=block.span,
        verdicts=tuple(_verdict(ctx, subject, v, bars) for v in verdicts),
        is_of_limits=isinstance(subject, CheckedLimits),
    )


def _verdict(ctx: Ctx, subject: Subject, line: ExpectedVerdict, bars: int) -> CheckedVerdict:
    if line.first is not None and line.last is not None:
        _check_bars(ctx, line, line.first, line.last, bars)
    return check_verdict(ctx, subject, line)


def _unknown_subject(ctx: Ctx, block: Test, known: Mapping[str, object]) -> None:
    close = near(block.of, known)
    help = f"did you mean `{close}`?" if close else 'is a `use "….rule"` line missing?'
    report(ctx, "SW701", block.span, f"no strategy or limits `{block.of}` to test", help)


# ---------------------------------------------------------------- given


def _given(ctx: Ctx, subject: Subject, line: Given) -> CheckedGiven | None:
    whose, column = _column(subject, line.name)
    name, kind = _input(subject, column, whose)
    if kind is None:
        leg = _lead(subject)
        columns = [f"{k}.{c}" for k in _others(subject) for c in COLUMNS] if leg else [*COLUMNS]
        known = [*columns, *(f.name for f in subject.feeds)]
        fields = [n for n, f in FIELDS.items() if _where(subject) in f.where]
        close = near(line.name, [*known, *fields])
        help = f"did you mean `{close}`?" if close else f"give one of {', '.join(known)}"
        help = f"name the leg: `given {leg}.{line.name}`" if leg and line.name in COLUMNS else help
        report(ctx, "SW703", line.span, f"`{line.name}` is no input of `{subject.name}`", help)
        return None
    _check_unit(ctx, line, kind)
    truth = 2.0 if kind == TRUTH else 1.0
    values = tuple(math.nan if v is None else v * truth for v in line.values)
    return CheckedGiven(name, values, whose)


def _column(subject: Subject, name: str) -> tuple[str, str]:
    """The symbol that a given column is of, empty for the test's own, and the column."""
    symbol, _, column = name.rpartition(".")
    whose = _others(subject).get(symbol, "") if column in COLUMNS else ""
    return (whose, column) if whose else ("", name)


def _others(subject: Subject) -> dict[str, str]:
    """The symbols whose columns a test may give besides its own, by symbol and by name of leg."""
    if not isinstance(subject, CheckedStrategy):
        return {}
    legs = {e.name.rpartition(".")[2]: e.symbol for e in subject.entries if e.symbol}
    return {s: s for s in subject.symbols} | legs


def _lead(subject: Subject) -> str:
    """The leg on whose bars the rule of a spread runs; empty for any other."""
    if not isinstance(subject, CheckedStrategy) or not subject.legs:
        return ""
    return next(leg for leg, s in _others(subject).items() if s == subject.legs[0] != leg)


def _where(subject: Subject) -> Where:
    return "strategy" if isinstance(subject, CheckedStrategy) else "limits"


def _input(subject: Subject, name: str, whose: str) -> tuple[str, Kind | None]:
    """The input's name in typed values and its kind (None: no such input). A spread has no bars of
    its own, only those of its legs."""
    if name in COLUMNS and _lead(subject) and not whose:
        return name, None
    feed = next((f for f in subject.feeds if f.name == name), None)
    if feed is not None:
        return f"feed:{feed.symbol}", feed.kind
    if name in COLUMNS:
        return name, number(SHARES if name == "volume" else PRICE)
    spec = FIELDS.get(name)
    if spec is None or _where(subject) not in spec.where:
        return name, None
    if spec.lookup or spec.arg is not None:
        return name, None
    return spec.name, TRUTH if spec.unit == "truth" else number(UNITS[spec.unit])


def _check_unit(ctx: Ctx, line: Given, kind: Kind) -> None:
    """A written unit must be the input's; bare numbers are taken in the input's unit."""
    if line.unit is None:
        if kind == TRUTH and any(v not in (None, 0.0, 1.0) for v in line.values):
            message = f"`{line.name}` is a truth value, given as numbers"
            report(ctx, "SW704", line.span, message, "write `yes`, `no` or `na`")
        return
    val = literal(ctx, line.unit)
    if val is None or val.kind == kind or (val.unit == MONEY and kind == number(PRICE)):
        return
    message = f"`{line.name}` is {words(kind)}, given as {words(val.kind)}"
    report(ctx, "SW704", line.span, message, "write the values in the unit of the input")


def _length(ctx: Ctx, block: Test, subject: Subject, givens: list[Given]) -> int:
    """How many bars the test has: that of its closes; others must be as long."""
    lead = _lead(subject)
    closes = f"{lead}.close" if lead else "close"
    first = _column(subject, closes)
    seen: dict[tuple[str, str], Given] = {}
    for line in givens:
        key = _column(subject, line.name)
        if key in seen:
            duplicate(ctx, line.span, f"given `{line.name}`", seen[key].span)
        seen.setdefault(key, line)
    if first not in seen:
        message = f"the test `{block.title}` gives no `{closes}`, so no bars"
        report(ctx, "SW705", block.span, message, f"add `given {closes} = $100 x20, $95`")
        return -1
    bars = len(seen[first].values)
    for line in seen.values():
        if len(line.values) != bars:
            message = f"`{line.name}` has {len(line.values)} values, `{closes}` has {bars}"
            report(ctx, "SW706", line.span, message, "give one value for every bar")
    return bars


# ---------------------------------------------------------------- expected


def _expect(ctx: Ctx, strategy: CheckedStrategy, line: Expected) -> None:
    if line.outcome not in get_args(RuleOutcome):
        message = f"`{line.outcome}` asks about limits, and `{strategy.name}` is a strategy"
        help = 'a test of limits is written `test "…" of NAME`, with the name of their block'
        report(ctx, "SW707", line.span, message, help)
        return
    entries = list(dict.fromkeys(e.spread or e.name for e in strategy.entries))
    rules = [*entries, *(e.name for e in strategy.exits)]
    known = entries if line.outcome == "sized" else rules
    if line.rule not in known:
        close = near(line.rule, known)
        what = "entry" if line.outcome == "sized" else "entry or exit"
        help = f"did you mean `{close}`?" if close else f"it has {', '.join(known) or 'none'}"
        message = f"`{strategy.name}` has no {what} `{line.rule}`"
        report(ctx, "SW707", line.span, message, help)


def _check_bars(
    ctx: Ctx, line: Expected | ExpectedVerdict, first: int, last: int, bars: int
) -> None:
    if first > last:
        message = f"bars {first}..{last} are none"
        report(ctx, "SW708", line.span, message, "write the earlier bar first")
    elif 0 <= bars <= last:
        message = f"bar {last} lies beyond the test's {bars} bars"
        report(ctx, "SW708", line.span, message, f"bars count from 0 to {bars - 1}")
