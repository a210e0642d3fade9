"""Functions of one or two numbers.

What: `abs`, `sqrt`, `log`, `exp`, and `min` and `max` of two. A result that does not exist (a root
or log of a negative number, the log of zero) or overflows is na.
Why: volatility scaling, log returns, floors and caps.
Example:
    >>> round(exp_(1.0), 12)
    2.718281828459

Reference: numbers.py for exp and log; IEEE 754-2019 for sqrt.
"""

from engine.ops.numbers import exp_, larger, log_, root, smaller
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values


def absolute(x: float) -> float:
    return abs(x)


def abs_series(x: Values) -> Values:
    import numpy as np

    return np.abs(x)


def sqrt_series(x: Values) -> Values:
    import numpy as np

    return np.sqrt(np.where(np.asarray(x) >= 0.0, x, np.nan))


def log_series(x: Values) -> Values:
    import numpy as np

    return np.log(np.where(np.asarray(x) > 0.0, x, np.nan))


def exp_series(x: Values) -> Values:
    import numpy as np

    return np.exp(np.where(np.asarray(x) > 345.0, np.nan, x))


def max_series(a: Values, b: Values) -> Values:
    import numpy as np

    return np.maximum(a, b)


def min_series(a: Values, b: Values) -> Values:
    import numpy as np

    return np.minimum(a, b)


ABS = Op(
    name="abs",
    title="Absolute value",
    args=(Arg("x"),),
    result="u",
    kernel=absolute,
    series=abs_series,
    example="abs(close - open)",
    formula="x if x >= 0 else -x",
    source="IEEE 754 abs",
)

SQRT = Op(
    name="sqrt",
    title="Square root",
    args=(Arg("x"),),
    result="root(u)",
    kernel=root,
    series=sqrt_series,
    example="sqrt(252)",
    formula="y >= 0 with y * y = x",
    source="IEEE 754 squareRoot",
    cost=lambda c: 2,
)

LOG = Op(
    name="log",
    title="Natural logarithm",
    args=(Arg("x", unit="ratio"),),
    result="ratio",
    kernel=log_,
    series=log_series,
    example="log(close / close[1])",
    formula="y with e**y = x",
    source="fdlibm e_log.c, with series coefficients",
    cost=lambda c: 90,
)

EXP = Op(
    name="exp",
    title="Power of e",
    args=(Arg("x", unit="ratio"),),
    result="ratio",
    kernel=exp_,
    series=exp_series,
    example="exp(roc(close, 20 bars))",
    formula="e**x",
    source="Taylor series after Cody and Waite's reduction (1980)",
    cost=lambda c: 75,
)

MAX = Op(
    name="max",
    title="Larger of two numbers",
    args=(Arg("a"), Arg("b")),
    result="u",
    kernel=larger,
    series=max_series,
    example="max(close, open)",
    formula="a if a > b else b",
    source="IEEE 754 maximum",
)

MIN = Op(
    name="min",
    title="Smaller of two numbers",
    args=(Arg("a"), Arg("b")),
    result="u",
    kernel=smaller,
    series=min_series,
    example="min(close, open)",
    formula="a if a < b else b",
    source="IEEE 754 minimum",
)
