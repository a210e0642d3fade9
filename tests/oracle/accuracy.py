"""How far windowed operators are from exact arithmetic on a long, noisy series.

The series: level 1e5, relative noise 1e-4, where sums that are carried along lose most. The error
is relative to the exact result. Results that pass through zero have no relative error there: theirs
is relative to the root mean square of the result over the whole run.
"""

import random
from collections.abc import Callable, Sequence
from functools import cache
from math import inf, sqrt

import numpy as np

from engine.ops import BY_NAME, OPS
from engine.ops.profile import profiles
from engine.ops.spec import Op
from tests.ops.drive import Runner
from tests.oracle.windows import ORACLES

BOUND = 1e-10
LEVEL, NOISE = 1e5, 1e-4
BARS, SLICE = 1_000_000, 4_000
"""Bars of the committed measurement, and of the slice of it that the tests repeat."""
LENGTHS = (20, 500)
THROUGH_ZERO = {
    *("change", "roc", "skew", "kurtosis", "linreg_slope", "linreg_r2"),
    *("correlation", "autocorrelation", "beta", "hurst"),
}
AFTER: dict[str, tuple[float, ...]] = {"quantile": (0.9,), "linreg_forecast": (1,), "kama": (2, 30)}
PROFILE_BARS = 20_000
"""Volume profiles are worked out anew on every bar and carry nothing along: fewer bars do."""
PROFILES = ("volume_poc", "value_area_high", "value_area_low")


GROWING = ("cumsum", "sum_since")
"""Windows that grow: from the first bar, or from an anchor, which is put there."""


def is_windowed(op: Op) -> bool:
    """Whether a number is made from a given count of bars, or from all since one of them (a truth
    value has no error)."""
    if op.name in GROWING:
        return True
    takes_bars = any(a.kind == "const" and a.unit == "bars" for a in op.args)
    return op.callable and takes_bars and op.result != "truth"


WINDOWED = tuple(op.name for op in OPS if is_windowed(op))


def settings(name: str) -> list[tuple[float, ...]]:
    """The constants that an operator is measured with: a short window and a long one."""
    if name in PROFILES:
        return [(LENGTHS[0],)]  # 24 buckets filled anew on every bar: a long window adds nothing
    if name in GROWING:
        return [()]
    lengths = [max(n, int(BY_NAME[name].args[-1].low)) for n in LENGTHS]
    if name == "hurst":
        lengths[0] = 40
    before = (3,) if name == "autocorrelation" else ()
    return [(*before, n, *AFTER.get(name, ())) for n in lengths]


def bars_of(name: str) -> int:
    """How many bars the committed measurement of an operator takes."""
    return PROFILE_BARS if name in PROFILES else BARS


@cache
def noisy(count: int, which: int = 0, level: float = LEVEL, noise: float = NOISE) -> list[float]:
    """One series of the stated kind; `which` tells several apart."""
    rng = random.Random(5 + which)
    return [level * (1 + noise * rng.gauss(0, 1)) for _ in range(count)]


def inputs(op: Op, count: int) -> list[Sequence[float]]:
    """A series for each argument and column; highs and lows are those of three values."""
    if op.name == "sum_since":
        return [noisy(count), [2] + [0] * (count - 1)]
    if any(a.kind == "truth" for a in op.args):
        return [[2 if v > LEVEL else 0 for v in noisy(count)]]
    given = sum(a.kind == "number" for a in op.args)
    series: list[Sequence[float]] = [noisy(count, k) for k in range(given)]
    three = [noisy(count, k) for k in range(3)]
    high = [max(bar) for bar in zip(*three, strict=True)]
    low = [min(bar) for bar in zip(*three, strict=True)]
    columns = {"high": high, "low": low, "close": three[0], "volume": noisy(count, 3)}
    return series + [columns[c] for c in op.columns]


@cache
def profile(count: int, n: int) -> list[list[float]]:
    """The three results of a volume profile, worked out once."""
    high, low, volume = (np.array(s) for s in inputs(BY_NAME[PROFILES[0]], count))
    return [row.tolist() for row in profiles(high, low, volume, n)]


def exact(name: str, series: Sequence[Sequence[float]], consts: Sequence[float]) -> list[float]:
    """The exact result; the volume profile's is its definition by overlaps of intervals."""
    if name in PROFILES:
        return profile(len(series[0]), int(consts[0]))[PROFILES.index(name)]
    oracle: Callable[..., list[float]] = ORACLES[name]
    return oracle(*series, *consts)


def worst(got: Sequence[float], want: Sequence[float], through_zero: bool) -> float:
    """The largest error; infinite where only one of the two is na."""
    pairs = [(g, w) for g, w in zip(got, want, strict=True) if g == g or w == w]
    if any(g != g or w != w for g, w in pairs):
        return inf
    if through_zero:
        size = sqrt(sum(w * w for _, w in pairs) / len(pairs))
        return max(abs(g - w) for g, w in pairs) / size
    return max(abs(g - w) / abs(w) if g != w else 0.0 for g, w in pairs)


def measured(name: str, consts: Sequence[float], count: int, compiled: bool = False) -> float:
    """The worst error of one operator over so many bars."""
    op = BY_NAME[name]
    series = inputs(op, count)
    got = Runner(op, consts, compiled).run(*series)
    return worst(got, exact(name, series, consts), name in THROUGH_ZERO)
