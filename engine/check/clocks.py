"""Clocks and lengths of time: which is slower, which run today, how many bars (floor 4)."""

import re

from engine.base.clocks import DAILY, SESSION, minutes_in
from engine.base.diagnostics import Fix
from engine.base.near import near
from engine.base.spans import Span
from engine.check.kinds import bars_in
from engine.check.scope import Ctx, later, report
from engine.lang.ast import Clock, Literal, OnClock

CALENDARS = ("xnys",)
NESTED = ("1w", "1mo")
"""The slower clocks that `on` runs today."""

_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "mo": 30 * 86400}
_PATTERN = r"(\d+)(mo|min|[smhdw])"


def period(text: str) -> int:
    """About how many seconds a clock's bar lasts; 0 when the text is no clock."""
    found = re.fullmatch(_PATTERN, text)
    return int(found[1]) * _SECONDS[found[2]] if found else 0


def is_slower(ctx: Ctx, expr: OnClock) -> bool:
    """Whether `on CLOCK` names a clock slower than the bars around it; reports when it does not."""
    around = ctx.frame.clock or ctx.scope.every
    if ctx.folding:
        help = "fold the strategy's own bars, or read the slower clock outside"
        report(ctx, "SW318", expr.span, f"`on {expr.clock}` inside `since entry`", help)
        return False
    if period(expr.clock) > period(around):
        return _is_nested(ctx, expr, around)
    message = f"`on {expr.clock}` is not slower than the `{around}` bars around it"
    help = "a slower clock is `on 1w` or `on 1mo`; the strategy's own bars need no `on`"
    report(ctx, "SW311", expr.span, message, help)
    return False


def _is_nested(ctx: Ctx, expr: OnClock, around: str) -> bool:
    """Whether bars of minutes fill those of the slower clock; days, weeks and months they do."""
    inner, outer = minutes_in(around), minutes_in(expr.clock)
    if not outer or outer % inner == 0:
        return True
    message = f"bars of `{around}` do not fill one of `{expr.clock}`"
    help = f"name a multiple of `{around}`, such as `on {2 * inner}m` or `on 1d`"
    report(ctx, "SW311", expr.span, message, help)
    return False


def runs_on(ctx: Ctx, expr: OnClock) -> bool:
    """Whether today's engine makes bars of the slower clock for the strategy's own."""
    around = minutes_in(ctx.scope.every)
    outer = minutes_in(expr.clock)
    return expr.clock in NESTED or bool(around and (expr.clock == DAILY or 0 < outer <= SESSION))


def check_clock(ctx: Ctx, clock: Clock) -> None:
    """A strategy's clock line: a known calendar, and a clock that runs today."""
    if not period(clock.every):
        report(ctx, "SW317", clock.span, f"`{clock.every}` is no clock", "write `clock 1d on xnys`")
    elif minutes_in(clock.every) > SESSION:
        text = f"a bar of `{clock.every}` is longer than a session of {SESSION} minutes"
        report(ctx, "SW317", clock.span, text, "write `clock 1d on xnys`")
    elif clock.every != DAILY and not minutes_in(clock.every):
        help = "bars of minutes and of one day run now: `clock 5m on xnys`, `clock 1d on xnys`"
        later(ctx, "SW301", clock.span, f"a clock of `{clock.every}`", help)
    if clock.calendar is not None and clock.calendar not in CALENDARS:
        _unknown_calendar(ctx, clock.span, clock.calendar)


def _unknown_calendar(ctx: Ctx, span: Span, name: str) -> None:
    close = near(name, CALENDARS)
    help = f"did you mean `{close}`?" if close else "the calendars are `xnys`"
    report(ctx, "SW317", span, f"unknown calendar `{name}`", help)


def bar_count(ctx: Ctx, expr: Literal, what: str) -> int:
    """A bar count or a length of time in bars of the clock; reports and gives 0 when it is
    neither."""
    if expr.kind == "number" and expr.value == int(expr.value) and expr.value >= 1:
        text = f"{expr.text} bars" if expr.value != 1 else f"{expr.text} bar"
        fix = Fix(expr.span, text, True)
        message = f"`{expr.text}` needs a unit: {what} counts bars"
        report(ctx, "SW207", expr.span, message, f"write `{text}`", fix=fix)
        return int(expr.value)
    bars = bars_in(expr, ctx.scope.every) if expr.kind in ("unit", "duration") else 0
    if bars >= 1:
        return bars
    message = f"{what} counts whole bars, `{expr.text}` is none"
    report(ctx, "SW207", expr.span, message, "write `2 bars`, `2d` or `1w`")
    return 0
