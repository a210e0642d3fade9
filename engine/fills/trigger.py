"""Whether a bar's prices reach an order or a level (floor 2). side: +1 buys, -1 sells.

Touching is enough. An unknown price touches nothing.
"""


def touches_limit(side: float, price: float, low: float, high: float) -> bool:
    """Whether a limit order or target at `price` trades between low and high."""
    if side > 0.0:
        return low <= price
    return high >= price


def touches_stop(side: float, price: float, low: float, high: float) -> bool:
    """Whether a stop order or stop level at `price` is set off between low and high."""
    if side > 0.0:
        return high >= price
    return low <= price


def is_nearer(side: float, kind_is_stop: bool, price: float, best: float) -> bool:
    """Whether the path reaches `price` before `best` (nan: nothing found yet).

    A falling price meets the highest sell stop first, a rising one the lowest sell limit.
    """
    if best != best:
        return True
    if (side < 0.0) == kind_is_stop:
        return price > best
    return price < best
