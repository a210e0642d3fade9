"""Counting conditions: how often, how long ago, and what was seen then.

What: `count(c, n)` is how many of the last n bars were true, na when any is unknown.
`bars_since(c)` is 0 on a true bar and grows by one; `value_when(c, x)` is the x of the latest true
bar. Both are na until the first true bar, and on a bar whose condition is unknown, which counts as
not true afterwards.
Why: "three dips this month", "ten bars after the signal", "the range at the open".
Example:
    >>> bars_since_series([0, 2, 0]).tolist()
    [nan, 0.0, 1.0]

Reference: the barssince and valuewhen functions of charting languages (Pine Script reference).
"""

from math import nan

from engine.ops.numbers import NA, Ring
from engine.ops.spec import TRUE, UNKNOWN, Arg, Op
from engine.ops.whole import Values, rolling


def count_step(
    c: int, n: int, i: int, ring: Ring, at: int, mask: int, hits: float, bad: float
) -> tuple[float, float, float]:
    old = ring[at + ((i - n) & mask)] if i >= n else 0.0
    hits = hits + (c == TRUE) - (old == TRUE)
    bad = bad + (c == UNKNOWN) - (old == UNKNOWN)
    return (hits if (bad == 0.0) & (i >= n - 1) else NA), hits, bad


def bars_since_step(c: int, age: float) -> tuple[float, float]:
    age = 0.0 if c == TRUE else age + 1.0
    return (NA if c == UNKNOWN else age), age


def value_when_step(c: int, x: float, held: float) -> tuple[float, float]:
    held = x if c == TRUE else held
    return (NA if c == UNKNOWN else held), held


def count_series(c: Values, n: int) -> Values:
    import numpy as np

    conditions = np.asarray(c)
    values = np.where(conditions == UNKNOWN, nan, conditions.astype(float))
    return rolling(values, n, lambda window: float(sum(v == TRUE for v in window)))


def bars_since_series(c: Values) -> Values:
    import numpy as np

    conditions = np.asarray(c)
    out = np.full(len(conditions), nan)
    for t in range(len(conditions)):
        hits = np.flatnonzero(conditions[: t + 1] == TRUE)
        if len(hits) and conditions[t] != UNKNOWN:
            out[t] = t - hits[-1]
    return out


def value_when_series(c: Values, x: Values) -> Values:
    import numpy as np

    age = bars_since_series(c)
    places = np.arange(len(age)) - np.nan_to_num(age).astype(int)
    return np.where(np.isnan(age), nan, np.asarray(x)[places])


COUNT = Op(
    name="count",
    title="True bars among the last n",
    args=(Arg("c", "truth"), Arg("n", "const", "bars")),
    result="bars",
    kernel=count_step,
    series=count_series,
    example="count(close < close[1], 10 bars)",
    formula="number of k in 0..n-1 with c[k] true; na when any is unknown",
    source="Pine Script, math.sum of a condition",
    state=(0.0, 0.0),
    index=True,
    reach=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 8,
)

BARS_SINCE = Op(
    name="bars_since",
    title="Bars since a condition was true",
    args=(Arg("c", "truth"),),
    result="bars",
    kernel=bars_since_step,
    series=bars_since_series,
    example="bars_since(close < close[1])",
    formula="smallest k with c[k] true",
    source="Pine Script, ta.barssince",
    state=(nan,),
    cost=lambda c: 3,
    fixed=False,
)

VALUE_WHEN = Op(
    name="value_when",
    title="Value on the latest bar where a condition was true",
    args=(Arg("c", "truth"), Arg("x")),
    result="u",
    kernel=value_when_step,
    series=value_when_series,
    example="value_when(close < close[1], high)",
    formula="x[k] at the smallest k with c[k] true",
    source="Pine Script, ta.valuewhen",
    state=(nan,),
    cost=lambda c: 2,
    fixed=False,
)
