"""True range and its average.

What: `true_range()` is the bar's range stretched to the close before it; `atr(n)` is its Wilder
average. Both read high, low and close of their own symbol.
Why: the size of a usual move, gaps included: stops, trails, position sizes.
Example:
    >>> true_range_series([5.0, 9.0], [4.0, 8.0], [4.0, 8.0]).tolist()
    [nan, 5.0]

Reference: Wilder, New Concepts in Technical Trading Systems (1978); TA-Lib, TRANGE and ATR.
"""

from math import nan

from engine.ops.average import wilder_rate, wilder_series, wilder_settled
from engine.ops.numbers import larger
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, shifted
from engine.ops.window import smooth


def true_range_step(high: float, low: float, close: float, last: float) -> tuple[float, float]:
    y = larger(larger(high - low, abs(high - last)), abs(low - last))
    return y, close


def atr_step(
    high: float, low: float, close: float, n: int, last: float, mean: float, count: float
) -> tuple[float, float, float, float]:
    wide, last = true_range_step(high, low, close, last)
    y, mean, count = smooth(wide, wilder_rate(n), n, mean, count)
    return y, last, mean, count


def true_range_series(high: Values, low: Values, close: Values) -> Values:
    import numpy as np

    last = shifted(close, 1)
    return np.maximum(high, last) - np.minimum(low, last)


def atr_series(high: Values, low: Values, close: Values, n: int) -> Values:
    return wilder_series(true_range_series(high, low, close), n)


TRUE_RANGE = Op(
    name="true_range",
    title="True range",
    args=(),
    result="price",
    kernel=true_range_step,
    series=true_range_series,
    example="true_range()",
    formula="max(high - low, abs(high - close[1]), abs(low - close[1]))",
    source="Wilder, New Concepts in Technical Trading Systems (1978)",
    state=(nan,),
    columns=("high", "low", "close"),
    defined=lambda c: 1,
    cost=lambda c: 7,
)

ATR = Op(
    name="atr",
    title="Average true range",
    args=(Arg("n", "const", "bars", low=2),),
    result="price",
    kernel=atr_step,
    series=atr_series,
    example="atr(14 bars)",
    formula="wilder(true_range(), n)",
    source="Wilder, New Concepts in Technical Trading Systems (1978)",
    state=(nan, 0.0, 0.0),
    columns=("high", "low", "close"),
    defined=lambda c: int(c[0]),
    settled=lambda c: max(wilder_settled(c), int(c[0])),
    cost=lambda c: 12,
    fixed=False,
)
