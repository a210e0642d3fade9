"""Tests of a number: missing, inside a range, near a centre.

What: `x is na` is always true or false; `x between a to b` includes both ends; `x within p of c` is
`abs(x - c) <= p * abs(c)`. The last two follow Kleene logic where an operand is na.
Why: limits speak of collars and bands, and rules must be able to ask whether a value exists.
Example:
    >>> within_series([99.0], [0.1], [100.0]).tolist()
    [2]

Reference: docs/spec.md, rules 4 and 17 of the semantics.
"""

from engine.ops.numbers import and_, ge, le, mul_rn
from engine.ops.spec import FALSE, TRUE, UNKNOWN, Arg, Op
from engine.ops.whole import Values, truth


def is_na_step(x: float) -> int:
    return TRUE if x != x else FALSE


def is_unknown_step(c: int) -> int:
    return TRUE if c == UNKNOWN else FALSE


def between_step(x: float, low: float, high: float) -> int:
    return and_(ge(x, low), le(x, high))


def within_step(x: float, tolerance: float, centre: float) -> int:
    return le(abs(x - centre), mul_rn(tolerance, abs(centre)))


def is_na_series(x: Values) -> Values:
    import numpy as np

    return np.where(np.isnan(x), 2, 0)


def is_unknown_series(c: Values) -> Values:
    import numpy as np

    return np.where(np.asarray(c) == UNKNOWN, 2, 0)


def between_series(x: Values, low: Values, high: Values) -> Values:
    import numpy as np

    x, low, high = np.asarray(x), np.asarray(low), np.asarray(high)
    return np.where((x < low) | (x > high), FALSE, truth((low <= x) & (x <= high), x, low, high))


def within_series(x: Values, tolerance: Values, centre: Values) -> Values:
    import numpy as np

    gap = np.abs(np.asarray(x) - centre)
    return truth(gap <= np.asarray(tolerance) * np.abs(centre), x, tolerance, centre)


IS_NA = Op(
    name="is_na",
    title="The value is missing",
    args=(Arg("x"),),
    result="truth",
    kernel=is_na_step,
    series=is_na_series,
    example="close is na",
    formula="true when x has no value on this bar",
    source="seawall semantics, rule 4",
    symbol="is na",
)

IS_UNKNOWN = Op(
    name="is_unknown",
    title="The condition is unknown",
    args=(Arg("c", "truth"),),
    result="truth",
    kernel=is_unknown_step,
    series=is_unknown_series,
    example="(close > open) is na",
    formula="true when c is neither true nor false on this bar",
    source="seawall semantics, rule 4",
    symbol="is na",
)

BETWEEN = Op(
    name="between",
    title="Inside a range, ends included",
    args=(Arg("x"), Arg("low"), Arg("high")),
    result="truth",
    kernel=between_step,
    series=between_series,
    example="close between $10 to $20",
    formula="x >= low and x <= high",
    source="seawall semantics, rule 4",
    cost=lambda c: 7,
    symbol="between",
)

WITHIN = Op(
    name="within",
    title="Within a tolerance of a centre",
    args=(Arg("x"), Arg("tolerance", unit="ratio"), Arg("centre")),
    result="truth",
    kernel=within_step,
    series=within_series,
    example="order.price within 10% of last",
    formula="abs(x - centre) <= tolerance * abs(centre)",
    source="seawall semantics, rule 17",
    cost=lambda c: 7,
    symbol="within",
)
