"""Statistics of a window: against scipy, pandas, TA-Lib, and fractions over a million bars."""

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.ops import BY_NAME
from engine.ops.comovement import exact_products
from engine.ops.regression import fit
from engine.ops.shape import moment
from tests.ops.drive import KINDS, Runner, inputs, prices, same
from tests.ops.library import shipped, windows
from tests.oracle.accuracy import BOUND, noisy

NAN = math.nan
N = 30
WINDOWED = ("linreg_slope", "linreg_forecast", "linreg_r2", "skew", "kurtosis", "hurst")
PAIRED = ("correlation", "beta")


def shared(kind: str) -> tuple[Any, Any]:
    """Two series of the named kind, the second following half of the first."""
    x, y = (np.array(prices(kind, 500, seed)) for seed in (1, 2))
    return x, 0.5 * x + 0.5 * y


def real() -> tuple[Any, Any]:
    """Daily closes of two shipped indices, as far as both have them."""
    x, y = shipped("SP500")["close"], shipped("NASDAQ")["close"]
    count = min(len(x), len(y), 3000)
    return x[-count:], y[-count:]


def run(name: str, consts: tuple[float, ...], *series: Any) -> Any:
    """The compiled operator over whole series."""
    op = BY_NAME[name]
    return np.array(
        Runner(op, consts, compiled=True).run(*(np.asarray(s).tolist() for s in series))
    )


def agrees(got: Any, want: Any, tolerance: float, scale: Any = 1.0) -> None:
    """na on the same bars, and elsewhere within the tolerance of the scale."""
    assert np.array_equal(np.isnan(got), np.isnan(want))
    known = ~np.isnan(want)
    allowed = tolerance * np.broadcast_to(scale, want.shape)
    assert np.all(np.abs(got - want)[known] <= allowed[known])


SERIES = [kind for kind in KINDS if kind != "constant"] + ["real"]


def pair(kind: str) -> tuple[Any, Any]:
    return real() if kind == "real" else shared(kind)


# ---------------------------------------------------------------- order statistics


@pytest.mark.parametrize("kind", [*SERIES, "constant"])
@pytest.mark.parametrize("n", [1, 2, 21, 252])
def test_median_and_quantile_are_those_of_pandas(kind: str, n: int) -> None:
    x, _ = pair(kind)
    rolling = pd.Series(x).rolling(n)
    assert np.array_equal(run("median", (n,), x), rolling.median(), equal_nan=True)
    for q in (0.0, 0.05, 0.5, 0.9, 1.0):
        got, want = run("quantile", (n, q), x), rolling.quantile(q).to_numpy()
        agrees(got, want, 4e-16, np.abs(np.nan_to_num(x)).max())


def test_the_outer_quantiles_are_the_extremes() -> None:
    x = prices("spikes", 500, 1)
    for n in (1, 5, 60):
        assert np.array_equal(run("quantile", (n, 0.0), x), run("lowest", (n,), x), equal_nan=True)
        assert np.array_equal(run("quantile", (n, 1.0), x), run("highest", (n,), x), equal_nan=True)


@pytest.mark.parametrize("kind", [*SERIES, "constant"])
def test_percentile_rank_is_scipys_weak_one(kind: str) -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    x, _ = pair(kind)
    want = windows(x, N + 1, lambda w: stats.percentileofscore(w[:-1], w[-1], kind="weak") / 100.0)
    agrees(run("percentile_rank", (N,), x), want, 1e-15)


def test_a_tie_counts_as_at_most() -> None:
    got = run("percentile_rank", (3,), [1.0, 2.0, 3.0, 2.0, 2.0, 9.0, 0.0])
    assert got[3:].tolist() == [2 / 3, 2 / 3, 1.0, 0.0]


# ---------------------------------------------------------------- two series


@pytest.mark.parametrize("kind", SERIES)
@pytest.mark.parametrize("n", [2, 30, 250])
def test_correlation_and_beta_are_those_of_numpy(kind: str, n: int) -> None:
    x, y = pair(kind)
    moves = [pd.Series(v).pct_change(fill_method=None).to_numpy() for v in (x, y)]
    spans = np.array([NAN_PAIR if t < n - 1 else covariances(moves, t, n) for t in range(len(x))])
    xx, yy, xy = spans.T
    some = np.where(yy == 0.0, NAN, yy)
    scale = np.sqrt(np.where(xx == 0.0, NAN, xx)) * np.sqrt(some)
    agrees(run("correlation", (n,), *moves), xy / scale, 1e-9)
    agrees(run("beta", (n,), *moves), xy / some, 1e-9, np.nan_to_num(np.sqrt(xx / some)))


NAN_PAIR = (NAN, NAN, NAN)


def covariances(moves: list[Any], t: int, n: int) -> tuple[float, float, float]:
    """numpy's own covariance matrix of the window, nan where the window holds one."""
    c = np.cov(moves[0][t - n + 1 : t + 1], moves[1][t - n + 1 : t + 1], bias=True)
    return c[0, 0], c[1, 1], c[0, 1]


@pytest.mark.parametrize("kind", ["walk", "real", "tiny", "huge"])
def test_correlation_and_beta_are_those_of_talib(kind: str) -> None:
    talib = pytest.importorskip("talib", reason="TA-Lib is not installed")
    x, y = pair(kind)
    agrees(run("correlation", (N,), x, y)[N:], talib.CORREL(x, y, N)[N:], 1e-6)
    moves = [run("roc", (1,), v) for v in (x, y)]
    # TA-Lib takes prices, forms the returns itself, and puts the market first.
    agrees(run("beta", (N,), *moves), talib.BETA(y, x, N), 1e-6)


@pytest.mark.parametrize("lag", [1, 5])
@pytest.mark.parametrize("kind", ["walk", "gaps", "runs", "real", "ticks"])
def test_autocorrelation_is_that_of_pandas(kind: str, lag: int) -> None:
    x = pd.Series(pair(kind)[0]).diff()
    want = windows_of_series(x, lag, N)
    agrees(run("autocorrelation", (lag, N), x), want, 1e-10)


def windows_of_series(x: Any, lag: int, n: int) -> Any:
    """pandas' autocorr of the n + lag values that end on each bar, na where one is missing."""
    whole = n + lag
    return windows(x.to_numpy(), whole, lambda w: float(pd.Series(w).autocorr(lag)))


def test_a_series_follows_itself_its_mirror_and_nothing_that_stands_still() -> None:
    x = np.array(prices("walk", 300, 1))
    for n in (2, 20, 200):
        ones = run("correlation", (n,), x, 3.0 * x)[n - 1 :]
        assert np.all((ones >= 1 - 1e-12) & (ones <= 1.0))
        mirrored = run("correlation", (n,), x, -x)[n - 1 :]
        assert np.all((mirrored >= -1.0) & (mirrored <= -1 + 1e-12))
        assert np.allclose(run("beta", (n,), 4.0 * x, x)[n - 1 :], 4.0, rtol=1e-15, atol=0.0)
        flat = np.full(300, 0.1)
        assert np.isnan(run("correlation", (n,), x, flat)).all()
        assert np.isnan(run("beta", (n,), x, flat)).all()
        assert np.all(run("beta", (n,), flat, x)[n - 1 :] == 0.0)


# ---------------------------------------------------------------- lines and shapes


@pytest.mark.parametrize("kind", ["walk", "tiny", "huge", "ticks", "real"])
@pytest.mark.parametrize("n", [2, 14, 200])
def test_the_line_is_that_of_talib(kind: str, n: int) -> None:
    talib = pytest.importorskip("talib", reason="TA-Lib is not installed")
    x, _ = pair(kind)
    agrees(run("linreg_slope", (n,), x), talib.LINEARREG_SLOPE(x, n), 1e-10, x)
    agrees(run("linreg_forecast", (n, 0), x), talib.LINEARREG(x, n), 1e-10, x)
    agrees(run("linreg_forecast", (n, 1), x), talib.TSF(x, n), 1e-10, x)


@pytest.mark.parametrize("kind", [*SERIES])
def test_the_fit_is_that_of_scipy(kind: str) -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    x, _ = pair(kind)
    x, t = x[-600:], np.arange(N)
    want = windows(x, N, lambda w: stats.linregress(t, w).rvalue ** 2)
    agrees(run("linreg_r2", (N,), x), want, 1e-9)


@pytest.mark.parametrize("kind", SERIES)
def test_the_shape_is_that_of_scipy(kind: str) -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    x = pair(kind)[0][-600:]
    agrees(run("skew", (N,), x), windows(x, N, stats.skew), 1e-8)
    agrees(run("kurtosis", (N,), x), windows(x, N, stats.kurtosis), 1e-8)


def test_pandas_figures_follow_from_ours_by_the_sample_factors() -> None:
    x = np.array(prices("walk", 300, 3))
    n, rolling = 40, pd.Series(x).rolling(40)
    g1, g2 = run("skew", (n,), x), run("kurtosis", (n,), x)
    agrees(g1 * math.sqrt(n * (n - 1)) / (n - 2), rolling.skew().to_numpy(), 1e-8)
    sample = ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3))
    agrees(sample, rolling.kurt().to_numpy(), 1e-8)


def test_a_straight_line_is_met_exactly() -> None:
    x = [10.0 + 3.0 * t for t in range(100)]
    assert run("linreg_slope", (20,), x)[19:].tolist() == [3.0] * 81
    assert run("linreg_forecast", (20, 5), x)[19:].tolist() == [v + 15.0 for v in x[19:]]
    assert np.allclose(run("linreg_r2", (20,), x)[19:], 1.0, rtol=1e-15, atol=0.0)
    assert np.all(run("linreg_r2", (20,), x)[19:] <= 1.0)
    assert np.allclose(run("skew", (20,), x)[19:], 0.0, atol=1e-15)


def test_nothing_that_stands_still_has_a_shape() -> None:
    for level in (0.1, 1e-6, 1e7 / 3):
        x = [level] * 80
        for name in ("linreg_r2", "skew", "kurtosis", "hurst"):
            assert np.isnan(run(name, (40,), x)).all()
        assert run("linreg_slope", (40,), x)[39:].tolist() == [0.0] * 41
        assert run("linreg_forecast", (40, 7), x)[39:].tolist() == [level] * 41


# ---------------------------------------------------------------- persistence


def test_hurst_knows_walks_noise_and_lines() -> None:
    rng = np.random.default_rng(8)
    n = 500
    walks = [run("hurst", (n,), np.cumsum(rng.normal(size=n)))[-1] for _ in range(200)]
    noise = [run("hurst", (n,), rng.normal(size=n))[-1] for _ in range(50)]
    assert abs(np.mean(walks) - 0.5) < 0.02 and 0.03 < np.std(walks) < 0.12
    assert abs(np.mean(noise)) < 0.02
    assert run("hurst", (n,), [3.0 * t for t in range(n)])[-1] == pytest.approx(1.0, rel=1e-14)


def test_hurst_of_fractional_noise_is_its_own_exponent() -> None:
    rng = np.random.default_rng(9)
    for h in (0.3, 0.5, 0.7):
        walks = np.cumsum(fractional_noise(h, 512, rng.normal(size=(512, 40))), axis=0)
        got = [run("hurst", (512,), walk)[-1] for walk in walks.T]
        assert abs(np.mean(got) - h) < 0.03


def fractional_noise(h: float, count: int, normal: Any) -> Any:
    """Fractional Gaussian noise down each column, by its exact covariance."""
    k = np.arange(count)
    row = 0.5 * (abs(k + 1.0) ** (2 * h) - 2 * abs(k * 1.0) ** (2 * h) + abs(k - 1.0) ** (2 * h))
    return np.linalg.cholesky(row[np.abs(k[:, None] - k)]) @ normal


# ---------------------------------------------------------------- no drift


EXACT: dict[str, Callable[[list[float]], float]] = {
    "linreg_slope": lambda w: fit(w)[1],
    "linreg_forecast": lambda w: fit(w)[0],
    "linreg_r2": lambda w: fit(w)[2],
    "skew": lambda w: moment(w, 3),
    "kurtosis": lambda w: moment(w, 4),
}


def worst_of_one(name: str, x: list[float], n: int, every: int) -> float:
    """Largest relative error against fractions, on every so many bars."""
    consts = (n, 0) if name == "linreg_forecast" else (n,)
    got, exact = Runner(BY_NAME[name], consts, compiled=True).run(x), EXACT[name]
    worst = 0.0
    for t in range(n - 1, len(x), every):
        want = exact(x[t - n + 1 : t + 1])
        worst = max(worst, abs(got[t] - want) / abs(want))
    return worst


def worst_of_two(x: list[float], y: list[float], n: int, every: int) -> float:
    """The same for correlation and beta."""
    r = Runner(BY_NAME["correlation"], (n,), compiled=True).run(x, y)
    b = Runner(BY_NAME["beta"], (n,), compiled=True).run(x, y)
    worst = 0.0
    for t in range(n - 1, len(x), every):
        xx, yy, xy = exact_products(x[t - n + 1 : t + 1], y[t - n + 1 : t + 1])
        want = xy / (math.sqrt(xx) * math.sqrt(yy))
        worst = max(worst, abs(r[t] - want) / abs(want), abs(b[t] - xy / yy) / abs(xy / yy))
    return worst


def check_errors(count: int, n: int, every: int) -> None:
    x, other = noisy(count), random.Random(6)
    y = [0.5 * v + 5e4 * (1 + 1e-4 * other.gauss(0, 1)) for v in x]
    errors = {name: worst_of_one(name, x, n, every) for name in EXACT}
    errors["pairs"] = worst_of_two(x, y, n, every)
    print(f"n {n}:", ", ".join(f"{k} {v:.1e}" for k, v in errors.items()))
    assert max(errors.values()) <= BOUND


@pytest.mark.parametrize(("n", "every"), [(20, 97), (200, 499)])
def test_errors_stay_bounded(n: int, every: int) -> None:
    check_errors(20_000, n, every)


@pytest.mark.slow
@pytest.mark.parametrize("n", [20, 250])
def test_errors_stay_bounded_over_a_million_bars(n: int) -> None:
    check_errors(1_000_000, n, 997)


@pytest.mark.parametrize("name", [*WINDOWED, *PAIRED, "autocorrelation", "median"])
def test_a_later_start_gives_the_same_bits(name: str) -> None:
    op, n = BY_NAME[name], 40
    consts = {"linreg_forecast": (n, 3), "autocorrelation": (5, n)}.get(name, (n,))
    for kind in ("walk", "gaps", "spikes", "huge"):
        series = inputs(op, kind, 1500)
        whole = Runner(op, consts, compiled=True).run(*series)[1100:]
        late = Runner(op, consts, compiled=True).run(*(s[1000:] for s in series))[100:]
        assert all(map(same, whole, late))
        assert not all(math.isnan(y) for y in whole)


def test_the_largest_numbers_give_a_number_or_na() -> None:
    rng = random.Random(2)
    for size in (1e150, 1e-150):
        x, y = ([size * rng.uniform(-1, 1) for _ in range(80)] for _ in range(2))
        for name in (*WINDOWED, *PAIRED, "median"):
            consts = (40, 0) if name == "linreg_forecast" else (40,)
            got = run(name, consts, *([x, y] if name in PAIRED else [x]))
            assert not np.isinf(got).any() and np.isnan(got[:39]).all()
            if name in ("correlation", "skew", "kurtosis", "linreg_r2") and size > 1:
                assert not np.isnan(got[39:]).any()
