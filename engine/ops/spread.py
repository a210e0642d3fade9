"""Standard deviation over a window.

What: `stdev(x, n)` is the population standard deviation of the last n values (divided by n).
Why: the width of recent moves: z-scores, Bollinger bands, volatility targets.
Example:
    >>> stdev_series([1.0, 1.0, 3.0], 2).tolist()
    [nan, 0.0, 1.0]

Reference: TA-Lib, STDDEV with nbdev 1; the definition here is exact (fractions), rounded once.
"""

from math import sqrt

from engine.ops.numbers import NA, Ring
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling
from engine.ops.window import deviation, spread


def stdev_step(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    ref: float,
    s1: float,
    s2: float,
    top: float,
    bad: float,
) -> tuple[float, float, float, float, float, float]:
    w, ref, s1, s2, top, bad = spread(x, n, i, ring, at, mask, ref, s1, s2, top, bad)
    y = deviation(w, n) if (bad == 0.0) & (i >= n - 1) else NA
    return y, ref, s1, s2, top, bad


def population_deviation(window: list[float]) -> float:
    """Exact variance of the window about its exact mean, then one square root."""
    from fractions import Fraction

    values = [Fraction(v) for v in window]
    mean = sum(values) / len(values)
    return sqrt(sum((v - mean) ** 2 for v in values) / len(values))


def stdev_series(x: Values, n: int) -> Values:
    return rolling(x, n, population_deviation)


STDEV = Op(
    name="stdev",
    title="Population standard deviation",
    args=(Arg("x"), Arg("n", "const", "bars", low=2)),
    result="u",
    kernel=stdev_step,
    series=stdev_series,
    example="stdev(close, 20 bars)",
    formula="sqrt(mean((x - mean(x))**2)) over the last n values",
    source="TA-Lib STDDEV",
    state=(0.0, 0.0, 0.0, 0.0, 0.0),
    index=True,
    reach=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 22,
)
