"""How many shares may trade (floor 2): lots, a share of the bar's volume, buying power."""

from math import floor

INFINITE = float("inf")
WHOLE_FROM = 4.5e15
"""From here on every float is whole."""
LOT_SLACK = 1e-9
"""So that 0.3 / 0.1 is three lots."""


def whole(x: float) -> float:
    """The largest whole number not above x; x must not be nan."""
    if x >= WHOLE_FROM or x <= -WHOLE_FROM:
        return x
    return float(floor(x))


def round_lot(qty: float, lot: float) -> float:
    """Shares rounded down to the lot; 0 when negative or unknown."""
    if not qty > 0.0:
        return 0.0
    if not lot > 0.0:
        return qty
    lots = whole(qty / lot + LOT_SLACK)
    return lots * lot


def volume_room(volume: float, participation: float, used: float, lot: float) -> float:
    """Shares of this bar's volume that may still fill; no cap without a share or a known volume."""
    if participation == 0.0 or volume != volume:
        return INFINITE
    may = volume * participation
    return round_lot(may - used, lot)


def power_shares(
    room: float, price: float, commission: float, per_share: float, lot: float
) -> float:
    """Shares that this much buying power pays for, commission included."""
    fee = price * commission
    each = price + fee + per_share
    if not each > 0.0:
        return INFINITE
    return round_lot(room / each, lot)


def lesser(a: float, b: float) -> float:
    """The smaller of two known numbers."""
    return b if b < a else a
