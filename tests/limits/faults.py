"""What the inputs of limits cannot be: written out a second time, from docs/spec.md section 7."""

from math import inf

from engine.fields import BY_NAME

ENDLESS = (inf, -inf)
BELOW = (*ENDLESS, -1e-9, -1.0, -1e6)
AT_OR_BELOW = (*BELOW, 0.0, -0.0)
SIGNED = {
    "position.qty", "position.value", "account.equity", "account.cash", "account.peak",
    "account.pnl_today", "account.net", "account.return", "account.exposure_room",
    "account.gain", "account.settled_cash", "trips.mean", "risk.beta",
}  # fmt: skip
POSITIVE = {
    "position.entry_price", "account.start_equity", "order.qty", "order.price", "order.notional",
    "market.last", "feed.vix",
}  # fmt: skip
PRICES = {"open", "high", "low", "close"}


def cannot_be(name: str) -> tuple[float, ...]:
    """Values that an input of limits cannot have, besides na."""
    kind, _, rest = name.partition(":")
    if kind in ("calendar", "list", "event") or is_truth(name):
        return ()
    if kind == "feed":
        return AT_OR_BELOW if rest == "VIX" else ENDLESS
    if name in PRICES:
        return AT_OR_BELOW
    field = rest if kind == "live" else name.partition("(")[0]
    if field in BY_NAME and BY_NAME[field].calendar:
        return ()
    if field in SIGNED:
        return ENDLESS
    if field == "model.confidence":
        return (*BELOW, 1.0 + 1e-9, 60.0)
    return AT_OR_BELOW if field in POSITIVE else BELOW


def is_truth(name: str) -> bool:
    """Whether an input is yes or no."""
    field = name.partition(":")[2] or name.partition("(")[0]
    return field in BY_NAME and BY_NAME[field].unit == "truth"


def mended(name: str, value: float) -> float:
    """A value of a field that can be, as near to this one as may be."""
    wrong = cannot_be(name)
    if value < 0.0 and -1.0 in wrong:
        value = -value
    if value == 0.0 and 0.0 in wrong:
        return 1.0
    return value / (1.0 + value) if 60.0 in wrong else value


ALL_ELSE = """limits all_else {
  limit a on order deny when account.peak < equity or losing_trips(5 bars) > 3
  limit b on order deny when lost(week) > $500 or exposure(class) > 30% of equity
  limit c on position clip qty to 900 shares
  limit d on order deny when position.entry_price > 2 * last or account.bars < 3 bars
  limit e on order deny when stops_hit(5 bars) >= 2 or feed.vix_age > 900
}
"""
"""Reads what neither the shipped nor the random blocks read."""
