"""Averages that are only compared: rough values where they decide, true ones where they must."""

from fractions import Fraction
from math import inf, nextafter
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.emit.lanes import LANES
from engine.ops.dense import ROUGH, SMALLEST, are_set, sma_flat, sma_rough, surely_above
from engine.run.lanes import run_lanes
from engine.run.lanes_laying import prepare
from tests.run.lane_runs import CROSS, hold, lane_run, strategy_of, walks

NEAR = CROSS.replace("12 bars", "10 bars")
BESIDE = """rules 1
strategy beside "beside" {
  clock 1d on xnys
  let fast = sma(close, 5 bars)
  let slow = sma(close, 10 bars)
  entry long up { when fast >= slow and close > slow  size 100% of equity  because "up" }
  exit down { when slow > fast or sma(open, 6 bars) <= fast  because "down" }
}
"""
ONE_SIDE = NEAR.replace("exit down { when fast crosses below slow", "exit down { when close > open")
SUMS = st.floats(1e-280, 1e99)
COUNTS = st.integers(4, 2000)


def on_a_grid(seed: int, bars: int) -> dict[str, Any]:
    """Walks by quarters, never at rest, where averages are exactly equal now and then."""
    rng = np.random.default_rng(seed)
    columns = walks(seed, 2, bars)
    closes = 100.0 + 0.25 * np.cumsum(rng.choice([-2, -1, 1, 2], (2, bars)), axis=1)
    columns["close"] = closes
    columns["high"] = np.maximum(columns["open"], closes)
    columns["low"] = np.minimum(columns["open"], closes)
    return columns


@given(SUMS, COUNTS)
def test_a_rough_value_lies_near_the_true_one(s: float, n: int) -> None:
    rough, true = Fraction(sma_rough(s, n)), Fraction(sma_flat(s, n))
    assert abs(rough - true) <= Fraction(ROUGH) * min(rough, true)


@given(SUMS, COUNTS, COUNTS, st.integers(-40, 40))
@example(60.0, 20, 50, 0)
def test_what_is_surely_above_is_above(s: float, n: int, m: int, steps: int) -> None:
    """Against a sum whose average is the same but for some last digits."""
    other = s / n * m
    for _ in range(abs(steps)):
        other = nextafter(other, inf if steps > 0 else 0.0)
    a, b = sma_rough(s, n), sma_rough(other, m)
    true_a, true_b = sma_flat(s, n), sma_flat(other, m)
    assert true_a > true_b or not surely_above(a, b)
    assert true_b > true_a or not surely_above(b, a)
    assert true_a > true_b or not surely_above(a, true_b)
    assert true_b > true_a or not surely_above(true_b, a)


@given(SUMS, COUNTS, st.floats(-1e100, 1e100) | st.just(0.0) | st.floats(-SMALLEST, SMALLEST))
def test_beside_any_exact_number(s: float, n: int, x: float) -> None:
    a, true = sma_rough(s, n), sma_flat(s, n)
    assert true > x or not surely_above(a, x)
    assert x > true or not surely_above(x, a)
    assert surely_above(a, x) or x > 0.0


@given(st.integers(0, 2**64 - 1), st.integers(1, 64))
def test_all_bits_of_a_word_are_set(word: int, count: int) -> None:
    low = word & ((1 << count) - 1)
    assert are_set(low, count) == (low == (1 << count) - 1)
    assert are_set((1 << count) - 1, count)
    assert are_set(-1, count)


@pytest.mark.parametrize("text", [NEAR, BESIDE, ONE_SIDE], ids=["cross", "beside", "one side"])
@pytest.mark.parametrize("shape", [1, LANES])
@pytest.mark.parametrize("last_digits", [False, True])
def test_ties_fall_where_the_account_loop_has_them(
    text: str, shape: int, last_digits: bool
) -> None:
    columns = on_a_grid(3, 700)
    closes = columns["close"]
    means = [np.lib.stride_tricks.sliding_window_view(closes, n, axis=1).mean(-1) for n in (5, 10)]
    assert (means[0][:, 5:] == means[1]).sum() > 20
    if last_digits:
        closes *= 1.0 + np.random.default_rng(4).integers(0, 5, closes.shape) * 2.0**-52
    checked = strategy_of(text)
    run = lane_run(checked, columns)
    tiles = prepare(run, shape, compiled=False)
    assert "sma_rough(" in tiles.program.source and min(tiles.warm) < 100
    made = run_lanes(tiles)
    hold(made, checked, run, (0, 1))
    assert made.trip_count > 20


@pytest.mark.parametrize("shape", [1, LANES])
def test_ties_compiled(shape: int) -> None:
    run = lane_run(strategy_of(NEAR), on_a_grid(5, 1500))
    made, plain = (run_lanes(prepare(run, shape, compiled=c)) for c in (True, False))
    assert made.curves.tobytes() == plain.curves.tobytes()
    assert made.trips.tobytes() == plain.trips.tobytes()


def test_an_average_that_is_more_than_compared_is_divided() -> None:
    text = NEAR.replace("size 150% of equity", "size 10% of equity * (fast / slow)")
    source = prepare(lane_run(strategy_of(text), walks(1, 1, 60)), 1, compiled=False).program.source
    assert "sma_flat(" in source and "sma_rough(" not in source
