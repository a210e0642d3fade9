"""Looking back: earlier values, crosses, and conditions that last.

What: `x[k]` is the value k bars ago; `a crosses above b` is `a[1] <= b[1] and a > b`, unknown when
any of the four is na; `c for n bars` is true when c was true on each of the last n, false when it
was false on any, and unknown otherwise. Bars before the first one are na.
Why: a rule speaks of moments (the cross) and of patience (three bars), not only of levels.
Example:
    >>> back_series([1.0, 2.0, 3.0], 1).tolist()
    [nan, 1.0, 2.0]

Reference: docs/spec.md, rules 1, 4 and 7 of the semantics.
"""

from math import nan

from engine.ops.numbers import NA, Ring, and_, ge, gt, le, lt
from engine.ops.spec import FALSE, TRUE, UNKNOWN, Arg, Op
from engine.ops.whole import Values, shifted, truth

NEVER = 1e9
"""Bars since the last false bar, before there was one: longer than any window."""


def back_step(x: float, k: int, i: int, ring: Ring, at: int, mask: int) -> float:
    return ring[at + ((i - k) & mask)] if i >= k else NA


def back_truth_step(c: int, k: int, i: int, ring: Ring, at: int, mask: int) -> int:
    return int(ring[at + ((i - k) & mask)]) if i >= k else UNKNOWN


def cross_above_step(a: float, b: float, last_a: float, last_b: float) -> tuple[int, float, float]:
    before = le(last_a, last_b)
    now = gt(a, b)
    known = (before != UNKNOWN) & (now != UNKNOWN)
    return (and_(before, now) if known else UNKNOWN), a, b


def cross_below_step(a: float, b: float, last_a: float, last_b: float) -> tuple[int, float, float]:
    before = ge(last_a, last_b)
    now = lt(a, b)
    known = (before != UNKNOWN) & (now != UNKNOWN)
    return (and_(before, now) if known else UNKNOWN), a, b


def lasting_step(c: int, n: int, since_false: float, run: float) -> tuple[int, float, float]:
    since_false = 0.0 if c == FALSE else since_false + 1.0
    run = run + 1.0 if c == TRUE else 0.0
    y = FALSE if since_false < n else (TRUE if run >= n else UNKNOWN)
    return y, since_false, run


def back_series(x: Values, k: int) -> Values:
    return shifted(x, k)


def back_truth_series(c: Values, k: int) -> Values:
    return shifted(c, k, UNKNOWN)


def cross_above_series(a: Values, b: Values) -> Values:
    import numpy as np

    a, b = np.asarray(a), np.asarray(b)
    last_a, last_b = shifted(a, 1), shifted(b, 1)
    return truth((last_a <= last_b) & (a > b), a, b, last_a, last_b)


def cross_below_series(a: Values, b: Values) -> Values:
    import numpy as np

    a, b = np.asarray(a), np.asarray(b)
    last_a, last_b = shifted(a, 1), shifted(b, 1)
    return truth((last_a >= last_b) & (a < b), a, b, last_a, last_b)


def lasting_series(c: Values, n: int) -> Values:
    import numpy as np

    padded = np.concatenate([np.full(n - 1, UNKNOWN), np.asarray(c)])
    return np.array([min(padded[t : t + n]) for t in range(len(c))])


BACK = Op(
    name="back",
    title="Value k bars ago",
    args=(Arg("x"), Arg("k", "const", "bars", low=0)),
    result="u",
    kernel=back_step,
    series=back_series,
    example="close[5]",
    formula="x[k]",
    source="seawall semantics, rule 1",
    index=True,
    reach=lambda c: max(int(c[0]), 1),
    defined=lambda c: int(c[0]),
    symbol="[k]",
)

BACK_TRUTH = Op(
    name="back_truth",
    title="Condition k bars ago",
    args=(Arg("c", "truth"), Arg("k", "const", "bars", low=0)),
    result="truth",
    kernel=back_truth_step,
    series=back_truth_series,
    example="(close > open)[1]",
    formula="c[k]",
    source="seawall semantics, rule 1",
    index=True,
    reach=lambda c: max(int(c[0]), 1),
    defined=lambda c: int(c[0]),
    symbol="[k]",
)

CROSS_ABOVE = Op(
    name="cross_above",
    title="Crosses above",
    args=(Arg("a"), Arg("b")),
    result="truth",
    kernel=cross_above_step,
    series=cross_above_series,
    example="close crosses above sma(close, 20 bars)",
    formula="a[1] <= b[1] and a > b",
    source="seawall semantics, rule 7",
    state=(nan, nan),
    defined=lambda c: 1,
    cost=lambda c: 8,
    symbol="crosses above",
)

CROSS_BELOW = Op(
    name="cross_below",
    title="Crosses below",
    args=(Arg("a"), Arg("b")),
    result="truth",
    kernel=cross_below_step,
    series=cross_below_series,
    example="close crosses below sma(close, 20 bars)",
    formula="a[1] >= b[1] and a < b",
    source="seawall semantics, rule 7",
    state=(nan, nan),
    defined=lambda c: 1,
    cost=lambda c: 8,
    symbol="crosses below",
)

LASTING = Op(
    name="lasting",
    title="True on each of the last n bars",
    args=(Arg("c", "truth"), Arg("n", "const", "bars")),
    result="truth",
    kernel=lasting_step,
    series=lasting_series,
    example="close > open for 3 bars",
    formula="c[0] and c[1] and ... and c[n-1]",
    source="seawall semantics, rule 7",
    state=(NEVER, 0.0),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 5,
    symbol="for",
)
