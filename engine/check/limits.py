"""One `limits` block: caps, refusals, pauses, halts (floor 4).

Limits are read on the bars of the order's symbol, switches on the clock alone: a pause watches the
account and feeds, never one symbol.
"""

from collections.abc import Mapping, Sequence

from engine.base.diagnostics import Fix
from engine.base.frozen import replace
from engine.base.near import near
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
from engine.check.scope import Ctx, Scope, report
from engine.check.strategy import later_of
from engine.check.text import grouped, show
from engine.check.typed import (
    CLOCK,
    SCOPES,
    CheckedLimit,
    CheckedLimits,
    CheckedSwitch,
    Typed,
)
from engine.check.typed import Scope as Where
from engine.lang.ast import (
    Binary,
    Data,
    Expr,
    Field,
    Let,
    Limit,
    LimitsBlock,
    Name,
    Of,
    Param,
    Severity,
    Switch,
)
from engine.records.instrument import KINDS

_SCOPES: Mapping[str, Where] = {scope: scope for scope in SCOPES}
_LOUD: Mapping[str, Severity] = {"pause": "warning", "flatten": "critical", "halt": "critical"}
"""How loudly a switch is told that does not say so."""


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


def _group_of(ctx: Ctx, row: Limit | Switch) -> str:
    """The one desk, class or symbol that a scope names; there is one firm, and it has no name."""
    if row.group is None:
        return ""
    if row.scope in (None, "firm"):
        report(ctx, "SW607", row.span, "there is one firm", f"drop `{row.group}`")
    elif row.scope == "symbol" and ctx.scope.catalogue.symbol(row.group) is None:
        close = ctx.scope.catalogue.near(row.group)
        help = f"did you mean `{close}`?" if close else "check the spelling of this symbol"
        report(ctx, "SW201", row.span, f"unknown symbol `{row.group}`", help)
    elif row.scope == "asset class" and row.group not in KINDS:
        close = near(row.group, KINDS)
        help = f"did you mean `{close}`?" if close else f"there are {', '.join(KINDS)}"
        report(ctx, "SW607", row.span, f"unknown asset class `{row.group}`", help)
    return row.group


# ---------------------------------------------------------------- limits


def _target_scope(ctx: Ctx, row: Limit) -> Where:
    """`on account` and `on strategy` judge every order against that scope's own fields."""
    own = {"account": "firm", "strategy": "strategy"}.get(row.on)
    if own is not None and row.scope not in (None, own):
        message = f"`on {row.on}` is `scope {own}`, and `scope {row.scope}` is written too"
        report(ctx, "SW607", row.span, message, f"write `on order scope {row.scope}`")
    return _SCOPES[own or row.scope or "firm"]


def _limit(ctx: Ctx, row: Limit) -> CheckedLimit | None:
    place = replace(ctx, place="limit")
    group, scope = _group_of(ctx, row), _target_scope(ctx, row)
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
        group=group,
        severity=row.severity or "warning",
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
    val = infer(ctx, _room(row) if row.on == "position" else row.value)
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


def _room(row: Limit) -> Expr:
    """What a cap on a position leaves of one order: the cap less what is held or ordered."""
    span = row.value.span
    held = Field(span, Name(span, "position"), "worst_qty")
    return Binary(span, "-", row.value, held)


def _money_cap(ctx: Ctx, row: Limit) -> None:
    amount = show(row.value) if isinstance(row.value, Of) else grouped(row.value)
    text = f"{amount} / order.price"
    fix = Fix(row.value.span, text, False)
    message = f"`clip qty to` wants shares, `{show(row.value)}` is an amount of money"
    report(ctx, "SW602", row.value.span, message, f"write `{text}`", fix=fix)


# ---------------------------------------------------------------- pauses, halts, flattens


def _switch(ctx: Ctx, row: Switch) -> CheckedSwitch | None:
    place = replace(ctx, place="switch", frame=CLOCK)
    group = _group_of(ctx, row)
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
        scope=_SCOPES[row.scope or "firm"],
        enter=enter.typed,
        resume=None if resume is None else resume.typed,
        resume_after=after,
        resume_hand=row.resume_hand or "",
        because=row.because or "",
        text=show(row.enter),
        span=row.span,
        group=group,
        severity=row.severity or _LOUD[row.kind],
    )
    check_switch_logic(ctx, checked)
    return checked


def _check_resume(ctx: Ctx, row: Switch) -> None:
    if row.resume_when is None and row.resume_after is None and row.resume_hand is None:
        message = f"the {row.kind} `{row.name}` never ends"
        help = 'add `resume when …`, `resume after 2d` or `resume by hand "risk-desk"`'
        report(ctx, "SW605", row.span, message, help)
