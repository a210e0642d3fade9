"""What every operator with a window is, bar by bar over long series, in exact arithmetic.

Values become whole numbers (a float is a whole multiple of a power of two), sums over a window are
carried along without an error, and each result is rounded once, or once more by a square root or a
logarithm. Averages that never forget are worked out with 60 digits. No line is shared with the
kernels. The series have no na: what na does is tested elsewhere.
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import accumulate, pairwise
from math import isqrt, log, nan, sqrt

ONE = 1 << 60
DIGITS = Context(prec=60)
Floats = Sequence[float]
Whole = list[int]


def whole(x: Floats) -> Whole:
    """The values times 2**60, exactly."""
    scaled = [v * ONE for v in x]  # a power of two: nothing is rounded
    assert all(v.is_integer() for v in scaled)
    return [int(v) for v in scaled]


def sums(v: Whole, n: int) -> Whole:
    """The sum of the last n values at each bar, of fewer before there are n."""
    total, out = 0, []
    for t, w in enumerate(v):
        total += w - (v[t - n] if t >= n else 0)
        out.append(total)
    return out


def weighted(v: Whole, n: int) -> Whole:
    """n x[0] + (n - 1) x[1] + ... + x[n-1] at each bar, values before the first being zero."""
    total, before, out = 0, 0, []
    for w, s in zip(v, sums(v, n), strict=True):
        total += n * w - before
        before = s
        out.append(total)
    return out


def products(a: Whole, b: Whole, n: int) -> Whole:
    """n sum(a b) - sum(a) sum(b): n**2 times the covariance of the last n pairs."""
    both = sums([p * q for p, q in zip(a, b, strict=True)], n)
    rows = zip(both, sums(a, n), sums(b, n), strict=True)
    return [n * ab - sa * sb for ab, sa, sb in rows]


def once(values: Iterator[float] | Floats, first: int) -> list[float]:
    """The results, na before the first full window."""
    return [v if t >= first else nan for t, v in enumerate(values)]


def quotient(a: float, b: float) -> float:
    return a / b if b else nan


# ---------------------------------------------------------------- sums and averages


def sum_(x: Floats, n: int) -> list[float]:
    return once([s / ONE for s in sums(whole(x), n)], n - 1)


def cumsum(x: Floats) -> list[float]:
    return [s / ONE for s in accumulate(whole(x))]


def sum_since(x: Floats, c: Sequence[int]) -> list[float]:
    """Of a condition that is true or false; na until it was true once."""
    begun, total, out = False, 0, []
    for v, is_anchor in zip(whole(x), (t == 2 for t in c), strict=True):
        begun, total = begun or is_anchor, v + (0 if is_anchor else total)
        out.append(total / ONE if begun else nan)
    return out


def sma(x: Floats, n: int) -> list[float]:
    return once([s / (n * ONE) for s in sums(whole(x), n)], n - 1)


def adv(volume: Floats, n: int) -> list[float]:
    totals = enumerate(sums(whole(volume), n))
    return once([s / (min(t + 1, n) * ONE) for t, s in totals], (n + 1) // 2 - 1)


def triangle(n: int) -> int:
    return n * (n + 1) // 2


def wma(x: Floats, n: int) -> list[float]:
    return once([s / (triangle(n) * ONE) for s in weighted(whole(x), n)], n - 1)


def hma(x: Floats, n: int) -> list[float]:
    v, half, root = whole(x), n // 2, isqrt(n)
    rows = zip(weighted(v, half), weighted(v, n), strict=True)
    lead = [2 * triangle(n) * fast - triangle(half) * slow for fast, slow in rows]
    size = triangle(n) * triangle(half) * triangle(root) * ONE
    return once([s / size for s in weighted(lead, root)], n + root - 2)


# ---------------------------------------------------------------- spread and shape


def stdev(x: Floats, n: int) -> list[float]:
    v = whole(x)
    return once([sqrt(w / (n * n * ONE * ONE)) for w in products(v, v, n)], n - 1)


def mean_deviation(x: Floats, n: int) -> list[float]:
    v = whole(x)
    out = []
    for t, s in enumerate(sums(v, n)):
        away = sum(abs(n * w - s) for w in v[max(t - n + 1, 0) : t + 1])
        out.append(away / (n * n * ONE))
    return once(out, n - 1)


def powers(x: Floats, n: int) -> Iterator[tuple[int, int, int, int]]:
    """Sums of the first four powers over the last n values."""
    v = whole(x)
    parts = [sums([w**p for w in v], n) for p in (1, 2, 3, 4)]
    return zip(*parts, strict=True)


def skew(x: Floats, n: int) -> list[float]:
    out = []
    for s1, s2, s3, _ in powers(x, n):
        second = n * s2 - s1 * s1
        third = n * n * s3 - 3 * n * s1 * s2 + 2 * s1**3
        out.append(quotient(third / ONE**3, second / ONE**2 * sqrt(second / ONE**2)))
    return once(out, n - 1)


def kurtosis(x: Floats, n: int) -> list[float]:
    out = []
    for s1, s2, s3, s4 in powers(x, n):
        second = n * s2 - s1 * s1
        fourth = n**3 * s4 - 4 * n * n * s1 * s3 + 6 * n * s1 * s1 * s2 - 3 * s1**4
        out.append(quotient(fourth - 3 * second**2, second**2))
    return once(out, n - 1)


# ---------------------------------------------------------------- lines and pairs


def rises(x: Floats, n: int) -> tuple[Whole, int]:
    """n**2 times the covariance of x with the bar number in the window; and that one's variance."""
    v = whole(x)
    steps, squares = n * (n - 1) // 2, (n - 1) * n * (2 * n - 1) // 6
    rows = zip(weighted(v, n), sums(v, n), strict=True)
    return [n * (w - s) - steps * s for w, s in rows], n * squares - steps * steps


def linreg_slope(x: Floats, n: int) -> list[float]:
    rise, run = rises(x, n)
    return once([r / (run * ONE) for r in rise], n - 1)


def linreg_forecast(x: Floats, n: int, k: int) -> list[float]:
    rise, run = rises(x, n)
    rows = zip(sums(whole(x), n), rise, strict=True)
    ahead = n - 1 + 2 * k
    return once([(2 * run * s + n * ahead * r) / (2 * n * run * ONE) for s, r in rows], n - 1)


def linreg_r2(x: Floats, n: int) -> list[float]:
    v = whole(x)
    rise, run = rises(x, n)
    rows = zip(rise, products(v, v, n), strict=True)
    return once([quotient(r * r, run * w) for r, w in rows], n - 1)


def pearson(a: Whole, b: Whole, n: int) -> list[float]:
    rows = zip(products(a, b, n), products(a, a, n), products(b, b, n), strict=True)
    return [quotient(ab / ONE**2, sqrt(aa / ONE**2) * sqrt(bb / ONE**2)) for ab, aa, bb in rows]


def correlation(x: Floats, y: Floats, n: int) -> list[float]:
    return once(pearson(whole(x), whole(y), n), n - 1)


def autocorrelation(x: Floats, lag: int, n: int) -> list[float]:
    v = whole(x)
    return once(pearson(v, [0] * lag + v[: len(v) - lag], n), lag + n - 1)


def beta(x: Floats, y: Floats, n: int) -> list[float]:
    a, b = whole(x), whole(y)
    rows = zip(products(a, b, n), products(b, b, n), strict=True)
    return once([quotient(ab, bb) for ab, bb in rows], n - 1)


def hurst(x: Floats, n: int) -> list[float]:
    v, lags = whole(x), (1, 2, 4, 8, 16)
    logs = []
    for lag in lags:
        squares = [0] * lag + [(b - a) ** 2 for a, b in zip(v, v[lag:], strict=False)]
        moves = sums(squares, n - lag)
        logs.append([log(s / ((n - lag) * ONE**2)) / 2 if s else nan for s in moves])
    rows = zip(*logs, strict=True)
    return once([(2 * (e - a) + d - b) / (10 * log(2)) for a, b, _, d, e in rows], n - 1)


# ---------------------------------------------------------------- ranks and extremes


def sorted_windows(x: Floats, n: int) -> Iterator[list[float]]:
    """The last n values in order at each bar: one list, changed in place."""
    held: list[float] = []
    for t, v in enumerate(x):
        if t >= n:
            del held[bisect_left(held, x[t - n])]
        insort(held, v)
        yield held


def quantile(x: Floats, n: int, q: float) -> list[float]:
    place = (n - 1) * Fraction(q)
    k, part = int(place), place - int(place)
    a, b = part.denominator - part.numerator, part.numerator
    out = []
    for held in sorted_windows(x, n):
        low, high = held[min(k, len(held) - 1)], held[min(k + 1, len(held) - 1)]
        out.append((a * int(low * ONE) + b * int(high * ONE)) / (ONE * part.denominator))
    return once(out, n - 1)


def median(x: Floats, n: int) -> list[float]:
    return quantile(x, n, 0.5)


def percentile_rank(x: Floats, n: int) -> list[float]:
    before = [0.0, *x[:-1]]
    rows = zip(x, sorted_windows(before, n), strict=True)
    return once([bisect_right(held, v) / n for v, held in rows], n)


def ages(x: Floats, n: int) -> list[int]:
    """How many bars ago the highest of the last n values was, the newest of equals."""
    held: deque[int] = deque()
    out = []
    for t, v in enumerate(x):
        while held and x[held[-1]] <= v:
            held.pop()
        held.append(t)
        if held[0] <= t - n:
            held.popleft()
        out.append(t - held[0])
    return out


def argmax(x: Floats, n: int) -> list[float]:
    return once([float(k) for k in ages(x, n)], n - 1)


def argmin(x: Floats, n: int) -> list[float]:
    return argmax([-v for v in x], n)


def highest(x: Floats, n: int) -> list[float]:
    return once([x[t - k] for t, k in enumerate(ages(x, n))], n - 1)


def lowest(x: Floats, n: int) -> list[float]:
    return [-v for v in highest([-v for v in x], n)]


def count(c: Sequence[int], n: int) -> list[float]:
    return once([float(s) for s in sums([int(v == 2) for v in c], n)], n - 1)


# ---------------------------------------------------------------- differences


def back(x: Floats, k: int) -> list[float]:
    return [nan] * k + [*x[: len(x) - k]]


def change(x: Floats, n: int) -> list[float]:
    v = whole(x)
    return [nan] * n + [(b - a) / ONE for a, b in zip(v, v[n:], strict=False)]


def roc(x: Floats, n: int) -> list[float]:
    v = whole(x)
    return [nan] * n + [(b - a) / a for a, b in zip(v, v[n:], strict=False)]


# ---------------------------------------------------------------- averages that never forget


def smoothed(x: Sequence[Decimal], rate: Decimal, n: int) -> list[Decimal]:
    """y[1] + rate (x - y[1]) from the mean of the first n on; one value for each bar from there."""
    out = [sum(x[:n], Decimal(0)) / n]
    for v in x[n:]:
        out.append(out[-1] + rate * (v - out[-1]))
    return out


def decimals(x: Floats) -> list[Decimal]:
    return [Decimal(v) for v in x]


def ema(x: Floats, n: int) -> list[float]:
    with localcontext(DIGITS):
        return [nan] * (n - 1) + [float(v) for v in smoothed(decimals(x), Decimal(2) / (n + 1), n)]


def wilder(x: Floats, n: int) -> list[float]:
    with localcontext(DIGITS):
        return [nan] * (n - 1) + [float(v) for v in smoothed(decimals(x), Decimal(1) / n, n)]


def rsi(x: Floats, n: int) -> list[float]:
    with localcontext(DIGITS):
        moves = [b - a for a, b in pairwise(decimals(x))]
        rate = Decimal(1) / n
        gains = smoothed([max(m, Decimal(0)) for m in moves], rate, n)
        losses = smoothed([max(-m, Decimal(0)) for m in moves], rate, n)
        rows = zip(gains, losses, strict=True)
        return [nan] * n + [float(100 * g / (g + s)) if g + s else nan for g, s in rows]


def atr(high: Floats, low: Floats, close: Floats, n: int) -> list[float]:
    with localcontext(DIGITS):
        h, lo, c = decimals(high), decimals(low), decimals(close)
        rows = zip(h[1:], lo[1:], c, strict=False)
        wide = [max(a, last) - min(b, last) for a, b, last in rows]
        return [nan] * n + [float(v) for v in smoothed(wide, Decimal(1) / n, n)]


def kama(x: Floats, n: int, fast: int, slow: int) -> list[float]:
    v = whole(x)
    walked = sums([0, *(abs(b - a) for a, b in pairwise(v))], n)
    with localcontext(DIGITS):
        quick, calm = Decimal(2) / (fast + 1), Decimal(2) / (slow + 1)
        y, out = Decimal(x[n - 1]), [nan] * n
        for t in range(n, len(v)):
            straight = Decimal(abs(v[t] - v[t - n])) / walked[t] if walked[t] else Decimal(1)
            y += (calm + straight * (quick - calm)) ** 2 * (Decimal(x[t]) - y)
            out.append(float(y))
        return out


ORACLES: dict[str, Callable[..., list[float]]] = {
    "sum": sum_,
    "cumsum": cumsum,
    "sum_since": sum_since,
    "count": count,
    **{f.__name__: f for f in (sma, adv, wma, hma, stdev, mean_deviation, skew, kurtosis)},
    **{f.__name__: f for f in (linreg_slope, linreg_forecast, linreg_r2)},
    **{f.__name__: f for f in (correlation, autocorrelation, beta, hurst)},
    **{f.__name__: f for f in (quantile, median, percentile_rank)},
    **{f.__name__: f for f in (argmax, argmin, highest, lowest, back, change, roc)},
    **{f.__name__: f for f in (ema, wilder, rsi, atr, kama)},
}
"""The exact definition of each windowed operator, taking what its kernel takes."""
