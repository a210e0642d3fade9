"""One `strategy` block: declarations, entries, exits, levels, weights (floor 4)."""

from collections.abc import Iterable
from typing import TypeVar

from engine.base.diagnostics import Diagnostic
from engine.base.frozen import replace
from engine.base.spans import Span
from engine.base.units import MONEY, RATIO, SHARES
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
from engine.check.kinds import want_number, want_truth, words
from engine.check.memory import keeps_memory
from engine.check.named import item_named, named
from engine.check.orders import order_of, price_of
from engine.check.portfolio import check_drift, check_hold, check_weight
from engine.check.scope import Ctx, Scope, later, report
from engine.check.shape import fields_in
from engine.check.sizes import sized_order
from engine.check.spreads import (
    check_alone,
    check_legs_of,
    check_position,
    check_stops,
    leg_names,
    legs_called,
)
from engine.check.text import show
from engine.check.typed import (
    Apply,
    CheckedEntry,
    CheckedExit,
    CheckedLevel,
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
    Param,
    Rebalance,
    Strategy,
    Universe,
    Weight,
)

T = TypeVar("T")


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
    made = tuple(rule for e in entries for rule in _entries(ctx, e, entries))
    checked = CheckedStrategy(
        name=block.name,
        title=block.title or "",
        clock=clock.every if clock else "1d",
        calendar=(clock.calendar if clock else None) or "xnys",
        universe=next((u.name for u in _all(block, Universe)), None),
        params=params,
        feeds=feeds,
        lets=_lets(ctx),
        entries=made,
        exits=_present(_exit(ctx, e, entries) for e in exits),
        levels=_levels(ctx, block, entries),
        weight=None,
        weight_text="",
        rebalance="daily",
        symbols=tuple(scope.symbols),
        later=(),
        span=block.span,
        legs=tuple(dict.fromkeys(e.symbol for e in made if e.symbol)),
    )
    checked = _weighted(ctx, block, checked)
    check_alone(ctx, entries, _all(block, Level), _all(block, Exit))
    check_position(ctx, checked.entries, checked.exits)
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


def _entries(ctx: Ctx, entry: Entry, entries: list[Entry]) -> tuple[CheckedEntry, ...]:
    """What an entry means: itself, one for each leg of a spread, nothing when it is wrong."""
    place = replace(ctx, place="add" if entry.add_times else "entry")
    when = condition(place, entry.name, entry.when)
    if entry.side == "spread":
        return check_legs_of(place, entry, when)
    made = _entry(place, entry, when, _joins(ctx, entry, entries))
    return () if made is None else (made,)


def _entry(place: Ctx, entry: Entry, when: Named | None, joins: str) -> CheckedEntry | None:
    """One entry on one side; None when a part is missing or wrong."""
    order = order_of(place, entry.order)
    size = sized_order(place, entry)
    if when is None or size is None or order is None or entry.side == "spread":
        return None
    typed, unit = size
    because = entry.because or ""
    return CheckedEntry(
        entry.name,
        entry.side,
        when,
        typed,
        unit,
        order,
        because,
        entry.span,
        entry.add_times,
        joins,
    )


def hosts_of(entry: Entry, entries: list[Entry]) -> list[str]:
    """The entries whose position an entry that adds could add to: those of its side that do not
    add themselves."""
    if not entry.add_times:
        return []
    return [e.name for e in entries if e.side == entry.side and not e.add_times]


def _joins(ctx: Ctx, entry: Entry, entries: list[Entry]) -> str:
    """The entry whose position it adds to, empty for its own."""
    hosts = hosts_of(entry, entries)
    if len(hosts) > 1:
        said = " or ".join(f"`{name}`" for name in hosts)
        message = f"`{entry.name}` could add to the position of {said}"
        help = f"keep one {entry.side} entry that does not add, or move the others to a strategy"
        report(ctx, "SW518", entry.span, message, help)
    return hosts[0] if hosts else ""


def condition(ctx: Ctx, name: str, expr: Expr | None) -> Named | None:
    """A rule's `when` with its pieces; parsing has reported a missing one."""
    if expr is None:
        return None
    val = want_truth(ctx, infer(ctx, expr), expr, "`when`")
    return None if val is None else named(ctx, name, expr, val)


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
        return tuple(dict.fromkeys(x for e in entries for x in leg_names(e)))
    joined = next((e for e in entries if e.name == of), None)
    hosts = [] if joined is None else hosts_of(joined, entries)
    if hosts:
        message = f"`{of}` has no position of its own: it adds to that of `{hosts[0]}`"
        report(ctx, "SW518", span, message, f"write `of {hosts[0]}`")
        return None
    if joined is not None:
        return leg_names(joined)
    legs = dict.fromkeys(leg.leg for e in entries for leg in e.legs)
    known = ", ".join(f"`{n}`" for n in (*names, *legs)) or "none"
    report(ctx, "SW511", span, f"there is no entry `{of}`", f"the entries are: {known}")
    return None


def _levels(ctx: Ctx, block: Strategy, entries: list[Entry]) -> tuple[CheckedLevel, ...]:
    own = [_level(ctx, level, entries, level.of) for level in _all(block, Level)]
    inner = [
        _level(ctx, lv, [e] if e.side == "spread" else entries, lv.of or e.name)
        for e in entries
        for lv in e.levels
    ]
    return _present([*own, *inner])


def _level(ctx: Ctx, level: Level, entries: list[Entry], of: str | None) -> CheckedLevel | None:
    place = replace(ctx, place=level.kind)
    price = price_of(place, level.price, f"the {level.kind} `{level.name}`")
    names = legs_called(of, entries) or covered(ctx, of, level.span, entries)
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
    names = (None, entry.name, *hosts_of(entry, _all(block, Entry)))
    levels = [lv for lv in _all(block, Level) if lv.of in names]
    levels += [lv for e in _all(block, Entry) if e.name in names for lv in e.levels]
    exits = [e for e in _all(block, Exit) if e.of in names]
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
    if entry.side == "spread":
        check_stops(ctx, entry, _all(block, Level))
    elif not any(lv.kind in ("stop", "trail") for lv in levels):
        away = "-" if entry.side == "long" else "+"
        help = f"add `stop hard of {entry.name} at position.entry_price {away} 2 * atr(14 bars)`"
        message = f"the entry `{entry.name}` has no stop: house limits deny it (`max_loss`)"
        report(ctx, "SW601", entry.span, message, help, severity="warning")
