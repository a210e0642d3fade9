"""Operators that compare symbols: against their definitions, pandas and scipy, on ties, na and
crowds of any size."""

import math
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.ops import ACROSS, BY_NAME
from engine.ops.spec import Op

NAN = math.nan
EXACT = ("rank", "percentile_across", "among_top", "among_bottom", "count_across", "breadth")
values = st.one_of(
    st.just(NAN),
    st.integers(-3, 3).map(float),
    st.floats(-1e7, 1e7, allow_nan=False).map(lambda v: v if abs(v) > 1e-6 else 0.0),
)
truths = st.sampled_from((0.0, 1.0, 2.0))


def run(op: Op, series: list[float], *consts: float) -> list[float]:
    """The kernel on one close, in the middle of longer columns."""
    m = len(series)
    out, x = [7.0] * (m + 4), [5.0, 6.0, *series, 8.0, 9.0]
    op.kernel(m, x, 2, *consts, out, [math.inf] * m)
    assert out[:2] == out[m + 2 :] == [7.0, 7.0] and x[2:-2] is not series
    return out[2 : m + 2]


def crowd(op: Op) -> st.SearchStrategy[list[float]]:
    return st.lists(truths if op.args[0].kind == "truth" else values, min_size=1, max_size=40)


@pytest.mark.parametrize("op", ACROSS, ids=lambda op: op.name)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_kernels_follow_their_definition(op: Op, data: st.DataObject) -> None:
    series = data.draw(crowd(op))
    consts = [float(data.draw(st.integers(1, 6))) for a in op.args if a.kind == "const"]
    got, want = run(op, series, *consts), op.series(np.array(series), *consts)
    if op.name in EXACT:
        np.testing.assert_array_equal(got, np.asarray(want, dtype=float))
    else:
        scale = max([abs(v) for v in series if v == v], default=1.0)
        loose = {"zscore_across": 1e-9}.get(op.name, 1e-12 * scale)
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=loose)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(values, min_size=2, max_size=40))
def test_pandas_ranks_and_sums_alike(series: list[float]) -> None:
    row = pd.DataFrame([series])
    ranks = row.rank(axis=1, method="min", ascending=False).iloc[0]
    np.testing.assert_array_equal(run(BY_NAME["rank"], series), ranks)
    size = max((abs(v) for v in series if v == v), default=0.0)
    total, mean = row.sum(axis=1, min_count=1).iloc[0], row.mean(axis=1).iloc[0]
    np.testing.assert_allclose(run(BY_NAME["sum_across"], series)[0], total, atol=1e-12 * size)
    np.testing.assert_allclose(run(BY_NAME["mean_across"], series)[0], mean, atol=1e-12 * size)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(-40, 40).map(float), min_size=3, max_size=40))
def test_scipy_scores_alike(series: list[float]) -> None:
    if len(set(series)) > 1:
        want = stats.zscore(series)
        np.testing.assert_allclose(run(BY_NAME["zscore_across"], series), want, atol=1e-12)
    for k, got in enumerate(run(BY_NAME["percentile_across"], series)):
        others = [*series[:k], *series[k + 1 :]]
        want = stats.percentileofscore(others, series[k], kind="weak") / 100
        assert got == pytest.approx(want, abs=1e-15)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(values, min_size=1, max_size=30, unique=True), st.randoms())
def test_the_order_of_the_symbols_changes_nothing(series: list[float], rng: random.Random) -> None:
    order = rng.sample(range(len(series)), len(series))
    for name in ("rank", "percentile_across", "among_top", "among_bottom"):
        consts = (3.0,) if name.startswith("among") else ()
        got = run(BY_NAME[name], series, *consts)
        moved = run(BY_NAME[name], [series[k] for k in order], *consts)
        np.testing.assert_array_equal(moved, [got[k] for k in order])


def test_equal_values_share_a_place_and_the_first_name_is_picked() -> None:
    series = [4.0, 9.0, 4.0, NAN, 4.0, 1.0]
    assert run(BY_NAME["rank"], series)[:3] == [2.0, 1.0, 2.0]
    assert run(BY_NAME["rank"], series)[5] == 5.0
    assert run(BY_NAME["among_top"], series, 3.0) == [2.0, 2.0, 2.0, 1.0, 0.0, 0.0]
    assert run(BY_NAME["among_bottom"], series, 2.0) == [2.0, 0.0, 0.0, 1.0, 0.0, 2.0]
    assert run(BY_NAME["among_top"], series, 9.0) == [2.0, 2.0, 2.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize("op", ACROSS, ids=lambda op: op.name)
def test_nobody_known_is_na(op: Op) -> None:
    is_truth = op.args[0].kind == "truth"
    consts = [2.0] * (len(op.args) - 1)
    got = run(op, [1.0 if is_truth else NAN] * 3, *consts)
    assert got == [1.0] * 3 if op.result == "truth" else all(math.isnan(v) for v in got)


def test_one_alone_has_a_place_but_no_score() -> None:
    said: dict[str, Any] = {name: run(BY_NAME[name], [5.0])[0] for name in ("rank", "mean_across")}
    assert said == {"rank": 1.0, "mean_across": 5.0}
    for name in ("percentile_across", "zscore_across"):
        assert math.isnan(run(BY_NAME[name], [5.0])[0])
    assert all(math.isnan(v) for v in run(BY_NAME["zscore_across"], [0.1, 0.1, 0.1, NAN]))


def test_five_hundred_symbols_stay_within_the_stated_cost() -> None:
    import engine.ops.across as across

    counted = 0
    told = across.comes_after

    def counting(*args: Any) -> bool:
        nonlocal counted
        counted += 1
        return told(*args)

    series = random.Random(1).sample([float(k) for k in range(5000)], 500)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(across, "comes_after", counting)
        assert sorted(run(BY_NAME["rank"], series)) == [float(k) for k in range(1, 501)]
    assert counted <= 500 * BY_NAME["rank"].cost(())
