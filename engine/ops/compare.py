"""Comparisons of two numbers.

What: `<`, `>`, `<=`, `>=`, `==` and `!=`, unknown when either side is na.
Why: unknown is not false: a rule must not fire, nor a limit pass, on a value nobody knows.
Example:
    >>> lt_series([1.0, float("nan")], [2.0, 2.0]).tolist()
    [2, 1]

Reference: Kleene, Introduction to Metamathematics (1952), section 64.
"""

from engine.ops.numbers import eq, ge, gt, le, lt, ne
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, truth


def lt_series(a: Values, b: Values) -> Values:
    import numpy as np

    return truth(np.less(a, b), a, b)


def gt_series(a: Values, b: Values) -> Values:
    import numpy as np

    return truth(np.greater(a, b), a, b)


def le_series(a: Values, b: Values) -> Values:
    import numpy as np

    return truth(np.less_equal(a, b), a, b)


def ge_series(a: Values, b: Values) -> Values:
    import numpy as np

    return truth(np.greater_equal(a, b), a, b)


def eq_series(a: Values, b: Values) -> Values:
    import numpy as np

    return truth(np.equal(a, b), a, b)


def ne_series(a: Values, b: Values) -> Values:
    import numpy as np

    return truth(np.not_equal(a, b), a, b)


LT = Op(
    name="lt",
    title="Less than",
    args=(Arg("a"), Arg("b")),
    result="truth",
    kernel=lt,
    series=lt_series,
    example="close < open",
    formula="a < b",
    source="Kleene (1952), section 64",
    cost=lambda c: 3,
    symbol="<",
)

GT = Op(
    name="gt",
    title="Greater than",
    args=(Arg("a"), Arg("b")),
    result="truth",
    kernel=gt,
    series=gt_series,
    example="close > open",
    formula="a > b",
    source="Kleene (1952), section 64",
    cost=lambda c: 3,
    symbol=">",
)

LE = Op(
    name="le",
    title="At most",
    args=(Arg("a"), Arg("b")),
    result="truth",
    kernel=le,
    series=le_series,
    example="close <= open",
    formula="a <= b",
    source="Kleene (1952), section 64",
    cost=lambda c: 3,
    symbol="<=",
)

GE = Op(
    name="ge",
    title="At least",
    args=(Arg("a"), Arg("b")),
    result="truth",
    kernel=ge,
    series=ge_series,
    example="close >= open",
    formula="a >= b",
    source="Kleene (1952), section 64",
    cost=lambda c: 3,
    symbol=">=",
)

EQ = Op(
    name="eq",
    title="Equal",
    args=(Arg("a"), Arg("b")),
    result="truth",
    kernel=eq,
    series=eq_series,
    example="close == open",
    formula="a == b",
    source="Kleene (1952), section 64",
    cost=lambda c: 3,
    symbol="==",
)

NE = Op(
    name="ne",
    title="Different",
    args=(Arg("a"), Arg("b")),
    result="truth",
    kernel=ne,
    series=ne_series,
    example="close != open",
    formula="a != b",
    source="Kleene (1952), section 64",
    cost=lambda c: 3,
    symbol="!=",
)
