"""Moving averages: simple, exponential, and Wilder's.

What: `sma` weighs the last n values equally; `ema` and `wilder` weigh recent ones more, by a fixed
ratio, and remember every bar since they were seeded by the mean of the first n known values.
Why: the smoothed level that most rules compare a price with. On a bar without a value the
exponential ones are na and keep their state, so one lost bar costs one bar. Of equal values each
is that value, and no simple average lies outside its window.
Example:
    >>> sma_series([1.0, 2.0, 3.0], 2).tolist()
    [nan, 1.5, 2.5]

Reference: TA-Lib, SMA and EMA; Wilder, New Concepts in Technical Trading Systems (1978).
"""

from math import ceil, fsum, log

from engine.ops.numbers import Ring
from engine.ops.spec import Arg, Consts, Op
from engine.ops.whole import Values, exponential, rolling
from engine.ops.window import mean_of, slide, smooth


def settled_after(rate: float, n: int) -> int:
    """Bars until the seed of an exponential average weighs under 0.1%."""
    return max(n - 1, ceil(log(0.001) / log(1.0 - rate)))


def ema_rate(n: int) -> float:
    return 2.0 / (n + 1)


def wilder_rate(n: int) -> float:
    return 1.0 / n


def wilder_settled(c: Consts) -> int:
    return settled_after(wilder_rate(int(c[0])), int(c[0]))


def sma_step(
    x: float, n: int, i: int, ring: Ring, at: int, mask: int, s: float, top: float, bad: float
) -> tuple[float, float, float, float]:
    s, top, bad = slide(x, n, i, ring, at, mask, s, top, bad)
    return mean_of(x, n, i, ring, at, mask, s, bad), s, top, bad


def ema_step(x: float, n: int, mean: float, count: float) -> tuple[float, float, float]:
    return smooth(x, ema_rate(n), n, mean, count)


def wilder_step(x: float, n: int, mean: float, count: float) -> tuple[float, float, float]:
    return smooth(x, wilder_rate(n), n, mean, count)


def sma_series(x: Values, n: int) -> Values:
    return rolling(x, n, lambda window: fsum(window) / n)


def ema_series(x: Values, n: int) -> Values:
    return exponential(x, 2.0 / (n + 1), n)


def wilder_series(x: Values, n: int) -> Values:
    return exponential(x, 1.0 / n, n)


_ARGS = (Arg("x"), Arg("n", "const", "bars"))
_SMOOTHED = (Arg("x"), Arg("n", "const", "bars", low=2))

SMA = Op(
    name="sma",
    title="Simple moving average",
    args=_ARGS,
    result="u",
    kernel=sma_step,
    series=sma_series,
    example="sma(close, 20 bars)",
    formula="(x[0] + x[1] + ... + x[n-1]) / n",
    source="TA-Lib SMA",
    state=(0.0, 0.0, 0.0),
    index=True,
    reach=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 14,
)

EMA = Op(
    name="ema",
    title="Exponential moving average",
    args=_SMOOTHED,
    result="u",
    kernel=ema_step,
    series=ema_series,
    example="ema(close, 20 bars)",
    formula="y[1] + 2 / (n + 1) * (x - y[1]), seeded by the mean of the first n",
    source="TA-Lib EMA",
    state=(0.0, 0.0),
    defined=lambda c: int(c[0]) - 1,
    settled=lambda c: settled_after(ema_rate(int(c[0])), int(c[0])),
    cost=lambda c: 5,
    fixed=False,
)

WILDER = Op(
    name="wilder",
    title="Wilder's smoothing",
    args=_SMOOTHED,
    result="u",
    kernel=wilder_step,
    series=wilder_series,
    example="wilder(close, 14 bars)",
    formula="y[1] + (x - y[1]) / n, seeded by the mean of the first n",
    source="Wilder, New Concepts in Technical Trading Systems (1978)",
    state=(0.0, 0.0),
    defined=lambda c: int(c[0]) - 1,
    settled=wilder_settled,
    cost=lambda c: 5,
    fixed=False,
)
