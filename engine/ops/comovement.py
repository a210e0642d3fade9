"""How two series move together: correlation, autocorrelation and beta.

What: `correlation(x, y, n)` is Pearson's over the last n pairs, `autocorrelation(x, lag, n)` that
of the last n values with those `lag` bars before them, `beta(x, y, n)` the least-squares slope of x
on y. They are na while one of the two (for beta: y) does not move.
Why: hedges, pairs, and how much of a market a position holds. Give them returns: two prices that
both drift are correlated for no reason, and TA-Lib's BETA(y, x, n) takes prices and forms returns
itself. Each bar is worked out anew from its own window, first the means, then the products about
them: n steps a bar, no drift, and the same bits wherever the series started.
Example:
    >>> beta_series([1.0, 3.0, 2.0], [1.0, 2.0, 3.0], 2).tolist()
    [nan, 2.0, -1.0]

Reference: Pearson (1896); Chan, Golub and LeVeque, Algorithms for computing the sample variance
(1983), the two-pass form; TA-Lib, CORREL and BETA. statsmodels' acf takes one mean for both halves.
"""

from math import nan, sqrt

from engine.ops.numbers import NA, Ring, div, mul_rn
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, shifted


def products(
    n: int, i: int, ring: Ring, at: int, mask: int, scratch: Ring, base: int
) -> tuple[float, float, float]:
    """Sums of dx**2, dy**2 and dx * dy about the means of the last n pairs; na spreads to them.

    Differences are taken from the newest pair first, so a constant gives exactly 0.
    """
    x0 = ring[at + (i & mask)]
    y0 = scratch[base + i % n]
    sx = 0.0
    sy = 0.0
    p = (i + 1) % n
    for k in range(n - 1, -1, -1):
        sx = sx + (ring[at + ((i - k) & mask)] - x0)
        sy = sy + (scratch[base + p] - y0)
        p = p + 1 if p + 1 < n else 0
    sx = sx / n
    sy = sy / n
    xx = 0.0
    yy = 0.0
    xy = 0.0
    for k in range(n - 1, -1, -1):
        dx = ring[at + ((i - k) & mask)] - x0 - sx
        dy = scratch[base + p] - y0 - sy
        p = p + 1 if p + 1 < n else 0
        xx = xx + mul_rn(dx, dx)
        yy = yy + mul_rn(dy, dy)
        xy = xy + mul_rn(dx, dy)
    return xx, yy, xy


def lagged_products(
    lag: int, n: int, i: int, ring: Ring, at: int, mask: int
) -> tuple[float, float, float]:
    """The same sums for the last n values and those `lag` bars before them."""
    x0 = ring[at + (i & mask)]
    y0 = ring[at + ((i - lag) & mask)]
    sx = 0.0
    sy = 0.0
    for k in range(n - 1, -1, -1):
        sx = sx + (ring[at + ((i - k) & mask)] - x0)
        sy = sy + (ring[at + ((i - k - lag) & mask)] - y0)
    sx = sx / n
    sy = sy / n
    xx = 0.0
    yy = 0.0
    xy = 0.0
    for k in range(n - 1, -1, -1):
        dx = ring[at + ((i - k) & mask)] - x0 - sx
        dy = ring[at + ((i - k - lag) & mask)] - y0 - sy
        xx = xx + mul_rn(dx, dx)
        yy = yy + mul_rn(dy, dy)
        xy = xy + mul_rn(dx, dy)
    return xx, yy, xy


def pearson(xx: float, yy: float, xy: float) -> float:
    """The correlation of these sums, held to -1 .. 1; na when either side does not move."""
    r = div(xy, sqrt(xx) * sqrt(yy))
    return 1.0 if r > 1.0 else (-1.0 if r < -1.0 else r)


def correlation_step(
    x: float, y: float, n: int, i: int, ring: Ring, at: int, mask: int, scratch: Ring, base: int
) -> float:
    scratch[base + i % n] = y
    if i < n - 1:
        return NA
    xx, yy, xy = products(n, i, ring, at, mask, scratch, base)
    return pearson(xx, yy, xy)


def autocorrelation_step(
    x: float, lag: int, n: int, i: int, ring: Ring, at: int, mask: int
) -> float:
    if i < lag + n - 1:
        return NA
    xx, yy, xy = lagged_products(lag, n, i, ring, at, mask)
    return pearson(xx, yy, xy)


def beta_step(
    x: float, y: float, n: int, i: int, ring: Ring, at: int, mask: int, scratch: Ring, base: int
) -> float:
    scratch[base + i % n] = y
    if i < n - 1:
        return NA
    _, yy, xy = products(n, i, ring, at, mask, scratch, base)
    return div(xy, yy)


def exact_products(x: list[float], y: list[float]) -> tuple[float, float, float]:
    """The three sums about the exact means, in fractions, each rounded once."""
    from fractions import Fraction

    xs, ys = [Fraction(v) for v in x], [Fraction(v) for v in y]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    pairs = [(a - mx, b - my) for a, b in zip(xs, ys, strict=True)]
    xx, yy = sum(a * a for a, _ in pairs), sum(b * b for _, b in pairs)
    return float(xx), float(yy), float(sum(a * b for a, b in pairs))


def each_pair_of_windows(x: Values, y: Values, n: int) -> list[tuple[float, float, float] | None]:
    """The exact sums of each full window without na, None elsewhere."""
    import numpy as np

    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    out: list[tuple[float, float, float] | None] = []
    for t in range(len(a)):
        first, second = a[max(t - n + 1, 0) : t + 1], b[max(t - n + 1, 0) : t + 1]
        known = len(first) == n and not np.isnan(first + second).any()
        out.append(exact_products(first.tolist(), second.tolist()) if known else None)
    return out


def correlation_series(x: Values, y: Values, n: int) -> Values:
    import numpy as np

    sums = each_pair_of_windows(x, y, n)
    return np.array([s[2] / (sqrt(s[0]) * sqrt(s[1])) if s and s[0] * s[1] else nan for s in sums])


def autocorrelation_series(x: Values, lag: int, n: int) -> Values:
    return correlation_series(x, shifted(x, lag), n)


def beta_series(x: Values, y: Values, n: int) -> Values:
    import numpy as np

    sums = each_pair_of_windows(x, y, n)
    return np.array([s[2] / s[1] if s and s[1] else nan for s in sums])


_PAIR = (Arg("x"), Arg("y", unit="v"), Arg("n", "const", "bars", low=2))

CORRELATION = Op(
    name="correlation",
    title="Correlation of two series over n bars",
    args=_PAIR,
    result="ratio",
    kernel=correlation_step,
    series=correlation_series,
    example="correlation(roc(close, 1 bars), roc(volume, 1 bars), 60 bars)",
    formula="sum(dx * dy) / sqrt(sum(dx**2) * sum(dy**2)), dx and dy from the means of the window",
    source="TA-Lib CORREL; Pearson (1896)",
    index=True,
    reach=lambda c: int(c[0]) - 1,
    scratch=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 12 + 18 * int(c[0]),
)

AUTOCORRELATION = Op(
    name="autocorrelation",
    title="Correlation of a series with its own past",
    args=(Arg("x"), Arg("lag", "const", "bars"), Arg("n", "const", "bars", low=2)),
    result="ratio",
    kernel=autocorrelation_step,
    series=autocorrelation_series,
    example="autocorrelation(roc(close, 1 bars), 1 bars, 60 bars)",
    formula="correlation(x, x[lag], n)",
    source="Box and Jenkins (1970); pandas Series.autocorr",
    index=True,
    reach=lambda c: int(c[0]) + int(c[1]) - 1,
    defined=lambda c: int(c[0]) + int(c[1]) - 1,
    cost=lambda c: 12 + 18 * int(c[1]),
)

BETA = Op(
    name="beta",
    title="Slope of x on y over n bars",
    args=_PAIR,
    result="u/v",
    kernel=beta_step,
    series=beta_series,
    example="beta(roc(close, 1 bars), roc(open, 1 bars), 60 bars)",
    formula="sum(dx * dy) / sum(dy**2), dx and dy from the means of the window",
    source="Sharpe (1964), Capital asset prices; TA-Lib BETA on returns",
    index=True,
    reach=lambda c: int(c[0]) - 1,
    scratch=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 12 + 18 * int(c[0]),
)
