"""Volume at price: where most of the last n bars' volume traded.

What: the range from the lowest low to the highest high of the last n bars is cut into 24 equal
buckets, and each bar's volume is spread evenly over its own range. `volume_poc(n)` (point of
control) is the middle of the fullest bucket, the lower one when two are equally full;
`value_area_high(n)` and `value_area_low(n)` are the edges of the value area: from the fullest
bucket, the fuller neighbour is added, the upper one when both are alike, until 70% of the volume
lies inside.
Why: prices at which much was traded hold better than others. A bar does not tell where inside its
range it traded: the even spread is an assumption, and 24 buckets are how finely it answers. It is
na where a bar of the window lacks its high, low or volume, and where nothing was traded.
Example:
    >>> volume_poc_series([2.0, 3.0], [1.0, 3.0], [10.0, 1.0], 1).round(3).tolist()
    [1.021, 3.0]

Reference: Steidlmayer and Koy, Markets and Market Logic (1986); Dalton, Mind over Markets (1990),
who adds two prices at a time.
"""

from math import nan

from engine.base.frozen import replace
from engine.ops.numbers import NA, Ring, larger, mul_rn, smaller
from engine.ops.spec import Arg, Consts, Op
from engine.ops.whole import Values

BUCKETS = 24
AREA = 0.7
ALIKE = 1.0 - 1e-9
"""Buckets whose volumes differ by less are alike, so that rounding decides nothing."""


def bounds(
    low: float, volume: float, n: int, i: int, ring: Ring, at: int, mask: int, own: Ring, base: int
) -> tuple[float, float]:
    """Keeps this bar's low and volume; the window's lowest low and its bucket width, na if any."""
    lows = base + BUCKETS
    own[lows + i % n] = low
    own[lows + n + i % n] = volume
    top = larger(low, ring[at + (i & mask)])
    floor = smaller(low, ring[at + (i & mask)])
    for k in range(1, n if n <= i else i + 1):
        old_high = ring[at + ((i - k) & mask)]
        old_low = own[lows + (i - k) % n]
        top = larger(top, larger(old_high, old_low))
        floor = smaller(floor, smaller(old_low, old_high))
    return floor, (top - floor) / BUCKETS


def pour(
    low: float, high: float, volume: float, floor: float, width: float, own: Ring, base: int
) -> None:
    """Spreads one bar's volume over the buckets that its range covers."""
    unit = width if width > 0.0 else 1.0
    a = (low - floor) / unit
    b = (high - floor) / unit
    first = int(a) if a < BUCKETS - 1 else BUCKETS - 1
    last = int(b) if b < BUCKETS - 1 else BUCKETS - 1
    for k in range(first, last + 1):
        right = b if (b < k + 1) | (k == last) else k + 1.0
        left = a if k == first else float(k)
        part = (right - left) / (b - a) if last > first else 1.0
        own[base + k] = own[base + k] + mul_rn(volume, part)


def fill_buckets(
    low: float, volume: float, n: int, i: int, ring: Ring, at: int, mask: int, own: Ring, base: int
) -> tuple[float, float, float]:
    """The profile in own[base:base + BUCKETS]; its floor, bucket width and volume, na if any is."""
    floor, width = bounds(low, volume, n, i, ring, at, mask, own, base)
    for k in range(BUCKETS):
        own[base + k] = 0.0
    total = 0.0
    lows = base + BUCKETS
    if (i < n - 1) | (floor != floor) | (width != width):
        return NA, NA, NA
    for k in range(n - 1, -1, -1):
        j = (i - k) % n
        v = own[lows + n + j]
        total = total + v
        a, b = own[lows + j], ring[at + ((i - k) & mask)]
        pour(smaller(a, b), larger(a, b), v, floor, width, own, base)
    return floor, width, (total if total > 0.0 else NA)


def fullest(own: Ring, base: int) -> int:
    """The fullest bucket; the lowest of those alike."""
    best = 0
    for k in range(1, BUCKETS):
        best = k if own[base + k] * ALIKE > own[base + best] else best
    return best


def value_area(total: float, own: Ring, base: int) -> tuple[int, int]:
    """First and last bucket of the value area."""
    low = fullest(own, base)
    high = low
    inside = own[base + low]
    while (inside < AREA * ALIKE * total) & (high - low < BUCKETS - 1):
        above = own[base + (high + 1 if high < BUCKETS - 1 else high)]
        below = own[base + (low - 1 if low > 0 else low)]
        rises = (low == 0) | ((high < BUCKETS - 1) & (above >= below * ALIKE))
        inside = inside + (above if rises else below)
        high = high + (1 if rises else 0)
        low = low - (0 if rises else 1)
    return low, high


def volume_poc_step(
    high: float,
    low: float,
    volume: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
) -> float:
    floor, width, total = fill_buckets(low, volume, n, i, ring, at, mask, scratch, base)
    if total != total:
        return NA
    return floor + mul_rn(fullest(scratch, base) + 0.5, width)


def value_area_high_step(
    high: float,
    low: float,
    volume: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
) -> float:
    floor, width, total = fill_buckets(low, volume, n, i, ring, at, mask, scratch, base)
    if total != total:
        return NA
    return floor + mul_rn(value_area(total, scratch, base)[1] + 1.0, width)


def value_area_low_step(
    high: float,
    low: float,
    volume: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    scratch: Ring,
    base: int,
) -> float:
    floor, width, total = fill_buckets(low, volume, n, i, ring, at, mask, scratch, base)
    if total != total:
        return NA
    return floor + mul_rn(float(value_area(total, scratch, base)[0]), width)


def profiles(high: Values, low: Values, volume: Values, n: int) -> list[Values]:
    """Point of control and value area of each bar, as three rows, by overlaps of intervals."""
    import numpy as np

    h, lo, v = np.maximum(high, low), np.minimum(high, low), np.asarray(volume)
    out = np.full((3, len(h)), nan)
    for t in range(n - 1, len(h)):
        w = slice(t - n + 1, t + 1)
        if not np.isnan(h[w] + lo[w] + v[w]).any() and v[w].sum() > 0.0:
            out[:, t] = one_profile(h[w], lo[w], v[w])
    return list(out)


def one_profile(high: Values, low: Values, volume: Values) -> tuple[float, float, float]:
    """Point of control, value area high and low of one window."""
    import numpy as np

    edges = np.linspace(low.min(), high.max(), BUCKETS + 1)
    if edges[0] == edges[-1]:
        return edges[0], edges[0], edges[0]
    shared = np.minimum.outer(edges[1:], high) - np.maximum.outer(edges[:-1], low)
    spot = (np.searchsorted(edges, low, "right") - 1).clip(0, BUCKETS - 1)
    at_one = (np.arange(BUCKETS)[:, None] == spot) & (high == low)
    ranges = np.where(high == low, 1.0, high - low)
    held = (np.where(high == low, at_one, shared.clip(0.0) / ranges) * volume).sum(axis=1)
    poc = int(np.flatnonzero(held >= held.max() * ALIKE)[0])
    first, last = poc, poc + 1
    while held[first:last].sum() < 0.7 * ALIKE * volume.sum():
        below = held[first - 1] if first else -1.0
        above = held[last] if last < BUCKETS else -1.0
        first, last = (first, last + 1) if above >= below * ALIKE else (first - 1, last)
    return (edges[poc] + edges[poc + 1]) / 2, edges[last], edges[first]


def volume_poc_series(high: Values, low: Values, volume: Values, n: int) -> Values:
    return profiles(high, low, volume, n)[0]


def value_area_high_series(high: Values, low: Values, volume: Values, n: int) -> Values:
    return profiles(high, low, volume, n)[1]


def value_area_low_series(high: Values, low: Values, volume: Values, n: int) -> Values:
    return profiles(high, low, volume, n)[2]


def profile_reach(c: Consts) -> int:
    return max(int(c[0]) - 1, 1)


def profile_cells(c: Consts) -> int:
    """The buckets, and the lows and volumes of the window: the ring holds its highs."""
    return BUCKETS + 2 * int(c[0])


def profile_cost(c: Consts) -> int:
    """Each bar of the window pours into eight buckets or so."""
    return 60 * int(c[0]) + 10 * BUCKETS


_LENGTH = (Arg("n", "const", "bars", high=1000),)

VOLUME_POC = Op(
    name="volume_poc",
    title="Point of control of n bars' volume",
    args=_LENGTH,
    result="price",
    kernel=volume_poc_step,
    series=volume_poc_series,
    example="volume_poc(20 bars)",
    formula="middle of the fullest of 24 price buckets",
    source="Steidlmayer and Koy, Markets and Market Logic (1986)",
    index=True,
    columns=("high", "low", "volume"),
    reach=profile_reach,
    scratch=profile_cells,
    defined=lambda c: int(c[0]) - 1,
    cost=profile_cost,
)

VALUE_AREA_HIGH = replace(
    VOLUME_POC,
    name="value_area_high",
    title="Upper edge of 70% of n bars' volume",
    kernel=value_area_high_step,
    series=value_area_high_series,
    example="value_area_high(20 bars)",
    formula="top of the buckets around the fullest that hold 70%",
    source="Dalton, Mind over Markets (1990), one bucket at a time",
)

VALUE_AREA_LOW = replace(
    VOLUME_POC,
    name="value_area_low",
    title="Lower edge of 70% of n bars' volume",
    kernel=value_area_low_step,
    series=value_area_low_series,
    example="value_area_low(20 bars)",
    formula="bottom of the buckets around the fullest that hold 70%",
    source="Dalton, Mind over Markets (1990), one bucket at a time",
)
