"""wma, hma, kama and mean_deviation: TA-Lib, pandas, exact arithmetic, worked by hand, and units.

What every operator owes (kernel = definition, njit, look-ahead, warm-up) is asked of the whole
table in test_ops_agree.py and test_ops_table.py.
"""

import decimal
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.base.diagnostics import RuleErrors
from engine.ops import BY_NAME
from engine.session.evaluate import evaluate
from tests.ops.drive import KINDS, WHOLE, Runner, bad_bars, prices
from tests.ops.library import shipped, values
from tests.oracle.accuracy import BOUND, noisy

talib = pytest.importorskip("talib", reason="TA-Lib is not installed")


def their_hma(x: Any, n: int) -> Any:
    lead = 2.0 * talib.WMA(x, n // 2) - talib.WMA(x, n)
    return talib.WMA(lead, math.isqrt(n))


CASES: list[tuple[str, Callable[[Any, int], Any], tuple[int, ...], float]] = [
    ("wma", talib.WMA, (2, 14, 200), 1e-11),
    ("mean_deviation", talib.AVGDEV, (2, 14, 200), 1e-9),
    ("hma", their_hma, (4, 16, 225), 1e-10),
    ("kama", talib.KAMA, (2, 10, 200), 1e-11),
]


def run(name: str, x: Any, n: int) -> Any:
    consts = (n, 2, 30) if name == "kama" else (n,)
    return np.array(Runner(BY_NAME[name], consts, compiled=True).run(x.tolist()))


@pytest.mark.parametrize("kind", [k for k in WHOLE if k != "spikes"])
@pytest.mark.parametrize(("name", "peer", "lengths", "tolerance"), CASES, ids=[c[0] for c in CASES])
def test_agrees_with_talib(
    name: str, peer: Any, lengths: tuple[int, ...], tolerance: float, kind: str
) -> None:
    x = np.array(prices(kind, 1500, 1))
    for n in lengths:
        got, want = run(name, x, n), peer(x, n)
        assert np.array_equal(np.isnan(got), np.isnan(want))
        known = ~np.isnan(want)
        # What TA-Lib loses by adding and subtracting, or by a mean at full height, is not ours.
        slack = 1e-14 * float(np.max(np.abs(x))) if name != "kama" else 0.0
        assert np.all(np.abs(got - want)[known] <= tolerance * np.abs(want)[known] + slack)


SHIPPED: dict[str, Callable[[Any], Any]] = {
    "wma(close, 20 bars)": lambda x: talib.WMA(x, 20),
    "hma(close, 16 bars)": lambda x: their_hma(x, 16),
    "kama(close)": lambda x: talib.KAMA(x, 10),
    "mean_deviation(close, 20 bars)": lambda x: talib.AVGDEV(x, 20),
}


@pytest.mark.parametrize("text", SHIPPED)
@pytest.mark.parametrize("symbol", ["NASDAQ", "AMZN", "VIX"])
def test_agrees_with_talib_on_shipped_bars(symbol: str, text: str) -> None:
    close = shipped(symbol)["close"]
    got, want = values(text, {"close": close}), SHIPPED[text](close)
    assert len(got) > 1000
    np.testing.assert_allclose(got, want, rtol=1e-10, equal_nan=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 7, 50])
def test_wma_agrees_with_pandas_where_bars_are_missing(kind: str, n: int) -> None:
    x = np.array(prices(kind, 600, 1))
    weights = np.arange(1, n + 1) / (n * (n + 1) / 2)
    want = pd.Series(x).rolling(n).apply(lambda w: float(np.dot(w, weights)), raw=True)
    assert not bad_bars(run("wma", x, n).tolist(), want.tolist(), 1e-12)


# ---------------------------------------------------------------- long series


def exact_wma(x: list[float], n: int) -> Iterator[float]:
    """Weighted means by whole-number sums, rounded once."""
    one = 1 << 60
    whole = [int(v * one) for v in x]
    plain = rising = 0
    for t, w in enumerate(whole):
        rising += n * w - plain
        plain += w - (whole[t - n] if t >= n else 0)
        if t >= n - 1:
            yield rising / (n * (n + 1) // 2 * one)


def exact_hma(x: list[float], n: int) -> Iterator[float]:
    """Hull's average by one set of whole-number weights over the bars it spans, rounded once."""
    root, half = math.isqrt(n), n // 2
    by_n, by_half = n * (n + 1) // 2, half * (half + 1) // 2
    lead = [2 * by_n * max(half - k, 0) - by_half * (n - k) for k in range(n)]
    weights = np.convolve(lead, np.arange(root, 0, -1)).tolist()
    one = 1 << 60
    whole = [int(v * one) for v in x]
    scale = by_n * by_half * (root * (root + 1) // 2) * one
    for t in range(len(weights) - 1, len(x)):
        yield sum(w * whole[t - k] for k, w in enumerate(weights)) / scale


def exact_mean_deviation(x: list[float], n: int) -> Iterator[float]:
    """Mean distances by whole-number sums, rounded once."""
    one = 1 << 60
    whole = [int(v * one) for v in x]
    total = sum(whole[: n - 1])
    for t in range(n - 1, len(x)):
        total += whole[t]
        yield sum(abs(n * w - total) for w in whole[t - n + 1 : t + 1]) / (n * n * one)
        total -= whole[t - n + 1]


EXACT: dict[str, Callable[[list[float], int], Iterator[float]]] = {
    "wma": exact_wma,
    "hma": exact_hma,
    "mean_deviation": exact_mean_deviation,
}


def worst(name: str, count: int, n: int) -> float:
    x = noisy(count)
    got = run(name, np.array(x), n)
    want = np.fromiter(EXACT[name](x, n), float)
    return float(np.max(np.abs(got[-len(want) :] - want) / want))


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("n", [20, 100])
def test_errors_stay_bounded(name: str, n: int) -> None:
    found = worst(name, 20_000, n)
    print(f"{name} n {n}: {found:.1e}")
    assert found <= (1e-14 if name != "mean_deviation" else 1e-13)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n"), [("wma", 20), ("wma", 1000), ("hma", 20)])
def test_errors_stay_bounded_over_a_million_bars(name: str, n: int) -> None:
    found = worst(name, 1_000_000, n)
    print(f"{name} n {n}: {found:.1e}")
    assert found <= BOUND


@pytest.mark.slow
def test_mean_deviation_stays_exact_over_a_million_bars() -> None:
    found = worst("mean_deviation", 1_000_000, 20)
    print(f"mean_deviation: {found:.1e}")
    assert found <= BOUND


def test_kama_agrees_with_forty_digits() -> None:
    n, x = 10, noisy(20_000)
    got = run("kama", np.array(x), n)
    with decimal.localcontext(prec=40):
        d = [Decimal(v) for v in x]
        fast, slow = Decimal(2) / 3, Decimal(2) / 31
        walked, mean = sum(abs(d[t] - d[t - 1]) for t in range(1, n)), d[n - 1]
        largest = 0.0
        for t in range(n, len(d)):
            walked += abs(d[t] - d[t - 1])
            rate = (abs(d[t] - d[t - n]) / walked * (fast - slow) + slow) ** 2
            mean += rate * (d[t] - mean)
            walked -= abs(d[t - n + 1] - d[t - n])
            largest = max(largest, float(abs(Decimal(float(got[t])) - mean) / mean))
    print(f"kama: {largest:.1e}")
    assert largest <= 1e-14


def test_windows_recover_after_a_jump_of_scale() -> None:
    x = [*noisy(900, 0, 1e7, 1e-3), *noisy(900, 0, 1e-6, 1e-3), *noisy(900, 0, 1.0, 1e-8)]
    for name in EXACT:
        for n in (5, 30):
            want = BY_NAME[name].series(np.array(x), n).tolist()
            assert not bad_bars(run(name, np.array(x), n).tolist(), want, BOUND)


# ---------------------------------------------------------------- by hand


def first_known(name: str, consts: tuple[int, ...], x: list[float]) -> list[float]:
    """The values after the warm-up."""
    got = Runner(BY_NAME[name], consts).run(x)
    return [y for y in got if y == y]


def test_worked_by_hand() -> None:
    assert first_known("wma", (3,), [1.0, 2.0, 6.0, 0.0]) == [(1 + 4 + 18) / 6, (2 + 12) / 6]
    # n 4: twice wma over 2 less wma over 4, then wma over 2
    lead = [2 * 11 / 3 - 3.0, 2 * 22 / 3 - 5.6]
    want = (lead[0] + 2 * lead[1]) / 3
    assert first_known("hma", (4,), [1.0, 2.0, 3.0, 4.0, 9.0]) == [pytest.approx(want, rel=1e-15)]
    assert first_known("mean_deviation", (4,), [1.0, 3.0, 3.0, 5.0]) == [1.0]
    # efficiency 1 on a straight line: the rate is (2/3)**2 from x[1] on
    assert first_known("kama", (1, 2, 30), [3.0, 12.0]) == [pytest.approx(3 + 9 * 4 / 9)]


def test_kama_stands_still_in_noise_and_keeps_its_average_over_a_gap() -> None:
    noise = [1.0, 2.0] * 30
    rate = (2 / 31) ** 2  # net move 0 over 10 bars
    got = Runner(BY_NAME["kama"], (10, 2, 30)).run(noise)
    assert got[10] == pytest.approx(2.0 + rate * (1.0 - 2.0), rel=1e-15)
    gapped = Runner(BY_NAME["kama"], (10, 2, 30)).run([*noise, math.nan, *noise])
    assert all(math.isnan(y) for y in gapped[60:71])
    assert gapped[71] == pytest.approx(gapped[59] + rate * (noise[10] - gapped[59]), rel=1e-14)


def test_kama_goes_to_a_price_that_stands_still() -> None:
    got = Runner(BY_NAME["kama"], (5, 2, 30)).run([1.0, 2.0, 3.0, 4.0, *[5.0] * 60])
    assert got[-1] == pytest.approx(5.0, abs=1e-12)
    assert first_known("kama", (5, 2, 30), [0.1] * 9) == [0.1] * 4


def test_kama_settled_bounds_the_seed_at_the_slowest_rate() -> None:
    settled = BY_NAME["kama"].settled
    assert settled is not None
    weight = (1 - (2 / 31) ** 2) ** (settled((10, 2, 30)) - 10)
    assert 0.00099 < weight <= 0.001


def test_a_flat_window_has_no_deviation() -> None:
    for level in (0.1, 1e5 + 0.1, 1 / 3):
        assert first_known("mean_deviation", (20,), [level] * 50) == [0.0] * 31


# ---------------------------------------------------------------- units and lengths


@pytest.mark.parametrize(
    "call",
    ["wma(close, 5 bars)", "hma(close, 5 bars)", "kama(close)", "mean_deviation(close, 5 bars)"],
)
def test_units_are_kept(call: str) -> None:
    assert evaluate(f"{call} / close", "AMZN")
    with pytest.raises(RuleErrors):
        evaluate(f"{call} + 1", "AMZN")


@pytest.mark.parametrize(
    "call", ["hma(close, 1 bars)", "kama(close, 10 bars, 1 bars, 30 bars)", "wma(close, 5001 bars)"]
)
def test_lengths_out_of_bounds_are_refused(call: str) -> None:
    with pytest.raises(RuleErrors) as caught:
        evaluate(call, "AMZN")
    assert [d.code for d in caught.value.diagnostics] == ["SW312"]
