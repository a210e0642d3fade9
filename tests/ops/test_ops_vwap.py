"""Sums since a condition, and the anchored and session vwap on them: exact arithmetic, by hand."""

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from engine.check.typed import Column, Frame, Kind
from engine.ops import BY_NAME
from engine.session.inputs import World, column
from tests.ops.drive import Runner, same
from tests.ops.library import bars_of, checked, table, values
from tests.oracle.accuracy import BOUND, noisy
from tests.session.test_minutes import bars, minutes

NAN = math.nan
F, U, T = 0, 1, 2
OPENS = "calendar:session.first_bar"


def since(x: list[float], c: list[int], compiled: bool = False) -> list[float]:
    return Runner(BY_NAME["sum_since"], (), compiled).run(x, c)


# ---------------------------------------------------------------- the operator


def test_sums_by_hand() -> None:
    x = [1.0, 2.0, 4.0, 8.0, NAN, 16.0, 32.0, 64.0]
    got = since(x, [F, T, F, U, F, F, T, T])
    want = [NAN, 2.0, 6.0, NAN, NAN, NAN, 32.0, 64.0]  # the missing value spoils all up to bar 5
    assert all(map(same, got, want))


def test_an_unknown_bar_counts_in_what_follows() -> None:
    assert since([1.0, 2.0, 4.0], [T, U, F])[2] == 7.0


def test_a_missing_value_on_the_true_bar_itself_spoils_its_stretch() -> None:
    got = since([NAN, 2.0, 3.0], [T, F, T])
    assert [y != y for y in got] == [True, True, False]


@pytest.mark.parametrize("compiled", [False, True])
def test_signed_sums_keep_their_digits(compiled: bool) -> None:
    rng = random.Random(4)
    x = [rng.gauss(0, 1) * 10.0 ** rng.randrange(-6, 12) for _ in range(20_000)]
    c = [T if rng.random() < 0.0005 else F for _ in x]
    worst, exact = 0.0, Fraction(0)
    for v, is_new, y in zip(x, c, since(x, c, compiled), strict=True):
        exact = Fraction(v) + (0 if is_new else exact)
        if y == y:
            worst = max(worst, abs(y - float(exact)) / abs(float(exact)))
    assert worst <= 1e-13


@pytest.mark.slow
def test_a_sum_of_a_million_bars_does_not_drift() -> None:
    x = noisy(1_000_000)
    got, exact = since(x, [T] + [F] * (len(x) - 1), compiled=True), Fraction(0)
    for t, v in enumerate(x):
        exact += Fraction(v)
        if t % 1000 == 0:
            assert abs(got[t] - float(exact)) <= 1e-15 * float(exact)


# ---------------------------------------------------------------- anchored averages


def exact_vwap(b: Any, opens: Any) -> list[float]:
    """Typical price weighted by volume since the last open, in fractions, rounded once."""
    out, money, shares = [], Fraction(0), Fraction(0)
    has_begun = is_whole = False
    for t in range(len(opens)):
        bar = [float(b[c][t]) for c in ("high", "low", "close", "volume")]
        if opens[t]:
            money, shares, has_begun, is_whole = Fraction(0), Fraction(0), True, True
        is_whole = is_whole and not any(v != v for v in bar)
        if is_whole:
            high, low, close, volume = map(Fraction, bar)
            money, shares = money + (high + low + close) / 3 * volume, shares + volume
        out.append(float(money / shares) if has_begun and is_whole and shares else NAN)
    return out


def minute_bars(lacks: float) -> tuple[Any, Any]:
    """Bars of five minutes of a month, some missing, and where each session's first one is."""
    line = minutes("2023-11-20", "2023-12-15")
    world = World(line, {"AAA": bars("2023-11-20", "2023-12-15", lacks=lacks)})
    names = ("open", "high", "low", "close", "volume")
    held = {n: column(world, "AAA", Column(n, Frame(), Kind("number"))) for n in names}
    opens = column(world, "AAA", Column(OPENS, Frame(), Kind("truth")))
    has = ~np.isnan(held["close"])
    return {n: v[has] for n, v in held.items()} | {OPENS: opens[has]}, opens[has] == T


@pytest.mark.parametrize("lacks", [0.0, 0.3])
@pytest.mark.parametrize("runner", ["walk", "python"])
def test_the_session_vwap_starts_anew_at_each_open(lacks: float, runner: Any) -> None:
    b, opens = minute_bars(lacks)
    assert opens.sum() == 19 and len(opens) > 900
    b["volume"][[40, 400, 401]] = NAN
    b["volume"][np.flatnonzero(opens)[5]] = 0.0
    got, want = values("vwap_session()", b, runner), np.array(exact_vwap(b, opens))
    assert np.array_equal(np.isnan(got), np.isnan(want)) and 3 < np.isnan(want).sum() < 200
    known = ~np.isnan(want)
    assert np.all(np.abs(got[known] - want[known]) <= 1e-14 * want[known])


def test_on_daily_bars_the_session_vwap_is_the_typical_price() -> None:
    b = bars_of("walk", 100) | {OPENS: np.full(100, 2.0)}
    got = table({"vwap": "vwap_session()", "price": "typical()"}, b)
    assert np.all(np.abs(got["vwap"] / got["price"] - 1) <= 1e-15)


@pytest.mark.parametrize("kind", ["walk", "gaps", "tiny", "huge", "spikes", "ticks"])
def test_anchored_averages_agree_with_exact_sums(kind: str) -> None:
    b = bars_of(kind, 400)
    got = values("vwap_anchored(close crosses above sma(close, 5 bars))", b)
    opens = values("close crosses above sma(close, 5 bars)", b)
    want = np.array(exact_vwap(b, opens == T))
    want[opens == U] = NAN
    assert np.array_equal(np.isnan(got), np.isnan(want)) and (~np.isnan(want)).sum() > 100
    assert np.nanmax(np.abs(got / want - 1)) <= 1e-14


def test_anchored_averages_do_not_drift() -> None:
    close = np.array(noisy(50_000))
    volume = np.random.default_rng(3).integers(1, 10**6, len(close)).astype(float)
    b = {"open": close, "high": close, "low": close, "close": close, "volume": volume}
    got = values("vwma_anchored(close, close > 0)", b, "njit")
    assert np.array_equal(got, close * volume / volume)  # every bar is an anchor
    opens = np.arange(len(close)) == 0
    got = values("vwap_anchored(session.first_bar)", b | {OPENS: 2.0 * opens}, "njit")
    want = np.array(exact_vwap(b, opens))
    assert np.max(np.abs(got / want - 1)) <= 1e-14 < BOUND


def test_units() -> None:
    for text in ("vwap_session()", "vwap_anchored(close > open)", "vwma_anchored(low, low > open)"):
        assert str(checked(text).value.kind.unit) == "$/share"
    assert str(checked("vwma_anchored(volume, close > open)").value.kind.unit) == "share"
