"""The price of a fill (floor 2). side: +1 buys, -1 sells; here: the price as the path gets there.

Order prices and levels are computed to the nearest millionth, so that 110% of $100 is $110; they
are not rounded to the tick. Slippage and half the spread worsen every fill, but never past a bound:
the limit price of a limit order or target, the protection price of an entry at market. So a limit
order filled at its own price pays neither.
"""

from engine.fills.cap import WHOLE_FROM, whole

PROTECTION = 0.1
MILLIONTHS = 1e6


def round_price(price: float) -> float:
    """The nearest millionth of a positive price; anything else as it is."""
    scaled = price * MILLIONTHS
    if not (scaled > 0.0 and scaled < WHOLE_FROM):
        return price
    return whole(scaled + 0.5) / MILLIONTHS


def limit_price(side: float, price: float, here: float) -> float:
    """A limit order or target fills at its price, or better where the market is better already."""
    if side > 0.0:
        return here if here < price else price
    return here if here > price else price


def stop_price(side: float, price: float, here: float) -> float:
    """A stop fills at its price, or at the market where that is worse already (a gap)."""
    if side > 0.0:
        return here if here > price else price
    return here if here < price else price


def protection_price(side: float, last: float) -> float:
    """The worst price at which an entry at market may fill: 10% beyond the last close."""
    return last * (1.0 + side * PROTECTION)


def is_beyond(side: float, price: float, bound: float) -> bool:
    """Whether a price is worse than the bound; never when there is none (nan)."""
    if side > 0.0:
        return price > bound
    return price < bound


def fill_price(side: float, raw: float, bound: float, slippage: float, spread: float) -> float:
    """The price paid: raw, worsened by slippage (a ratio) and half the spread, up to the bound."""
    slip = raw * slippage
    paid = raw + side * (slip + spread * 0.5)
    if is_beyond(side, paid, bound):
        paid = bound
    return paid
