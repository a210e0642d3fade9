"""Measured errors: windows in trouble, exp and log against decimal arithmetic."""

import decimal
import itertools
import math
import random

import numpy as np

from engine.ops import BY_NAME
from engine.ops.numbers import LIMIT, exp_, log_
from engine.ops.spread import population_deviation
from engine.ops.window import ANCHOR
from tests.ops.drive import Runner, bad_bars, jit, same
from tests.oracle.accuracy import BOUND, noisy


def test_windows_recover_after_a_jump_of_scale() -> None:
    x = [*noisy(900, 0, 1e7, 1e-3), *noisy(900, 0, 1e-6, 1e-3), *noisy(900, 0, 1.0, 1e-8)]
    for name in ("sum", "sma", "stdev"):
        op = BY_NAME[name]
        for n in (5, 30):
            got = Runner(op, (n,), compiled=True).run(x)
            assert not bad_bars(got, op.series(np.array(x), n).tolist(), BOUND)


def test_a_spike_on_the_very_bar_of_a_rebuild_keeps_its_digits() -> None:
    n = 5000
    for seed in range(6):
        rng = random.Random(seed)
        level, jump = rng.uniform(-1, 1), rng.uniform(0.01, 1000)
        x = [level + rng.choice((0, 1e-5)) * rng.gauss(0, jump) for _ in range(5 * ANCHOR)]
        x.append(level + jump)
        got = Runner(BY_NAME["stdev"], (n,), compiled=True).run(x)[-1]
        want = population_deviation(x[-n:])
        assert abs(got - want) <= 1e-12 * want


def test_windows_keep_their_digits_on_a_steep_trend() -> None:
    x = [1000.0 * 1.01**t for t in range(2000)]
    for name in ("sma", "stdev"):
        op = BY_NAME[name]
        got = Runner(op, (20,), compiled=True).run(x)
        assert not bad_bars(got, op.series(np.array(x), 20).tolist(), BOUND)


def test_windows_of_signed_values_keep_their_digits() -> None:
    x = [a - b for a, b in itertools.pairwise(noisy(1500, 0, 100.0, 0.01))]
    for name in ("sum", "sma", "stdev", "ema", "wilder"):
        op = BY_NAME[name]
        got, want = Runner(op, (20,)).run(x), op.series(np.array(x), 20).tolist()
        assert all(same(g, w) or abs(g - w) <= 1e-13 for g, w in zip(got, want, strict=True))


def test_a_constant_has_no_spread() -> None:
    x = [0.1] * 1500 + [1e5 + 0.1] * 1500 + [1 / 3] * 1500
    got = Runner(BY_NAME["stdev"], (20,)).run(x)
    for start in (0, 1500, 3000):
        assert got[start + 19 : start + 1500] == [0.0] * 1481


def test_whole_ticks_sum_exactly() -> None:
    rng = random.Random(3)
    x = [float(rng.randrange(9000, 11000)) for _ in range(3000)]
    got = Runner(BY_NAME["sma"], (20,)).run(x)[19:]
    assert got == [sum(x[t - 19 : t + 1]) / 20 for t in range(19, 3000)]


def numbers(low: float, high: float, count: int) -> list[float]:
    rng = random.Random(11)
    return [rng.uniform(low, high) for _ in range(count)]


def relative_error(got: float, want: decimal.Decimal) -> float:
    return float(abs(decimal.Decimal(got) - want) / abs(want))


def test_exp_is_accurate() -> None:
    with decimal.localcontext(prec=40):
        points = numbers(-690, 345, 2000) + numbers(-1, 1, 3000) + numbers(-1e-9, 1e-9, 50)
        worst = max(relative_error(exp_(x), decimal.Decimal(x).exp()) for x in points)
    print(f"exp {worst:.2e}")
    assert worst <= 4e-16


def test_log_is_accurate() -> None:
    with decimal.localcontext(prec=40):
        points = [math.exp(v) for v in numbers(-700, 345, 2000)] + numbers(0.5, 2.0, 3000)
        points += [1 + v for v in numbers(-1e-6, 1e-6, 300)] + [5e-324, 2.0**-1060, 1e150]
        worst = max(relative_error(log_(x), decimal.Decimal(x).ln()) for x in points if x != 1)
    print(f"log {worst:.2e}")
    assert worst <= 4e-16


def test_exp_and_log_are_the_same_under_numba() -> None:
    for x in (*numbers(-720, 360, 2000), math.nan, 0.0, -0.0, 346.0, -690.0, 1e300, -1e300):
        assert same(exp_(x), jit(exp_)(x))
        y = math.exp(min(x, 340.0)) if x == x else x
        assert same(log_(y), jit(log_)(y))


def test_edges_are_na_and_never_infinite() -> None:
    div = BY_NAME["div"].kernel
    mul = BY_NAME["mul"].kernel
    assert exp_(0.0) == 1.0 and log_(1.0) == 0.0
    assert math.isnan(exp_(346.5)) and exp_(345.0) <= LIMIT and exp_(-800.0) == 0.0
    assert all(math.isnan(log_(x)) for x in (0.0, -1.0, math.nan, math.inf))
    assert all(
        math.isnan(div(*p)) for p in ((1.0, 0.0), (0.0, 0.0), (1e100, 1e-100), (1, math.nan))
    )
    assert math.isnan(mul(1e100, 1e100)) and mul(1e100, 1e40) == 1e140
    assert math.isnan(BY_NAME["sqrt"].kernel(-1.0))
