"""The shipped defines on lines, memory, regimes and mean reversion, against numpy and TA-Lib."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.ops.spec import FALSE, TRUE, UNKNOWN
from tests.ops.drive import KINDS, WHOLE
from tests.ops.library import bars_of, shipped, table, truths, values, windows

OLS = pytest.importorskip("statsmodels.regression.linear_model", reason="not installed").OLS
NAN = math.nan
MOVING = [k for k in KINDS if k != "constant"]
MOVING_WHOLE = [k for k in WHOLE if k != "constant"]


def bars_for(kind: str) -> Any:
    return {c: v[:900] for c, v in shipped("SP500").items()} if kind == "real" else bars_of(kind)


def alike(got: Any, want: Any, tolerance: float) -> None:
    """na on the same bars, elsewhere within the relative tolerance."""
    assert np.array_equal(np.isnan(got), np.isnan(want))
    known = ~np.isnan(want)
    assert known.any()
    assert np.all(np.abs(got - want)[known] <= tolerance * np.abs(want)[known])


# ---------------------------------------------------------------- lines and memory


def slope_on_its_past(window: Any) -> float:
    """Least-squares slope of each value on the one before, from numpy's solver."""
    past, now = window[:-1] - window[:-1].mean(), window[1:] - window[1:].mean()
    return float(np.linalg.lstsq(past[:, None], now, rcond=None)[0][0])


def fitted_on_its_past(window: Any) -> float:
    """The same from statsmodels, with a constant instead of means taken away."""
    past, now = window[:-1] - window[-1], window[1:] - window[-1]
    return float(OLS(now, np.column_stack([np.ones(len(past)), past])).fit().params[1])


def half_life_of(phi: float) -> float:
    return math.log(0.5) / math.log(phi) if 0.0 < phi < 1.0 else NAN


@pytest.mark.parametrize("fit", [slope_on_its_past, fitted_on_its_past])
@pytest.mark.parametrize("kind", [*MOVING, "real"])
@pytest.mark.parametrize("n", [20, 60])
def test_half_life_is_that_of_the_fitted_autoregression(kind: str, n: int, fit: Any) -> None:
    bars = bars_for(kind)
    got = values(f"half_life(close, {n} bars)", bars)
    alike(got, windows(bars["close"], n + 1, lambda w: half_life_of(fit(w))), 1e-6)


def test_half_life_finds_the_one_that_made_the_series() -> None:
    rng, count = np.random.default_rng(3), 2100
    for made, allowed in ((3.0, 0.5), (10.0, 2.5)):
        phi, x = 0.5 ** (1 / made), np.zeros(count)
        for t in range(1, count):
            x[t] = phi * x[t - 1] + rng.normal()
        got = values("half_life(close, 2000 bars)", {"close": x + 100.0})
        assert np.all(np.abs(got[-90:] - made) < allowed)


def test_what_drifts_away_or_overshoots_has_no_half_life() -> None:
    t = np.arange(100)
    for x in (1.1 ** (t / 2), 100.0 + (-1.0) ** t, 100.0 + t, np.full(100, 0.1)):
        assert np.isnan(values("half_life(close, 40 bars)", {"close": x})).all()


@pytest.mark.parametrize("kind", ["walk", "gaps", "runs", "tiny", "huge", "real"])
def test_the_line_is_the_one_numpy_fits(kind: str) -> None:
    bars, n = bars_for(kind), 20
    x, t = bars["close"], np.arange(n) - (n - 1.0)
    end = windows(x, n, lambda w: np.polyfit(t, w, 1)[1])
    pace = windows(x, n, lambda w: np.polyfit(t, w, 1)[0]) / end
    error = windows(x, n, lambda w: np.std(w - np.polyval(np.polyfit(t, w, 1), t)))
    names = ("linreg", "linreg_pace", "linreg_error", "linreg_zscore")
    got = table({name: f"{name}(close, {n} bars)" for name in names}, bars)
    alike(got["linreg"], end, 1e-12)
    assert np.nanmax(np.abs(got["linreg_pace"] - pace)) <= 1e-12
    alike(got["linreg_error"], error, 1e-6)
    assert np.nanmax(np.abs(got["linreg_zscore"] - (x - end) / error)) <= 1e-6


# ---------------------------------------------------------------- regimes


def efficiency(x: Any, n: int) -> Any:
    """Net move over distance walked, from pandas; na where nothing moved."""
    series = pd.Series(x)
    way = series.diff().abs().rolling(n).sum().to_numpy()
    return series.diff(n).abs().to_numpy() / np.where(way <= 1e-12, NAN, way)


@pytest.mark.parametrize("kind", ["walk", "gaps", "runs", "ticks", "real"])
def test_straight_and_choppy_split_at_the_efficiency(kind: str) -> None:
    bars, n, at = bars_for(kind), 20, 0.2718
    x = bars["close"]
    ratio, turn = efficiency(x, n), pd.Series(x).rolling(n).mean().diff().to_numpy()
    names = {
        "is_straight": truths(ratio >= at, ratio),
        "is_choppy": truths(ratio <= at, ratio),
        "is_rising": both(truths(ratio >= at, ratio), truths(turn > 1e-9, turn)),
        "is_falling": both(truths(ratio >= at, ratio), truths(turn < -1e-9, turn)),
    }
    got = table({name: f"{name}(close, {n} bars, {at})" for name in names}, bars)
    for name, want in names.items():
        assert np.array_equal(got[name], want), name
        assert {FALSE, TRUE} <= set(want)


def both(a: Any, b: Any) -> Any:
    """Kleene's and: the smaller."""
    return np.minimum(a, b)


@pytest.mark.parametrize("kind", [*MOVING_WHOLE, "real"])
def test_trend_and_range_are_where_talib_has_them(kind: str) -> None:
    talib = pytest.importorskip("talib", reason="TA-Lib is not installed")
    bars, n = bars_for(kind), 14
    of = [bars[c] for c in ("high", "low", "close")]
    strength, up, down = (f(*of, n) for f in (talib.ADX, talib.PLUS_DI, talib.MINUS_DI))
    middle = float(np.nanmedian(strength)) + 1e-3
    want = {
        "is_trend": strength >= middle,
        "is_range": strength <= middle,
        "is_uptrend": (strength >= middle) & (up > down),
        "is_downtrend": (strength >= middle) & (up < down),
    }
    got = table({name: f"{name}({n} bars, {middle:.9f})" for name in want}, bars)
    faded = slice(350, None)  # TA-Lib seeds its averages a bar earlier
    clear = (np.abs(strength - middle) > 1e-4)[faded] & (np.abs(up - down) > 1e-4)[faded]
    assert clear.sum() > 100
    for name, yes in want.items():
        assert np.array_equal(got[name][faded][clear] == TRUE, yes[faded][clear]), name


@pytest.mark.parametrize("kind", ["walk", "gaps", "real"])
def test_calm_and_volatile_are_the_ends_of_a_rank(kind: str) -> None:
    bars, n, m = bars_for(kind), 5, 40
    spread = pd.Series(np.log(bars["close"])).diff().rolling(n).std().to_numpy()
    rank = windows(spread, m + 1, lambda w: float(np.mean(w[:-1] <= w[-1])))
    got = table(
        {
            "wild": f"is_volatile(close, {n} bars, {m} bars, 80.5%)",
            "calm": f"is_calm(close, {n} bars, {m} bars, 19.5%)",
        },
        bars,
    )
    assert np.array_equal(got["wild"], truths(rank >= 0.805, rank))
    assert np.array_equal(got["calm"], truths(rank <= 0.195, rank))
    assert {FALSE, TRUE} <= set(got["wild"]) and {FALSE, TRUE} <= set(got["calm"])


def test_memory_splits_walks_that_go_on_from_noise_that_returns() -> None:
    rng = np.random.default_rng(5)
    noise, line = rng.normal(size=400) + 100.0, np.cumsum(np.abs(rng.normal(size=400))) + 10.0
    for x, yes, no in (
        (noise, "is_reverting", "is_persistent"),
        (line, "is_persistent", "is_reverting"),
    ):
        assert (values(f"{yes}(close, 250 bars, 0.2)", {"close": x})[249:] == TRUE).all()
        assert (values(f"{no}(close, 250 bars, 0.2)", {"close": x})[249:] == FALSE).all()


# ---------------------------------------------------------------- mean reversion


@pytest.mark.parametrize("kind", ["walk", "gaps", "runs", "real"])
def test_stretches_lie_outside_the_bands(kind: str) -> None:
    bars, n, k = bars_for(kind), 20, 1.37
    x = pd.Series(bars["close"])
    mean, width = x.rolling(n).mean().to_numpy(), x.rolling(n).std(ddof=0).to_numpy()
    z = (bars["close"] - mean) / width
    low, high = truths(z <= -k, z), truths(z >= k, z)
    names = ("stretched_below", "stretched_above", "back_above_lower", "back_below_upper")
    got = table({name: f"{name}(close, {n} bars, {k})" for name in names}, bars)
    assert np.array_equal(got["stretched_below"], low)
    assert np.array_equal(got["stretched_above"], high)
    assert np.array_equal(got["back_above_lower"][1:], left(low))
    assert np.array_equal(got["back_below_upper"][1:], left(high))
    assert TRUE in low and TRUE in high


def left(outside: Any) -> Any:
    """TRUE on the bars that are inside after one outside; UNKNOWN next to an unknown bar."""
    before, now = outside[:-1], outside[1:]
    out = np.where((before == TRUE) & (now == FALSE), TRUE, FALSE)
    return np.where((before == UNKNOWN) | (now == UNKNOWN), UNKNOWN, out)


def test_the_mean_is_met_from_either_side() -> None:
    x = np.array([10.0, 12.0, 10.0, 10.0, 14.0, 14.0, 14.0, 8.0])
    got = values("back_at_mean(close, 2 bars)", {"close": x})
    assert got.tolist() == [UNKNOWN, UNKNOWN, TRUE, FALSE, TRUE, FALSE, FALSE, TRUE]


@pytest.mark.parametrize("kind", ["walk", "gaps", "runs", "real"])
def test_the_gate_opens_only_where_half_the_way_back_is_short(kind: str) -> None:
    bars, n, slow = bars_for(kind), 40, 5
    phi = windows(bars["close"], n + 1, slope_on_its_past)
    gate = truths((phi > 0.0) & (phi <= 0.5 ** (1 / slow)), phi)
    got = table(
        {
            "gate": f"reverts(close, {n} bars, {slow} bars)",
            "below": f"fade_below(close, 20 bars, 1.5, {n} bars, {slow} bars)",
            "above": f"fade_above(close, 20 bars, 1.5, {n} bars, {slow} bars)",
            "low": "stretched_below(close, 20 bars, 1.5)",
            "high": "stretched_above(close, 20 bars, 1.5)",
        },
        bars,
    )
    assert np.array_equal(got["gate"], gate) and {FALSE, TRUE} <= set(gate)
    assert np.array_equal(got["below"], both(got["low"], gate))
    assert np.array_equal(got["above"], both(got["high"], gate))


def test_rsi_signals_are_strict() -> None:
    bars = bars_for("walk")
    strength = values("rsi(close, 2 bars)", bars)
    low = values("oversold(close, 2 bars, 10)", bars)
    high = values("overbought(close, 2 bars, 90)", bars)
    assert np.array_equal(low, truths(strength < 10, strength)) and TRUE in low
    assert np.array_equal(high, truths(strength > 90, strength)) and TRUE in high
