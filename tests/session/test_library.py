"""The shipped library on real bars: expressions through the whole pipeline against TA-Lib."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from engine.base.dates import parse_day
from engine.feeds.embedded import load
from engine.session.evaluate import evaluate

talib = pytest.importorskip("talib")
LAST = "2018-12-31"
Columns = dict[str, np.ndarray]


@cache
def bars() -> Columns:
    """The Nasdaq while it has ranges."""
    series = load("NASDAQ", None, parse_day(LAST))
    return {c: np.array(getattr(series, c)) for c in ("open", "high", "low", "close")}


def ours(text: str) -> np.ndarray:
    values = [v for day, v in evaluate(text, "NASDAQ") if day <= LAST]
    return np.array([np.nan if v is None else v for v in values])


def bands(k: int) -> Callable[[Columns], np.ndarray]:
    return lambda b: talib.BBANDS(b["close"], 20, 2.0, 2.0)[k]


def z(b: Columns) -> np.ndarray:
    return (b["close"] - talib.SMA(b["close"], 20)) / talib.STDDEV(b["close"], 20, 1.0)


def keltner(b: Columns) -> np.ndarray:
    return talib.EMA(b["close"], 20) + 2.0 * talib.ATR(b["high"], b["low"], b["close"], 10)


def fall(b: Columns) -> np.ndarray:
    return 1.0 - b["close"] / np.maximum.accumulate(b["close"])


CASES = [
    ("sma(close, 20 bars)", lambda b: talib.SMA(b["close"], 20)),
    ("ema(close, 20 bars)", lambda b: talib.EMA(b["close"], 20)),
    ("rsi(close, 14 bars)", lambda b: talib.RSI(b["close"], 14)),
    ("atr(14 bars)", lambda b: talib.ATR(b["high"], b["low"], b["close"], 14)),
    ("stdev(close, 20 bars)", lambda b: talib.STDDEV(b["close"], 20, 1.0)),
    ("bollinger_upper(close, 20 bars, 2)", bands(0)),
    ("bollinger_mid(close, 20 bars)", bands(1)),
    ("bollinger_lower(close, 20 bars, 2)", bands(2)),
    ("zscore(close, 20 bars)", z),
    ("donchian_upper(55 bars)", lambda b: talib.MAX(b["high"], 55)),
    ("donchian_lower(20 bars)", lambda b: talib.MIN(b["low"], 20)),
    ("keltner_upper(20 bars, 10 bars, 2)", keltner),
    ("drawdown_of(close)", fall),
]


@pytest.mark.parametrize(("text", "theirs"), CASES, ids=[c[0] for c in CASES])
def test_agrees_with_talib_on_real_bars(text: str, theirs: Callable[[Columns], np.ndarray]) -> None:
    got, want = ours(text), theirs(bars())
    assert len(got) == len(want) > 4_000
    assert np.array_equal(np.isnan(got), np.isnan(want))
    np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-7, equal_nan=True)


def test_macd_agrees_with_talib_once_settled() -> None:
    # TA-Lib seeds the fast average later, so that both start together; the seeds fade.
    line, signal, histogram = talib.MACD(bars()["close"], 12, 26, 9)
    n = "12 bars, 26 bars"
    for text, want in (
        (f"macd_line(close, {n})", line),
        (f"macd_signal(close, {n}, 9 bars)", signal),
        (f"macd_histogram(close, {n}, 9 bars)", histogram),
    ):
        np.testing.assert_allclose(ours(text)[400:], want[400:], atol=1e-7)
