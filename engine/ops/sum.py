"""Sum over a window.

What: `sum(x, n)` adds the last n values, this bar's included.
Why: the base of averages, and of counted money or volume.
Example:
    >>> sum_series([1.0, 2.0, 3.0], 2).tolist()
    [nan, 3.0, 5.0]

Reference: TA-Lib, SUM; the running form is in window.py.
"""

from math import fsum

from engine.ops.numbers import NA, Ring
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling
from engine.ops.window import slide


def sum_step(
    x: float, n: int, i: int, ring: Ring, at: int, mask: int, s: float, top: float, bad: float
) -> tuple[float, float, float, float]:
    s, top, bad = slide(x, n, i, ring, at, mask, s, top, bad)
    return (s if (bad == 0.0) & (i >= n - 1) else NA), s, top, bad


def sum_series(x: Values, n: int) -> Values:
    return rolling(x, n, fsum)


SUM = Op(
    name="sum",
    title="Sum of the last n values",
    args=(Arg("x"), Arg("n", "const", "bars")),
    result="u",
    kernel=sum_step,
    series=sum_series,
    example="sum(volume, 20 bars)",
    formula="x[0] + x[1] + ... + x[n-1]",
    source="TA-Lib SUM",
    state=(0.0, 0.0, 0.0),
    index=True,
    reach=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 9,
)
