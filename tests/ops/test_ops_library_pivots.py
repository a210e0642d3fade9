"""The shipped defines on pivots, structure, swings and levels, against definitions in numpy."""

import math
from typing import Any

import numpy as np
import pytest

from engine.compile import plan_values
from tests.ops.library import bars_of, checked, shipped, values
from tests.ops.test_ops_library_volatility import Bars, assert_alike, bars_for

# ---------------------------------------------------------------- pivots


def pivots(x: Any, left: int, right: int, sign: float) -> list[tuple[int, int]]:
    """(pivot, bar that confirms it) of every pivot whose window is whole."""
    found = []
    for p in range(left, len(x) - right):
        window = sign * x[p - left : p + right + 1]
        if not np.isnan(window).any():
            is_above = np.all(window[:left] <= window[left])
            if is_above and np.all(window[left + 1 :] < window[left]):
                found.append((p, p + right))
    return found


def last_of(x: Any, left: int, right: int, sign: float, back: int = 0) -> Any:
    """The value of the last pivot confirmed by each bar, or of the one `back` before it."""
    known = pivots(x, left, right, sign)
    out, span = np.full(len(x), np.nan), left + right + 1
    for t in range(span - 1, len(x)):
        seen = [p for p, at in known if at <= t]
        if len(seen) > back and not np.isnan(x[t - span + 1 : t + 1]).any():
            out[t] = x[seen[-1 - back]]
    return out


@pytest.mark.parametrize("kind", ["walk", "tiny", "huge", "ticks", "gaps", "runs", "NVDA"])
@pytest.mark.parametrize(("left", "right"), [(5, 2), (2, 5), (1, 1)])
def test_pivots_equal_their_definition(kind: str, left: int, right: int) -> None:
    b, call = bars_for(kind), f"{left} bars, {right} bars"
    assert_alike(values(f"pivot_high(high, {call})", b), last_of(b["high"], left, right, 1), 0.0)
    assert_alike(values(f"pivot_low(low, {call})", b), last_of(b["low"], left, right, -1), 0.0)


@pytest.mark.parametrize("kind", ["walk", "ticks", "NVDA"])
def test_structure_compares_the_last_two_pivots(kind: str) -> None:
    b, nan = bars_for(kind), np.isnan
    for column, sign, rising, falling in (
        ("high", 1, "higher_high", "lower_high"),
        ("low", -1, "higher_low", "lower_low"),
    ):
        now, then = (last_of(b[column], 3, 3, sign, back) for back in (0, 1))
        known = ~nan(now) & ~nan(then)
        ups, downs = (flag(f"{name}(3 bars, 3 bars)", b) for name in (rising, falling))
        assert np.array_equal(ups, np.where(known, now > then, np.nan), equal_nan=True)
        assert np.array_equal(downs, np.where(known, now < then, np.nan), equal_nan=True)
        assert {0.0, 1.0} <= set(ups[known])


def flag(text: str, bars: Bars) -> Any:
    """A condition as 1 and 0, nan while it is unknown."""
    return values(f"if {text} then 1 else 0", bars)


def test_a_pivot_is_never_known_before_it_is_confirmed() -> None:
    """Prices after a bar do not change it: the future is cut off and turned upside down."""
    b = bars_for("walk")
    texts = ("pivot_high(high, 4 bars, 3 bars)", "fib_retracement(4 bars, 3 bars, 50%)")
    texts += ("resistance(4 bars, 3 bars)", "support_touches(4 bars, 3 bars, 1%)")
    for text in texts:
        whole = values(text, b)
        for now in (70, 233, 471):
            bent = {c: np.concatenate([v[:now], v[now:][::-1] * 1.7]) for c, v in b.items()}
            assert np.array_equal(whole[:now], values(text, bent)[:now], equal_nan=True)


def test_a_pivot_worked_by_hand() -> None:
    high = np.array([1.0, 2.0, 5.0, 4.0, 3.0, 6.0, 6.0, 5.0, 4.0, 3.0])
    b = dict.fromkeys(("open", "high", "low", "close", "volume"), high)
    got = values("pivot_high(high, 2 bars, 2 bars)", b)
    assert np.isnan(got[:4]).all()
    assert got[4:].tolist() == [5.0, 5.0, 5.0, 5.0, 6.0, 6.0]  # of two sixes the latest


# ---------------------------------------------------------------- swings and levels


def ages(x: Any, left: int, right: int, sign: float) -> Any:
    """Bars since the last confirmation."""
    confirmed = [at for _, at in pivots(x, left, right, sign)]
    return np.array(
        [t - max((a for a in confirmed if a <= t), default=-1e9) for t in range(len(x))]
    )


@pytest.mark.parametrize("kind", ["walk", "NVDA"])
def test_fibonacci_levels_divide_the_last_swing(kind: str) -> None:
    b = bars_for(kind)
    high, low = last_of(b["high"], 5, 5, 1), last_of(b["low"], 5, 5, -1)
    is_up = ages(b["high"], 5, 5, 1) < ages(b["low"], 5, 5, -1)
    for share in (0.382, 0.618, 1.618):
        call = f"(5 bars, 5 bars, {share})"
        back = np.where(is_up, high - share * (high - low), low + share * (high - low))
        on = np.where(is_up, low + share * (high - low), high - share * (high - low))
        assert_alike(values(f"fib_retracement{call}", b), back, 1e-12)
        assert_alike(values(f"fib_extension{call}", b), on, 1e-12)
    assert is_up.any() and not is_up.all()


@pytest.mark.parametrize("kind", ["walk", "NVDA"])
def test_support_and_resistance_come_from_the_last_sixteen_pivots(kind: str) -> None:
    b = bars_for(kind)
    highs, lows = pivots(b["high"], 4, 4, 1), pivots(b["low"], 4, 4, -1)
    rows = []
    for t, close in enumerate(b["close"]):
        tops = [b["high"][p] for p, at in highs if at <= t][-16:]
        floors = [b["low"][p] for p, at in lows if at <= t][-16:]
        top = min((v for v in tops if v >= close), default=math.nan)
        floor = max((v for v in floors if v <= close), default=math.nan)
        met = [sum(abs(v - y) <= 0.02 * y for v in tops + floors) for y in (top, floor)]
        rows.append((top, floor, *met))
    top, floor, top_met, floor_met = np.array(rows, dtype=float).T
    assert len(highs) > 16 and len(lows) > 16
    assert_alike(values("resistance(4 bars, 4 bars)", b), top, 0.0)
    assert_alike(values("support(4 bars, 4 bars)", b), floor, 0.0)
    met = np.where(np.isnan(top), np.nan, top_met), np.where(np.isnan(floor), np.nan, floor_met)
    assert_alike(values("resistance_touches(4 bars, 4 bars, 2%)", b), met[0], 0.0)
    assert_alike(values("support_touches(4 bars, 4 bars, 2%)", b), met[1], 0.0)
    assert np.nanmax(met[0]) > 1 and np.nanmin(met[0]) >= 1


def test_a_replay_reads_enough_history_to_know_the_levels() -> None:
    """Settled is an estimate for levels: on shipped bars a later start knows the same ones."""
    bars, first = shipped("IBM"), 700
    late = {c: v[first:] for c, v in bars.items()}
    for text in ("resistance(5 bars, 5 bars)", "support(5 bars, 5 bars)"):
        skip = plan_values("t", {"value": checked(text).value}).settled_bars
        whole, part = values(text, bars)[first + skip :], values(text, late)[skip:]
        assert len(part) > 1000 and np.array_equal(whole, part, equal_nan=True)


# ---------------------------------------------------------------- runners


@pytest.mark.parametrize(
    "text", ["fib_retracement(5 bars, 5 bars, 61.8%)", "resistance_touches(4 bars, 4 bars, 2%)"]
)
def test_three_runners_agree(text: str) -> None:
    bars = bars_of("walk", 300)
    walked = values(text, bars, "walk")
    assert not np.isnan(walked).all()
    for runner in ("python", "njit"):
        assert np.array_equal(walked, values(text, bars, runner), equal_nan=True)
