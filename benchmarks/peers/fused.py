"""What a skilled user would write by hand with Numba: one loop a workload, everything fused.

Each writes the equity curve and a record a trade: bar and price in, bar and price out, units.
Orders decided at a close fill at the next open. No costs, no rounding of money.
"""

from typing import Any

import numpy as np
from numba import njit, prange

FIELDS = 5


@njit(nogil=True)
def cross(
    opens: Any, closes: Any, fast: int, slow: int, cash: float, equity: Any, record: Any
) -> tuple[int, float]:
    """All in while the fast average is above the slow one: trades, and the final equity."""
    units = 0.0
    fast_sum = 0.0
    slow_sum = 0.0
    trades = 0
    pending = 0
    was_above = False
    was_below = False
    for t in range(len(closes)):
        if pending == 1:
            units = cash / opens[t]
            cash = 0.0
            record[trades, 0] = t
            record[trades, 1] = opens[t]
            record[trades, 4] = units
        elif pending == -1:
            cash += units * opens[t]
            units = 0.0
            record[trades, 2] = t
            record[trades, 3] = opens[t]
            trades += 1
        pending = 0
        fast_sum += closes[t]
        slow_sum += closes[t]
        if t >= fast:
            fast_sum -= closes[t - fast]
        if t >= slow:
            slow_sum -= closes[t - slow]
        if t >= slow - 1:
            gap = fast_sum / fast - slow_sum / slow
            above = gap > 0.0
            below = gap < 0.0
            if t >= slow:
                if units == 0.0:
                    if above and not was_above:
                        pending = 1
                elif below and not was_below:
                    pending = -1
            was_above = above
            was_below = below
        equity[t] = cash + units * closes[t]
    return trades + (1 if units > 0.0 else 0), equity[len(closes) - 1]


@njit(nogil=True)
def panel(
    opens: Any, closes: Any, fast: int, slow: int, cash: float, equity: Any, record: Any
) -> tuple[int, float]:
    """`cross` on every symbol, each with its own cash."""
    trades = 0
    total = 0.0
    for k in range(closes.shape[0]):
        some, value = cross(opens[k], closes[k], fast, slow, cash, equity[k], record[k])
        trades += some
        total += value
    return trades, total


@njit(parallel=True, nogil=True)
def panel_threads(
    opens: Any, closes: Any, fast: int, slow: int, cash: float, equity: Any, record: Any
) -> tuple[int, float]:
    """`panel` on all threads."""
    trades = np.zeros(closes.shape[0], np.int64)
    total = np.zeros(closes.shape[0])
    for k in prange(closes.shape[0]):
        trades[k], total[k] = cross(opens[k], closes[k], fast, slow, cash, equity[k], record[k])
    return trades.sum(), total.sum()


@njit(nogil=True)
def pairs(
    opens: Any, closes: Any, fasts: Any, slows: Any, cash: float, equity: Any, record: Any
) -> tuple[int, float]:
    """`cross` of one symbol for every pair of lengths: trades, and the best final equity."""
    trades = 0
    best = 0.0
    for k in range(len(fasts)):
        some, value = cross(opens, closes, fasts[k], slows[k], cash, equity[k], record[k])
        trades += some
        best = max(best, value)
    return trades, best


@njit(parallel=True, nogil=True)
def pairs_threads(
    opens: Any, closes: Any, fasts: Any, slows: Any, cash: float, equity: Any, record: Any
) -> tuple[int, float]:
    """`pairs` on all threads."""
    trades = np.zeros(len(fasts), np.int64)
    best = np.zeros(len(fasts))
    for k in prange(len(fasts)):
        trades[k], best[k] = cross(opens, closes, fasts[k], slows[k], cash, equity[k], record[k])
    return trades.sum(), best.max()


@njit(nogil=True)
def rich(
    opens: Any, highs: Any, lows: Any, closes: Any, cash: float, equity: Any, record: Any
) -> tuple[int, float]:
    """Dips inside a rise: a stop at three average ranges, a target 8% up, ten bars at most.

    The stop is checked before the target, both from the entry bar on; 2% of equity at risk."""
    units = 0.0
    stop = 0.0
    target = 0.0
    held = 0
    pending = 0
    wanted = 0.0
    risk = 0.0
    trades = 0
    long_sum = 0.0
    sum_20 = 0.0
    squares = 0.0
    gain = 0.0
    loss = 0.0
    reach = 0.0
    base = closes[0]
    for t in range(len(closes)):
        price = 0.0
        if pending == 1:
            units = min(wanted, cash / opens[t])
            cash -= units * opens[t]
            stop = opens[t] - risk
            target = opens[t] * 1.08
            held = 0
            record[trades, 0] = t
            record[trades, 1] = opens[t]
            record[trades, 4] = units
        elif pending == -1:
            price = opens[t]
        pending = 0
        if units > 0.0 and price == 0.0:
            if lows[t] <= stop:
                price = min(opens[t], stop)
            elif highs[t] >= target:
                price = max(opens[t], target)
        if price != 0.0:
            cash += units * price
            units = 0.0
            record[trades, 2] = t
            record[trades, 3] = price
            trades += 1
        x = closes[t] - base
        long_sum += x
        sum_20 += x
        squares += x * x
        if t >= 200:
            long_sum -= closes[t - 200] - base
        if t >= 20:
            old = closes[t - 20] - base
            sum_20 -= old
            squares -= old * old
        if t > 0:
            move = closes[t] - closes[t - 1]
            up = move if move > 0.0 else 0.0
            wide = max(highs[t], closes[t - 1]) - min(lows[t], closes[t - 1])
            if t <= 14:
                gain += up / 14
                loss += (up - move) / 14
                reach += wide / 14
            else:
                gain = (gain * 13 + up) / 14
                loss = (loss * 13 + up - move) / 14
                reach = (reach * 13 + wide) / 14
        if t >= 199:
            mean = sum_20 / 20
            variance = squares / 20 - mean * mean
            z = (x - mean) / np.sqrt(variance) if variance > 0.0 else 0.0
            if units > 0.0:
                held += 1
                if z > 0.0 or held >= 10:
                    pending = -1
            elif z < -1.5 and x > long_sum / 200 and 100.0 * gain < 30.0 * (gain + loss):
                pending = 1
                risk = 3.0 * reach
                wanted = 0.02 * cash / risk
        equity[t] = cash + units * closes[t]
    return trades + (1 if units > 0.0 else 0), equity[len(closes) - 1]
