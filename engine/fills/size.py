"""From a rule's size to shares (floor 2)."""

from engine.fills.cap import INFINITE, round_lot


def is_price(price: float) -> bool:
    """Whether an order can carry this price."""
    return price > 0.0 and price < INFINITE


def shares_of(size: float, in_money: bool, price: float, lot: float) -> float:
    """Shares for a size, rounded down to the lot; money buys at `price`. nan when unknown."""
    if not (size < INFINITE and size > -INFINITE):
        return size - size
    if in_money:
        return round_lot(size / price, lot)
    return round_lot(size, lot)


def target_shares(weight: float, equity: float, price: float, lot: float) -> float:
    """Signed shares that make a position this share of equity, rounded toward zero."""
    money = weight * equity
    if money < 0.0:
        return -round_lot(-money / price, lot)
    return round_lot(money / price, lot)
