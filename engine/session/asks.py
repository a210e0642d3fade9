"""What limits ask of the account loop, from the names of the fields they read (floor 9)."""

from collections.abc import Container, Iterable, Mapping

from engine.base.clocks import DAILY, bars_a_day, minutes_in
from engine.base.frozen import replace
from engine.fields import BY_NAME
from engine.graph.plan import Plan
from engine.records import desk
from engine.records.desk import AskRow
from engine.records.shocks import MARKET

KINDS: Mapping[str, int] = {
    "account.orders": desk.SENT,
    "account.cancels": desk.CANCELLED,
    "account.fills": desk.FILLED,
    "account.denials": desk.REFUSED_ORDERS,
    "account.stops_hit": desk.STOPPED,
    "account.losing_trips": desk.LOST_TRIPS,
    "account.lost": desk.LOST_MONEY,
    "losses.consecutive": desk.LOST_IN_A_ROW,
    "trips.closed": desk.TRIPS_CLOSED,
    "trips.mean": desk.TRIPS_MEAN,
    "trips.deviation": desk.TRIPS_DEVIATION,
    "account.gain": desk.GAINED,
    "account.settled_cash": desk.SETTLED,
    "order.repeats": desk.REPEATS,
    "order.duplicates": desk.DUPLICATES,
    "order.exposure": desk.GROUP_EXPOSURE,
    "position.worst_qty": desk.WORST_SHARES,
    "risk.value": desk.VALUE_AT_RISK,
    "risk.shortfall": desk.SHORTFALL,
    "risk.parametric": desk.PARAMETRIC,
    "order.correlated": desk.CORRELATED,
    "risk.beta": desk.BETA,
    "risk.stress": desk.STRESS,
    "session.minutes": desk.MINUTES,
    "session.minutes_to_close": desk.MINUTES_TO_CLOSE,
    "market.time": desk.TIME_OF_DAY,
    "order.is_market": desk.AT_MARKET,
    "order.is_stop": desk.WITH_STOP,
    "order.rests": desk.RESTING,
    "order.at_auction": desk.AT_AUCTION,
}
"""Every asked field (engine.fields) with what the loop does for it; those of the time of day are
asked by limits alone."""

PERIODS: Mapping[str, int] = {
    "today": desk.THIS_DAY,
    "week": desk.THIS_WEEK,
    "month": desk.THIS_MONTH,
}
DAYS_IN: Mapping[str, int] = {"d": 1, "w": 5, "mo": 21}
SECONDS_IN: Mapping[str, int] = {"s": 1, "m": 60, "h": 3_600}
"""How long the units of a window are."""


def asks_of(plan: Plan, on_weights: Container[str], every: str = DAILY) -> tuple[AskRow, ...]:
    """The asks of a limits block on bars of a clock, in the order of its plan. on_weights: the
    fields that limits on `weight` orders read."""
    found = [(name, _ask(plan.field_slot(name), *split(name), every)) for name in plan.extra_fields]
    return tuple(replace(row, entries_only=name not in on_weights) for name, row in found)


def asks_time(asks: Iterable[AskRow]) -> bool:
    """Whether any of these asks for the time of day."""
    return any(desk.MINUTES <= a.kind <= desk.TIME_OF_DAY for a in asks)


def history_asked(asks: Iterable[AskRow]) -> int:
    """How many bars of returns these asks look back over."""
    return max((a.bars for a in asks if a.kind in desk.LOOKS_BACK), default=0)


def markets_asked(plan: Plan) -> frozenset[str]:
    """The symbols that betas are asked to, and the one that shocks are told of."""
    found = [split(name) for name in plan.extra_fields]
    named = {symbol_of(arg) for name, arg in found if name == "risk.beta"}
    return frozenset(named | {MARKET for name, _ in found if name == "risk.stress"})


def symbol_of(arg: str) -> str:
    """`SP500` of `SP500, 60 bars`, without the quotes it may have."""
    return arg.rpartition(", ")[0].strip("'")


def split(name: str) -> tuple[str, str]:
    """`account.orders(60s)` as its field and what stands in its parentheses."""
    field, _, arg = name.partition("(")
    return BY_NAME[field].name, arg.removesuffix(")")


def _ask(slot: int, name: str, arg: str, every: str) -> AskRow:
    kind = KINDS[name]
    if BY_NAME[name].arg == "group":
        return AskRow(kind, slot, group=arg)
    if name == "risk.beta":
        return AskRow(kind, slot, bars=bars_of(arg.rpartition(", ")[2]), group=symbol_of(arg))
    if BY_NAME[name].arg == "level, length":
        level, length = arg.split(", ")
        return AskRow(kind, slot, bars=bars_of(length), level=float(level.rstrip("%")) / 100.0)
    if arg in PERIODS:
        return AskRow(kind, slot, period=PERIODS[arg])
    return AskRow(kind, slot, bars=bars_of(arg, every) if arg else 1)


def bars_of(window: str, every: str = DAILY) -> int:
    """How many bars of a clock a window such as `60s`, `5d` or `20 bars` reaches over, at least
    one; never too few."""
    digits = window.rstrip("abcdefghijklmnopqrstuvwxyz ").replace("_", "")
    unit = window[len(window.rstrip("abcdefghijklmnopqrstuvwxyz ")) :].strip()
    count = int(digits)
    if unit in DAYS_IN:
        return count * DAYS_IN[unit] * bars_a_day(every)
    if unit in SECONDS_IN:
        bar = 60 * minutes_in(every)
        return max(1, -(-count * SECONDS_IN[unit] // bar)) if bar else 1
    return max(1, count)
