"""What trading and holding cost (floor 2); each caller rounds the result once.

Interest is ACT/360 over the calendar days since the previous bar, at the yield known at that bar,
on the cash that had settled by that bar's close. What open short sales brought in is the lender's
collateral and earns nothing. Settled cash below zero is borrowed and pays the same yield, so that
leverage is never free. An unknown yield means no interest. Borrow is ACT/360 on the short value at
the previous close; an unknown rate means none.
"""

YEAR = 360.0


def commission(
    qty: float, price: float, per_share: float, per_order: float, ratio: float, is_first: bool
) -> float:
    """The fee of one fill, on its value without sign; `per_order` with an order's first fill."""
    value = qty * price
    if value < 0.0:
        value = -value
    fee = qty * per_share
    fee += value * ratio
    if is_first:
        return fee + per_order
    return fee


def accrued(amount: float, rate: float, days: float) -> float:
    """Interest or borrow on an amount over calendar days; 0 when the rate is unknown."""
    if rate != rate:
        return 0.0
    yearly = amount * rate
    return yearly * days / YEAR
