"""An average of equal values is that value, and no average lies outside what it averages."""

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ops import BY_NAME
from engine.ops.window import ANCHOR, NEAR
from tests.ops.drive import Runner, prices
from tests.ops.library import bars_of, values

Consts = tuple[float, ...]
WINDOWED: dict[str, list[Consts]] = {
    "sma": [(1,), (2,), (3,), (20,), (50,)],
    "adv": [(1,), (2,), (20,)],
    "wma": [(1,), (2,), (14,)],
    "hma": [(2,), (9,), (20,)],
    "median": [(1,), (4,), (20,)],
    "quantile": [(5, 0.3), (20, 0.9)],
    "linreg_forecast": [(2, 0), (20, 3)],
}
"""Averages that forget what lies before their window."""
SEEDED: dict[str, list[Consts]] = {
    "ema": [(2,), (3,), (20,), (200,)],
    "wilder": [(2,), (14,), (200,)],
    "kama": [(10, 2, 30)],
}
"""Averages that remember every value since they began."""
BETWEEN = ("sma", "adv", "wma", "ema", "wilder", "median", "quantile")
"""Those that lie between the least and the greatest value; the others look ahead of the line."""
LEVELS = (0.1, 1 / 3, 30.1, 1e5 + 0.1, 1e-6, 1e7 / 3, -0.7, 0.0)

ULPS = st.lists(st.integers(-6, 6), min_size=40, max_size=90)


def run(name: str, consts: Consts, x: list[float], compiled: bool = False) -> list[float]:
    return Runner(BY_NAME[name], consts, compiled).run(x)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", WINDOWED)
def test_equal_values_are_their_average_whatever_came_before(name: str, level: float) -> None:
    before = prices("spikes" if level > 1 else "walk", 130, 3)
    for consts in WINDOWED[name]:
        reach = int(BY_NAME[name].defined(consts)) + 1
        reach = int(consts[0]) if name == "adv" else reach
        for count in (0, 7, 130):
            got = run(name, consts, before[:count] + [level] * (reach + 40))
            assert got[count + reach - 1 :] == [level] * 41, f"{consts} after {count}"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SEEDED)
def test_equal_values_from_the_first_are_their_average(name: str, level: float) -> None:
    for consts in SEEDED[name]:
        got = run(name, consts, [level] * 300)
        assert all(y == level for y in got if y == y) and got[-1] == level


@pytest.mark.parametrize("name", ["sma", "wma", "adv"])
def test_equal_values_across_a_rebuild_and_compiled(name: str) -> None:
    x = prices("walk", ANCHOR - 30, 5) + [30.1] * 60
    for consts in WINDOWED[name]:
        n = int(consts[0])
        got = run(name, consts, x, compiled=True)
        assert got[ANCHOR - 31 + n :] == [30.1] * (61 - n)
        assert got == run(name, consts, x) or any(y != y for y in got)


@given(ULPS, st.sampled_from(LEVELS[:-1]), st.integers(0, 2**32))
def test_no_average_lies_outside_values_that_hardly_differ(
    steps: list[int], level: float, seed: int
) -> None:
    """Values a few last digits apart, after others: sums lose more than lies between them."""
    rng = random.Random(seed)
    near = [level + k * math.ulp(level) for k in steps]
    before = [level * rng.uniform(0.5, 2.0) for _ in range(rng.randrange(40))]
    for name in BETWEEN:
        for consts in (WINDOWED | SEEDED)[name]:
            inside(name, consts, before + near)


@given(st.integers(0, 2**32), st.sampled_from([1e-12, 1e-9, 1e-7, 1e-6, 2e-6, 1e-3]))
def test_no_average_lies_outside_its_window_at_any_spread(seed: int, spread: float) -> None:
    rng = random.Random(seed)
    level = rng.uniform(-1, 1) * 10.0 ** rng.randrange(-6, 8)
    x = [level * (1 + spread * rng.gauss(0, 1)) for _ in range(80)]
    for name in BETWEEN:
        for consts in (WINDOWED | SEEDED)[name]:
            inside(name, consts, x)


def inside(name: str, consts: Consts, x: list[float]) -> None:
    """Each average lies between the least and the greatest of its window, or of all so far."""
    n = int(consts[0])
    for t, y in enumerate(run(name, consts, x)):
        window = x[: t + 1] if name in SEEDED else x[max(t - n + 1, 0) : t + 1]
        assert y != y or min(window) <= y <= max(window), f"{name}{consts} at {t}: {y!r}"


def test_the_mean_of_a_window_that_hardly_moves_is_the_exact_one() -> None:
    rng = random.Random(9)
    x = [5.0 + rng.randrange(-9, 9) * math.ulp(5.0) for _ in range(500)]
    from fractions import Fraction

    for n in (2, 3, 7, 50):
        got = run("sma", (n,), x)[n - 1 :]
        want = [float(sum(map(Fraction, x[t - n + 1 : t + 1])) / n) for t in range(n - 1, 500)]
        assert got == want
    assert 20 * math.ulp(5.0) < NEAR * 5.0


RULES = (
    "close <= sma(close, 2 bars)",
    "close >= sma(close, 50 bars)",
    "close == ema(close, 20 bars)",
    "sma(close, 20 bars) <= sma(close, 50 bars)",
    "close between lowest(close, 9 bars) to wma(close, 9 bars)",
    "close == hma(close, 20 bars)",
)


@pytest.mark.parametrize("text", RULES)
@pytest.mark.parametrize("runner", ["walk", "python"])
def test_a_rule_on_a_price_that_rests_is_true(text: str, runner: Any) -> None:
    """A rule that reads `at least its average` holds while nothing moves."""
    bars = bars_of("constant", 120)
    got = values(text, bars, runner)
    assert np.all(got[60:] == 2.0)
