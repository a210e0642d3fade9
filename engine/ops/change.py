"""Change against an earlier bar.

What: `change(x, n)` is the difference from n bars ago, `roc(x, n)` the relative difference (a
ratio: 5% is 0.05).
Why: momentum and returns. `roc` subtracts before it divides, so small returns keep all their
digits.
Example:
    >>> change_series([1.0, 2.0, 4.0], 1).tolist()
    [nan, 1.0, 2.0]

Reference: TA-Lib, MOM, ROC (times 100) and ROCP.
"""

from engine.ops.numbers import NA, Ring, div
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, shifted


def change_step(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    return x - ring[at + ((i - n) & mask)] if i >= n else NA


def roc_step(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    old = ring[at + ((i - n) & mask)] if i >= n else NA
    return div(x - old, old)


def change_series(x: Values, n: int) -> Values:
    import numpy as np

    return np.asarray(x) - shifted(x, n)


def roc_series(x: Values, n: int) -> Values:
    import numpy as np

    old = shifted(x, n)
    old = np.where(old == 0.0, np.nan, old)
    return (np.asarray(x) - old) / old


CHANGE = Op(
    name="change",
    title="Change over n bars",
    args=(Arg("x"), Arg("n", "const", "bars", default=1)),
    result="u",
    kernel=change_step,
    series=change_series,
    example="change(close, 5 bars)",
    formula="x - x[n]",
    source="TA-Lib MOM",
    index=True,
    reach=lambda c: int(c[0]),
    defined=lambda c: int(c[0]),
    cost=lambda c: 2,
)

ROC = Op(
    name="roc",
    title="Rate of change over n bars",
    args=(Arg("x"), Arg("n", "const", "bars")),
    result="ratio",
    kernel=roc_step,
    series=roc_series,
    example="roc(close, 252 bars)",
    formula="(x - x[n]) / x[n]",
    source="TA-Lib ROCP",
    index=True,
    reach=lambda c: int(c[0]),
    defined=lambda c: int(c[0]),
    cost=lambda c: 4,
)
