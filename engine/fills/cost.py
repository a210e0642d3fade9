"""What trading and holding cost (floor 2); each caller rounds the result once.

Interest is ACT/360 over the calendar days since the previous bar, at the yield known at that bar,
on the cash that had settled by that bar's close. What open short sales brought in is the lender's
collateral and earns nothing. Settled cash below zero is borrowed and pays the same yield, so that
leverage is never free. An unknown yield means no interest. Borrow is ACT/360 on the short value at
the previous close; an unknown rate means none.
"""

from math import sqrt

YEAR = 360.0
MOST = 1.0
"""An impact is at most the whole price."""


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


def impact(share: float, qty: float) -> float:
    """How far `qty` shares move the price, a ratio: the impact of one share times their root.

    The square-root law: coefficient x volatility x root of (shares / volume), so that one share
    moves it by coefficient x volatility / root of volume. None where that is unknown. Source: Toth
    et al. (2011), Anomalous price impact and the critical nature of liquidity in financial
    markets, Physical Review X 1, 021006.
    """
    if share != share:
        return 0.0
    moved = share * sqrt(qty)
    return moved if moved < MOST else MOST


def accrued(amount: float, rate: float, days: float) -> float:
    """Interest or borrow on an amount over calendar days; 0 when the rate is unknown."""
    if rate != rate:
        return 0.0
    yearly = amount * rate
    return yearly * days / YEAR
