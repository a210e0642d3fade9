"""Arithmetic: + - * / and minus.

What: the five signs. na with anything is na; division by zero is na; a product or quotient beyond
1e150 is na.
Why: a missing number must stay missing, and infinity must never look like a price.
Example:
    >>> div(1.0, 0.0)
    nan

Reference: IEEE 754-2019, round to nearest, ties to even.
"""

from engine.ops.numbers import bounded, div, mul_rn
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values


def add(a: float, b: float) -> float:
    return a + b


def sub(a: float, b: float) -> float:
    return a - b


def mul(a: float, b: float) -> float:
    return bounded(mul_rn(a, b))


def neg(a: float) -> float:
    return -a


def add_series(a: Values, b: Values) -> Values:
    import numpy as np

    return np.add(a, b)


def sub_series(a: Values, b: Values) -> Values:
    import numpy as np

    return np.subtract(a, b)


def mul_series(a: Values, b: Values) -> Values:
    import numpy as np

    return np.multiply(a, b)


def div_series(a: Values, b: Values) -> Values:
    import numpy as np

    return np.divide(a, np.where(np.asarray(b) == 0.0, np.nan, b))


def neg_series(a: Values) -> Values:
    import numpy as np

    return np.negative(a)


ADD = Op(
    name="add",
    title="Sum of two numbers",
    args=(Arg("a"), Arg("b")),
    result="u",
    kernel=add,
    series=add_series,
    example="high + low",
    formula="a + b",
    source="IEEE 754 addition",
    symbol="+",
)

SUB = Op(
    name="sub",
    title="Difference",
    args=(Arg("a"), Arg("b")),
    result="u",
    kernel=sub,
    series=sub_series,
    example="high - low",
    formula="a - b",
    source="IEEE 754 subtraction",
    symbol="-",
)

MUL = Op(
    name="mul",
    title="Product",
    args=(Arg("a"), Arg("b", unit="v")),
    result="u*v",
    kernel=mul,
    series=mul_series,
    example="close * volume",
    formula="a * b, na beyond 1e150",
    source="IEEE 754 multiplication",
    cost=lambda c: 2,
    symbol="*",
)

DIV = Op(
    name="div",
    title="Quotient",
    args=(Arg("a"), Arg("b", unit="v")),
    result="u/v",
    kernel=div,
    series=div_series,
    example="close / open",
    formula="a / b, na when b is 0 or beyond 1e150",
    source="IEEE 754 division",
    cost=lambda c: 3,
    symbol="/",
)

NEG = Op(
    name="neg",
    title="Minus",
    args=(Arg("a"),),
    result="u",
    kernel=neg,
    series=neg_series,
    example="-close",
    formula="-a",
    source="IEEE 754 negate",
    symbol="-",
)
