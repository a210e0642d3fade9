"""One `limits` block: caps, refusals, pauses, halts (floor 4).

Limits are read on the bars of the order's symbol, switches on the clock alone: a pause watches the
account and feeds, never one symbol.
"""

from collections.abc import Mapping, Sequence
from typing import Literal as Lit

from engine.base.diagnostics import Fix
from engine.base.frozen import replace
from engine.base.units import MONEY, SHARES
from engine.check.clocks import bar_count
from engine.check.declare import (
    Overrides,
    check_feeds,
    check_lets,
    check_params,
    check_unused,
    declare,
    duplicate,
)
from engine.check.infer import infer
from engine.check.kinds import fits, want, want_truth
from engine.check.logic import check_limit_logic, check_switch_logic
from engine.check.scope import Ctx, Scope, later, report
from engine.check.strategy import later_of
from engine.check.text import grouped, show
from engine.check.typed import CLOCK, CheckedLimit, CheckedLimits, CheckedSwitch, Typed
from engine.lang.ast import Data, Let, Limit, LimitsBlock, Of, Param, Switch

_SCOPES: Mapping[str, Lit["firm", "strategy"]] = {"firm": "firm", "strategy": "strategy"}


def check_limits(scope: Scope, block: LimitsBlock, overrides: Overrides) -> CheckedLimits:
    """Everything a limits block says; what was wrong is in `scope.out`."""
    ctx = Ctx(scope, "let")
    declare(ctx, [s for s in block.body if isinstance(s, Param | Let | Data)])
    params = [s for s in block.body if isinstance(s, Param)]
    feeds = [s for s in block.body if isinstance(s, Data)]
    rows = [s for s in block.body if isinstance(s, Limit)]
    switches = [s for s in block.body if isinstance(s, Switch)]
    checked_params = check_params(ctx, params, block.name, overrides)
    checked_feeds = check_feeds(ctx, feeds)
    check_lets(ctx)
    _check_names(ctx, [*rows, *switches])
    limits = [_limit(ctx, row) for row in rows]
    pauses = [_switch(ctx, s) for s in switches]
    check_unused(ctx, block.body)
    return CheckedLimits(
        name=block.name,
        title=block.title or "",
        params=checked_params,
        feeds=checked_feeds,
        limits=tuple(x for x in limits if x is not None),
        switches=tuple(x for x in pauses if x is not None),
        later=later_of(scope.out),
        span=block.span,
    )


def _check_names(ctx: Ctx, rows: Sequence[Limit | Switch]) -> None:
    seen: dict[str, Limit | Switch] = {}
    for row in rows:
        if row.name in seen:
            duplicate(ctx, row.span, f"limit `{row.name}`", seen[row.name].span)
        seen.setdefault(row.name, row)


def _scope_of(ctx: Ctx, row: Limit | Switch) -> Lit["firm", "strategy"]:
    word = row.scope or "firm"
    if word not in _SCOPES:
        later(
            ctx, "SW607", row.span, f"`scope {word}`", "`scope firm` and `scope strategy` run now"
        )
    return _SCOPES.get(word, "firm")


# ---------------------------------------------------------------- limits


def _limit(ctx: Ctx, row: Limit) -> CheckedLimit | None:
    place = replace(ctx, place="limit")
    scope = _scope_of(ctx, row)
    if row.on not in ("order", "entry"):
        help = "`on order` and `on entry` run now"
        later(ctx, "SW607", row.span, f"a limit `on {row.on}`", help)
    value = _clip(place, row) if row.action == "clip" else _refusal(place, row)
    if value is None:
        return None
    checked = CheckedLimit(
        name=row.name,
        on="entry" if row.on == "entry" else "order",
        scope=scope,
        action=row.action,
        value=value,
        otherwise=row.otherwise or "deny",
        because=row.because or "",
        text=show(row.value),
        span=row.span,
    )
    check_limit_logic(ctx, checked)
    return checked


def _refusal(ctx: Ctx, row: Limit) -> Typed | None:
    val = infer(ctx, row.value)
    if val is None or val.kind.name == "truth":
        return None if val is None else val.typed
    what = "deny when" if row.action == "deny" else "reduce only when"
    want_truth(ctx, val, row.value, f"`{what}`")
    return None


def _clip(ctx: Ctx, row: Limit) -> Typed | None:
    """A cap in shares; money gets the fix that turns it into shares."""
    val = infer(ctx, row.value)
    if val is None:
        return None
    fitted = fits(ctx, val, row.value, SHARES)
    if fitted is not None:
        return fitted.typed
    if val.kind.name == "number" and val.unit == MONEY:
        _money_cap(ctx, row)
        return None
    want(ctx, val, row.value, SHARES, "`clip qty to`", "SW602")
    return None


def _money_cap(ctx: Ctx, row: Limit) -> None:
    amount = show(row.value) if isinstance(row.value, Of) else grouped(row.value)
    text = f"{amount} / order.price"
    fix = Fix(row.value.span, text, False)
    message = f"`clip qty to` wants shares, `{show(row.value)}` is an amount of money"
    report(ctx, "SW602", row.value.span, message, f"write `{text}`", fix=fix)


# ---------------------------------------------------------------- pauses, halts, flattens


def _switch(ctx: Ctx, row: Switch) -> CheckedSwitch | None:
    place = replace(ctx, place="switch", frame=CLOCK)
    scope = _scope_of(ctx, row)
    _check_resume(ctx, row)
    after = 0 if row.resume_after is None else bar_count(ctx, row.resume_after, "`resume after`")
    enter = (
        None
        if row.enter is None
        else want_truth(place, infer(place, row.enter), row.enter, "`enter when`")
    )
    resume = (
        None
        if row.resume_when is None
        else want_truth(place, infer(place, row.resume_when), row.resume_when, "`resume when`")
    )
    if row.enter is None or enter is None or (row.resume_when is not None and resume is None):
        return None
    checked = CheckedSwitch(
        kind=row.kind,
        name=row.name,
        scope=scope,
        enter=enter.typed,
        resume=None if resume is None else resume.typed,
        resume_after=after,
        resume_hand=row.resume_hand or "",
        because=row.because or "",
        text=show(row.enter),
        span=row.span,
    )
    check_switch_logic(ctx, checked)
    return checked


def _check_resume(ctx: Ctx, row: Switch) -> None:
    if row.resume_when is None and row.resume_after is None and row.resume_hand is None:
        message = f"the {row.kind} `{row.name}` never ends"
        help = 'add `resume when …`, `resume after 2d` or `resume by hand "risk-desk"`'
        report(ctx, "SW605", row.span, message, help)
