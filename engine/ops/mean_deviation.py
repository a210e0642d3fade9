"""Mean absolute deviation over a window.

What: `mean_deviation(x, n)` is the mean distance of the last n values from their mean.
Why: a width that one wild bar moves less than it moves a standard deviation; the commodity channel
index divides by it. The mean moves with every bar, so each bar costs two passes over the window;
distances are taken from the newest value first, which keeps their digits at any price level.
Example:
    >>> mean_deviation_series([1.0, 1.0, 4.0], 3).tolist()
    [nan, nan, 1.3333333333333333]

Reference: Lambert, Commodity Channel Index (Commodities, October 1980); TA-Lib, AVGDEV.
"""

from engine.ops.numbers import NA, Ring
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling


def mean_deviation_step(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    if i < n - 1:
        return NA
    s = 0.0
    for k in range(1, n):
        s = s + (ring[at + ((i - k) & mask)] - x)
    mean = s / n
    wide = abs(x - x - mean)
    for k in range(1, n):
        wide = wide + abs(ring[at + ((i - k) & mask)] - x - mean)
    return wide / n


def mean_distance(window: list[float]) -> float:
    """Exact mean distance from the exact mean, rounded once."""
    from fractions import Fraction

    values = [Fraction(v) for v in window]
    mean = sum(values, Fraction()) / len(values)
    return float(sum((abs(v - mean) for v in values), Fraction()) / len(values))


def mean_deviation_series(x: Values, n: int) -> Values:
    return rolling(x, n, mean_distance)


MEAN_DEVIATION = Op(
    name="mean_deviation",
    title="Mean absolute deviation from the mean",
    args=(Arg("x"), Arg("n", "const", "bars", low=2)),
    result="u",
    kernel=mean_deviation_step,
    series=mean_deviation_series,
    example="mean_deviation(close, 20 bars)",
    formula="mean(abs(x - mean(x))) over the last n values",
    source="TA-Lib AVGDEV",
    index=True,
    reach=lambda c: int(c[0]) - 1,
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 5 * int(c[0]),
)
