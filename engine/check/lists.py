"""Declared lists of symbols or dates, for `is in LIST` (floor 4)."""

from collections.abc import Iterable
from typing import Literal as Lit

from engine.base.dates import parse_day
from engine.check.clocks import bar_count
from engine.check.scope import Ctx, later, report
from engine.check.typed import CheckedList
from engine.lang.ast import ListDecl, Literal


def check_lists(ctx: Ctx, declared: Iterable[ListDecl]) -> dict[str, CheckedList]:
    """Every list by its name; a second list of one name is refused."""
    found: dict[str, CheckedList] = {}
    for item in declared:
        if item.name in found:
            help = "remove or rename one of them"
            report(ctx, "SW202", item.span, f"a second list `{item.name}`", help)
        else:
            found[item.name] = _list(ctx, item)
    return found


def _list(ctx: Ctx, item: ListDecl) -> CheckedList:
    kind: Lit["symbol", "date"] = "date" if item.type == "date" else "symbol"
    if item.type not in (None, "symbol", "date"):
        message = f"a list holds symbols or dates, not `{item.type}`"
        report(ctx, "SW217", item.span, message, "write `: symbol` or `: date`")
    items = _dates(ctx, item) if kind == "date" else item.items
    if kind == "symbol":
        _check_symbols(ctx, item)
    return CheckedList(item.name, kind, items, item.file, _days(ctx, item.stale_after), item.span)


def _days(ctx: Ctx, stale: Literal | None) -> int:
    return 0 if stale is None else bar_count(ctx, stale, "`stale after`")


def _dates(ctx: Ctx, item: ListDecl) -> tuple[str, ...]:
    """Written dates as day numbers; names of event calendars come later."""
    days: list[str] = []
    for text in item.items:
        try:
            days.append(str(parse_day(text)))
        except ValueError:
            what = f"the event calendar `{text}`"
            later(ctx, "SW405", item.span, what, "write the dates out, or give a file of them")
    return tuple(days)


def _check_symbols(ctx: Ctx, item: ListDecl) -> None:
    for name in item.items:
        if ctx.scope.catalogue.symbol(name) is None:
            close = ctx.scope.catalogue.near(name)
            help = f"did you mean `{close}`?" if close else "see `seawall data list`"
            message = f"`{name}` in the list `{item.name}` is no known symbol"
            report(ctx, "SW212", item.span, message, help, severity="warning")
