"""What a number that limits read can be at all (floor 2).

A number outside is a fault of whoever told it, and is unknown to limits: they deny rather than pass
on a VIX of zero, an age of minus one or an infinite price. Every number is finite.
"""

from collections.abc import Mapping
from typing import Literal

from engine.base.units import PRICE, PTS, SHARES, Unit

Sane = Literal["any", "not negative", "positive", "share"]
"""any: every finite number. share: 0 to 1."""

LARGEST = 1.7976931348623157e308
SMALLEST = 5e-324
"""The least number above zero."""

BOUNDS: Mapping[Sane, tuple[float, float]] = {
    "any": (-LARGEST, LARGEST),
    "not negative": (0.0, LARGEST),
    "positive": (SMALLEST, LARGEST),
    "share": (0.0, 1.0),
}

COLUMNS: Mapping[Unit, Sane] = {PRICE: "positive", PTS: "positive", SHARES: "not negative"}
"""Prices, levels and volumes of bars and feeds, by their unit; of another unit (a yield), any."""

SIGNED = (
    "position.qty",
    "position.value",
    "account.equity",
    "account.cash",
    "account.peak",
    "account.pnl_today",
    "account.net",
    "account.return",
    "account.exposure_room",
    "account.gain",
    "account.settled_cash",
    "trips.mean",
    "risk.beta",
)
NEVER_NEGATIVE = (
    "account.drawdown",
    "account.gross",
    "account.positions",
    "account.bars",
    "account.orders",
    "account.cancels",
    "account.fills",
    "account.denials",
    "account.stops_hit",
    "account.losing_trips",
    "account.lost",
    "losses.consecutive",
    "trips.closed",
    "trips.deviation",
    "order.stop_distance",
    "order.repeats",
    "order.duplicates",
    "order.exposure",
    "order.correlated",
    "position.worst_qty",
    "market.borrow_rate",
    "market.symbol_value",
    "risk.value",
    "risk.shortfall",
    "risk.parametric",
    "risk.stress",
    "system.heartbeat_age",
    "system.api_budget",
    "system.clock_skew",
    "system.warnings",
    "system.limits_age",
    "model.age",
    "model.drift",
    "quote.age",
    "quote.spread",
    "feed.vix_age",
)
ALWAYS_POSITIVE = (
    "position.entry_price",
    "account.start_equity",
    "order.qty",
    "order.price",
    "order.notional",
    "market.last",
    "feed.vix",
)
SHARES_OF_ONE = ("model.confidence",)

FIELDS_SANE: Mapping[str, Sane] = {
    **dict.fromkeys(SIGNED, "any"),
    **dict.fromkeys(NEVER_NEGATIVE, "not negative"),
    **dict.fromkeys(ALWAYS_POSITIVE, "positive"),
    **dict.fromkeys(SHARES_OF_ONE, "share"),
}
"""Every number that limits may read of accounts, orders, markets and the system that trades. What
the calendar answers comes from a verified table, and is taken as it is."""
