"""How long ago the highest and lowest value of a window was.

What: `argmax(x, n)` is the number of bars since the highest of the last n values, this bar's
included, and `argmin(x, n)` since the lowest: 0 on the bar itself. Of equal values the latest
counts.
Why: Aroon, stale highs, and pivots, which are extremes with enough bars on both sides. The blocks
of extremes.py do here too, each extreme kept with its bar: 4 steps a bar on average.
Example:
    >>> argmax_series([1.0, 3.0, 2.0, 3.0], 3).tolist()
    [nan, nan, 1.0, 0.0]

Reference: TA-Lib, MAXINDEX and MININDEX, which give the place in the series instead; pandas,
Rolling.apply(argmax).
"""

from engine.base.frozen import replace
from engine.ops.numbers import NA, Ring, mul_rn
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling


def extreme_age(
    x: float,
    sign: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    head: float,
    age: float,
) -> tuple[float, float, float]:
    """One bar of the age of the window's largest sign * x; pairs of value and age in scratch."""
    q = i % n
    v = mul_rn(sign, x)
    newer = (q == 0) | (v >= head) | (v != v)
    head = v if newer else head
    age = 0.0 if newer else age + 1.0
    if q == n - 1:
        tail = v
        place = 0.0
        scratch[base + 2 * q] = tail
        scratch[base + 2 * q + 1] = place
        for k in range(1, n):
            old = mul_rn(sign, ring[at + ((i - k) & mask)])
            better = (old > tail) | (old != old)
            tail = old if better else tail
            place = float(k) if better else place
            scratch[base + 2 * (q - k)] = tail
            scratch[base + 2 * (q - k) + 1] = place
        return (age if head == head else NA), head, age
    tail = scratch[base + 2 * (q + 1)]
    place = scratch[base + 2 * (q + 1) + 1] + float(q + 1)
    y = age if head >= tail else place
    return (y if (i >= n) & (head == head) & (tail == tail) else NA), head, age


def argmax_step(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    head: float,
    age: float,
) -> tuple[float, float, float]:
    return extreme_age(x, 1.0, n, i, ring, at, mask, scratch, base, head, age)


def argmin_step(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    head: float,
    age: float,
) -> tuple[float, float, float]:
    return extreme_age(x, -1.0, n, i, ring, at, mask, scratch, base, head, age)


def argmax_series(x: Values, n: int) -> Values:
    return rolling(x, n, lambda window: float(window[::-1].index(max(window))))


def argmin_series(x: Values, n: int) -> Values:
    return rolling(x, n, lambda window: float(window[::-1].index(min(window))))


_WINDOW = (Arg("x"), Arg("n", "const", "bars"))

ARGMAX = Op(
    name="argmax",
    title="Bars since the highest of the last n values",
    args=_WINDOW,
    result="bars",
    kernel=argmax_step,
    series=argmax_series,
    example="argmax(high, 20 bars)",
    formula="smallest k in 0..n-1 with x[k] = highest(x, n)",
    source="TA-Lib MAXINDEX, as an age",
    state=(0.0, 0.0),
    index=True,
    reach=lambda c: max(int(c[0]) - 1, 1),
    scratch=lambda c: 2 * int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 14,
)

ARGMIN = replace(
    ARGMAX,
    name="argmin",
    title="Bars since the lowest of the last n values",
    kernel=argmin_step,
    series=argmin_series,
    example="argmin(low, 20 bars)",
    formula="smallest k in 0..n-1 with x[k] = lowest(x, n)",
    source="TA-Lib MININDEX, as an age",
)
