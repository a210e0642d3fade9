"""Every operator beside the function of TA-Lib, pandas, scipy, statsmodels or numpy that does the
same.

A row says whose function it is and, where conventions differ, how. TA-Lib knows no na: its rows are
asked only of series without. Operators that nobody else has are named with the reason; their judge
is the whole-series definition (test_ops_agree.py) and what is worked by hand beside it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import talib
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.weightstats import DescrStatsW
from statsmodels.tools import add_constant

from engine.ops.spec import Consts
from tests.ops.library import truths

NAN = math.nan
Array = Any
Series = Sequence[Array]


@dataclass(frozen=True)
class Peer:
    """Someone else's function: `run(series, consts)` gives the operator's values.

    rounding: what its sums lose, as a share of the largest value in the series; ours must lie
    within that and within `relative` of the value. convention: where theirs differs from ours, and
    what was done about it."""

    who: str
    run: Callable[[Series, Consts], Array]
    relative: float = 1e-10
    rounding: float = 0.0
    convention: str = ""

    @property
    def knows_na(self) -> bool:
        return not self.who.startswith("TA-Lib")


def frame(x: Array, n: float) -> Any:
    return pd.Series(x).rolling(int(n))


def each_window(x: Array, n: float, formula: Callable[[Array], float]) -> Array:
    """The formula on each full window without na."""
    return frame(x, n).apply(formula, raw=True).to_numpy()


def pairs(x: Array, y: Array, n: float, formula: Callable[[Array, Array], float]) -> Array:
    """The formula on each full pair of windows without na."""
    n, out = int(n), np.full(len(x), NAN)
    for t in range(n - 1, len(x)):
        a, b = x[t - n + 1 : t + 1], y[t - n + 1 : t + 1]
        if not np.isnan(a + b).any():
            out[t] = formula(a, b)
    return out


def kleene(values: pd.Series) -> Array:
    """pandas' three-valued condition as 0, 1, 2."""
    return np.where(values.isna(), 1, np.where(values.fillna(False), 2, 0))


def condition(c: Array) -> pd.Series:
    """0, 1, 2 as pandas' three-valued condition."""
    return pd.Series(np.asarray(c) == 2).astype("boolean").mask(np.asarray(c) == 1)


def seeded(x: Array, alpha: float, n: float) -> Array:
    """pandas' ewm from the mean of the first n known values on, na where x is na."""
    known = pd.Series(x).dropna()
    n = int(n)
    if len(known) < n:
        return np.full(len(x), NAN)
    seed = pd.Series([known.iloc[:n].mean()], index=[known.index[n - 1]])
    smooth = pd.concat([seed, known.iloc[n:]]).ewm(alpha=alpha, adjust=False).mean()
    return smooth.reindex(range(len(x))).to_numpy()


def peer_rsi(x: Array, n: float) -> Array:
    move = pd.Series(x).diff().to_numpy()
    up, down = (seeded(np.maximum(s * move, 0.0), 1 / n, n) for s in (1, -1))
    return 100 * up / np.where(up + down == 0.0, NAN, up + down)


def peer_true_range(high: Array, low: Array, close: Array) -> Array:
    last = pd.Series(close).shift()
    sides = pd.DataFrame({"a": high - low, "b": (high - last).abs(), "c": (low - last).abs()})
    return sides.max(axis=1, skipna=False).to_numpy()


def streaks(x: Array) -> Array:
    sign = pd.Series(np.sign(pd.Series(x).diff()))
    return (sign * (sign.groupby((sign != sign.shift()).cumsum()).cumcount() + 1)).to_numpy()


def crossing(a: Array, b: Array, sign: float) -> Array:
    """A cross is unknown wherever this bar or the one before is, as both make it."""
    above = condition(truths(sign * (a - b) > 0, a, b))
    before = above.shift()
    return kleene((above & ~before).mask(above.isna() | before.isna()))


def since(c: Array) -> Array:
    """Bars since the condition was true."""
    true = pd.Series(np.asarray(c) == 2)
    age = true.groupby(true.cumsum()).cumcount().astype(float)
    return np.where((true.cumsum() == 0) | (np.asarray(c) == 1), NAN, age)


def held(c: Array, x: Array) -> Array:
    """The value on the latest true bar; one that was na then is na until the next."""
    at = pd.Series(np.where(np.asarray(c) == 2, np.arange(len(x)), NAN)).ffill()
    kept = np.where(at.isna(), NAN, np.asarray(x)[at.fillna(0).astype(int)])
    return np.where(np.asarray(c) == 1, NAN, kept)


def sums_since(x: Array, c: Array) -> Array:
    """Totals of the stretches that begin with a true bar; na spoils the rest of one."""
    stretch = pd.Series(np.asarray(c) == 2).cumsum()
    total = pd.Series(x).groupby(stretch).cumsum(skipna=False)
    return np.where((stretch == 0) | (np.asarray(c) == 1), NAN, total)


def weighted(x: Array, n: float) -> Array:
    weights = np.arange(1, n + 1) / (n * (n + 1) / 2)
    return each_window(x, n, lambda w: float(np.dot(w, weights)))


def moving_quantile(s: Series, c: Consts) -> Array:
    return frame(s[0], c[0]).quantile(c[1]).to_numpy()


def straight(part: Callable[[Any, int], float]) -> Callable[[Series, Consts], Array]:
    """A part of scipy's line through each window."""

    def run(s: Series, c: Consts) -> Array:
        n = int(c[0])
        times = np.arange(n)
        return each_window(s[0], n, lambda w: part(stats.linregress(times, w - w[-1]), n))

    return run


def forecast(s: Series, c: Consts) -> Array:
    n, k = int(c[0]), c[1]

    def ahead(w: Array) -> float:
        line = stats.linregress(np.arange(n), w - w[-1])
        return float(w[-1] + line.intercept + line.slope * (n - 1 + k))

    return each_window(s[0], n, ahead)


def moving_moment(formula: Callable[[Array], Any]) -> Callable[[Series, Consts], Array]:
    def run(s: Series, c: Consts) -> Array:
        return each_window(s[0], c[0], lambda w: NAN if np.ptp(w) == 0.0 else float(formula(w)))

    return run


def pearson(a: Array, b: Array) -> float:
    return NAN if np.ptp(a) == 0.0 or np.ptp(b) == 0.0 else float(stats.pearsonr(a, b).statistic)


def slope(a: Array, b: Array) -> float:
    return NAN if np.ptp(b) == 0.0 else float(stats.linregress(b - b[-1], a - a[-1]).slope)


def fitted(y: Array, x: Array) -> Any:
    """statsmodels' least squares of y on x and a constant, both less their last value."""
    return OLS(y - y[-1], add_constant(x - x[-1], has_constant="add")).fit()


def fitted_slope(a: Array, b: Array) -> float:
    return NAN if np.ptp(b) == 0.0 else float(fitted(a, b).params[1])


def fitted_r(a: Array, b: Array) -> float:
    """The root of what the line explains, with the sign of its slope."""
    if np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return NAN
    line = fitted(a, b)
    return float(np.sign(line.params[1]) * np.sqrt(max(line.rsquared, 0.0)))


def fitted_line(part: Callable[[Any, Array], float]) -> Callable[[Series, Consts], Array]:
    """A part of statsmodels' line through each window, over times that end at 0."""

    def run(s: Series, c: Consts) -> Array:
        times = np.arange(1.0 - int(c[0]), 1.0)
        return each_window(s[0], c[0], lambda w: part(fitted(w, times), w))

    return run


def fitted_forecast(s: Series, c: Consts) -> Array:
    run = fitted_line(lambda line, w: w[-1] + line.params[0] + line.params[1] * c[1])
    return run(s, c)


def weights_of(n: float) -> Array:
    return np.arange(1.0, n + 1.0)


def talib_rsi(s: Series, c: Consts) -> Array:
    return np.where(np.isnan(peer_rsi(s[0], c[0])), NAN, talib.RSI(s[0], int(c[0])))


def talib_kama(s: Series, c: Consts) -> Array:
    return talib.KAMA(s[0], int(c[0]))


def talib_hma(s: Series, c: Consts) -> Array:
    n = int(c[0])
    lead = 2.0 * talib.WMA(s[0], n // 2) - talib.WMA(s[0], n)
    return talib.WMA(lead, math.isqrt(n))


SEEDED = (
    "ewm starts from the first value; here from the mean of the first n, which is then its first"
)

PEERS: dict[str, tuple[Peer, ...]] = {
    # ---- arithmetic and logic
    "add": (Peer("numpy", lambda s, c: np.add(*s), 0.0),),
    "sub": (Peer("numpy", lambda s, c: np.subtract(*s), 0.0),),
    "mul": (Peer("numpy", lambda s, c: np.multiply(*s), 0.0),),
    "div": (Peer("numpy", lambda s, c: np.divide(*s), 0.0, convention="inf is na here"),),
    "neg": (Peer("numpy", lambda s, c: np.negative(*s), 0.0),),
    "lt": (Peer("pandas", lambda s, c: truths(s[0] < s[1], *s), 0.0),),
    "gt": (Peer("pandas", lambda s, c: truths(s[0] > s[1], *s), 0.0),),
    "le": (Peer("pandas", lambda s, c: truths(s[0] <= s[1], *s), 0.0),),
    "ge": (Peer("pandas", lambda s, c: truths(s[0] >= s[1], *s), 0.0),),
    "eq": (Peer("pandas", lambda s, c: truths(s[0] == s[1], *s), 0.0),),
    "ne": (Peer("pandas", lambda s, c: truths(s[0] != s[1], *s), 0.0),),
    "and": (Peer("pandas", lambda s, c: kleene(condition(s[0]) & condition(s[1])), 0.0),),
    "or": (Peer("pandas", lambda s, c: kleene(condition(s[0]) | condition(s[1])), 0.0),),
    "not": (Peer("pandas", lambda s, c: kleene(~condition(s[0])), 0.0),),
    "if": (Peer("numpy", lambda s, c: np.select([s[0] == 2, s[0] == 0], [s[1], s[2]], NAN), 0.0),),
    "if_truth": (
        Peer("numpy", lambda s, c: np.select([s[0] == 2, s[0] == 0], [s[1], s[2]], 1), 0.0),
    ),
    "is_na": (Peer("pandas", lambda s, c: 2 * pd.isna(s[0]).astype(int), 0.0),),
    "is_unknown": (Peer("pandas", lambda s, c: 2 * condition(s[0]).isna().to_numpy(int), 0.0),),
    "abs": (Peer("numpy", lambda s, c: np.abs(s[0]), 0.0),),
    "sqrt": (Peer("numpy", lambda s, c: np.sqrt(s[0]), 0.0),),
    "log": (Peer("numpy", lambda s, c: np.log(s[0]), 1e-15),),
    "exp": (
        Peer("numpy", lambda s, c: np.where(s[0] > 346, NAN, np.exp(np.minimum(s[0], 700))), 1e-15),
    ),
    "min": (Peer("numpy", lambda s, c: np.minimum(*s), 0.0),),
    "max": (Peer("numpy", lambda s, c: np.maximum(*s), 0.0),),
    # ---- history
    "back": (Peer("pandas", lambda s, c: pd.Series(s[0]).shift(int(c[0])).to_numpy(), 0.0),),
    "back_truth": (Peer("pandas", lambda s, c: kleene(condition(s[0]).shift(int(c[0]))), 0.0),),
    "cross_above": (Peer("pandas", lambda s, c: crossing(s[0], s[1], 1.0), 0.0),),
    "cross_below": (Peer("pandas", lambda s, c: crossing(s[0], s[1], -1.0), 0.0),),
    "change": (Peer("pandas", lambda s, c: pd.Series(s[0]).diff(int(c[0])).to_numpy(), 0.0),),
    "roc": (
        Peer(
            "pandas",
            lambda s, c: pd.Series(s[0]).pct_change(int(c[0]), fill_method=None).to_numpy(),
            rounding=1e-15,
            convention="pandas divides first and takes 1 away after",
        ),
    ),
    "bars_since": (Peer("pandas", lambda s, c: since(s[0]), 0.0),),
    "value_when": (Peer("pandas", lambda s, c: held(s[0], s[1]), 0.0),),
    "sum_since": (Peer("pandas", lambda s, c: sums_since(s[0], s[1]), rounding=1e-12),),
    "streak": (Peer("pandas", lambda s, c: streaks(s[0]), 0.0),),
    "cumsum": (Peer("pandas", lambda s, c: pd.Series(s[0]).cumsum().to_numpy(), 1e-12),),
    "peak": (Peer("pandas", lambda s, c: pd.Series(s[0]).cummax().to_numpy(), 0.0),),
    "trough": (Peer("pandas", lambda s, c: pd.Series(s[0]).cummin().to_numpy(), 0.0),),
    # ---- averages
    "sum": (
        Peer("pandas", lambda s, c: frame(s[0], c[0]).sum().to_numpy(), rounding=1e-12),
        Peer("TA-Lib", lambda s, c: talib.SUM(s[0], int(c[0])), rounding=1e-12),
    ),
    "sma": (
        Peer("pandas", lambda s, c: frame(s[0], c[0]).mean().to_numpy(), rounding=1e-12),
        Peer("TA-Lib", lambda s, c: talib.SMA(s[0], int(c[0])), rounding=1e-12),
    ),
    "adv": (
        Peer(
            "pandas",
            lambda s, c: (
                pd.Series(s[0])
                .rolling(int(c[0]), min_periods=(int(c[0]) + 1) // 2)
                .mean()
                .to_numpy()
            ),
            rounding=1e-12,
        ),
    ),
    "ema": (
        Peer("pandas", lambda s, c: seeded(s[0], 2 / (c[0] + 1), c[0]), convention=SEEDED),
        Peer("TA-Lib", lambda s, c: talib.EMA(s[0], int(c[0]))),
    ),
    "wilder": (Peer("pandas", lambda s, c: seeded(s[0], 1 / c[0], c[0]), convention=SEEDED),),
    "wma": (
        Peer("numpy", lambda s, c: weighted(s[0], c[0])),
        Peer("TA-Lib", lambda s, c: talib.WMA(s[0], int(c[0])), rounding=1e-12),
        Peer(
            "statsmodels",
            lambda s, c: each_window(
                s[0], c[0], lambda w: DescrStatsW(w, weights=weights_of(c[0])).mean
            ),
        ),
    ),
    "hma": (Peer("TA-Lib", talib_hma, rounding=1e-11, convention="put together from WMA"),),
    "kama": (
        Peer(
            "TA-Lib",
            talib_kama,
            rounding=1e-9,
            convention="its fast and slow are fixed at 2 and 30; what it has walked loses digits",
        ),
    ),
    "rsi": (
        Peer("pandas", lambda s, c: peer_rsi(s[0], c[0]), convention=SEEDED),
        Peer("TA-Lib", talib_rsi, convention="0 where nothing moves: na here"),
    ),
    "true_range": (
        Peer("pandas", lambda s, c: peer_true_range(*s), 0.0),
        Peer("TA-Lib", lambda s, c: talib.TRANGE(*s), 0.0),
    ),
    "atr": (
        Peer("pandas", lambda s, c: seeded(peer_true_range(*s), 1 / c[0], c[0]), convention=SEEDED),
        Peer("TA-Lib", lambda s, c: talib.ATR(*s, int(c[0])), rounding=1e-12),
    ),
    # ---- extremes and order
    "highest": (
        Peer("pandas", lambda s, c: frame(s[0], c[0]).max().to_numpy(), 0.0),
        Peer("TA-Lib", lambda s, c: talib.MAX(s[0], int(c[0])), 0.0),
    ),
    "lowest": (
        Peer("pandas", lambda s, c: frame(s[0], c[0]).min().to_numpy(), 0.0),
        Peer("TA-Lib", lambda s, c: talib.MIN(s[0], int(c[0])), 0.0),
    ),
    "argmax": (
        Peer("numpy", lambda s, c: each_window(s[0], c[0], lambda w: np.argmax(w[::-1])), 0.0),
    ),
    "argmin": (
        Peer("numpy", lambda s, c: each_window(s[0], c[0], lambda w: np.argmin(w[::-1])), 0.0),
    ),
    "median": (Peer("pandas", lambda s, c: frame(s[0], c[0]).median().to_numpy(), 1e-15),),
    "quantile": (Peer("pandas", moving_quantile, 1e-12),),
    "percentile_rank": (
        Peer(
            "scipy",
            lambda s, c: each_window(
                s[0], c[0] + 1, lambda w: stats.percentileofscore(w[:-1], w[-1], "weak") / 100
            ),
            1e-14,
            convention="kind `weak`, of the n values before",
        ),
    ),
    "count": (
        Peer(
            "pandas",
            lambda s, c: (
                pd.Series(np.where(s[0] == 1, NAN, s[0] == 2)).rolling(int(c[0])).sum().to_numpy()
            ),
            0.0,
        ),
    ),
    "lasting": (
        Peer(
            "numpy",
            lambda s, c: np.array(
                [
                    min([1] * (int(c[0]) - 1 - t) + list(s[0][max(t - int(c[0]) + 1, 0) : t + 1]))
                    for t in range(len(s[0]))
                ]
            ),
            0.0,
        ),
    ),
    # ---- statistics
    "stdev": (
        Peer("numpy", lambda s, c: each_window(s[0], c[0], lambda w: np.std(w - w[-1]))),
        Peer("statsmodels", lambda s, c: each_window(s[0], c[0], lambda w: DescrStatsW(w).std)),
        Peer(
            "TA-Lib",
            lambda s, c: talib.STDDEV(s[0], int(c[0])),
            rounding=3e-7,
            convention="TA-Lib takes the square of the mean from the mean of the squares",
        ),
    ),
    "mean_deviation": (
        Peer(
            "numpy",
            lambda s, c: each_window(s[0], c[0], lambda w: np.abs(w - w.mean()).mean()),
            rounding=1e-14,
        ),
        Peer("TA-Lib", lambda s, c: talib.AVGDEV(s[0], int(c[0])), rounding=1e-12),
    ),
    "skew": (Peer("scipy", moving_moment(lambda w: stats.skew(w - w[-1])), rounding=1e-6),),
    "kurtosis": (Peer("scipy", moving_moment(lambda w: stats.kurtosis(w - w[-1])), rounding=1e-6),),
    "correlation": (
        Peer("scipy", lambda s, c: pairs(s[0], s[1], c[0], pearson), 1e-6, 1e-9),
        Peer("statsmodels", lambda s, c: pairs(s[0], s[1], c[0], fitted_r), 1e-6, 1e-9),
    ),
    "autocorrelation": (
        Peer(
            "scipy",
            lambda s, c: pairs(s[0], pd.Series(s[0]).shift(int(c[0])).to_numpy(), c[1], pearson),
            1e-6,
            1e-9,
            "as pandas' autocorr",
        ),
        Peer(
            "statsmodels",
            lambda s, c: pairs(s[0], pd.Series(s[0]).shift(int(c[0])).to_numpy(), c[1], fitted_r),
            1e-6,
            1e-9,
            "from its line on the past; its acf takes one mean for both sides",
        ),
    ),
    "beta": (
        Peer("scipy", lambda s, c: pairs(s[0], s[1], c[0], slope), 1e-8, 1e-9),
        Peer("statsmodels", lambda s, c: pairs(s[0], s[1], c[0], fitted_slope), 1e-8, 1e-9),
    ),
    "linreg_slope": (
        Peer("scipy", straight(lambda line, n: line.slope), rounding=1e-13),
        Peer("TA-Lib", lambda s, c: talib.LINEARREG_SLOPE(s[0], int(c[0])), rounding=1e-11),
        Peer("statsmodels", fitted_line(lambda line, w: line.params[1]), rounding=1e-13),
    ),
    "linreg_forecast": (
        Peer("scipy", forecast, rounding=1e-12),
        Peer("statsmodels", fitted_forecast, rounding=1e-12),
    ),
    "linreg_r2": (
        Peer(
            "scipy",
            straight(lambda line, n: NAN if line.stderr != line.stderr else line.rvalue**2),
            rounding=1e-6,
        ),
        Peer(
            "statsmodels",
            fitted_line(lambda line, w: NAN if np.ptp(w) == 0.0 else line.rsquared),
            rounding=1e-6,
        ),
    ),
}

NOBODY: dict[str, str] = {
    "between": "two comparisons and an `and`: worked by hand in test_ops_logic.py",
    "within": "a comparison with a distance: worked by hand in test_ops_logic.py",
    "latch": "a condition with memory of its own: docs/spec.md works one through",
    "order_flow": "worked by hand, and against whole books, in tests/feeds/test_book.py",
    "volume_poc": "profiles are drawn in as many ways as there are vendors",
    "value_area_high": "as volume_poc",
    "value_area_low": "as volume_poc",
    "nearest_above": "levels kept from pivots: worked by hand in test_ops_structure.py",
    "nearest_below": "as nearest_above",
    "touches": "as nearest_above",
    "hurst": "estimators differ in kind; held to fractional noise of known exponent",
}
"""Operators that no peer has, with the reason."""
