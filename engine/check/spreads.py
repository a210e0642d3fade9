"""`entry spread`: legs that trade together or not at all (floor 4)."""

from collections.abc import Sequence

from engine.base.near import near
from engine.check.orders import MARKET, order_of
from engine.check.scope import Ctx, report
from engine.check.shape import fields_in
from engine.check.sizes import sized
from engine.check.typed import CheckedEntry, CheckedExit, CheckedOrder, Named
from engine.lang.ast import Entry, Exit, LegOrder, Level

SIDES = {"buy": "long", "sell": "short"}


def check_legs_of(ctx: Ctx, entry: Entry, when: Named | None) -> tuple[CheckedEntry, ...]:
    """One entry per leg of a spread, all with its condition; none when anything is wrong."""
    order = _order(ctx, entry)
    made = [_leg(ctx, entry, leg, when, order or MARKET) for leg in entry.legs]
    _check_shape(ctx, entry)
    found = tuple(e for e in made if e is not None)
    return found if order is not None and len(found) == len(entry.legs) else ()


def leg_names(entry: Entry) -> tuple[str, ...]:
    """What an entry's rules are called: itself, or one name for each leg of a spread."""
    if entry.side != "spread":
        return (entry.name,)
    return tuple(f"{entry.name}.{leg.leg}" for leg in entry.legs)


def _order(ctx: Ctx, entry: Entry) -> CheckedOrder | None:
    order = order_of(ctx, entry.order)
    if order is None or (order.kind == "market" and order.tif in ("day", "gtc")):
        return order
    span = entry.order.span if entry.order else entry.span
    message = "a spread is ordered at market: its legs have no price in common"
    report(ctx, "SW519", span, message, "write `order market`, for the day or `for gtc`")
    return None


def _leg(
    ctx: Ctx, entry: Entry, leg: LegOrder, when: Named | None, order: CheckedOrder
) -> CheckedEntry | None:
    size = sized(ctx, leg.size)
    symbol = ctx.scope.legs.get(leg.leg)
    if symbol is None:
        close = near(leg.leg, ctx.scope.legs)
        help = f"did you mean `{close}`?" if close else f"declare it: `leg {leg.leg} = AAPL`"
        report(ctx, "SW201", leg.span, f"unknown leg `{leg.leg}`", help)
    if size is None or symbol is None or when is None:
        return None
    ctx.scope.symbols.setdefault(symbol)
    return CheckedEntry(
        f"{entry.name}.{leg.leg}",
        "long" if leg.side == "buy" else "short",
        when,
        *size,
        order,
        entry.because or "",
        leg.span,
        spread=entry.name,
        symbol=symbol,
    )


def _check_shape(ctx: Ctx, entry: Entry) -> None:
    """A spread has two legs or more, each of another symbol, and adds to nothing."""
    symbols = [ctx.scope.legs.get(leg.leg, leg.leg) for leg in entry.legs]
    if not entry.legs:
        message = f"the spread `{entry.name}` has no legs"
        report(ctx, "SW514", entry.span, message, _LEGS)
    elif len(set(symbols)) < max(2, len(symbols)):
        message = f"the spread `{entry.name}` trades one symbol twice, or one symbol alone"
        report(ctx, "SW519", entry.span, message, _LEGS)
    if entry.add_times:
        message = f"the spread `{entry.name}` cannot add to its position"
        report(ctx, "SW519", entry.span, message, f"leave out `add {entry.add_times} times`")


ONE_LEGS = frozenset(f"position.{x}" for x in ("qty", "value", "entry_price", "last_entry_price"))
"""What a spread's position does not have: each leg has its own."""


def check_position(ctx: Ctx, entries: Sequence[CheckedEntry], exits: Sequence[CheckedExit]) -> None:
    """Refuse to read of a spread's position what only its legs have."""
    if not any(e.spread for e in entries):
        return
    read = [(e.when.span, value) for e in entries for value in (e.when.value, e.size)]
    read += [(x.when.span, x.when.value) for x in exits]
    for span, value in dict.fromkeys(read):
        for name in sorted({f.name for f in fields_in(value)} & ONE_LEGS):
            message = f"`{name}` of a spread: each of its legs has its own"
            help = "`position.age` and `position.pnl` are those of all legs together"
            report(ctx, "SW519", span, message, help)


_LEGS = "write `buy a size 5% of equity` and `sell b size …`"


def check_alone(
    ctx: Ctx, entries: Sequence[Entry], levels: Sequence[Level], exits: Sequence[Exit]
) -> None:
    """What cannot stand beside spreads in one strategy: other entries, targets, trails, and stops
    of anything but a leg."""
    spreads = [e for e in entries if e.side == "spread"]
    if not spreads:
        return
    for entry in entries:
        if entry.side != "spread":
            message = f"the entry `{entry.name}` stands beside a spread"
            help = "a strategy of spreads trades its legs alone: move the entry to another"
            report(ctx, "SW519", entry.span, message, help)
    help = f"close it by a condition: `exit cut of {spreads[0].name} {{ when position.pnl < … }}`"
    for level in (*levels, *(lv for e in entries for lv in e.levels)):
        if level.kind != "stop":
            message = f"the {level.kind} `{level.name}` of a spread, whose legs have a price each"
            report(ctx, "SW519", level.span, message, help)
        elif not legs_called(level.of, spreads):
            message = f"the stop `{level.name}` of a spread is of one leg, which has a price"
            leg = spreads[0].legs[0].leg if spreads[0].legs else "a"
            help_leg = f"write `stop {level.name} of {leg} at …`: hit, it closes all legs"
            report(ctx, "SW519", level.span, message, help_leg)
    for rule in exits:
        if rule.order is not None and rule.order.kind != "market":
            message = "the exit of a spread is ordered at market: its legs have a price each"
            report(ctx, "SW519", rule.order.span, message, "write `order market`")


def legs_called(leg: str | None, entries: Sequence[Entry]) -> tuple[str, ...]:
    """The rules of every leg of this name, unless an entry has it."""
    if leg is None or any(e.name == leg for e in entries):
        return ()
    return tuple(f"{e.name}.{x.leg}" for e in entries for x in e.legs if x.leg == leg)


def check_stops(ctx: Ctx, entry: Entry, levels: Sequence[Level]) -> None:
    """Warn of a spread with a leg that no stop protects."""
    kept = {level.of for level in (*levels, *entry.levels) if level.kind == "stop"}
    bare = [leg for leg in entry.legs if leg.leg not in kept]
    if not bare:
        return
    leg, away = bare[0].leg, "-" if bare[0].side == "buy" else "+"
    message = (
        f"the leg `{leg}` of the spread `{entry.name}` has no stop:"
        " house limits deny it (`max_loss`)"
    )
    help = (
        f"add `stop cut_{leg} of {leg} at position.entry_price {away} 2 * (atr(14 bars) of {leg})`"
    )
    report(ctx, "SW601", entry.span, message, help, severity="warning")
