"""Ages, streaks, running totals, volume at price and levels: peers, exact arithmetic, by hand.

What every operator owes (kernel = definition, njit, look-ahead, warm-up) is asked of the whole
table in test_ops_agree.py and test_ops_table.py.
"""

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.base.diagnostics import RuleErrors
from engine.ops import BY_NAME
from engine.ops.levels import KEPT
from engine.ops.profile import BUCKETS
from engine.session.evaluate import evaluate
from tests.ops.drive import KINDS, Runner, bad_bars, prices
from tests.ops.library import bars_of, shipped, values
from tests.oracle.accuracy import BOUND, noisy

NAN = math.nan
F, U, T = 0, 1, 2


def run(name: str, *series: Any, consts: tuple[int, ...] = ()) -> Any:
    lists = [np.asarray(s).tolist() for s in series]
    return np.array(Runner(BY_NAME[name], consts, compiled=True).run(*lists))


# ---------------------------------------------------------------- argmax, argmin


@pytest.mark.parametrize("kind", ["walk", "tiny", "huge", "spikes"])
@pytest.mark.parametrize("n", [2, 14, 200])
def test_ages_agree_with_talib(kind: str, n: int) -> None:
    talib = pytest.importorskip("talib", reason="TA-Lib is not installed")
    x = np.array(prices(kind, 1500, 1))
    for name, peer in (("argmax", talib.MAXINDEX), ("argmin", talib.MININDEX)):
        want = np.arange(1500) - peer(x, n)
        assert np.array_equal(run(name, x, consts=(n,))[n - 1 :], want[n - 1 :])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 3, 25])
def test_ages_agree_with_pandas(kind: str, n: int) -> None:
    x = pd.Series(prices(kind, 700, 3))
    high = x.rolling(n).apply(lambda w: float(np.argmax(w[::-1])), raw=True)
    low = x.rolling(n).apply(lambda w: float(np.argmin(w[::-1])), raw=True)
    assert np.array_equal(run("argmax", x, consts=(n,)), high, equal_nan=True)
    assert np.array_equal(run("argmin", x, consts=(n,)), low, equal_nan=True)


def test_the_latest_of_equal_values_counts() -> None:
    got = Runner(BY_NAME["argmax"], (3,)).run([5.0, 5.0, 1.0, 1.0, 1.0, NAN, 1.0, 2.0, 0.0])
    assert all(map(math.isnan, [*got[:2], *got[5:8]]))
    assert got[2:5] == [1.0, 2.0, 0.0] and got[8] == 1.0


# ---------------------------------------------------------------- streak


@pytest.mark.parametrize("kind", ["walk", "constant", "tiny", "huge", "spikes", "ticks"])
def test_streaks_agree_with_pandas(kind: str) -> None:
    x = pd.Series(prices(kind, 1500, 2))
    sign = np.sign(x.diff())
    rows = sign.groupby((sign != sign.shift()).cumsum()).cumcount() + 1
    assert np.array_equal(run("streak", x), sign * rows, equal_nan=True)


def test_streaks_end_at_a_missing_bar() -> None:
    got = Runner(BY_NAME["streak"]).run([1.0, 2.0, 3.0, NAN, 4.0, 5.0, 4.0, 3.0, 3.0])
    assert all(map(math.isnan, (got[0], got[3], got[4])))
    assert [*got[1:3], *got[5:]] == [1.0, 2.0, 1.0, -1.0, -2.0, 0.0]


# ---------------------------------------------------------------- cumsum


@pytest.mark.parametrize("kind", KINDS)
def test_totals_agree_with_pandas(kind: str) -> None:
    x = pd.Series(prices(kind, 1500, 2))
    want = x.cumsum()  # skips na, as we do
    assert not bad_bars(run("cumsum", x).tolist(), want.tolist(), 1e-12)


@pytest.mark.slow
def test_totals_do_not_drift_over_a_million_bars() -> None:
    x = noisy(1_000_000)
    got, exact, worst = run("cumsum", x), Fraction(0), 0.0
    for t, v in enumerate(x):
        exact += Fraction(v)
        if t % 1000 == 0:
            worst = max(worst, abs(got[t] - float(exact)) / float(exact))
    print(f"cumsum {worst:.1e}")
    assert worst <= 1e-15


def test_signed_totals_keep_their_digits() -> None:
    rng = random.Random(3)
    x = [rng.gauss(0, 1) * 10.0 ** rng.randrange(-6, 12) for _ in range(20_000)]
    naive, worst, naive_worst, exact = 0.0, 0.0, 0.0, Fraction(0)
    for v, y in zip(x, run("cumsum", x), strict=True):
        naive, exact = naive + v, exact + Fraction(v)
        size = abs(float(exact))
        worst = max(worst, abs(y - float(exact)) / size)
        naive_worst = max(naive_worst, abs(naive - float(exact)) / size)
    print(f"cumsum {worst:.1e}, plain sum {naive_worst:.1e}")
    assert worst <= 1e-13 < naive_worst


# ---------------------------------------------------------------- volume at price

PROFILE = ("volume_poc", "value_area_high", "value_area_low")


def profile(bars: Any, n: int) -> list[Any]:
    return [run(p, bars["high"], bars["low"], bars["volume"], consts=(n,)) for p in PROFILE]


@pytest.mark.parametrize("symbol", ["NVDA", "IBM"])
def test_the_profile_of_shipped_bars_equals_its_definition(symbol: str) -> None:
    bars = {c: v[:500] for c, v in shipped(symbol, last="2014-12-31").items()}
    for name, got in zip(PROFILE, profile(bars, 60), strict=True):
        want = BY_NAME[name].series(bars["high"], bars["low"], bars["volume"], 60)
        assert np.isfinite(want).sum() == len(want) - 59
        assert not bad_bars(got.tolist(), want.tolist(), 1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_value_area_lies_around_the_point_of_control_inside_the_range(kind: str) -> None:
    bars, n = bars_of(kind), 30
    poc, top, bottom = profile(bars, n)
    low = pd.Series(bars["low"]).rolling(n).min().to_numpy()
    high = pd.Series(bars["high"]).rolling(n).max().to_numpy()
    known = ~np.isnan(poc)
    assert known.any() and np.array_equal(known, ~np.isnan(low + high))
    slack = 1e-12 * high[known]
    for below, above in ((low, bottom), (bottom, poc), (poc, top), (top, high)):
        assert np.all(below[known] <= above[known] + slack)


def test_the_profile_worked_by_hand() -> None:
    # One bar of 240 from 100 to 124: 10 a bucket of 1. A second puts 50 into the bucket of 110.
    high, low, volume = [124.0, 110.75, 124.0], [100.0, 110.25, 100.0], [240.0, 50.0, NAN]
    got = [Runner(BY_NAME[p], (2,)).run(high, low, volume) for p in PROFILE]
    assert all(math.isnan(y) for g in got for y in (g[0], g[2]))
    # 290 * 70% = 203: 60 in the fullest, and 15 more; all neighbours are alike, so the upper 13
    # (to 124) come first, then two below.
    assert [g[1] for g in got] == [110.5, 124.0, 108.0]


def test_a_window_at_one_price_has_that_price() -> None:
    got = [Runner(BY_NAME[p], (2,)).run([7.0] * 3, [7.0] * 3, [5.0, 0.0, 0.0]) for p in PROFILE]
    assert [g[1] for g in got] == [7.0] * 3
    assert all(math.isnan(g[2]) for g in got)  # nothing was traded


@pytest.mark.slow
def test_the_profile_does_not_drift_over_a_million_bars() -> None:
    n, count = 20, 1_000_000
    close = np.array(noisy(count))
    rng = np.random.default_rng(1)
    high, low = close * (1 + 1e-4 * rng.random(count)), close * (1 - 1e-4 * rng.random(count))
    volume = rng.integers(1, 10**6, count).astype(float)
    bars = {"high": high, "low": low, "volume": volume}
    worst = 0.0
    for name, got in zip(PROFILE, profile(bars, n), strict=True):
        for t in range(n, count, 997):
            w = slice(t - n + 1, t + 1)
            want = BY_NAME[name].series(high[w], low[w], volume[w], n)[-1]
            worst = max(worst, abs(got[t] - want) / want)
    print(f"profile {worst:.1e}")
    assert worst <= BOUND


def test_its_state_is_bounded() -> None:
    for name in PROFILE:
        assert BY_NAME[name].scratch((1000,)) == BUCKETS + 2000
    assert BY_NAME["touches"].scratch(()) == KEPT == 16


# ---------------------------------------------------------------- levels


def test_levels_worked_by_hand() -> None:
    c = [F, T, T, U, F, T]
    x = [9.0, 5.0, 8.0, 1.0, 1.0, NAN]
    y = [6.0, 6.0, 6.0, 6.0, 8.0, 9.0]
    above = Runner(BY_NAME["nearest_above"]).run(c, x, y)
    below = Runner(BY_NAME["nearest_below"]).run(c, x, y)
    near = Runner(BY_NAME["touches"]).run(c, x, y, [0.5] * 6)
    assert all(map(math.isnan, (*above[:2], above[3], above[5], below[0], below[3], near[3])))
    assert (above[2], above[4]) == (8.0, 8.0)
    assert (below[1], below[2], below[4], below[5]) == (5.0, 5.0, 8.0, 8.0)
    assert [*near[:3], *near[4:]] == [0.0, 1.0, 2.0, 2.0, 2.0]


def test_levels_forget_all_but_the_latest() -> None:
    x = [float(v) for v in range(100, 100 + KEPT + 3)]
    below = Runner(BY_NAME["nearest_below"]).run([T] * len(x), x, [101.0] * len(x))
    assert below[1 : KEPT + 1] == [101.0] * KEPT
    assert all(map(math.isnan, below[KEPT + 1 :]))


# ---------------------------------------------------------------- from rule text


def test_they_are_called_from_rule_text_with_their_units() -> None:
    days = evaluate("argmax(close, 20 bars) <= 19 bars", "SP500")
    assert [y for _, y in days[:19]] == [None] * 19 and {y for _, y in days[19:]} == {1.0}
    assert evaluate("streak(close) >= 3 bars and cumsum(close) > $5", "SP500")
    assert evaluate("volume_poc(20 bars) / close", "NVDA")
    assert evaluate("touches(close > open, close, close, 1%) / 2", "NVDA")
    for wrong in ("argmin(close, 5 bars) > $1", "streak(close) + close", "cumsum(volume) + close"):
        with pytest.raises(RuleErrors):
            evaluate(wrong, "NVDA")


@pytest.mark.parametrize("text", ["volume_poc(20 bars)", "argmax(high, 9 bars)", "streak(close)"])
def test_three_runners_agree(text: str) -> None:
    bars = {c: v[:400] for c, v in shipped("NVDA", last="2014-12-31").items()}
    walked = values(text, bars, "walk")
    for runner in ("python", "njit"):
        assert np.array_equal(walked, values(text, bars, runner), equal_nan=True)
