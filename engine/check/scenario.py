"""One `scenario` block: the window, what runs, and what must hold (floor 4)."""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.base.clock import now
from engine.base.dates import day_of, iso
from engine.base.diagnostics import Diagnostic
from engine.base.frozen import replace
from engine.base.near import near
from engine.base.units import RATIO
from engine.check.apply import BARS_WANTED, Given, const
from engine.check.declare import duplicate
from engine.check.infer import infer
from engine.check.kinds import want, want_truth
from engine.check.scope import Ctx, Scope, later, report
from engine.check.shape import fields_in
from engine.check.strategy import later_of
from engine.check.typed import (
    CLOCK,
    CheckedClaim,
    CheckedLimits,
    CheckedScenario,
    CheckedStrategy,
    Typed,
)
from engine.lang.ast import (
    CostsLine,
    Expect,
    Expr,
    Process,
    Replay,
    ResumeAt,
    Run,
    Scenario,
    Shock,
    Simulate,
    StartEquity,
    Waive,
)

_ONCE = (Replay, Simulate, Process, Run, StartEquity, CostsLine)
_SIMULATED = (Simulate, Process, Shock)


def check_scenario(scope: Scope, block: Scenario) -> CheckedScenario:
    """Everything a scenario says; what was wrong is in `scope.out`."""
    ctx = Ctx(scope, "claim", CLOCK)
    for kind in _ONCE:
        found = [s for s in block.body if isinstance(s, kind)]
        for extra in found[1:]:
            duplicate(ctx, extra.span, f"`{kind.__name__.lower()}` line", found[0].span)
    replay = _window(ctx, block)
    claims = [_claim(ctx, s) for s in block.body if isinstance(s, Expect)]
    return CheckedScenario(
        name=block.name,
        title=block.title or "",
        first=replay.first if replay else 0,
        last=replay.last if replay else 0,
        run=_first(r.names for r in block.body if isinstance(r, Run)) or (),
        start_equity=_start(ctx, block),
        costs=_costs(ctx, block),
        waives=tuple((w.limits, w.name, w.because) for w in _waives(ctx, block)),
        resumes=tuple((r.name, r.bar, r.by) for r in block.body if isinstance(r, ResumeAt)),
        claims=tuple(c for c in claims if c is not None),
        later=later_of(scope.out),
        span=block.span,
    )


def _first(found: Iterable[Any]) -> Any:
    return next(iter(found), None)


def _window(ctx: Ctx, block: Scenario) -> Replay | None:
    replay: Replay | None = _first(s for s in block.body if isinstance(s, Replay))
    simulated = [s for s in block.body if isinstance(s, _SIMULATED)]
    for statement in simulated:
        word = type(statement).__name__.lower()
        later(ctx, "SW306", statement.span, f"`{word}`", "`replay` runs now")
    if replay is None:
        if not simulated:
            message = f"the scenario `{block.name}` has no window"
            report(ctx, "SW514", block.span, message, "add `replay 2020-02-14 .. 2020-04-30`")
        return None
    _check_dates(ctx, replay)
    return replay


def _check_dates(ctx: Ctx, replay: Replay) -> None:
    if replay.first > replay.last:
        message = f"the replay ends before it begins: {iso(replay.last)} < {iso(replay.first)}"
        report(ctx, "SW319", replay.span, message, "write the earlier date first")
    elif replay.last > day_of(now().date()):
        message = f"{iso(replay.last)} lies in the future"
        report(ctx, "SW319", replay.span, message, "replay days that have happened")


def _start(ctx: Ctx, block: Scenario) -> float | None:
    line: StartEquity | None = _first(s for s in block.body if isinstance(s, StartEquity))
    if line is None:
        return None
    if line.amount <= 0:
        report(ctx, "SW220", line.span, "`start equity` must be above $0", "write `$1_000_000`")
    return line.amount


def _costs(ctx: Ctx, block: Scenario) -> float | None:
    line: CostsLine | None = _first(s for s in block.body if isinstance(s, CostsLine))
    if line is None:
        return None
    val = want(ctx, infer(ctx, line.value), line.value, RATIO, "`costs`", "SW220")
    value = getattr(val.typed, "value", None) if val else None
    if value is not None and not 0 <= value < 1:
        message = f"`costs {line.value.text}` is {value:g} of every trade"
        report(ctx, "SW220", line.value.span, message, "costs lie in 0 .. 1: `10 bps` is 0.1%")
    return value


def _waives(ctx: Ctx, block: Scenario) -> list[Waive]:
    found = [s for s in block.body if isinstance(s, Waive)]
    seen: dict[tuple[str, str], Waive] = {}
    for waive in found:
        key = (waive.limits, waive.name)
        if key in seen:
            what = f"waiver of `{waive.limits}.{waive.name}`"
            duplicate(ctx, waive.span, what, seen[key].span)
        seen.setdefault(key, waive)
    return found


# ---------------------------------------------------------------- expectations


def _claim(ctx: Ctx, line: Expect) -> CheckedClaim | None:
    claim = _truth(ctx, line.claim)
    then = None if line.then is None else _truth(ctx, line.then)
    within = _within(ctx, line)
    if claim is None or (line.then is not None and then is None):
        return None
    if any(d.severity == "later" and _inside(d, line) for d in ctx.scope.out):
        return None
    return CheckedClaim(line.kind, claim, then, within, line.text, line.span)


def _inside(found: Diagnostic, line: Expect) -> bool:
    return line.span.start <= found.span.start < line.span.end


def _truth(ctx: Ctx, expr: Expr) -> Typed | None:
    val = want_truth(ctx, infer(ctx, expr), expr, "`expect`")
    return None if val is None else val.typed


def _within(ctx: Ctx, line: Expect) -> int:
    if line.within is None:
        return 0
    wanted = replace(BARS_WANTED, low=0)
    bars = const(ctx, wanted, Given(line.within, infer(ctx, line.within)), "`leads to … in`")
    return 0 if bars is None else int(bars)


# ---------------------------------------------------------------- names of other files


def check_scenario_names(
    scenario: CheckedScenario,
    strategies: Sequence[CheckedStrategy],
    limits: Sequence[CheckedLimits],
) -> list[Diagnostic]:
    """What a scenario names that none of the given strategies and limits is.

    Call it with all that the session loaded: waived limits, runs, resumes and `paused(x)`."""
    switches = [s.name for block in limits for s in block.switches]
    rows = [f"{b.name}.{r.name}" for b in limits for r in b.limits]
    rows += [f"{b.name}.{s.name}" for b in limits for s in b.switches]
    blocks = [*(s.name for s in strategies), *(b.name for b in limits)]
    asked = [("limit", f"{where}.{name}", rows) for where, name, _ in scenario.waives]
    asked += [("block", name, blocks) for name in scenario.run]
    asked += [("pause or halt", name, switches) for name, _, _ in scenario.resumes]
    asked += [("pause or halt", name, switches) for name in _paused(scenario)]
    return [
        _missing(scenario, what, name, known)
        for what, name, known in dict.fromkeys((w, n, tuple(k)) for w, n, k in asked)
        if name not in known
    ]


def _missing(scenario: CheckedScenario, what: str, name: str, known: Sequence[str]) -> Diagnostic:
    close = near(name, known)
    help = f"did you mean `{close}`?" if close else "the set-up loads no such name"
    return Diagnostic("SW613", scenario.span, f"`{scenario.name}`: unknown {what} `{name}`", help)


def _paused(scenario: CheckedScenario) -> list[str]:
    reads = [f for c in scenario.claims for f in fields_in(c.claim)]
    reads += [f for c in scenario.claims if c.then is not None for f in fields_in(c.then)]
    return [f.arg for f in reads if f.name == "run.paused" and f.arg is not None]
