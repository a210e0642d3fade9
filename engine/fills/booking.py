"""Money and average cost (floor 2)."""

from engine.fills.cap import WHOLE_FROM

UNIT = 10000.0
"""Money is booked in ten-thousandths."""


def round_money(amount: float) -> float:
    """The nearest ten-thousandth, halves away from zero; the one rounding of money."""
    scaled = amount * UNIT
    if not (scaled < WHOLE_FROM and scaled > -WHOLE_FROM):
        return amount
    if scaled < 0.0:
        return -((0.5 - scaled) // 1.0 / UNIT)
    return (scaled + 0.5) // 1.0 / UNIT


def average_cost(held: float, cost: float, qty: float, price: float) -> float:
    """Average price of shares held and shares added; both positive."""
    before = held * cost
    added = qty * price
    return (before + added) / (held + qty)


def magnitude(x: float) -> float:
    """x without its sign."""
    return -x if x < 0.0 else x
