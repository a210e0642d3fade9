"""Plans: frames and instants, shared rings, cells of folds, bounds that hold."""

import math
import random

import pytest

from engine.check.typed import Frame
from engine.compile import plan_limits, plan_strategy, plan_values
from engine.graph.bounds import bars_in
from engine.graph.memory import FOLD
from engine.graph.plan import Plan
from engine.run import walk
from tests.typed_generators import (
    CLOCK,
    NUMBER,
    SELF,
    SPY,
    TRUTH,
    WEEK,
    Apply,
    Column,
    Const,
    FieldRead,
    Fold,
    Sample,
    Typed,
    data,
    entry,
    level,
    random_limits,
    random_strategy,
    strategy,
)

NAN = math.nan
BARS = tuple(Column(name, SELF, NUMBER) for name in ("high", "low", "close"))
CLOSE = Column("close", SELF, NUMBER)


def op(name: str, value: Typed, *consts: float, frame: Frame = SELF) -> Apply:
    return Apply(name, (value,), tuple(map(float, consts)), frame, NUMBER)


def seen(value: Typed) -> Sample:
    return Sample(value, SELF, NUMBER)


def values(value: Typed, inputs: list[list[float]], has: list[list[float]]) -> list[float]:
    """What a decision sees of one value at each instant."""
    plan = plan_values("v", {"v": value})
    table = walk.market(plan)(inputs, has, len(has[0]))
    return [-1.0 if v != v else v for v in table]


# ---------------------------------------------------------------- instants


def test_a_series_steps_only_when_it_has_a_bar() -> None:
    has = [[1.0, 0.0, 1.0, 1.0]]
    assert values(op("back", CLOSE, 1), [[5.0, NAN, 6.0, 7.0]], has) == [-1, -1, 5, 6]


def test_another_symbol_is_na_where_it_has_no_bar() -> None:
    spy = seen(Column("close", SPY, NUMBER))
    assert values(spy, [[5.0, NAN, 6.0]], [[1.0] * 3, [1.0, 0.0, 1.0]]) == [5, -1, 6]


def test_the_lane_is_na_where_it_has_no_bar_itself() -> None:
    spy = seen(Column("close", SPY, NUMBER))
    assert values(spy, [[5.0, 6.0, 7.0]], [[1.0, 0.0, 1.0], [1.0] * 3]) == [5, -1, 7]


def test_a_slower_clock_holds_its_last_value_even_over_a_missing_bar() -> None:
    week = seen(Column("close", WEEK, NUMBER))
    has = [[1.0, 1.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.0, 1.0]]
    assert values(week, [[NAN, 5.0, NAN, NAN, 6.0]], has) == [-1, 5, -1, 5, 6]
    completed_away = [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    assert values(week, [[NAN, 5.0, NAN]], completed_away) == [-1, -1, 5]


def test_a_lag_of_a_slower_clock_is_not_a_lag_of_what_is_seen() -> None:
    has = [[1.0] * 4, [0.0, 1.0, 0.0, 1.0]]
    column = Column("close", WEEK, NUMBER)
    column_values = [[NAN, 5.0, NAN, 6.0]]
    assert values(seen(op("back", column, 1, frame=WEEK)), column_values, has) == [-1, -1, -1, 5]
    assert values(op("back", seen(column), 1), column_values, has) == [-1, -1, 5, 5]


def test_a_view_of_a_view_needs_both_to_have_bars() -> None:
    spy_week = Sample(Column("close", Frame("SPY", "1w"), NUMBER), SPY, NUMBER)
    plan = plan_values("v", {"v": seen(spy_week)})
    frames = {f: k for k, f in enumerate(plan.frames)}
    has: list[list[float]] = [[]] * 3
    has[0], has[frames[SPY]] = [1.0] * 4, [1.0, 1.0, 0.0, 1.0]
    has[frames[Frame("SPY", "1w")]] = [0.0, 1.0, 0.0, 0.0]
    assert [-1.0 if v != v else v for v in walk.market(plan)([[NAN, 5.0, NAN, NAN]], has, 4)] == [
        -1,
        5,
        -1,
        5,
    ]


def test_the_clock_always_steps() -> None:
    plan = plan_values("v", {"v": Column("feed:VIX", CLOCK, NUMBER, 2)})
    assert plan.frames == (SELF, CLOCK)
    assert walk.market(plan)([[1.0, 2.0]], [[0.0, 0.0], [1.0, 1.0]], 2) == [1.0, 2.0]


# ---------------------------------------------------------------- cells


def test_windows_of_one_series_share_one_ring() -> None:
    plan = plan_values("v", {"a": op("sma", CLOSE, 5), "b": op("sma", CLOSE, 20)})
    (ring,) = plan.market_cells.rings.values()
    assert ring.mask + 1 == 32
    other = plan_values("v", {"a": op("sma", CLOSE, 5), "b": op("sma", op("neg", CLOSE), 5)})
    assert len(other.market_cells.rings) == 2


@pytest.mark.parametrize(("k", "size"), [(1, 2), (2, 4), (3, 4), (4, 8), (255, 256), (256, 512)])
def test_a_ring_is_the_power_of_two_above_its_reach(k: int, size: int) -> None:
    plan = plan_values("v", {"a": op("back", CLOSE, k)})
    (ring,) = plan.market_cells.rings.values()
    assert ring.mask + 1 == size


def test_cells_of_folds_come_first_with_rings_and_scratch() -> None:
    folded = Fold(op("highest", CLOSE, 3), NUMBER)
    size = op("sma", FieldRead("account.equity", NUMBER), 4)
    when = Apply("gt", (CLOSE, Const(1.0, NUMBER)), (), SELF, TRUTH)
    plan = plan_strategy(
        strategy("s", [entry("e", when, size)], levels=[level("trail", "t", folded)])
    )
    cells = plan.book_cells
    assert cells.counters[FOLD] == 0
    assert 0 < cells.fold_cells < cells.size
    assert {r.at < cells.fold_cells for r in cells.rings.values() if r.domain == FOLD} == {True}
    assert all(at < cells.fold_cells for at in cells.scratch.values())


def test_limits_keep_for_decide_what_rule_computes() -> None:
    plans = [plan_limits(random_limits(random.Random(seed))) for seed in range(9)]
    plan = next(p for p in plans if p.kept)
    names = {plan.graph.nodes[n].name for n in plan.kept}
    assert "peak" in names
    assert not set(plan.kept) & set(plan.decide)
    assert set(plan.kept) <= set(plan.rule)


def test_memory_of_the_walk_stays_within_the_bound() -> None:
    for seed in range(10):
        plan = plan_strategy(random_strategy(random.Random(seed)))
        inputs, has = data(plan, 50, seed)
        walked = walk.start(plan)
        for x, here in walk.instants(inputs, has, 50):
            walked.step(x, here)
        scalars = sum(len(m.state) for m in walked.memos.values())
        assert 8 * scalars <= plan.state_bytes
        assert plan.state_bytes == 8 * (plan.market_cells.size + plan.book_cells.size)


# ---------------------------------------------------------------- bounds


def first_known(plan: Plan, n: int = 400) -> int:
    inputs, has = data(plan, n, 1, gaps=0.0)
    table = walk.market(plan)(inputs, has, n)
    return next(k for k, v in enumerate(table) if v == v)


WEEKLY = Column("close", WEEK, NUMBER)
WARM = {
    "sma": (op("sma", CLOSE, 20), 19),
    "nested": (op("sma", op("ema", CLOSE, 5), 20), 23),
    "lag": (op("back", op("stdev", CLOSE, 10), 3), 12),
    "atr": (
        Apply("atr", BARS, (14.0,), SELF, NUMBER),
        None,
    ),
    "weekly": (seen(op("sma", WEEKLY, 3, frame=WEEK)), 14),
    "lag of weekly": (op("back", seen(WEEKLY), 2), 6),
}  # fmt: skip


@pytest.mark.parametrize("name", WARM)
def test_defined_is_the_first_known_bar(name: str) -> None:
    value, bars = WARM[name]
    plan = plan_values("v", {"v": value})
    if bars is not None:
        assert plan.defined_bars == bars
    assert first_known(plan) == plan.defined_bars
    assert plan.settled_bars >= plan.defined_bars


@pytest.mark.parametrize(("name", "n"), [("ema", 20), ("wilder", 14)])
def test_after_settled_bars_the_start_is_forgotten(name: str, n: int) -> None:
    plan = plan_values("v", {"v": op(name, CLOSE, n)})
    rng = random.Random(1)
    bars = plan.defined_bars + plan.settled_bars + 1  # settled counts from the seed
    close = [100.0 + rng.random() for _ in range(bars)]
    other = [v * 3.0 if t < n else v for t, v in enumerate(close)]
    ones = [[1.0] * len(close)]
    a, b = (walk.market(plan)([c], ones, len(close)) for c in (close, other))
    scale = max(abs(x - y) for x, y in zip(a, b, strict=True) if x == x)
    assert abs(a[-1] - b[-1]) <= 0.0015 * scale


def test_periods_of_slower_clocks() -> None:
    assert [bars_in(c) for c in (None, "1w", "2w", "1mo", "1d")] == [1, 5, 10, 23, 1]


def test_operations_are_counted() -> None:
    small = plan_values("v", {"v": CLOSE}).operations
    assert small < plan_values("v", {"v": op("sma", CLOSE, 3)}).operations
