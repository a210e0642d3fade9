"""Across the universe: one value per symbol from the values of all symbols at one close.

What: `rank(x)` is 1 for the largest x, and equals share the better place; `among_top(x, n)` and
`among_bottom(x, n)` pick exactly n; `percentile_across` is the share of the others that are at
most this one; `zscore_across` counts deviations from the mean; `sum_across`, `mean_across`,
`count_across` and `breadth` are the same for all.
Why: rotations, relative strength and market breadth compare symbols with each other. A symbol that
has no bar, or whose x is na, is not compared: it has no place and counts nowhere.
Kernels of this file differ from spec's: kernel(m, *series, at, *consts, out, spare) reads m symbols
from series[at] on, in the order of their names, and writes out[at] to out[at + m - 1]; truth values
are 0.0, 1.0, 2.0 here; `spare` has m cells to work in. `series` is the definition on one close.
The order is by heapsort: at most 2 log2(m) comparisons a symbol, and `cost` holds up to 4,096
symbols. Of equal values `among_top` and `among_bottom` take the symbol whose name comes first.
Example:
    >>> rank_series([3.0, 9.0, 3.0, float("nan")]).tolist()
    [2.0, 1.0, 2.0, nan]

Reference: pandas DataFrame.rank(axis=1, method="min", ascending=False); Jegadeesh and Titman
(1993), Returns to buying winners and selling losers; Zweig (1986), Winning on Wall Street.
"""

from collections.abc import Callable
from math import nan

from engine.ops.numbers import NA, Ring, bounded, div, mul_rn, root
from engine.ops.spec import FALSE, TRUE, UNKNOWN, Arg, Op
from engine.ops.whole import Values


def comes_after(x: Ring, at: int, sign: float, a: float, b: float) -> bool:
    """Whether symbol a stands behind b: by a smaller sign * x, among equals by its place."""
    left = sign * x[at + int(a)]
    right = sign * x[at + int(b)]
    return left < right or (left == right and a > b)


def sink(x: Ring, at: int, sign: float, spare: Ring, start: int, count: int) -> None:
    """Let the symbol at `start` of the heap sink below those that come after it."""
    parent = start
    child = 2 * parent + 1
    while child < count:
        if child + 1 < count and comes_after(x, at, sign, spare[child + 1], spare[child]):
            child = child + 1
        if not comes_after(x, at, sign, spare[child], spare[parent]):
            return
        held = spare[parent]
        spare[parent] = spare[child]
        spare[child] = held
        parent = child
        child = 2 * parent + 1


def in_order(m: int, x: Ring, at: int, sign: float, spare: Ring) -> int:
    """Put the places of all known values into `spare`, largest sign * x first; how many."""
    count = 0
    for i in range(m):
        if x[at + i] == x[at + i]:
            spare[count] = float(i)
            count = count + 1
    for k in range(count // 2 - 1, -1, -1):
        sink(x, at, sign, spare, k, count)
    for k in range(count - 1, 0, -1):
        last = spare[0]
        spare[0] = spare[k]
        spare[k] = last
        sink(x, at, sign, spare, 0, k)
    return count


def fill(m: int, at: int, value: float, out: Ring) -> None:
    """The same value for every symbol."""
    for i in range(m):
        out[at + i] = value


def rank_across(m: int, x: Ring, at: int, out: Ring, spare: Ring) -> None:
    count = in_order(m, x, at, 1.0, spare)
    fill(m, at, NA, out)
    place = 1
    for k in range(count):
        here = at + int(spare[k])
        if k > 0 and x[here] < x[at + int(spare[k - 1])]:
            place = k + 1
        out[here] = float(place)


def percentile_across(m: int, x: Ring, at: int, out: Ring, spare: Ring) -> None:
    count = in_order(m, x, at, 1.0, spare)
    fill(m, at, NA, out)
    above = 0
    for k in range(count):
        here = at + int(spare[k])
        if k > 0 and x[here] < x[at + int(spare[k - 1])]:
            above = k
        out[here] = div(float(count - 1 - above), float(count - 1))


def pick(m: int, x: Ring, at: int, n: float, sign: float, out: Ring, spare: Ring) -> None:
    """True for the first n in order, false for the others, unknown where x is na."""
    count = in_order(m, x, at, sign, spare)
    fill(m, at, 1.0, out)
    for k in range(count):
        out[at + int(spare[k])] = 2.0 if k < n else 0.0


def among_top(m: int, x: Ring, at: int, n: float, out: Ring, spare: Ring) -> None:
    pick(m, x, at, n, 1.0, out, spare)


def among_bottom(m: int, x: Ring, at: int, n: float, out: Ring, spare: Ring) -> None:
    pick(m, x, at, n, -1.0, out, spare)


def known_sum(m: int, x: Ring, at: int, less: float) -> tuple[float, float]:
    """The sum of x - less over the known values, and how many they are."""
    total = 0.0
    count = 0.0
    for i in range(m):
        if x[at + i] == x[at + i]:
            total = total + (x[at + i] - less)
            count = count + 1.0
    return total, count


def first_known(m: int, x: Ring, at: int) -> float:
    """The first known value: differences from it lose fewer digits, and are 0 among equals."""
    for i in range(m):
        if x[at + i] == x[at + i]:
            return x[at + i]
    return NA


def sum_across(m: int, x: Ring, at: int, out: Ring, spare: Ring) -> None:
    total, count = known_sum(m, x, at, 0.0)
    fill(m, at, bounded(total) if count > 0.0 else NA, out)


def mean_across(m: int, x: Ring, at: int, out: Ring, spare: Ring) -> None:
    near = first_known(m, x, at)
    total, count = known_sum(m, x, at, near)
    fill(m, at, near + div(total, count), out)


def zscore_across(m: int, x: Ring, at: int, out: Ring, spare: Ring) -> None:
    near = first_known(m, x, at)
    total, count = known_sum(m, x, at, near)
    mean = div(total, count)
    squares = 0.0
    for i in range(m):
        if x[at + i] == x[at + i]:
            away = x[at + i] - near - mean
            squares = squares + mul_rn(away, away)
    deviation = root(div(squares, count))
    for i in range(m):
        out[at + i] = div(x[at + i] - near - mean, deviation)


def tally(m: int, c: Ring, at: int, value: float) -> float:
    """How many conditions have this truth value."""
    count = 0.0
    for i in range(m):
        if c[at + i] == value:
            count = count + 1.0
    return count


def count_across(m: int, c: Ring, at: int, out: Ring, spare: Ring) -> None:
    true = tally(m, c, at, 2.0)
    fill(m, at, true if true + tally(m, c, at, 0.0) > 0.0 else NA, out)


def breadth_across(m: int, c: Ring, at: int, out: Ring, spare: Ring) -> None:
    true = tally(m, c, at, 2.0)
    fill(m, at, div(true, true + tally(m, c, at, 0.0)), out)


# ---------------------------------------------------------------- definitions


def known(x: Values) -> list[float]:
    """The values that are compared."""
    return [float(v) for v in x if v == v]


def _each(x: Values, one: Callable[[float], float]) -> Values:
    import numpy as np

    return np.array([one(float(v)) if v == v else nan for v in x])


def rank_series(x: Values) -> Values:
    pool = known(x)
    return _each(x, lambda v: 1.0 + sum(w > v for w in pool))


def percentile_across_series(x: Values) -> Values:
    pool = known(x)
    if len(pool) < 2:
        return _each(x, lambda v: nan)
    return _each(x, lambda v: (sum(w <= v for w in pool) - 1) / (len(pool) - 1))


def among_top_series(x: Values, n: float) -> Values:
    import numpy as np

    places = sorted((i for i, v in enumerate(x) if v == v), key=lambda i: (-x[i], i))
    chosen = set(places[: int(n)])
    picked = [TRUE if i in chosen else FALSE for i in range(len(x))]
    return np.where(np.isnan(np.asarray(x, dtype=float)), UNKNOWN, picked)


def among_bottom_series(x: Values, n: float) -> Values:
    import numpy as np

    return among_top_series(-np.asarray(x, dtype=float), n)


def _all_alike(x: Values, value: float) -> Values:
    import numpy as np

    return np.full(len(x), value)


def sum_across_series(x: Values) -> Values:
    from fractions import Fraction

    pool = [Fraction(v) for v in known(x)]
    return _all_alike(x, float(sum(pool)) if pool else nan)


def mean_across_series(x: Values) -> Values:
    from fractions import Fraction

    pool = [Fraction(v) for v in known(x)]
    return _all_alike(x, float(sum(pool) / len(pool)) if pool else nan)


def zscore_across_series(x: Values) -> Values:
    from fractions import Fraction
    from math import sqrt

    pool = [Fraction(v) for v in known(x)]
    mean = sum(pool) / len(pool) if pool else Fraction(0)
    variance = sum((v - mean) ** 2 for v in pool) / len(pool) if pool else Fraction(0)
    if not variance:
        return _each(x, lambda v: nan)
    return _each(x, lambda v: float(Fraction(v) - mean) / sqrt(float(variance)))


def count_across_series(c: Values) -> Values:
    is_any = any(int(v) != UNKNOWN for v in c)
    return _all_alike(c, float(sum(int(v) == TRUE for v in c)) if is_any else nan)


def breadth_series(c: Values) -> Values:
    answers = [int(v) == TRUE for v in c if int(v) != UNKNOWN]
    return _all_alike(c, sum(answers) / len(answers) if answers else nan)


# ---------------------------------------------------------------- rows

_X = (Arg("x"),)
_C = (Arg("condition", "truth"),)
_N = Arg("n", "const", "ratio", low=1, high=5000)
_SORTED, _SUMMED = 40, 8

RANK = Op(
    name="rank",
    title="Place among the symbols, 1 for the largest",
    args=_X,
    result="ratio",
    kernel=rank_across,
    series=rank_series,
    example="rank(roc(close, 252 bars)) <= 3",
    formula="1 + count of symbols with a larger x; equals share the better place",
    source='pandas DataFrame.rank(axis=1, method="min", ascending=False)',
    cost=lambda c: _SORTED,
    across=True,
)

PERCENTILE_ACROSS = Op(
    name="percentile_across",
    title="Share of the other symbols whose x is at most this one",
    args=_X,
    result="ratio",
    kernel=percentile_across,
    series=percentile_across_series,
    example="percentile_across(roc(close, 252 bars)) >= 80%",
    formula="count of other symbols with x at most this x, / their number; na without another",
    source="scipy.stats.percentileofscore(kind='weak') / 100, of the others",
    cost=lambda c: _SORTED,
    across=True,
)

ZSCORE_ACROSS = Op(
    name="zscore_across",
    title="Deviations from the mean of the symbols",
    args=_X,
    result="ratio",
    kernel=zscore_across,
    series=zscore_across_series,
    example="zscore_across(roc(close, 252 bars)) > 1",
    formula="(x - mean) / deviation over the symbols, the deviation that of a population; na at 0",
    source="scipy.stats.zscore with ddof 0",
    cost=lambda c: 2 * _SUMMED,
    across=True,
)

SUM_ACROSS = Op(
    name="sum_across",
    title="Sum over the symbols",
    args=_X,
    result="u",
    kernel=sum_across,
    series=sum_across_series,
    example="close / sum_across(close)",
    formula="sum of the known x; na when none is known",
    source="pandas DataFrame.sum(axis=1, min_count=1)",
    cost=lambda c: _SUMMED,
    across=True,
)

MEAN_ACROSS = Op(
    name="mean_across",
    title="Mean over the symbols",
    args=_X,
    result="u",
    kernel=mean_across,
    series=mean_across_series,
    example="roc(close, 20 bars) - mean_across(roc(close, 20 bars))",
    formula="sum of the known x / their number; na when none is known",
    source="pandas DataFrame.mean(axis=1)",
    cost=lambda c: _SUMMED,
    across=True,
)

COUNT_ACROSS = Op(
    name="count_across",
    title="How many symbols meet a condition",
    args=_C,
    result="ratio",
    kernel=count_across,
    series=count_across_series,
    example="count_across(close == highest(close, 252 bars)) >= 3",
    formula="count of symbols where the condition is true; na when it is unknown for all",
    source="Zweig (1986), Winning on Wall Street: new highs",
    cost=lambda c: _SUMMED,
    across=True,
)

BREADTH = Op(
    name="breadth",
    title="Share of the symbols that meet a condition",
    args=_C,
    result="ratio",
    kernel=breadth_across,
    series=breadth_series,
    example="breadth(close > sma(close, 200 bars)) > 60%",
    formula="count of symbols where the condition is true / count where it is known",
    source="Zweig (1986), Winning on Wall Street: breadth",
    cost=lambda c: _SUMMED,
    across=True,
)

AMONG_TOP = Op(
    name="among_top",
    title="Among the n largest of the symbols",
    args=(*_X, _N),
    result="truth",
    kernel=among_top,
    series=among_top_series,
    example="among_top(roc(close, 252 bars), 3)",
    formula="true for the n largest x (of equals, the first name), false for others, unknown at na",
    source="Jegadeesh and Titman (1993), Returns to buying winners and selling losers",
    cost=lambda c: _SORTED,
    across=True,
)

AMONG_BOTTOM = Op(
    name="among_bottom",
    title="Among the n smallest of the symbols",
    args=(*_X, _N),
    result="truth",
    kernel=among_bottom,
    series=among_bottom_series,
    example="among_bottom(roc(close, 5 bars), 3)",
    formula="among_top(-x, n)",
    source="Jegadeesh and Titman (1993), Returns to buying winners and selling losers",
    cost=lambda c: _SORTED,
    across=True,
)
