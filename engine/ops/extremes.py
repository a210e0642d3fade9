"""Highest and lowest of a window, and running peak and trough.

What: `highest(x, n)` and `lowest(x, n)` look at the last n values, this bar's included; `peak` and
`trough` at every value since the series began, or since entry when folded over a position.
Why: breakouts, channels, trailing stops and drawdowns. A scan of the window costs n steps a bar;
here bars fall into blocks of n, and a window is the tail of one block and the head of the next: the
tails' extremes are worked out once a block and the head's is carried along, 3 steps a bar on
average.
Example:
    >>> highest_series([1.0, 3.0, 2.0, 1.0], 2).tolist()
    [nan, 3.0, 3.0, 2.0]

Reference: van Herk (1992), Gil and Werman (1993), running extremes; TA-Lib, MAX and MIN.
"""

from math import nan

from engine.ops.numbers import NA, Ring, larger, smaller
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling


def highest_step(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    head: float,
) -> tuple[float, float]:
    q = i % n
    head = x if q == 0 else larger(head, x)
    if q == n - 1:
        tail = x
        scratch[base + q] = tail
        for k in range(1, n):
            tail = larger(tail, ring[at + ((i - k) & mask)])
            scratch[base + q - k] = tail
        return head, head
    y = larger(scratch[base + q + 1], head)
    return (y if i >= n else NA), head


def lowest_step(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    head: float,
) -> tuple[float, float]:
    q = i % n
    head = x if q == 0 else smaller(head, x)
    if q == n - 1:
        tail = x
        scratch[base + q] = tail
        for k in range(1, n):
            tail = smaller(tail, ring[at + ((i - k) & mask)])
            scratch[base + q - k] = tail
        return head, head
    y = smaller(scratch[base + q + 1], head)
    return (y if i >= n else NA), head


def peak_step(x: float, top: float) -> tuple[float, float]:
    top = x if (x > top) | (top != top) else top
    return (top if x == x else NA), top


def trough_step(x: float, bottom: float) -> tuple[float, float]:
    bottom = x if (x < bottom) | (bottom != bottom) else bottom
    return (bottom if x == x else NA), bottom


def highest_series(x: Values, n: int) -> Values:
    return rolling(x, n, max)


def lowest_series(x: Values, n: int) -> Values:
    return rolling(x, n, min)


def peak_series(x: Values) -> Values:
    import numpy as np

    return np.where(np.isnan(x), nan, np.fmax.accumulate(x))


def trough_series(x: Values) -> Values:
    import numpy as np

    return np.where(np.isnan(x), nan, np.fmin.accumulate(x))


_WINDOW = (Arg("x"), Arg("n", "const", "bars"))

HIGHEST = Op(
    name="highest",
    title="Highest of the last n values",
    args=_WINDOW,
    result="u",
    kernel=highest_step,
    series=highest_series,
    example="highest(high, 20 bars)",
    formula="max(x[0], x[1], ..., x[n-1])",
    source="TA-Lib MAX",
    state=(0.0,),
    index=True,
    reach=lambda c: max(int(c[0]) - 1, 1),
    scratch=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 7,
)

LOWEST = Op(
    name="lowest",
    title="Lowest of the last n values",
    args=_WINDOW,
    result="u",
    kernel=lowest_step,
    series=lowest_series,
    example="lowest(low, 20 bars)",
    formula="min(x[0], x[1], ..., x[n-1])",
    source="TA-Lib MIN",
    state=(0.0,),
    index=True,
    reach=lambda c: max(int(c[0]) - 1, 1),
    scratch=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 7,
)

PEAK = Op(
    name="peak",
    title="Running highest value",
    args=(Arg("x"),),
    result="u",
    kernel=peak_step,
    series=peak_series,
    example="peak(close)",
    formula="max(x, y[1])",
    source="Magdon-Ismail and Atiya, Maximum drawdown (2004)",
    state=(nan,),
    cost=lambda c: 3,
    fixed=False,
)

TROUGH = Op(
    name="trough",
    title="Running lowest value",
    args=(Arg("x"),),
    result="u",
    kernel=trough_step,
    series=trough_series,
    example="trough(close)",
    formula="min(x, y[1])",
    source="Magdon-Ismail and Atiya, Maximum drawdown (2004)",
    state=(nan,),
    cost=lambda c: 3,
    fixed=False,
)
