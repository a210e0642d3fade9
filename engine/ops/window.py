"""Running totals over a window of the ring: sums, spreads and seeded averages (floor 2).

What: the shared inner steps of sum, sma, stdev, adv, ema, wilder, rsi and atr, and of cumsum and
sum_since.
Why: an add-and-subtract sum loses digits over a million bars, and a sum of squares cancels. Both
are rebuilt from the ring, oldest first, every ANCHOR bars of the series' own index, so that every
runner and every chunking agrees, and also whenever the total has shrunk below 1/SHRINK of its
largest size since the last rebuild, so that a spike which has left the window leaves no error
behind. Bound: about ANCHOR * SHRINK * 2**-53 = 3e-11 of the result.
The mean of a window that hardly moves is worked out anew about its newest value: equal values have
exactly their value as mean, and no mean lies outside its window. Elsewhere the bound on the sum's
error is too small for that.
Reference: Higham, Accuracy and Stability of Numerical Algorithms (2002), sections 1.9 and 4.2;
Neumaier (1974), Zeitschrift fuer Angewandte Mathematik und Mechanik 54; Chan, Golub and LeVeque,
Algorithms for computing the sample variance (1983).
"""

from math import sqrt

from engine.ops.numbers import NA, Ring, known, mul_rn

ANCHOR = 1024
SHRINK = 256.0
NEAR = 2.0**-20
"""How far values may lie apart, of the newest, in a window that hardly moves. It is above n times
the bound on a sum's error, so a mean outside its window is only possible in such a one."""


def gather(x: float, s: float, lost: float) -> tuple[float, float]:
    """One addition whose error is kept: the sum, and what all additions lost."""
    t = s + x
    return t, lost + ((s - t) + x if abs(s) >= abs(x) else (x - t) + s)


def total(n: int, i: int, ring: Ring, at: int, mask: int) -> float:
    """Sum of the known values among the last n bars, oldest first."""
    s = 0.0
    for k in range((n if n <= i else i + 1) - 1, -1, -1):
        s = s + known(ring[at + ((i - k) & mask)])
    return s


def slide(
    x: float, n: int, i: int, ring: Ring, at: int, mask: int, s: float, top: float, bad: float
) -> tuple[float, float, float]:
    """One bar of a running sum: the sum of known values, its largest size, the count of na."""
    old = ring[at + ((i - n) & mask)]
    bad = bad + (x != x) - (old != old)
    s = s + (known(x) - known(old))
    size = abs(s)
    top = top if top > size else size
    if ((i & (ANCHOR - 1)) == 0) | (top > SHRINK * size):
        s = total(n, i, ring, at, mask)
        top = abs(s)
    return s, top, bad


def near(a: float, b: float) -> bool:
    """Whether b is about a; never when one of them is na."""
    return abs(b - a) <= NEAR * abs(a)


def mean_of(
    x: float, n: int, i: int, ring: Ring, at: int, mask: int, s: float, bad: float
) -> float:
    """The mean of the last n values, whose running sum is s; na while one is missing."""
    if (bad != 0.0) | (i < n - 1):
        return NA
    y = s / n
    return level_mean(x, n, i, ring, at, mask, y) if near(x, y) else y


def level_mean(x: float, n: int, i: int, ring: Ring, at: int, mask: int, y: float) -> float:
    """The mean about the newest value, if all of the window is near that; else the one given."""
    rest = 0.0
    for k in range(n - 1, 0, -1):
        v = ring[at + ((i - k) & mask)]
        if not near(x, v):
            return y
        rest = rest + (v - x)
    return x + rest / n


def moments(
    n: int, i: int, ring: Ring, at: int, mask: int, ref: float
) -> tuple[float, float, float]:
    """Sums of (x - ref) and (x - ref)**2 over the known values, oldest first, and their count."""
    s1 = 0.0
    s2 = 0.0
    count = 0.0
    for k in range((n if n <= i else i + 1) - 1, -1, -1):
        x = ring[at + ((i - k) & mask)]
        d = x - ref if x == x else 0.0
        s1 = s1 + d
        s2 = s2 + mul_rn(d, d)
        count = count + (x == x)
    return s1, s2, count


def spread(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    ref: float,
    s1: float,
    s2: float,
    top: float,
    bad: float,
) -> tuple[float, float, float, float, float, float]:
    """One bar of a running variance: n**2 times it, ref, both sums, largest square sum, na count.

    ref is the newest value at a rebuild (so a constant gives exactly 0), or the window's mean when
    that value lies far outside. n * s2 - s1**2 does not depend on ref for whole numbers.
    """
    old = ring[at + ((i - n) & mask)]
    bad = bad + (x != x) - (old != old)
    new_d = x - ref if x == x else 0.0
    old_d = old - ref if (old == old) & (i >= n) else 0.0
    s1 = s1 + (new_d - old_d)
    s2 = s2 + (mul_rn(new_d, new_d) - mul_rn(old_d, old_d))
    top = top if top > s2 else s2
    w = mul_rn(float(n), s2) - mul_rn(s1, s1)
    if ((i & (ANCHOR - 1)) == 0) | (SHRINK * w < n * top):
        ref = x if x == x else ref
        s1, s2, count = moments(n, i, ring, at, mask, ref)
        w = mul_rn(float(n), s2) - mul_rn(s1, s1)
        if (SHRINK * w < n * s2) & (count > 0.0):
            ref = ref + s1 / count
            s1, s2, count = moments(n, i, ring, at, mask, ref)
            w = mul_rn(float(n), s2) - mul_rn(s1, s1)
        top = s2
    return (w if w > 0.0 else 0.0), ref, s1, s2, top, bad


def deviation(w: float, n: int) -> float:
    """Population standard deviation from n**2 times the variance."""
    return sqrt(w) / n


def seed(x: float, n: int, mean: float, count: float) -> tuple[float, float, float]:
    """One of the first n known values: their mean so far, which equal values leave as they are."""
    if x != x:
        return NA, mean, count
    count = count + 1.0
    mean = mean + (x - mean) / count
    return (mean if count >= n else NA), mean, count


def smooth(x: float, rate: float, n: int, mean: float, count: float) -> tuple[float, float, float]:
    """One bar of an exponential average seeded by the mean of the first n; na keeps the state."""
    if count < n:
        return seed(x, n, mean, count)
    y = mean + mul_rn(x - mean, rate)
    return y, (y if y == y else mean), count
