"""A total since a condition was last true.

What: `sum_since(x, c)` adds the values of x from the latest bar on which c was true, that bar and
this one included. It is na until c was true once, from a missing x on until c is true again, and on
a bar whose c is unknown, which counts as not true afterwards. The error of each addition is kept
and added at the end, so that anchors may be years old.
Why: what belongs to a session, to an event or to a swing: a volume-weighted price since the open.
Example:
    >>> sum_since_series([1.0, 2.0, 4.0, 8.0], [0, 2, 0, 2]).tolist()
    [nan, 2.0, 6.0, 8.0]

Reference: Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen (1974);
the anchored sums of charting languages (Pine Script, ta.vwap with an anchor).
"""

from math import nan

from engine.ops.numbers import NA, bounded
from engine.ops.spec import TRUE, UNKNOWN, Arg, Op
from engine.ops.whole import Values
from engine.ops.window import gather


def sum_since_step(x: float, c: int, s: float, lost: float) -> tuple[float, float, float]:
    anew = c == TRUE
    s, lost = gather(x, 0.0 if anew else s, 0.0 if anew else lost)
    return (NA if c == UNKNOWN else bounded(s + lost)), s, lost


def sum_since_series(x: Values, c: Values) -> Values:
    """Exact sums (fractions), rounded once."""
    from fractions import Fraction

    import numpy as np

    values, conditions = np.asarray(x, dtype=float), np.asarray(c)
    out = np.full(len(values), nan)
    for t in np.flatnonzero(conditions != UNKNOWN):
        begun = np.flatnonzero(conditions[: t + 1] == TRUE)
        if len(begun) and not np.isnan(part := values[begun[-1] : t + 1]).any():
            out[t] = float(sum(map(Fraction, part.tolist()), start=Fraction(0)))
    return out


SUM_SINCE = Op(
    name="sum_since",
    title="Sum of the values since a condition was last true",
    args=(Arg("x"), Arg("c", "truth")),
    result="u",
    kernel=sum_since_step,
    series=sum_since_series,
    example="sum_since(volume, session.first_bar)",
    formula="x[0] + x[1] + ... + x[k], k the smallest with c[k] true",
    source="Pine Script, ta.vwap with an anchor; Neumaier (1974)",
    state=(nan, 0.0),
    cost=lambda c: 9,
    fixed=False,
)
