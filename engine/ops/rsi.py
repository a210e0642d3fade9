"""Relative strength index.

What: `rsi(x, n)` weighs average gains against average losses, from 0 (only losses) to 100.
Why: a bounded measure of how one-sided the last moves were. It is na while nothing has moved at all
(0 / 0), where TA-Lib prints 0.
Example:
    >>> rsi_series([1.0, 2.0, 1.0], 2).tolist()
    [nan, nan, 50.0]

Reference: Wilder, New Concepts in Technical Trading Systems (1978); TA-Lib, RSI.
"""

from math import nan

from engine.ops.average import wilder_rate, wilder_series, wilder_settled
from engine.ops.numbers import div
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, shifted
from engine.ops.window import smooth


def rsi_step(
    x: float, n: int, last: float, gain: float, loss: float, count: float
) -> tuple[float, float, float, float, float]:
    move = x - last
    up = move if (move > 0.0) | (move != move) else 0.0
    rate = wilder_rate(n)
    rise, gain, _ = smooth(up, rate, n, gain, count)
    fall, loss, count = smooth(up - move, rate, n, loss, count)
    return 100.0 * div(rise, rise + fall), x, gain, loss, count


def rsi_series(x: Values, n: int) -> Values:
    import numpy as np

    move = np.asarray(x) - shifted(x, 1)
    gain = wilder_series(np.maximum(move, 0.0), n)
    loss = wilder_series(np.maximum(-move, 0.0), n)
    both = np.where(gain + loss == 0.0, nan, gain + loss)
    return 100.0 * gain / both


RSI = Op(
    name="rsi",
    title="Relative strength index, 0 to 100",
    args=(Arg("x"), Arg("n", "const", "bars", low=2)),
    result="ratio",
    kernel=rsi_step,
    series=rsi_series,
    example="rsi(close, 14 bars)",
    formula="100 * g / (g + l), g and l Wilder averages of gains and losses",
    source="Wilder, New Concepts in Technical Trading Systems (1978)",
    state=(nan, 0.0, 0.0, 0.0),
    defined=lambda c: int(c[0]),
    settled=lambda c: max(wilder_settled(c), int(c[0])),
    cost=lambda c: 16,
    fixed=False,
)
