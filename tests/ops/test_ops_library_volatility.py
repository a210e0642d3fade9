"""The shipped defines on volatility and volume flow, against TA-Lib or against their whole-series
definition in numpy.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy.stats import percentileofscore

from tests.ops.drive import KINDS, WHOLE, prices
from tests.ops.library import bars_of, shipped, values
from tests.oracle.accuracy import BOUND, noisy

YEAR = 252

Bars = dict[str, Any]


def bars_for(kind: str) -> Bars:
    """Bars of a kind, or shipped ones; the open lies inside the range."""
    if kind in KINDS:
        bars = bars_of(kind)
        return bars | {"open": np.clip(bars["open"], bars["low"], bars["high"])}
    return {c: v[:600] for c, v in shipped(kind, last="2016-12-31").items()}


def assert_alike(got: Any, want: Any, relative: float, absolute: float = 0.0) -> None:
    assert np.array_equal(np.isnan(got), np.isnan(want))
    known = ~np.isnan(want)
    assert known.any()
    assert np.all(np.abs(got - want)[known] <= relative * np.abs(want)[known] + absolute)


def rolled(x: Any, n: int, formula: Callable[[Any], Any]) -> Any:
    """The formula over each window of n values, along its last axis."""
    return np.concatenate([np.full(n - 1, np.nan), formula(sliding_window_view(x, n))])


def sample_variance(x: Any, n: int) -> Any:
    return rolled(x, n, lambda w: w.var(axis=-1, ddof=1))


def mean(x: Any, n: int) -> Any:
    return rolled(x, n, lambda w: w.mean(axis=-1))


def before(x: Any) -> Any:
    return np.concatenate([[np.nan], x[:-1]])


# ---------------------------------------------------------------- volatility


def their_historical(b: Bars, n: int) -> Any:
    returns = pd.Series(np.log(b["close"])).diff()
    return returns.rolling(n).apply(lambda w: w.std(ddof=1)).to_numpy() * math.sqrt(YEAR)


def their_parkinson(b: Bars, n: int) -> Any:
    squares = np.log(b["high"] / b["low"]) ** 2
    return np.sqrt(YEAR / (4 * n * math.log(2)) * rolled(squares, n, lambda w: w.sum(axis=-1)))


def their_garman_klass(b: Bars, n: int) -> Any:
    o, h, low, c = (np.log(b[k]) for k in ("open", "high", "low", "close"))
    return np.sqrt(YEAR * mean((h - low) ** 2 / 2 - (math.log(4) - 1) * (c - o) ** 2, n))


def rogers_satchell_bars(b: Bars) -> Any:
    o, h, low, c = (np.log(b[k]) for k in ("open", "high", "low", "close"))
    return (h - c) * (h - o) + (low - c) * (low - o)


def their_rogers_satchell(b: Bars, n: int) -> Any:
    return np.sqrt(YEAR * mean(rogers_satchell_bars(b), n))


def their_yang_zhang(b: Bars, n: int) -> Any:
    o, c = np.log(b["open"]), np.log(b["close"])
    k = 0.34 / (1.34 + (n + 1) / (n - 1))
    night, day = sample_variance(o - before(c), n), sample_variance(c - o, n)
    return np.sqrt(YEAR * (night + k * day + (1 - k) * mean(rogers_satchell_bars(b), n)))


def their_percentile(b: Bars, n: int) -> Any:
    vol = their_historical(b, n)
    out = np.full(len(vol), np.nan)
    for t in range(50, len(vol)):
        if not np.isnan(vol[t - 50 : t + 1]).any():
            out[t] = percentileofscore(vol[t - 50 : t], vol[t], kind="weak") / 100
    return out


VOLATILITY = {
    "historical_volatility(close, {n} bars)": their_historical,
    "parkinson({n} bars)": their_parkinson,
    "garman_klass({n} bars)": their_garman_klass,
    "rogers_satchell({n} bars)": their_rogers_satchell,
    "yang_zhang({n} bars)": their_yang_zhang,
}


@pytest.mark.parametrize("kind", [*KINDS, "NVDA", "IBM"])
@pytest.mark.parametrize("text", VOLATILITY)
def test_volatility_equals_its_definition(text: str, kind: str) -> None:
    bars = bars_for(kind)
    for n in (2, 20):
        got, want = values(text.format(n=n), bars), VOLATILITY[text](bars, n)
        # Logarithms of prices lose what logarithms of their ratios keep: 4e-15 near 10**7.
        assert_alike(got, want, 1e-9, 1e-12)


@pytest.mark.parametrize("kind", ["walk", "gaps", "NVDA"])
def test_the_volatility_percentile_is_scipys(kind: str) -> None:
    bars = bars_for(kind)
    assert_alike(
        values("volatility_percentile(close, 5 bars, 50 bars)", bars),
        their_percentile(bars, 5),
        1e-12,
    )


def test_a_price_that_stands_still_has_no_volatility() -> None:
    bars = bars_for("constant")
    for text in VOLATILITY:
        got = values(text.format(n=20), bars)
        assert set(got[~np.isnan(got)]) == {0.0}


def test_volatility_of_a_known_process_is_found_again() -> None:
    """20% a year, 200 steps a day: historical is unbiased, ranges seen in steps fall short."""
    rng = np.random.default_rng(2)
    steps = np.cumsum(0.2 / math.sqrt(YEAR * 200) * rng.standard_normal((2000, 200)).ravel())
    path = 100 * np.exp(steps.reshape(2000, 200))
    bars = {"open": path[:, 0], "high": path.max(axis=1), "low": path.min(axis=1)}
    bars |= {"close": path[:, -1], "volume": np.ones(2000)}
    for text, floor in zip(VOLATILITY, (0.19, 0.18, 0.18, 0.18, 0.18), strict=True):
        assert floor <= values(text.format(n=1500), bars)[-1] <= 0.21


@pytest.mark.slow
def test_volatility_does_not_drift_over_a_million_bars() -> None:
    n, count = 20, 1_000_000
    close, rng = np.array(noisy(count)), np.random.default_rng(4)
    first = close * (1 + 1e-5 * rng.standard_normal(count))
    bars = {"open": first, "close": close, "volume": np.ones(count)}
    bars["high"] = np.maximum(first, close) * (1 + 1e-4 * rng.random(count))
    bars["low"] = np.minimum(first, close) * (1 - 1e-4 * rng.random(count))
    for text, theirs in VOLATILITY.items():
        got, worst = values(text.format(n=n), bars, "njit"), 0.0
        for t in range(n, count, 9973):
            window = {c: v[t - n : t + 1].astype(np.longdouble) for c, v in bars.items()}
            want = exact_historical(window) if theirs is their_historical else theirs(window, n)[-1]
            worst = max(worst, float(abs(got[t] - want) / want))
        print(f"{text} {worst:.1e}")
        assert worst <= BOUND


def exact_historical(window: Bars) -> Any:
    """In the long double of the window, which pandas does not know."""
    return np.log(window["close"][1:] / window["close"][:-1]).std(ddof=1) * np.sqrt(
        np.longdouble(YEAR)
    )


# ---------------------------------------------------------------- TA-Lib's


@pytest.mark.parametrize("kind", [*WHOLE, "NVDA", "IBM"])
def test_natr_is_a_hundredth_of_talibs(kind: str) -> None:
    talib = pytest.importorskip("talib", reason="TA-Lib is not installed")
    b = bars_for(kind)
    want = talib.NATR(b["high"], b["low"], b["close"], 14) / 100
    assert_alike(values("natr(14 bars)", b), want, 1e-11, 1e-15)


@pytest.mark.parametrize("kind", ["walk", "tiny", "huge", "ticks", "NVDA", "IBM"])
def test_bollinger_width_and_percent_agree_with_talib(kind: str) -> None:
    talib = pytest.importorskip("talib", reason="TA-Lib is not installed")
    b = bars_for(kind)
    scale = 1e6 if kind == "tiny" else 1.0  # TA-Lib takes variances below 1e-8 for 0
    top, middle, bottom = (y / scale for y in talib.BBANDS(b["close"] * scale, 20, 2.0, 2.0))
    width, percent = ((top - bottom) / middle, (b["close"] - bottom) / (top - bottom))
    assert_alike(values("bollinger_width(close, 20 bars, 2)", b), width, 1e-6)
    assert_alike(values("bollinger_percent(close, 20 bars, 2)", b), percent, 1e-6, 1e-6)


@pytest.mark.parametrize("kind", [*WHOLE, "NVDA", "IBM"])
def test_obv_is_talibs_less_the_first_volume(kind: str) -> None:
    talib = pytest.importorskip("talib", reason="TA-Lib is not installed")
    b = bars_for(kind)
    want = talib.OBV(b["close"], b["volume"]) - b["volume"][0]
    assert np.array_equal(values("obv()", b)[1:], want[1:])


@pytest.mark.parametrize("kind", [*WHOLE, "NVDA", "IBM"])
def test_accumulation_distribution_agrees_with_talib(kind: str) -> None:
    talib = pytest.importorskip("talib", reason="TA-Lib is not installed")
    b = bars_for(kind)
    columns = (b["high"], b["low"], b["close"], b["volume"])
    slack = 1e-9 * float(b["volume"].max())
    assert_alike(values("accumulation_distribution()", b), talib.AD(*columns), 1e-10, slack)
    got, want = values("chaikin_oscillator(3 bars, 10 bars)", b), talib.ADOSC(*columns, 3, 10)
    assert_alike(got[200:], want[200:], 1e-9, 10 * slack)


# ---------------------------------------------------------------- volume flow


def flow_of(b: Bars) -> Any:
    span = np.where(b["high"] == b["low"], np.inf, b["high"] - b["low"])
    return ((b["close"] - b["low"]) - (b["high"] - b["close"])) / span * b["volume"]


@pytest.mark.parametrize("kind", [*KINDS, "NVDA", "IBM"])
def test_chaikin_money_flow_equals_its_definition(kind: str) -> None:
    b = bars_for(kind)
    flow, volume = (rolled(x, 21, lambda w: w.sum(axis=-1)) for x in (flow_of(b), b["volume"]))
    got = values("chaikin_money_flow(21 bars)", b)
    assert_alike(got, flow / volume, 1e-9, 1e-10)
    assert np.nanmax(np.abs(got)) <= 1.0 + 1e-12


@pytest.mark.slow
def test_money_flow_does_not_drift_over_a_million_bars() -> None:
    n, count = 21, 1_000_000
    close, rng = np.array(noisy(count)), np.random.default_rng(6)
    bars = {"open": close, "close": close, "high": close * (1 + 1e-4 * rng.random(count))}
    bars["low"] = close * (1 - 1e-4 * rng.random(count))
    bars["volume"] = rng.integers(1, 10**6, count).astype(float)
    got, worst = values(f"chaikin_money_flow({n} bars)", bars, "njit"), 0.0
    for t in range(n, count, 997):
        window = {c: v[t - n + 1 : t + 1].astype(np.longdouble) for c, v in bars.items()}
        want = flow_of(window).sum() / window["volume"].sum()
        worst = max(worst, float(abs(got[t] - want)))
    print(f"chaikin_money_flow {worst:.1e} of 1")
    assert worst <= 1e-11  # of full scale: it crosses zero


@pytest.mark.parametrize("kind", ["gaps", "runs"])
def test_lines_go_on_after_missing_bars(kind: str) -> None:
    b = bars_for(kind)
    move = np.sign(pd.Series(b["close"]).diff()) * b["volume"]
    assert np.array_equal(values("obv()", b), move.cumsum(), equal_nan=True)
    want = pd.Series(flow_of(b)).cumsum()
    assert_alike(values("accumulation_distribution()", b), want.to_numpy(), 1e-10, 1e-3)


# ---------------------------------------------------------------- runners


@pytest.mark.parametrize(
    "text",
    [
        "yang_zhang(20 bars)",
        "volatility_percentile(close, 5 bars, 50 bars)",
        "chaikin_oscillator(3 bars, 10 bars)",
    ],
)
def test_three_runners_agree(text: str) -> None:
    bars = bars_of("gaps", 300)
    walked = values(text, bars, "walk")
    assert not np.isnan(walked).all()
    for runner in ("python", "njit"):
        assert np.array_equal(walked, values(text, bars, runner), equal_nan=True)


def test_tiny_and_huge_prices_give_the_same_volatility() -> None:
    """Ratios do not see the level: 1e-6 to 1e7."""
    close = np.array(prices("walk", 300, 9))
    for text in ("historical_volatility(close, 20 bars)", "bollinger_width(close, 20 bars, 2)"):
        want = values(text, {"close": close})
        for level in (2.0**-27, 2.0**17):
            assert np.array_equal(want, values(text, {"close": close * level}), equal_nan=True)
