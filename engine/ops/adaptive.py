"""Kaufman's adaptive moving average.

What: `kama(x, n, fast, slow)` is an exponential average whose rate goes with the efficiency of the
last n bars: the net move over the way walked, 1 on a straight line and near 0 in noise.
Why: it follows a trend as ema(fast) would and stands nearly still in a range. Where nothing moved
at all the efficiency counts as 1, as in TA-Lib: the average then goes to the only price there was.
A missing value makes it na for the n + 1 bars whose window holds it; the average is kept. Settled
counts the slowest rate on every bar, the worst case: 1,657 bars and n more for the usual 30.
Example:
    >>> kama_series([1.0, 2.0, 3.0], 1, 2, 30).round(3).tolist()
    [nan, 1.444, 2.136]

Reference: Kaufman, Smarter Trading (1995): n 10, fast 2, slow 30; TA-Lib, KAMA, whose fast and slow
are fixed at 2 and 30.
"""

from math import fsum, nan

from engine.ops.average import ema_rate, settled_after
from engine.ops.numbers import NA, Ring, mul_rn
from engine.ops.spec import Arg, Consts, Op
from engine.ops.whole import Values


def way(move: float, n: int, i: int, scratch: Ring, base: int, head: float) -> tuple[float, float]:
    """One bar of a sum over n bars that takes nothing off: the sum, and that over the block's head.

    scratch[base + q] holds the sum of the block before beyond q until bar q, then this bar's move.
    """
    q = i % n
    head = move if q == 0 else head + move
    total = head + scratch[base + q]
    scratch[base + q] = move
    if q == n - 1:
        tail = 0.0
        for k in range(n - 1, -1, -1):
            kept = scratch[base + k]
            scratch[base + k] = tail
            tail = tail + kept
    return total, head


def kama_step(
    x: float,
    n: int,
    fast: int,
    slow: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    last: float,
    head: float,
    mean: float,
) -> tuple[float, float, float, float]:
    walked, head = way(abs(x - last), n, i, scratch, base, head)
    net = abs(x - ring[at + ((i - n) & mask)])
    efficiency = net / walked if walked > 0.0 else (1.0 if walked == 0.0 else NA)
    slowest = ema_rate(slow)
    rate = slowest + mul_rn(efficiency, ema_rate(fast) - slowest)
    mean = mean if mean == mean else last
    y = mean + mul_rn(x - mean, mul_rn(rate, rate)) if i >= n else NA
    return y, x, head, (y if y == y else (mean if i >= n else NA))


def kama_series(x: Values, n: int, fast: int = 2, slow: int = 30) -> Values:
    import numpy as np

    x = np.asarray(x)
    out = np.full(len(x), nan)
    mean = nan
    for t in range(n, len(x)):
        walked = fsum(np.abs(np.diff(x[t - n : t + 1])))
        if walked != walked:
            continue
        efficiency = abs(x[t] - x[t - n]) / walked if walked else 1.0
        rate = (efficiency * (2 / (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1)) ** 2
        mean = x[t - 1] if mean != mean else mean
        mean = out[t] = (1.0 - rate) * mean + rate * x[t]
    return out


def kama_settled(c: Consts) -> int:
    """Bars until the seed weighs under 0.1% even when no bar but the slowest rate ever came."""
    return int(c[0]) + settled_after(ema_rate(int(max(c[1], c[2]))) ** 2, 1)


KAMA = Op(
    name="kama",
    title="Kaufman's adaptive moving average",
    args=(
        Arg("x"),
        Arg("n", "const", "bars", default=10),
        Arg("fast", "const", "bars", low=2, high=200, default=2),
        Arg("slow", "const", "bars", low=2, high=200, default=30),
    ),
    result="u",
    kernel=kama_step,
    series=kama_series,
    example="kama(close, 10 bars)",
    formula="y[1] + r**2 (x - y[1]), r = s + e (f - s), f and s the rates of ema(fast), ema(slow),"
    " e = abs(x - x[n]) / sum(abs(x - x[1]), n); starts from x[1]",
    source="Kaufman, Smarter Trading (1995)",
    state=(nan, 0.0, nan),
    index=True,
    reach=lambda c: int(c[0]),
    scratch=lambda c: int(c[0]),
    defined=lambda c: int(c[0]),
    settled=kama_settled,
    cost=lambda c: 22,
    fixed=False,
)
