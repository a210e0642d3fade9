"""The library's averages and momentum: TA-Lib, whole-series definitions, units, and na.

Expressions go through the checker, the graph and a runner. Definitions are plain numpy over the
whole series; they share no line with the kernels.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.ops.average import ema_series, sma_series, wilder_series
from engine.ops.mean_deviation import mean_deviation_series
from engine.ops.range import true_range_series
from engine.ops.rsi import rsi_series
from engine.ops.whole import rolling, shifted
from tests.ops.drive import KINDS
from tests.ops.library import Columns, bars_of, checked, shipped, table, values
from tests.oracle.accuracy import BOUND, noisy

talib = pytest.importorskip("talib", reason="TA-Lib is not installed")

Peer = Callable[[Columns], Any]


def hlc(b: Columns) -> tuple[Any, Any, Any]:
    return b["high"], b["low"], b["close"]


# ---------------------------------------------------------------- definitions


def over(a: Any, b: Any) -> Any:
    """a / b, na where b is zero."""
    return a / np.where(b == 0.0, np.nan, b)


def total(x: Any, n: int) -> Any:
    return n * sma_series(x, n)


def typical(b: Columns) -> Any:
    return (b["high"] + b["low"] + b["close"]) / 3


def thrice(x: Any, n: int) -> Any:
    return ema_series(ema_series(ema_series(x, n), n), n)


def tema(x: Any, n: int) -> Any:
    once = ema_series(x, n)
    return 3 * once - 3 * ema_series(once, n) + thrice(x, n)


def place(x: Any, high: Any, low: Any, n: int) -> Any:
    """Where x stands between the lowest low and the highest high, 0 to 100."""
    top, bottom = rolling(high, n, max), rolling(low, n, min)
    return 100 * over(x - bottom, top - bottom)


def fast_k(b: Columns) -> Any:
    return place(b["close"], b["high"], b["low"], 14)


def stoch_rsi(b: Columns) -> Any:
    strength = rsi_series(b["close"], 14)
    return place(strength, strength, strength, 14)


def cci(b: Columns) -> Any:
    return over(
        typical(b) - sma_series(typical(b), 20), 0.015 * mean_deviation_series(typical(b), 20)
    )


def mfi(b: Columns) -> Any:
    """Money by the sign of exact moves: what sums round away is no move."""
    price, before = typical(b), shifted(typical(b), 1)
    moved = np.where(np.abs(price - before) <= 1e-12 * np.abs(price), 0.0, price - before)
    money = np.where(np.isnan(moved), np.nan, price * b["volume"])
    rise = total(np.where(moved > 0, money, 0 * money), 14)
    fall = total(np.where(moved < 0, money, 0 * money), 14)
    return 100 * over(rise, rise + fall)


def vwma(x: Any, volume: Any, n: int) -> Any:
    return over(total(x * volume, n), total(volume, n))


def ultimate(b: Columns) -> Any:
    pressure = b["close"] - np.minimum(b["low"], shifted(b["close"], 1))
    wide = true_range_series(*hlc(b))
    a, m, z = (over(total(pressure, n), total(wide, n)) for n in (7, 14, 28))
    return 100 * (4 * a + 2 * m + z) / 7


def tsi(b: Columns) -> Any:
    move = b["close"] - shifted(b["close"], 1)
    return 100 * over(
        ema_series(ema_series(move, 25), 13), ema_series(ema_series(np.abs(move), 25), 13)
    )


def aroon(b: Columns, column: str) -> Any:
    best = max if column == "high" else min
    age = rolling(b[column], 26, lambda window: float(window[::-1].index(best(window))))
    return 100 * (25 - age) / 25


def directional(b: Columns) -> dict[str, Any]:
    """Wilder's system, every average seeded by the mean of its first n values."""
    up = b["high"] - shifted(b["high"], 1)
    down = shifted(b["low"], 1) - b["low"]
    gone = np.isnan(up) | np.isnan(down)
    plus = np.where(gone, np.nan, np.where((up > down) & (up > 0), up, 0.0))
    minus = np.where(gone, np.nan, np.where((down > up) & (down > 0), down, 0.0))
    wide = wilder_series(true_range_series(*hlc(b)), 14)
    plus, minus = (100 * over(wilder_series(m, 14), wide) for m in (plus, minus))
    dx = 100 * over(np.abs(plus - minus), plus + minus)
    return {"plus_di": plus, "minus_di": minus, "dx": dx, "adx": wilder_series(dx, 14)}


def efficiency(b: Columns) -> Any:
    x = b["close"]
    return over(np.abs(x - shifted(x, 10)), total(np.abs(x - shifted(x, 1)), 10))


def ppo(b: Columns) -> Any:
    slow = ema_series(b["close"], 26)
    return over(ema_series(b["close"], 12) - slow, slow)


def trix(b: Columns) -> Any:
    smooth = thrice(b["close"], 15)
    return over(smooth - shifted(smooth, 1), shifted(smooth, 1))


DEFINED: dict[str, Peer] = {
    "dema(close, 10 bars)": lambda b: (
        2 * ema_series(b["close"], 10) - ema_series(ema_series(b["close"], 10), 10)
    ),
    "tema(close, 10 bars)": lambda b: tema(b["close"], 10),
    "trix(close, 15 bars)": trix,
    "trix_signal(close, 15 bars, 9 bars)": lambda b: ema_series(trix(b), 9),
    "ppo(close, 12 bars, 26 bars)": ppo,
    "ppo_signal(close, 12 bars, 26 bars, 9 bars)": lambda b: ema_series(ppo(b), 9),
    "ppo_histogram(close, 12 bars, 26 bars, 9 bars)": lambda b: ppo(b) - ema_series(ppo(b), 9),
    "momentum(close, 10 bars)": lambda b: b["close"] - shifted(b["close"], 10),
    "efficiency_ratio(close, 10 bars)": efficiency,
    "fast_k(14 bars)": fast_k,
    "slow_k(14 bars, 3 bars)": lambda b: sma_series(fast_k(b), 3),
    "slow_d(14 bars, 3 bars, 3 bars)": lambda b: sma_series(sma_series(fast_k(b), 3), 3),
    "stoch_rsi(close, 14 bars, 14 bars)": stoch_rsi,
    "stoch_rsi_d(close, 14 bars, 14 bars, 3 bars)": lambda b: sma_series(stoch_rsi(b), 3),
    "typical()": typical,
    "cci(20 bars)": cci,
    "mfi(14 bars)": mfi,
    "vwma(close, 20 bars)": lambda b: vwma(b["close"], b["volume"], 20),
    "vwap(20 bars)": lambda b: vwma(typical(b), b["volume"], 20),
    "williams_r(14 bars)": lambda b: fast_k(b) - 100,
    "ultimate_oscillator(7 bars, 14 bars, 28 bars)": ultimate,
    "tsi(close, 25 bars, 13 bars)": tsi,
    "tsi_signal(close, 25 bars, 13 bars, 7 bars)": lambda b: ema_series(tsi(b), 7),
    "aroon_up(25 bars)": lambda b: aroon(b, "high"),
    "aroon_down(25 bars)": lambda b: aroon(b, "low"),
    "aroon_oscillator(25 bars)": lambda b: aroon(b, "high") - aroon(b, "low"),
    "plus_di(14 bars)": lambda b: directional(b)["plus_di"],
    "minus_di(14 bars)": lambda b: directional(b)["minus_di"],
    "dx(14 bars)": lambda b: directional(b)["dx"],
    "adx(14 bars)": lambda b: directional(b)["adx"],
}

PRICED = ("dema", "tema", "momentum", "typical", "vw")
"""What is as high as a price; all else is a ratio or lies within a few hundred."""


def slack(text: str, b: Columns) -> float:
    """What rounding may leave where a result is a difference of near equals.

    After a move of 1e5 an rsi stays near one value, and its own range is a ten-millionth.
    """
    if text.startswith("stoch_rsi") and np.nanmax(b["close"]) > 1e4 * np.nanmedian(b["close"]):
        return 1e-6
    return 1e-13 * float(np.nanmax(b["close"])) if text.startswith(PRICED) else 1e-8


@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_definition(kind: str) -> None:
    b = bars_of(kind)
    got = table({text: text for text in DEFINED}, b)
    for text, definition in DEFINED.items():
        want = definition(b)
        assert np.array_equal(np.isnan(got[text]), np.isnan(want)), f"{text} on {kind}"
        np.testing.assert_allclose(
            got[text], want, rtol=1e-10, atol=slack(text, b), err_msg=f"{text} on {kind}"
        )


@pytest.mark.parametrize("symbol", ["AMZN", "NASDAQ"])
def test_equals_the_definition_on_shipped_bars(symbol: str) -> None:
    b = {name: column[-1500:] for name, column in shipped(symbol).items()}
    got = table({text: text for text in DEFINED}, b)
    for text, definition in DEFINED.items():
        np.testing.assert_allclose(
            got[text], definition(b), rtol=1e-9, atol=slack(text, b), err_msg=text
        )


def exact_sums(x: Any, n: int) -> Any:
    """Window sums by whole numbers, each rounded once."""
    one = 1 << 60
    whole = [int(v * one) for v in x.tolist()]
    total = sum(whole[: n - 1])
    out = np.full(len(x), np.nan)
    for t in range(n - 1, len(x)):
        total += whole[t]
        out[t] = total / one
        total -= whole[t - n + 1]
    return out


def exact_cci(x: Any, n: int) -> Any:
    """The index of a known typical price: n d / (0.015 sum(abs(d))), d n times each distance."""
    one = 1 << 60
    whole = [int(v * one) for v in x.tolist()]
    total = sum(whole[: n - 1])
    out = np.full(len(x), np.nan)
    for t in range(n - 1, len(x)):
        total += whole[t]
        wide = sum(abs(n * w - total) for w in whole[t - n + 1 : t + 1])
        out[t] = n * (n * whole[t] - total) / wide / 0.015
        total -= whole[t - n + 1]
    return out


def drifts(count: int) -> dict[str, float]:
    """Largest errors at level 1e5 and relative noise 1e-4, of 100 or of the value itself."""
    close = np.array(noisy(count))
    rng = np.random.default_rng(2)
    volume = rng.integers(1, 10**6, count).astype(float)
    b = {"high": close + 10 * rng.random(count), "low": close - 10 * rng.random(count)}
    b = {"open": close, "close": close, "volume": volume} | b
    price = typical(b)
    moved = np.diff(price, prepend=price[0])
    rise, fall = (exact_sums(price * volume * (moved * s > 0), 20)[20:] for s in (1, -1))
    flow = exact_sums(close * volume, 20)[20:] / exact_sums(volume, 20)[20:]
    texts = (
        "cci(20 bars)",
        "mfi(20 bars)",
        "vwma(close, 20 bars)",
        "ultimate_oscillator(7 bars, 14 bars, 28 bars)",
    )
    got = table({t: t for t in texts}, b, "njit")
    cci_error = np.abs(got[texts[0]] - exact_cci(price, 20))[20:] / 100
    return {
        "cci": float(np.max(cci_error)),
        "mfi": float(np.max(np.abs(got[texts[1]][20:] - 100 * rise / (rise + fall)) / 100)),
        "vwma": float(np.max(np.abs(got[texts[2]][20:] - flow) / flow)),
        "ultimate": ultimate_drift(b, got[texts[3]]),
    }


def ultimate_drift(b: Columns, got: Any) -> float:
    pressure = b["close"] - np.minimum(b["low"], shifted(b["close"], 1))
    wide = true_range_series(*hlc(b))
    pressure[0] = wide[0] = 0.0
    a, m, z = (exact_sums(pressure, n) / exact_sums(wide, n) for n in (7, 14, 28))
    want = 100 * (4 * a + 2 * m + z) / 7
    return float(np.max(np.abs(got - want)[28:] / want[28:]))


def test_errors_stay_bounded() -> None:
    found = drifts(20_000)
    print(found)
    assert max(found.values()) <= BOUND


@pytest.mark.slow
def test_errors_stay_bounded_over_a_million_bars() -> None:
    found = drifts(1_000_000)
    print(found)
    assert max(found.values()) <= BOUND


def test_runners_agree_to_the_bit() -> None:
    b = bars_of("gaps", 300)
    texts = {text: text for text in DEFINED}
    walk, python = table(texts, b, "walk"), table(texts, b, "python")
    for text in texts:
        assert np.array_equal(walk[text], python[text], equal_nan=True), text


@pytest.mark.slow
def test_the_compiled_runner_agrees_to_the_bit() -> None:
    b = bars_of("runs", 300)
    texts = {text: text for text in DEFINED}
    python, njit = table(texts, b, "python"), table(texts, b, "njit")
    for text in texts:
        assert np.array_equal(python[text], njit[text], equal_nan=True), text


# ---------------------------------------------------------------- TA-Lib

# TA-Lib hands every output of an oscillator out from the bar of its last one; ours start when they
# can. Elsewhere the first bars are the same.
LATER = ("fast_k", "slow_k", "stoch_rsi(")
PEERS: dict[str, Peer] = {
    "dema(close, 10 bars)": lambda b: talib.DEMA(b["close"], 10),
    "tema(close, 10 bars)": lambda b: talib.TEMA(b["close"], 10),
    "trix(close, 15 bars)": lambda b: talib.TRIX(b["close"], 15) / 100,
    "ppo(close, 12 bars, 26 bars)": lambda b: talib.PPO(b["close"], 12, 26, 1) / 100,
    "momentum(close, 10 bars)": lambda b: talib.MOM(b["close"], 10),
    "fast_k(14 bars)": lambda b: talib.STOCHF(*hlc(b), 14, 3)[0],
    "slow_k(14 bars, 3 bars)": lambda b: talib.STOCH(*hlc(b), 14, 3, 0, 3)[0],
    "slow_d(14 bars, 3 bars, 3 bars)": lambda b: talib.STOCH(*hlc(b), 14, 3, 0, 3)[1],
    "stoch_rsi(close, 14 bars, 14 bars)": lambda b: talib.STOCHRSI(b["close"], 14, 14, 3)[0],
    "stoch_rsi_d(close, 14 bars, 14 bars, 3 bars)": lambda b: talib.STOCHRSI(b["close"], 14, 14, 3)[
        1
    ],
    "typical()": lambda b: talib.TYPPRICE(*hlc(b)),
    "cci(20 bars)": lambda b: talib.CCI(*hlc(b), 20),
    "mfi(14 bars)": lambda b: talib.MFI(*hlc(b), b["volume"], 14),
    "williams_r(14 bars)": lambda b: talib.WILLR(*hlc(b), 14),
    "ultimate_oscillator(7 bars, 14 bars, 28 bars)": lambda b: talib.ULTOSC(*hlc(b), 7, 14, 28),
    "aroon_up(25 bars)": lambda b: talib.AROON(b["high"], b["low"], 25)[1],
    "aroon_down(25 bars)": lambda b: talib.AROON(b["high"], b["low"], 25)[0],
    "aroon_oscillator(25 bars)": lambda b: talib.AROONOSC(b["high"], b["low"], 25),
}
SETTLING: dict[str, Peer] = {
    "plus_di(14 bars)": lambda b: talib.PLUS_DI(*hlc(b), 14),
    "minus_di(14 bars)": lambda b: talib.MINUS_DI(*hlc(b), 14),
    "dx(14 bars)": lambda b: talib.DX(*hlc(b), 14),
    "adx(14 bars)": lambda b: talib.ADX(*hlc(b), 14),
}


def series(name: str) -> Columns:
    return shipped(name) if name.isupper() else bars_of(name, 1500)


@pytest.mark.parametrize("name", ["NASDAQ", "AMZN", "walk", "huge", "ticks", "tiny"])
def test_agrees_with_talib(name: str) -> None:
    b = series(name)
    peers = {t: p for t, p in PEERS.items() if name != "NASDAQ" or "mfi" not in t}
    got = table({text: text for text in peers}, b)
    for text, peer in peers.items():
        want, ours = peer(b), got[text]
        if text.startswith(LATER):
            ours = np.where(np.isnan(want), np.nan, ours)
        assert np.array_equal(np.isnan(ours), np.isnan(want)), f"{text} on {name}"
        np.testing.assert_allclose(
            ours, want, rtol=1e-9, atol=slack(text, b), err_msg=f"{text} on {name}"
        )


@pytest.mark.parametrize("name", ["NASDAQ", "AMZN", "walk", "tiny", "huge"])
def test_directional_movement_agrees_with_talib_once_settled(name: str) -> None:
    # TA-Lib seeds from n - 1 values and Wilder from n: bars to first value agree, seeds fade.
    b = series(name)
    got = table({text: text for text in SETTLING}, b)
    for text, peer in SETTLING.items():
        want = peer(b)
        assert np.array_equal(np.isnan(got[text]), np.isnan(want))
        late = np.abs(got[text] - want)[200:]
        assert np.all(late <= 0.1)  # settled: under 0.1% of the scale of 100
        np.testing.assert_allclose(got[text][500:], want[500:], rtol=1e-9, atol=1e-9)


def test_where_nothing_moves_ours_is_na_and_talib_prints_zero() -> None:
    b = bars_of("constant")
    for text in (
        *("fast_k(14 bars)", "stoch_rsi(close, 14 bars, 14 bars)", "cci(20 bars)"),
        *("mfi(14 bars)", "williams_r(14 bars)"),
        "ultimate_oscillator(7 bars, 14 bars, 28 bars)",
    ):
        assert np.all(np.isnan(values(text, b))), text
        theirs = PEERS[text](b)
        assert np.all(theirs[~np.isnan(theirs)] == 0.0), text


# ---------------------------------------------------------------- corners


def test_ties_of_a_rounded_typical_price_are_no_move() -> None:
    # Amazon's high, low and close add up to the same decimals on 2016-07-26 and 2016-07-27.
    b = shipped("AMZN")
    price = typical(b)
    gap = np.abs(np.diff(price))
    rounded = np.flatnonzero((gap > 0) & (gap < 1e-12 * price[1:])) + 1
    assert len(rounded)
    for bar in rounded:
        without = {k: v[bar - 30 : bar + 1].copy() for k, v in b.items()}
        for column in ("high", "low", "close"):
            without[column][-1] = without[column][-2]
        here = {k: v[bar - 30 : bar + 1] for k, v in b.items()}
        money = ("sum(money_in(), 14 bars)", "sum(money_out(), 14 bars)")
        for text in money:
            assert values(text, here)[-1] == values(text, without)[-1]


def test_of_equal_extremes_aroon_takes_the_newest() -> None:
    high = np.array([3.0, 1.0, 3.0, 1.0, 1.0])
    b = {"high": high, "low": high - 1, "close": high, "volume": high}
    assert values("aroon_up(4 bars)", b)[-1] == 50.0
    assert talib.AROON(b["high"], b["low"], 4)[1][-1] == 50.0


def test_vwap_is_na_where_a_volume_is_missing_or_nothing_trades() -> None:
    b = bars_of("walk", 30)
    b["volume"][10] = np.nan
    b["volume"][20:25] = 0.0
    got = values("vwap(3 bars)", b)
    assert np.flatnonzero(np.isnan(got)).tolist() == [0, 1, 10, 11, 12, 22, 23, 24]


UNITS = {
    "$/share": ("plus_move()", "minus_move()", "buying_pressure()", "typical_rounding()"),
    "$": ("money_in()", "money_out()"),
}


def test_units() -> None:
    found = {text: str(checked(text).value.kind.unit) for text in DEFINED}
    assert set(found.values()) == {"$/share", "ratio"}
    for unit, texts in UNITS.items():
        assert {str(checked(text).value.kind.unit) for text in texts} == {unit}
    priced = {t for t, unit in found.items() if unit == "$/share"}
    assert priced == {t for t in DEFINED if t.startswith(PRICED)}
