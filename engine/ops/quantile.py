"""Order statistics of a window: median, quantile and percentile rank.

What: `median(x, n)` is the middle of the last n values, `quantile(x, n, q)` the value below which a
share q of them lies (linear between neighbours), `percentile_rank(x, n)` the share of the n values
before this one that are at most this one, from 0 to 1.
Why: levels and thresholds that one wild bar cannot move; "volatility in its top fifth". The window
is kept sorted in n cells: the oldest value goes out and the newest goes in, so nothing is summed
and nothing drifts. `median` is a row of its own because it averages the two middle values exactly.
Example:
    >>> median_series([3.0, 1.0, 2.0, 8.0], 3).tolist()
    [nan, nan, 2.0, 2.0]

Reference: Hyndman and Fan, Sample quantiles in statistical packages (1996), definition 7 (numpy,
pandas); Pine Script, ta.percentrank (times 100), scipy percentileofscore of kind `weak`.
"""

from engine.ops.numbers import NA, Ring, mul_rn
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, rolling


def sort_in(x: float, old: float, scratch: Ring, base: int, count: int) -> int:
    """One bar of a sorted window: `old` leaves, `x` enters, na does neither; the new count."""
    k = 0
    if old == old:
        while scratch[base + k] < old:
            k = k + 1
        count = count - 1
        for j in range(k, count):
            scratch[base + j] = scratch[base + j + 1]
    if x == x:
        k = count
        while k > 0 and scratch[base + k - 1] > x:
            scratch[base + k] = scratch[base + k - 1]
            k = k - 1
        scratch[base + k] = x
        count = count + 1
    return count


def median_step(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    size: float,
) -> tuple[float, float]:
    old = ring[at + ((i - n) & mask)] if i >= n else NA
    count = sort_in(x, old, scratch, base, int(size))
    low = scratch[base + (n - 1) // 2]
    return ((low + scratch[base + n // 2]) * 0.5 if count == n else NA), float(count)


def quantile_step(
    x: float,
    n: int,
    q: float,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
    size: float,
) -> tuple[float, float]:
    old = ring[at + ((i - n) & mask)] if i >= n else NA
    count = sort_in(x, old, scratch, base, int(size))
    place = (n - 1) * q
    k = int(place)
    low = scratch[base + k]
    high = scratch[base + (k + 1 if k + 1 < n else k)]
    y = low + mul_rn(high - low, place - k)
    return (y if count == n else NA), float(count)


def percentile_rank_step(x: float, n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    if i < n:
        return NA
    hits = 0
    known = 0
    for k in range(1, n + 1):
        old = ring[at + ((i - k) & mask)]
        hits = hits + (old <= x)
        known = known + (old == old)
    return hits / n if (known == n) & (x == x) else NA


def median_series(x: Values, n: int) -> Values:
    from statistics import median

    return rolling(x, n, median)


def quantile_series(x: Values, n: int, q: float) -> Values:
    import numpy as np

    return rolling(x, n, lambda window: float(np.quantile(window, q)))


def percentile_rank_series(x: Values, n: int) -> Values:
    return rolling(x, n + 1, lambda window: sum(v <= window[-1] for v in window[:-1]) / n)


MEDIAN = Op(
    name="median",
    title="Median of the last n values",
    args=(Arg("x"), Arg("n", "const", "bars")),
    result="u",
    kernel=median_step,
    series=median_series,
    example="median(close, 21 bars)",
    formula="the middle of the sorted window, or the mean of its two middle values",
    source="pandas rolling median",
    state=(0.0,),
    index=True,
    reach=lambda c: int(c[0]),
    scratch=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 8 + 2 * int(c[0]),
)

QUANTILE = Op(
    name="quantile",
    title="Quantile of the last n values",
    args=(Arg("x"), Arg("n", "const", "bars"), Arg("q", "const", "ratio", low=0, high=1)),
    result="u",
    kernel=quantile_step,
    series=quantile_series,
    example="quantile(close, 60 bars, 90%)",
    formula="s[k] + (p - k) * (s[k+1] - s[k]), s the sorted window, p = (n - 1) * q, k = floor(p)",
    source="Hyndman and Fan (1996), definition 7; pandas rolling quantile",
    state=(0.0,),
    index=True,
    reach=lambda c: int(c[0]),
    scratch=lambda c: int(c[0]),
    defined=lambda c: int(c[0]) - 1,
    cost=lambda c: 16 + 2 * int(c[0]),
)

PERCENTILE_RANK = Op(
    name="percentile_rank",
    title="Share of the n values before that are at most this one",
    args=(Arg("x"), Arg("n", "const", "bars")),
    result="ratio",
    kernel=percentile_rank_step,
    series=percentile_rank_series,
    example="percentile_rank(close, 252 bars)",
    formula="count of k in 1..n with x[k] <= x, / n",
    source="Pine Script, ta.percentrank / 100",
    index=True,
    reach=lambda c: int(c[0]),
    defined=lambda c: int(c[0]),
    cost=lambda c: 4 + 4 * int(c[0]),
)
