"""One `strategy` block: declarations, entries, exits, levels, weights (floor 4)."""

from collections.abc import Iterable
from typing import Literal as Lit
from typing import TypeVar

from engine.base.diagnostics import Diagnostic
from engine.base.frozen import replace
from engine.base.spans import Span
from engine.base.units import MONEY, PRICE, RATIO, SHARES
from engine.check.clocks import check_clock
from engine.check.declare import (
    Overrides,
    check_feeds,
    check_legs,
    check_lets,
    check_params,
    check_unused,
    declare,
    duplicate,
)
from engine.check.infer import infer
from engine.check.kinds import want, want_number, want_truth, words
from engine.check.memory import keeps_memory
from engine.check.named import item_named, named
from engine.check.portfolio import check_drift, check_hold, check_weight
from engine.check.scope import Ctx, Scope, Val, later, report
from engine.check.shape import fields_in
from engine.check.sizes import sized_order
from engine.check.text import show
from engine.check.typed import (
    Apply,
    CheckedEntry,
    CheckedExit,
    CheckedLevel,
    CheckedOrder,
    CheckedStrategy,
    Named,
    Typed,
)
from engine.lang.ast import (
    Clock,
    Data,
    Entry,
    Exit,
    Expr,
    Hold,
    Latch,
    Leg,
    Let,
    Level,
    Order,
    Param,
    Rebalance,
    Strategy,
    Universe,
    Weight,
)

T = TypeVar("T")

MARKET = CheckedOrder("market", None, "day")


def check_strategy(scope: Scope, block: Strategy, overrides: Overrides) -> CheckedStrategy:
    """Everything a strategy says; what was wrong is in `scope.out`."""
    ctx = Ctx(scope, "let")
    clock = _clock(ctx, block)
    declare(ctx, [s for s in block.body if isinstance(s, Param | Let | Data | Latch | Leg)])
    check_legs(ctx, _all(block, Leg))
    params = check_params(ctx, _all(block, Param), block.name, overrides)
    feeds = check_feeds(ctx, _all(block, Data))
    check_lets(ctx)
    entries, exits = _all(block, Entry), _all(block, Exit)
    _check_names(ctx, entries, exits, block)
    checked = CheckedStrategy(
        name=block.name,
        title=block.title or "",
        clock=clock.every if clock else "1d",
        calendar=(clock.calendar if clock else None) or "xnys",
        universe=next((u.name for u in _all(block, Universe)), None),
        params=params,
        feeds=feeds,
        lets=_lets(ctx),
        entries=_present(_entry(ctx, e) for e in entries),
        exits=_present(_exit(ctx, e, entries) for e in exits),
        levels=_levels(ctx, block, entries),
        weight=None,
        weight_text="",
        rebalance="daily",
        symbols=tuple(scope.symbols),
        later=(),
        span=block.span,
    )
    checked = _weighted(ctx, block, checked)
    _check_whole(ctx, block, entries)
    check_unused(ctx, block.body)
    return replace(checked, symbols=tuple(scope.symbols), later=later_of(scope.out))


def later_of(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings that a dry-run refuses."""
    return tuple(d for d in dict.fromkeys(found) if d.severity == "later")


def _all(block: Strategy, kind: type[T]) -> list[T]:
    return [s for s in block.body if isinstance(s, kind)]


def _present(found: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(f for f in found if f is not None)


def _lets(ctx: Ctx) -> tuple[Named, ...]:
    return _present(item_named(ctx, name) for name in ctx.scope.names)


def _clock(ctx: Ctx, block: Strategy) -> Clock | None:
    clocks = _all(block, Clock)
    for extra in clocks[1:]:
        duplicate(ctx, extra.span, "`clock` line", clocks[0].span)
    if not clocks:
        return None
    check_clock(ctx, clocks[0])
    ctx.scope.every = clocks[0].every
    return clocks[0]


def _check_names(ctx: Ctx, entries: list[Entry], exits: list[Exit], block: Strategy) -> None:
    inner = [level for entry in entries for level in entry.levels]
    rules: list[Entry | Exit | Level] = [*entries, *exits, *_all(block, Level), *inner]
    seen: dict[str, Span] = {}
    for rule in rules:
        if rule.name in seen:
            duplicate(ctx, rule.span, f"rule `{rule.name}`", seen[rule.name])
        seen.setdefault(rule.name, rule.span)
    for kind in (Universe, Weight, Rebalance, Hold):
        found = [s for s in block.body if isinstance(s, kind)]
        for extra in found[1:]:
            duplicate(ctx, extra.span, f"`{kind.__name__.lower()}` line", found[0].span)


# ---------------------------------------------------------------- entries


def _entry(ctx: Ctx, entry: Entry) -> CheckedEntry | None:
    """One entry; None when a part is missing or wrong, or when it trades several legs."""
    place = replace(ctx, place="add" if entry.add_times else "entry")
    if entry.add_times:
        later(ctx, "SW304", entry.span, f"`add {entry.add_times} times`", "enter once for now")
    when = condition(place, entry.name, entry.when)
    order = order_of(place, entry.order)
    if entry.side == "spread":
        _legs(place, entry)
        return None
    size = sized_order(place, entry)
    if when is None or size is None or order is None:
        return None
    typed, unit = size
    because = entry.because or ""
    return CheckedEntry(entry.name, entry.side, when, typed, unit, order, because, entry.span)


def _legs(ctx: Ctx, entry: Entry) -> None:
    """A spread's legs are checked one by one; trading them together comes later."""
    later(
        ctx,
        "SW303",
        entry.span,
        "a spread, whose legs trade together or not at all,",
        "trade one leg for now",
    )
    for leg in entry.legs:
        if leg.leg not in ctx.scope.legs:
            help = f"declare it: `leg {leg.leg} = AAPL`"
            report(ctx, "SW201", leg.span, f"unknown leg `{leg.leg}`", help)
        infer(ctx, leg.size)
    if not entry.legs:
        report(
            ctx,
            "SW514",
            entry.span,
            f"the spread `{entry.name}` has no legs",
            "write `buy a size 5% of equity` and `sell b size …`",
        )


def condition(ctx: Ctx, name: str, expr: Expr | None) -> Named | None:
    """A rule's `when` with its pieces; parsing has reported a missing one."""
    if expr is None:
        return None
    val = want_truth(ctx, infer(ctx, expr), expr, "`when`")
    return None if val is None else named(ctx, name, expr, val)


# ---------------------------------------------------------------- orders


def order_of(ctx: Ctx, order: Order | None) -> CheckedOrder | None:
    """An order with the price it needs; market for the day when the text is silent."""
    if order is None:
        return MARKET
    if order.kind in ("stop_limit", "trailing"):
        later(
            ctx,
            "SW305",
            order.span,
            f"a {order.kind.replace('_', '-')} order",
            "`market`, `limit` and `stop` orders run now",
        )
    if order.tif in ("opg", "cls", "ioc"):
        later(ctx, "SW305", order.span, f"an order `for {order.tif}`", "`day` and `gtc` run now")
    if order.limit is not None:
        price_of(ctx, order.limit, "the limit price")
    if order.kind == "market" or order.price is None:
        return CheckedOrder("market", None, _tif(order))
    what = "the trail" if order.kind == "trailing" else f"the {order.kind.split('_')[0]} price"
    price = _trail_or_price(ctx, order, order.price, what)
    kind: Lit["limit", "stop"] = "limit" if order.kind == "limit" else "stop"
    return None if price is None else CheckedOrder(kind, price.typed, _tif(order))


def _trail_or_price(ctx: Ctx, order: Order, expr: Expr, what: str) -> Val | None:
    """A trailing order may also trail by a ratio."""
    if order.kind == "trailing":
        return want_number(ctx, infer(ctx, expr), expr, what)
    return price_of(ctx, expr, what)


def price_of(ctx: Ctx, expr: Expr, what: str) -> Val | None:
    """A value that must be a price."""
    return want(ctx, infer(ctx, expr), expr, PRICE, what, "SW220")


def _tif(order: Order) -> Lit["day", "gtc"]:
    return "gtc" if order.tif == "gtc" else "day"


# ---------------------------------------------------------------- exits and levels


def _exit(ctx: Ctx, rule: Exit, entries: list[Entry]) -> CheckedExit | None:
    place = replace(ctx, place="exit")
    of = covered(ctx, rule.of, rule.span, entries)
    when = condition(place, rule.name, rule.when)
    if rule.size is not None:
        _partial(place, rule.size)
    order = order_of(place, rule.order)
    if of is None or when is None or order is None:
        return None
    return CheckedExit(rule.name, of, when, order, rule.because or "", rule.span)


def _partial(ctx: Ctx, size: Expr) -> None:
    later(ctx, "SW305", size.span, "an exit of part of a position", "leave `size` out: all of it")
    val = want_number(ctx, infer(ctx, size), size, "`size`")
    if val is not None and val.unit not in (SHARES, MONEY, RATIO):
        help = "write shares, money, or a share of the position"
        report(ctx, "SW220", size.span, f"`size` is {words(val.kind)}", help)


def covered(ctx: Ctx, of: str | None, span: Span, entries: list[Entry]) -> tuple[str, ...] | None:
    """The entries that a rule acts on: the one it names, or all; None when none has that name."""
    names = tuple(dict.fromkeys(e.name for e in entries))
    if of is None:
        return names
    if of in names:
        return (of,)
    known = ", ".join(f"`{n}`" for n in names) or "none"
    report(ctx, "SW511", span, f"there is no entry `{of}`", f"the entries are: {known}")
    return None


def _levels(ctx: Ctx, block: Strategy, entries: list[Entry]) -> tuple[CheckedLevel, ...]:
    own = [_level(ctx, level, entries, level.of) for level in _all(block, Level)]
    inner = [_level(ctx, lv, entries, lv.of or e.name) for e in entries for lv in e.levels]
    return _present([*own, *inner])


def _level(ctx: Ctx, level: Level, entries: list[Entry], of: str | None) -> CheckedLevel | None:
    place = replace(ctx, place=level.kind)
    price = price_of(place, level.price, f"the {level.kind} `{level.name}`")
    names = covered(ctx, of, level.span, entries)
    if price is None or names is None or not _is_pure(place, level, price.typed):
        return None
    text = show(level.price)
    return CheckedLevel(level.kind, level.name, names, price.typed, text, level.span)


def _is_pure(ctx: Ctx, level: Level, price: Typed) -> bool:
    """Whether a stop or target follows from its signal bar and the entry price alone."""
    if level.kind == "trail" or not _remembers_entry(price):
        return True
    message = f"the {level.kind} `{level.name}` remembers the entry price over many bars"
    help = "a stop is worked out once: keep `position.entry_price` outside windows"
    report(ctx, "SW315", level.span, message, help)
    return False


def _remembers_entry(typed: Typed) -> bool:
    if not isinstance(typed, Apply):
        return False
    if keeps_memory(typed) and any(f.name == "position.entry_price" for f in fields_in(typed)):
        return True
    return any(map(_remembers_entry, typed.args))


# ---------------------------------------------------------------- weights


def _weighted(ctx: Ctx, block: Strategy, checked: CheckedStrategy) -> CheckedStrategy:
    """With the weight of a symbol, which is 0 where `hold` does not pick it."""
    place = replace(ctx, place="weight")
    line = next(iter(_all(block, Weight)), None)
    rebalance = next(iter(_all(block, Rebalance)), None)
    lines = _all(block, Hold)
    hold = check_hold(place, lines[0] if lines else None)
    is_whole = hold is not None or not lines
    return replace(
        checked,
        hold=hold,
        weight=check_weight(place, line, hold) if is_whole else None,
        weight_text="equal" if line is None and lines else show(line.value) if line else "",
        rebalance=rebalance.every if rebalance else "daily",
        drift=check_drift(place, rebalance),
    )


# ---------------------------------------------------------------- the block as a whole


def _check_whole(ctx: Ctx, block: Strategy, entries: list[Entry]) -> None:
    weights, holds = _all(block, Weight), _all(block, Hold)
    if (weights or holds) and entries:
        help = "keep the entries, or the weight, in two strategies"
        name = "weight" if weights else "hold"
        message = f"`{name}` sets the position itself and cannot stand beside entries"
        report(ctx, "SW512", (weights or holds)[0].span, message, help)
    for line in _all(block, Rebalance):
        if not weights and not holds:
            help = "add `weight …`, or remove this line"
            report(ctx, "SW513", line.span, "`rebalance` without a `weight` does nothing", help)
    if not (entries or weights or holds):
        help = "add an `entry` or a `weight`"
        report(
            ctx,
            "SW508",
            block.span,
            f"`{block.name}` never trades: no entry and no weight",
            help,
            severity="warning",
        )
    for entry in entries:
        _check_closed(ctx, block, entry)


def _check_closed(ctx: Ctx, block: Strategy, entry: Entry) -> None:
    """Warn of an entry that nothing closes, or that no stop protects."""
    levels = [lv for lv in _all(block, Level) if lv.of in (None, entry.name)]
    levels += entry.levels
    exits = [e for e in _all(block, Exit) if e.of in (None, entry.name)]
    opposite = any(e.side != entry.side for e in _all(block, Entry))
    if not levels and not exits and not opposite:
        help = f"add `exit out of {entry.name} {{ when … }}` or a stop"
        report(
            ctx,
            "SW505",
            entry.span,
            f"nothing closes the entry `{entry.name}`",
            help,
            severity="warning",
        )
    if not any(lv.kind in ("stop", "trail") for lv in levels) and entry.side != "spread":
        away = "-" if entry.side == "long" else "+"
        help = f"add `stop hard of {entry.name} at position.entry_price {away} 2 * atr(14 bars)`"
        message = f"the entry `{entry.name}` has no stop: house limits deny it (`max_loss`)"
        report(ctx, "SW601", entry.span, message, help, severity="warning")
