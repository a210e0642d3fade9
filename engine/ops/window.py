"""Running totals over a window of the ring: sums, spreads and seeded averages (floor 2).

What: the shared inner steps of sum, sma, stdev, adv, ema, wilder, rsi and atr, and of cumsum and
sum_since.
Why: an add-and-subtract sum loses digits over a million bars, and a sum of squares cancels. Both
are rebuilt from the ring, oldest first, every ANCHOR bars of the series' own index, so that every
runner and every chunking agrees, and also whenever the total has shrunk below 1/SHRINK of its
largest size since the last rebuild, so that a spike which has left the window leaves no error
behind. Bound: about ANCHOR * SHRINK * 2**-53 = 3e-11 of the result.
Reference: Higham, Accuracy and Stability of Numerical Algorithms (2002), sections 1.9 and 4.2;
Neumaier (1974), Zeitschrift fuer Angewandte Mathematik und Mechanik 54; Chan, Golub and LeVeque,
Algorithms for computing the sample variance (1983).
"""

from math import sqrt

from engine.ops.numbers import NA, Ring, known, mul_rn

ANCHOR = 1024
SHRINK = 256.0


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
    """One of the first n known values: their sum, then their mean."""
    if x != x:
        return NA, mean, count
    mean = mean + x
    count = count + 1.0
    if count < n:
        return NA, mean, count
    mean = mean / n
    return mean, mean, count


def smooth(x: float, rate: float, n: int, mean: float, count: float) -> tuple[float, float, float]:
    """One bar of an exponential average seeded by the mean of the first n; na keeps the state."""
    if count < n:
        return seed(x, n, mean, count)
    y = mean + mul_rn(x - mean, rate)
    return y, (y if y == y else mean), count
