"""Truth: Kleene's tables, unknown operands, crosses, latches and lasting conditions."""

import itertools
import math

import pytest

from engine.ops import BY_NAME
from engine.ops.spec import FALSE, TRUE, UNKNOWN
from tests.ops.drive import Runner

NAN = math.nan
F, U, T = FALSE, UNKNOWN, TRUE


@pytest.mark.parametrize("name", ["lt", "gt", "le", "ge", "eq", "ne"])
def test_comparisons(name: str) -> None:
    op = BY_NAME[name]
    for a, b in itertools.product((-1.0, 0.0, -0.0, 2.5, 1e150), repeat=2):
        yes = eval(f"a {op.symbol} b", {"a": a, "b": b})
        assert op.kernel(a, b) == (T if yes else F)
    for a, b in ((NAN, 1.0), (1.0, NAN), (NAN, NAN)):
        assert op.kernel(a, b) == U


def test_kleene_tables() -> None:
    table = {a: [BY_NAME["and"].kernel(a, b) for b in (F, U, T)] for a in (F, U, T)}
    assert table == {F: [F, F, F], U: [F, U, U], T: [F, U, T]}
    table = {a: [BY_NAME["or"].kernel(a, b) for b in (F, U, T)] for a in (F, U, T)}
    assert table == {F: [F, U, T], U: [U, U, T], T: [T, T, T]}
    assert [BY_NAME["not"].kernel(a) for a in (F, U, T)] == [T, U, F]


def test_de_morgan_and_commutation() -> None:
    both, either, opposite = (BY_NAME[n].kernel for n in ("and", "or", "not"))
    for a, b in itertools.product((F, U, T), repeat=2):
        assert opposite(both(a, b)) == either(opposite(a), opposite(b))
        assert both(a, b) == both(b, a) and either(a, b) == either(b, a)


def test_choice_on_unknown_is_na() -> None:
    assert [BY_NAME["if"].kernel(c, 1.0, 2.0) for c in (F, T)] == [2.0, 1.0]
    assert math.isnan(BY_NAME["if"].kernel(U, 1.0, 1.0))
    assert BY_NAME["if"].kernel(T, 1.0, NAN) == 1.0
    assert [BY_NAME["if_truth"].kernel(c, T, F) for c in (F, U, T)] == [F, U, T]


def test_is_na_is_never_unknown() -> None:
    assert [BY_NAME["is_na"].kernel(x) for x in (1.0, NAN)] == [F, T]
    assert [BY_NAME["is_unknown"].kernel(c) for c in (F, U, T)] == [F, T, F]


def test_between_is_false_when_one_end_settles_it() -> None:
    between = BY_NAME["between"].kernel
    assert between(0.0, 1.0, NAN) == F
    assert between(5.0, NAN, 4.0) == F
    assert between(2.0, 1.0, NAN) == U
    assert between(1.0, 1.0, 1.0) == T


def test_within_includes_the_edge() -> None:
    within = BY_NAME["within"].kernel
    assert [within(x, 0.1, 100.0) for x in (89.9, 90.0, 110.0, 110.1)] == [F, T, T, F]
    assert within(-95.0, 0.1, -100.0) == T
    assert within(NAN, 0.1, 1.0) == within(1.0, NAN, 1.0) == within(1.0, 0.1, NAN) == U


def test_crosses_need_both_bars() -> None:
    a = [1.0, 2.0, 3.0, NAN, 3.0, 1.0, 1.0, 3.0]
    b = [2.0] * len(a)
    assert Runner(BY_NAME["cross_above"]).run(a, b) == [U, F, T, U, U, F, F, T]
    assert Runner(BY_NAME["cross_below"]).run(a, b) == [U, F, F, U, U, T, F, F]


def test_lasting_is_false_as_soon_as_one_is() -> None:
    assert Runner(BY_NAME["lasting"], (3,)).run([T, T, T, U, T, T, T]) == [U, U, T, U, U, U, T]
    assert Runner(BY_NAME["lasting"], (3,)).run([F, U, T, T, T]) == [F, F, F, U, T]


def test_latch_holds() -> None:
    latch = BY_NAME["latch"]
    assert Runner(latch).run([U, U, F, U], [F, U, F, U]) == [U, U, F, F]
    assert Runner(latch).run([T, F, U, F, F, T], [F, F, U, T, U, T]) == [T, T, T, F, F, T]
    assert Runner(latch).run([U, U], [T, F]) == [F, F]


def test_counting() -> None:
    c = [F, T, U, T, F, F]
    assert Runner(BY_NAME["count"], (2,)).run(c)[1:2] == [1.0]
    assert Runner(BY_NAME["count"], (2,)).run(c)[4:] == [1.0, 0.0]
    since = Runner(BY_NAME["bars_since"]).run([F, T, F, U, F, T])
    assert since[1:3] == [0.0, 1.0] and since[4:] == [3.0, 0.0]
    assert math.isnan(since[0]) and math.isnan(since[3])
    held = Runner(BY_NAME["value_when"]).run([F, T, F, U, F], [1.0, 2.0, 3.0, 4.0, 5.0])
    assert held[1:3] == [2.0, 2.0] and held[4] == 2.0
    assert math.isnan(held[0]) and math.isnan(held[3])


def test_averages_keep_their_state_over_a_missing_bar() -> None:
    for name in ("ema", "wilder"):
        op = BY_NAME[name]
        with_gap = Runner(op, (3,)).run([1.0, 2.0, NAN, 4.0, 5.0, NAN, 7.0])
        without = Runner(op, (3,)).run([1.0, 2.0, 4.0, 5.0, 7.0])
        assert math.isnan(with_gap[2]) and math.isnan(with_gap[5])
        assert [with_gap[t] for t in (3, 4, 6)] == without[2:]


def test_volume_needs_half_the_bars() -> None:
    adv = Runner(BY_NAME["adv"], (4,)).run([NAN, 2.0, NAN, NAN, 6.0, NAN])
    assert math.isnan(adv[3]) and adv[4] == 4.0 and math.isnan(adv[5])


def test_peaks_skip_missing_bars() -> None:
    x = [2.0, 1.0, NAN, 1.5, 3.0]
    peak = Runner(BY_NAME["peak"]).run(x)
    trough = Runner(BY_NAME["trough"]).run(x)
    assert math.isnan(peak[2]) and [peak[t] for t in (0, 1, 3, 4)] == [2.0, 2.0, 2.0, 3.0]
    assert math.isnan(trough[2]) and [trough[t] for t in (0, 1, 3, 4)] == [2.0, 1.0, 1.0, 1.0]
