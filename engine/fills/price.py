"""The price of a fill (floor 2). side: +1 buys, -1 sells; here: the price as the path gets there.

`ticks` is an instrument's tick in millionths, 0 where it has none. A computed price is first taken
to the nearest millionth, so that 110% of $100 is $110, and then to the tick: order prices and
levels away from the market, a worsened fill against the trader. Both are whole numbers of
millionths until one last division, so the result is the float nearest to a whole number of ticks.

Slippage and half the spread worsen every fill, but never past a bound: the limit price of a limit
order or target, the protection price of an entry at market. So a limit order filled at its own
price pays neither, and a price at which the bar traded is a price, on the tick or not.
"""

from engine.fills.booking import magnitude
from engine.fills.cap import WHOLE_FROM, whole
from engine.records import desk

PROTECTION = 0.1
MILLIONTHS = 1e6
NAN = float("nan")


def to_tick(price: float, ticks: float, up: bool) -> float:
    """The next tick at or above (up) or below a positive price, from its nearest millionth.

    Without a tick, and below the lowest one, it stays at the millionth.
    """
    scaled = price * MILLIONTHS
    if not (scaled > 0.0 and scaled < WHOLE_FROM):
        return price
    millionths = whole(scaled + 0.5)
    if ticks > 0.0:
        on = whole(millionths / ticks) * ticks
        if up and on < millionths:
            on += ticks
        if on > 0.0:
            millionths = on
    return millionths / MILLIONTHS


def asked_price(side: float, is_stop: bool, price: float, ticks: float) -> float:
    """An order price or level on the tick, away from the market: it is met later, never sooner.

    So a limit is never worse than written, and a stop never better.
    """
    return to_tick(price, ticks, (side > 0.0) == is_stop)


def asked_prices(
    side: float, kind: int, first: float, second: float, last: float, ticks: float
) -> tuple[float, float]:
    """The price of an order that is not at market, and the price that sets it off.

    first: its limit or stop, or how far it trails; second: the limit behind a stop. nan where the
    order can carry none: a trail that is not above zero, a limit better than its stop.
    """
    if kind == desk.TRAIL_RATIO or kind == desk.TRAIL_MONEY:
        ratio = first if kind == desk.TRAIL_RATIO else 0.0
        by = first if kind == desk.TRAIL_MONEY else 0.0
        price = trail_stop(side, last, ratio, by, ticks) if first > 0.0 else NAN
        return price, price
    price = asked_price(side, kind != desk.LIMIT, first, ticks)
    if kind != desk.STOP_LIMIT:
        return price, price
    limit = asked_price(side, False, second, ticks)
    if is_beyond(side, price, limit) or not price > 0.0:
        limit = NAN
    return limit, price


def trail_stop(side: float, close: float, ratio: float, by: float, ticks: float) -> float:
    """The stop of an order that trails a close by a ratio of it, or by money."""
    return asked_price(side, True, close * (1.0 + side * ratio) + side * by, ticks)


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


def protection_price(side: float, last: float, ticks: float) -> float:
    """The worst price at which an entry at market may fill: 10% beyond the last close."""
    worst = last * (1.0 + side * PROTECTION)
    if ticks == 0.0:
        return worst
    return asked_price(side, False, worst, ticks)


def is_beyond(side: float, price: float, bound: float) -> bool:
    """Whether a price is worse than the bound; never when there is none (nan)."""
    if side > 0.0:
        return price > bound
    return price < bound


def fill_price(
    side: float, raw: float, bound: float, slippage: float, spread: float, ticks: float
) -> float:
    """The price paid: raw, worsened by slippage (a ratio) and half the spread to the next tick, up
    to the bound."""
    slip = magnitude(raw) * slippage
    paid = raw + side * (slip + spread * 0.5)
    if ticks > 0.0 and paid != raw:
        paid = to_tick(paid, ticks, side > 0.0)
    if is_beyond(side, paid, bound):
        paid = bound
    return paid
