"""Declared lists of symbols, dates or events (floor 4)."""

from collections.abc import Iterable, Mapping
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
    kind: Lit["symbol", "date", "event"] = _KINDS.get(item.type or "", "symbol")
    if item.type is not None and item.type not in _KINDS:
        message = f"a list holds symbols, dates or events, not `{item.type}`"
        report(ctx, "SW217", item.span, message, "write `: symbol`, `: date` or `: event`")
    if kind == "event":
        _check_events(ctx, item)
    items = _dates(ctx, item) if kind == "date" else item.items
    if kind == "symbol":
        _check_symbols(ctx, item)
    return CheckedList(item.name, kind, items, item.file, _days(ctx, item.stale_after), item.span)


_KINDS: Mapping[str, Lit["symbol", "date", "event"]] = {
    "symbol": "symbol",
    "date": "date",
    "event": "event",
}


def _check_events(ctx: Ctx, item: ListDecl) -> None:
    """Events come from a file, which says itself what it covers."""
    if item.file is None:
        help = f'write `list {item.name} : event = file "{item.name}.csv"`'
        report(ctx, "SW217", item.span, f"the events of `{item.name}` are not in a file", help)
    elif item.stale_after is not None:
        help = "its `covers` line says until when it is known; drop `stale after`"
        report(ctx, "SW217", item.span, f"`{item.name}` holds events, which do not age", help)


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
            later(
                ctx, "SW405", item.span, what, "write the dates out, or declare `: event = file …`"
            )
    return tuple(days)


def _check_symbols(ctx: Ctx, item: ListDecl) -> None:
    for name in item.items:
        if ctx.scope.catalogue.symbol(name) is None:
            close = ctx.scope.catalogue.near(name)
            help = f"did you mean `{close}`?" if close else "see `seawall data list`"
            message = f"`{name}` in the list `{item.name}` is no known symbol"
            report(ctx, "SW212", item.span, message, help, severity="warning")
