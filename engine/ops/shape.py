"""The shape of a window's distribution: skew and excess kurtosis.

What: `skew(x, n)` is the third, `kurtosis(x, n)` the fourth standardised moment of the last n
values, the latter less 3; both population, both na while nothing moves.
Why: lopsided returns and fat tails, which a standard deviation does not show. pandas divides by
other factors of n (the sample forms), so its figures differ; scipy's defaults are these. Each bar
is worked out anew from its own window, about its mean: n steps, no drift.
Example:
    >>> skew_series([0.0, 0.0, 3.0], 3).round(12).tolist()
    [nan, nan, 0.707106781187]

Reference: Joanes and Gill, Comparing measures of sample skewness and kurtosis (1998), g1 and g2.
"""

from math import nan, sqrt

from engine.ops.numbers import NA, Ring, div, larger, mul_rn, root
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling


def middle(n: int, i: int, ring: Ring, at: int, mask: int) -> tuple[float, float]:
    """Mean and largest size of the distances from the newest value; na spreads to both."""
    newest = ring[at + (i & mask)]
    s = 0.0
    far = 0.0
    for k in range(n - 1, -1, -1):
        d = ring[at + ((i - k) & mask)] - newest
        s = s + d
        far = larger(far, abs(d))
    return s / n, far


def skew_step(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    if i < n - 1:
        return NA
    mean, far = middle(n, i, ring, at, mask)
    m2 = 0.0
    m3 = 0.0
    for k in range(n - 1, -1, -1):
        d = div(ring[at + ((i - k) & mask)] - x - mean, far)
        square = d * d
        m2 = m2 + square
        m3 = m3 + mul_rn(square, d)
    return div(m3 / n, (m2 / n) * root(m2 / n))


def kurtosis_step(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    if i < n - 1:
        return NA
    mean, far = middle(n, i, ring, at, mask)
    m2 = 0.0
    m4 = 0.0
    for k in range(n - 1, -1, -1):
        d = div(ring[at + ((i - k) & mask)] - x - mean, far)
        square = d * d
        m2 = m2 + square
        m4 = m4 + mul_rn(square, square)
    return div(m4 * n, m2 * m2) - 3.0


def moment(window: list[float], power: int) -> float:
    """The exact standardised moment: rounded once before the root, nan when nothing moves."""
    from fractions import Fraction

    values = [Fraction(v) for v in window]
    mean = sum(values) / len(values)
    second = sum((v - mean) ** 2 for v in values) / len(values)
    top = sum((v - mean) ** power for v in values) / len(values)
    if not second:
        return nan
    if power == 4:
        return float(top / second**2 - 3)
    return sqrt(top**2 / second**3) * (1 if top > 0 else -1)


def skew_series(x: Values, n: int) -> Values:
    return rolling(x, n, lambda window: moment(window, 3))


def kurtosis_series(x: Values, n: int) -> Values:
    return rolling(x, n, lambda window: moment(window, 4))


SKEW = Op(
    name="skew",
    title="Skewness of the last n values",
    args=(Arg("x"), Arg("n", "const", "bars", low=3)),
    result="ratio",
    kernel=skew_step,
    series=skew_series,
    example="skew(roc(close, 1 bars), 60 bars)",
    formula="m3 / m2**1.5, m the mean power of x - mean(x)",
    source="Joanes and Gill (1998), g1; scipy.stats.skew",
    index=True,
    reach=lambda c: int(c[0]) - 1,
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 12 + 14 * int(c[0]),
)

KURTOSIS = Op(
    name="kurtosis",
    title="Excess kurtosis of the last n values",
    args=(Arg("x"), Arg("n", "const", "bars", low=4)),
    result="ratio",
    kernel=kurtosis_step,
    series=kurtosis_series,
    example="kurtosis(roc(close, 1 bars), 60 bars)",
    formula="m4 / m2**2 - 3, m the mean power of x - mean(x)",
    source="Joanes and Gill (1998), g2; scipy.stats.kurtosis",
    index=True,
    reach=lambda c: int(c[0]) - 1,
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 12 + 14 * int(c[0]),
)
