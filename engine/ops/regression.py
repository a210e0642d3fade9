"""The straight line through a window: slope, forecast and fit.

What: `linreg_slope(x, n)` is the rise per bar of the least-squares line through the last n values,
`linreg_forecast(x, n, k)` the line k bars on (k = 0, the default: at this bar), `linreg_r2(x, n)`
the share of the variance that the line explains, na while nothing moves.
Why: direction and its steadiness, with less lag than an average of equal length. The window is
measured from its newest value with whole-number weights, anew on every bar: n steps, no drift, the
same bits wherever the series started.
Example:
    >>> linreg_slope_series([1.0, 2.0, 4.0], 3).tolist()
    [nan, nan, 1.5]

Reference: TA-Lib, LINEARREG_SLOPE, LINEARREG (k = 0) and TSF (k = 1); scipy linregress for r2.
"""

from math import nan, sqrt

from engine.ops.numbers import NA, Ring, bounded, div, mul_rn
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling


def line(n: int, i: int, ring: Ring, at: int, mask: int) -> tuple[float, float]:
    """Sums of d and of w * d: d from the newest value, w = 1 - n, 3 - n, ..., n - 1."""
    newest = ring[at + (i & mask)]
    s = 0.0
    ws = 0.0
    for k in range(n - 1, -1, -1):
        d = ring[at + ((i - k) & mask)] - newest
        s = s + d
        ws = ws + mul_rn(float(n - 1 - 2 * k), d)
    return s, ws


def squares(n: int) -> float:
    """Sum of w**2."""
    return n * (n * n - 1) / 3.0


def linreg_slope_step(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    if i < n - 1:
        return NA
    _, ws = line(n, i, ring, at, mask)
    return bounded(2.0 * ws / squares(n))


def linreg_forecast_step(x: float, n: int, k: int, i: int, ring: Ring, at: int, mask: int) -> float:
    if i < n - 1:
        return NA
    s, ws = line(n, i, ring, at, mask)
    return bounded(x + (s / n + mul_rn(ws / squares(n), float(n - 1 + 2 * k))))


def linreg_r2_step(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    if i < n - 1:
        return NA
    s, ws = line(n, i, ring, at, mask)
    mean = s / n
    total = 0.0
    for k in range(n - 1, -1, -1):
        d = ring[at + ((i - k) & mask)] - x - mean
        total = total + mul_rn(d, d)
    r = div(ws / sqrt(squares(n)), sqrt(total))
    y = r * r
    return 1.0 if y > 1.0 else y


def fit(window: list[float]) -> tuple[float, float, float]:
    """Exact value at the last bar, slope, and r2 (nan when nothing moves), rounded once."""
    from fractions import Fraction

    n = len(window)
    values = [Fraction(v) for v in window]
    mean, middle = sum(values) / n, Fraction(n - 1, 2)
    rise = sum(((t - middle) * v for t, v in enumerate(values)), start=Fraction(0))
    times = sum((t - middle) ** 2 for t in range(n))
    spread = sum((v - mean) ** 2 for v in values)
    r2 = float(rise * rise / times / spread) if spread else nan
    return float(mean + rise / times * middle), float(rise / times), r2


def linreg_slope_series(x: Values, n: int) -> Values:
    return rolling(x, n, lambda window: fit(window)[1])


def linreg_forecast_series(x: Values, n: int, k: int) -> Values:
    def ahead(window: list[float]) -> float:
        value, slope, _ = fit(window)
        return value + k * slope

    return rolling(x, n, ahead)


def linreg_r2_series(x: Values, n: int) -> Values:
    return rolling(x, n, lambda window: fit(window)[2])


_WINDOW = (Arg("x"), Arg("n", "const", "bars", low=2))

LINREG_SLOPE = Op(
    name="linreg_slope",
    title="Rise per bar of the line through the last n values",
    args=_WINDOW,
    result="u",
    kernel=linreg_slope_step,
    series=linreg_slope_series,
    example="linreg_slope(close, 20 bars)",
    formula="sum((t - mean(t)) * x) / sum((t - mean(t))**2), t the bar number",
    source="TA-Lib LINEARREG_SLOPE",
    index=True,
    reach=lambda c: int(c[0]) - 1,
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 8 + 6 * int(c[0]),
)

LINREG_FORECAST = Op(
    name="linreg_forecast",
    title="The line through the last n values, k bars on",
    args=(*_WINDOW, Arg("k", "const", "bars", low=0, default=0)),
    result="u",
    kernel=linreg_forecast_step,
    series=linreg_forecast_series,
    example="linreg_forecast(close, 20 bars, 1 bars)",
    formula="mean(x) + linreg_slope(x, n) * ((n - 1) / 2 + k)",
    source="TA-Lib LINEARREG (k = 0), TSF (k = 1)",
    index=True,
    reach=lambda c: int(c[0]) - 1,
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 12 + 6 * int(c[0]),
)

LINREG_R2 = Op(
    name="linreg_r2",
    title="Share of the variance that the line explains",
    args=_WINDOW,
    result="ratio",
    kernel=linreg_r2_step,
    series=linreg_r2_series,
    example="linreg_r2(close, 20 bars)",
    formula="correlation of x with the bar number over the window, squared",
    source="scipy linregress, rvalue squared",
    index=True,
    reach=lambda c: int(c[0]) - 1,
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 16 + 12 * int(c[0]),
)
