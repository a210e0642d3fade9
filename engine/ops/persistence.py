"""The Hurst exponent of a window: does a move tend to go on, or to come back?

What: `hurst(x, n)` is how fast the root mean square of x - x[lag] grows with the lag, as a power,
over the lags 1, 2, 4, 8 and 16 inside the last n values: 0.5 for a random walk, above for
trends (1 for a straight line), below for values that return. na while x stands still.
Why: one number that says which family of rules suits the window. Give it a price or its log. It is
a noisy estimate: on a true random walk of 250 bars it strays by 0.05, one standard deviation.
Example:
    >>> [round(float(y), 9) for y in hurst_series([float(t) for t in range(32)], 32)[-1:]]
    [1.0]

Reference: Di Matteo, Multi-scaling in finance (2007), the generalised Hurst exponent with q = 2;
Barabasi and Vicsek, Multifractality of self-affine fractals (1991).
"""

from math import fsum, log, nan, sqrt

from engine.ops.numbers import NA, Ring, log_, mul_rn, root
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling

LAGS = (1, 2, 4, 8, 16)
TEN_LOG_2 = 6.931471805599453
"""Ten times log 2: the squares of -2 .. 2 sum to ten, and neighbouring lags lie log 2 apart."""


def log_move(lag: int, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    """Log of the root mean square move over `lag` bars inside the window."""
    s = 0.0
    for k in range(n - 1 - lag, -1, -1):
        d = ring[at + ((i - k) & mask)] - ring[at + ((i - k - lag) & mask)]
        s = s + mul_rn(d, d)
    return log_(root(s / (n - lag)))


def hurst_step(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    if i < n - 1:
        return NA
    a = log_move(1, n, i, ring, at, mask)
    b = log_move(2, n, i, ring, at, mask)
    c = log_move(4, n, i, ring, at, mask)
    d = log_move(8, n, i, ring, at, mask)
    e = log_move(16, n, i, ring, at, mask)
    return (2.0 * (e - a) + (d - b)) / TEN_LOG_2 if c == c else NA


def exponent(window: list[float]) -> float:
    """Least-squares slope of log root-mean-square move on log lag."""
    import numpy as np

    moves = []
    for lag in LAGS:
        steps = [b - a for a, b in zip(window[:-lag], window[lag:], strict=True)]
        moves.append(sqrt(fsum(s * s for s in steps) / len(steps)))
    if min(moves) == 0.0:
        return nan
    slope, _ = np.polyfit([log(lag) for lag in LAGS], [log(m) for m in moves], 1)
    return float(slope)


def hurst_series(x: Values, n: int) -> Values:
    return rolling(x, n, exponent)


HURST = Op(
    name="hurst",
    title="Hurst exponent of the last n values",
    args=(Arg("x"), Arg("n", "const", "bars", low=32)),
    result="ratio",
    kernel=hurst_step,
    series=hurst_series,
    example="hurst(close, 250 bars)",
    formula="slope of log(sqrt(mean((x - x[lag])**2))) on log(lag), lag 1, 2, 4, 8, 16",
    source="Di Matteo (2007), generalised Hurst exponent, q = 2",
    index=True,
    reach=lambda c: int(c[0]) - 1,
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 500 + 30 * int(c[0]),
)
