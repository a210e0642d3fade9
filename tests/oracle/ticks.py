"""Prices on the tick, and fills from the market's price, in exact decimals.

Written from docs/spec.md section 6, not from the engine: it shares no code with it.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

MILLIONTH = Decimal("0.000001")
ZERO = Decimal(0)
DIGITS = 120


def is_tie(price: float) -> bool:
    """Whether a price lies between two millionths, where a float may take either."""
    rest = Decimal(price) / MILLIONTH % 1
    return abs(rest - Decimal("0.5")) < Decimal("1e-3")


def on_tick(price: Decimal, ticks: int, up: bool) -> Decimal:
    """The next price on a tick of so many millionths, from the nearest millionth."""
    with localcontext(prec=DIGITS):
        price = price.quantize(MILLIONTH, ROUND_HALF_UP)
        if not ticks or price <= 0:
            return price
        step = MILLIONTH * ticks
        count = (price / step).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
        return count * step if count else price


def paid(side: int, raw: float, slippage: float, spread: float, ticks: int) -> Decimal:
    """What a market order pays for a share: worsened, then the next tick against it."""
    with localcontext(prec=DIGITS):
        at = Decimal(raw)
        worse = at + side * (at * Decimal(slippage) + Decimal(spread) / 2)
        return on_tick(worse, ticks, side > 0) if ticks and worse != at else worse
