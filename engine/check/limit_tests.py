"""What a test expects of limits: the limit, pause or verdict it names (floor 4)."""

from collections.abc import Sequence
from typing import get_args

from engine.base.near import near
from engine.base.units import RATIO, SHARES
from engine.check.kinds import literal, number
from engine.check.scope import Ctx, report
from engine.check.typed import CheckedLimits, CheckedStrategy, CheckedVerdict
from engine.lang.ast import Expected, ExpectedVerdict, LimitOutcome, SwitchOutcome


def check_limit_outcome(ctx: Ctx, block: CheckedLimits, line: Expected) -> None:
    """`expect denied NAME`, `expect paused NAME`: the name is a limit or a switch of the block."""
    limits, switches = _names(block)
    if line.outcome in get_args(LimitOutcome):
        known, what = limits, "limit"
        if line.outcome == "denied":
            known, what = [*limits, *switches], "limit, pause, halt or flatten"
    elif line.outcome in get_args(SwitchOutcome):
        known, what = switches, "pause, halt or flatten"
    else:
        message = f"`{line.outcome}` asks about a rule, and `{block.name}` is a limits block"
        report(ctx, "SW707", line.span, message, "write `expect denied NAME at bar 3`")
        return
    _check_name(ctx, line, block, line.rule, known, what)


def check_verdict(
    ctx: Ctx, subject: CheckedLimits | CheckedStrategy, line: ExpectedVerdict
) -> CheckedVerdict:
    """`expect verdict clip 40 shares by NAME at bar 3`."""
    if isinstance(subject, CheckedStrategy):
        message = f"a verdict is what limits say, and `{subject.name}` is a strategy"
        help = 'a test of limits is written `test "…" of NAME`, with the name of their block'
        report(ctx, "SW707", line.span, message, help)
    else:
        limits, switches = _names(subject)
        known = limits if line.outcome == "clip" else [*limits, *switches]
        if line.by is not None:
            _check_name(ctx, line, subject, line.by, known, "limit, pause, halt or flatten")
        if line.by is not None and line.outcome == "allow":
            report(ctx, "SW707", line.span, "nobody allows by name", "drop the `by`")
    first, last = (-1, -1) if line.first is None else (line.first, line.last or line.first)
    return CheckedVerdict(line.outcome, _qty(ctx, line), line.by or "", first, last, line.span)


def _qty(ctx: Ctx, line: ExpectedVerdict) -> float | None:
    if line.qty is None:
        return None
    val = literal(ctx, line.qty)
    is_shares = val is not None and val.kind in (number(SHARES), number(RATIO))
    if line.outcome != "clip" or not is_shares:
        message = "only a clip leaves a number of shares"
        report(ctx, "SW704", line.span, message, "write `expect verdict clip 40_000 shares`")
    return line.qty.value


def _names(block: CheckedLimits) -> tuple[list[str], list[str]]:
    return [x.name for x in block.limits], [s.name for s in block.switches]


def _check_name(
    ctx: Ctx,
    line: Expected | ExpectedVerdict,
    block: CheckedLimits,
    name: str,
    known: Sequence[str],
    what: str,
) -> None:
    if name in known:
        return
    close = near(name, known)
    help = f"did you mean `{close}`?" if close else f"it has {', '.join(known) or 'none'}"
    report(ctx, "SW707", line.span, f"`{block.name}` has no {what} `{name}`", help)
