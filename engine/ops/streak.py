"""Rises or falls in a row.

What: `streak(x)` counts consecutive rises as 1, 2, 3 and consecutive falls as -1, -2, -3; an
unchanged value gives 0. A bar whose change is unknown gives na and ends the run.
Why: "three down days in a row" as a number, and the second part of Connors' RSI.
Example:
    >>> streak_series([1.0, 2.0, 3.0, 3.0, 2.0]).tolist()
    [nan, 1.0, 2.0, 0.0, -1.0]

Reference: Connors and Alvarez, An Introduction to ConnorsRSI (2012), UpDown length.
"""

from math import nan

from engine.ops.numbers import NA
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, shifted


def streak_step(x: float, last: float, run: float) -> tuple[float, float, float]:
    up = (run if run > 0.0 else 0.0) + 1.0
    down = (run if run < 0.0 else 0.0) - 1.0
    run = up if x > last else (down if x < last else 0.0)
    return (run if x - last == x - last else NA), x, run


def streak_series(x: Values) -> Values:
    import numpy as np

    sign = np.sign(np.asarray(x) - shifted(x, 1))
    out = np.full(len(sign), nan)
    for t in np.flatnonzero(~np.isnan(sign)):
        others = np.flatnonzero(sign[: t + 1] != sign[t])
        begun = others[-1] if len(others) else -1
        out[t] = sign[t] * (t - begun)
    return out


STREAK = Op(
    name="streak",
    title="Rises (positive) or falls (negative) in a row",
    args=(Arg("x"),),
    result="bars",
    kernel=streak_step,
    series=streak_series,
    example="streak(close)",
    formula="y[1] + 1 after rises, y[1] - 1 after falls, 0 when unchanged",
    source="Connors and Alvarez, An Introduction to ConnorsRSI (2012)",
    state=(nan, 0.0),
    defined=lambda c: 1,
    cost=lambda c: 6,
    fixed=False,
)
