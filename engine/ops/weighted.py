"""Linearly weighted moving averages: plain and Hull's.

What: `wma(x, n)` weighs the newest of the last n values n times, the oldest once. `hma(x, n)` takes
twice the average of n / 2 bars less that of n bars, and smooths it over sqrt(n) bars; both lengths
are rounded down.
Why: averages that follow the price sooner than a simple one; Hull's overshoots at a turn.
Bars fall into blocks of n, and a window is the tail of one block and the head of the next. The
tails' sums are worked out once a block and the head's are carried along, so nothing is ever taken
off again and no error builds up. Equal values have exactly their value as average, and no `wma`
lies outside its window.
Example:
    >>> wma_series([1.0, 2.0, 5.0], 2).tolist()[1:] == [5 / 3, 4.0]
    True

Reference: TA-Lib, WMA; Hull, How to reduce lag in a moving average (2005), alanhull.com.
"""

from math import fsum, isqrt, sqrt

from engine.ops.numbers import NA, Ring, bounded, mul_rn
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling
from engine.ops.window import near


def weigh(
    x: float, n: int, i: int, scratch: Ring, base: int, plain: float, rising: float
) -> tuple[float, float, float]:
    """One bar of n x[0] + (n - 1) x[1] + ... + x[n-1]: that sum, and both sums over the head.

    scratch[base + q] holds the weighted tail of the block before until bar q, then this bar's x.
    """
    q = i % n
    plain = x if q == 0 else plain + x
    rising = x if q == 0 else rising + mul_rn(float(q + 1), x)
    total = rising + mul_rn(float(n - 1 - q), plain) + scratch[base + q]
    scratch[base + q] = x
    if q == n - 1:
        later = 0.0
        tail = 0.0
        for k in range(n - 1, -1, -1):
            tail = tail + later
            later = later + scratch[base + k]
            scratch[base + k] = tail
    return total, plain, rising


def level_weighted(x: float, n: int, i: int, ring: Ring, at: int, mask: int, whole: float) -> float:
    """The weighted mean about the newest value, if the window is near that; else the one given."""
    rest = 0.0
    for k in range(n - 1, 0, -1):
        v = ring[at + ((i - k) & mask)]
        if not near(x, v):
            return whole
        rest = rest + mul_rn(float(n - k), v - x)
    return x + rest / (n * (n + 1) // 2)


def is_flat(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> bool:
    """Whether the last n values are equal."""
    flat = True
    for k in range(1, n):
        flat = flat & (ring[at + ((i - k) & mask)] == x)
    return flat


def wma_step(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    plain: float,
    rising: float,
) -> tuple[float, float, float]:
    total, plain, rising = weigh(x, n, i, scratch, base, plain, rising)
    y = total / (n * (n + 1) // 2) if i >= n - 1 else NA
    if near(x, y):
        y = level_weighted(x, n, i, ring, at, mask, y)
    return y, plain, rising


def hma_step(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    plain: float,
    rising: float,
    half_plain: float,
    half_rising: float,
    root_plain: float,
    root_rising: float,
) -> tuple[float, float, float, float, float, float, float]:
    half = n // 2
    root = int(sqrt(float(n)))
    slow, plain, rising = weigh(x, n, i, scratch, base, plain, rising)
    fast, half_plain, half_rising = weigh(x, half, i, scratch, base + n, half_plain, half_rising)
    by_n = float(n * (n + 1) // 2)
    by_half = float(half * (half + 1) // 2)
    lead = mul_rn(2.0 * by_n, fast) - mul_rn(by_half, slow)  # whole for whole ticks
    y, root_plain, root_rising = weigh(
        lead, root, i, scratch, base + n + half, root_plain, root_rising
    )
    y = bounded(y / by_n / by_half / (root * (root + 1) // 2))
    y = y if i >= n + root - 2 else NA
    if near(x, y):
        y = x if is_flat(x, n + root - 1, i, ring, at, mask) else y
    return y, plain, rising, half_plain, half_rising, root_plain, root_rising


def weighted_mean(window: list[float]) -> float:
    """The weighted mean of a window, oldest value first, from one exactly rounded sum."""
    n = len(window)
    return fsum(k * v for k, v in enumerate(window, 1)) / (n * (n + 1) / 2)


def wma_series(x: Values, n: int) -> Values:
    return rolling(x, n, weighted_mean)


def hma_series(x: Values, n: int) -> Values:
    return wma_series(2.0 * wma_series(x, n // 2) - wma_series(x, n), isqrt(n))


WMA = Op(
    name="wma",
    title="Linearly weighted moving average",
    args=(Arg("x"), Arg("n", "const", "bars")),
    result="u",
    kernel=wma_step,
    series=wma_series,
    example="wma(close, 20 bars)",
    formula="(n x[0] + (n-1) x[1] + ... + x[n-1]) / (n (n+1) / 2)",
    source="TA-Lib WMA",
    state=(0.0, 0.0),
    index=True,
    reach=lambda c: int(c[0]),
    scratch=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 18,
)

HMA = Op(
    name="hma",
    title="Hull moving average",
    args=(Arg("x"), Arg("n", "const", "bars", low=2)),
    result="u",
    kernel=hma_step,
    series=hma_series,
    example="hma(close, 20 bars)",
    formula="wma(2 * wma(x, n / 2) - wma(x, n), sqrt(n)), lengths rounded down",
    source="Hull, How to reduce lag in a moving average (2005)",
    state=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    index=True,
    reach=lambda c: int(c[0]) + isqrt(int(c[0])) - 2,
    scratch=lambda c: int(c[0]) + int(c[0]) // 2 + isqrt(int(c[0])),
    defined=lambda c: int(c[0]) + isqrt(int(c[0])) - 2,
    cost=lambda c: 50,
)
