"""What may not be planned is refused, and a plan's cells never overlap."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compile import plan_limits, plan_strategy
from engine.graph.build import build_limits, build_strategy, build_values
from engine.graph.node import Graph, Node
from engine.graph.plan import make_plan
from engine.graph.verify import IllegalGraph, verify_graph, verify_plan
from tests.typed_generators import (
    NOWHERE,
    NUMBER,
    SELF,
    SPY,
    TRUTH,
    Apply,
    CheckedLimit,
    CheckedLimits,
    CheckedSwitch,
    Column,
    FieldRead,
    Fold,
    Sample,
    Typed,
    level,
    random_limits,
    random_strategy,
    strategy,
)

CLOSE = Column("close", SELF, NUMBER)
EQUITY, QTY = FieldRead("account.equity", NUMBER), FieldRead("order.qty", NUMBER)


def peak(value: Typed) -> Apply:
    return Apply("peak", (value,), (), SELF, NUMBER)


def over(value: Typed) -> Apply:
    return Apply("gt", (value, EQUITY), (), SELF, TRUTH)


def limits(limit: Typed, switch: Typed) -> Graph:
    row = CheckedLimit("cap", "order", "firm", "deny", limit, "deny", "", "", NOWHERE)
    halt = CheckedSwitch("halt", "h", "firm", switch, None, 0, "", "", "", NOWHERE)
    return build_limits(CheckedLimits("l", "", (), (), (row,), (halt,), (), NOWHERE))


def levels(kind: str, price: Typed) -> Graph:
    return build_strategy(strategy("s", levels=[level(kind, "v", price)]))


REFUSED = {
    "samples a book value": build_values("v", {"v": Sample(EQUITY, SELF, NUMBER)}),
    "reads node 0 on other bars": build_values(
        "v", {"v": Apply("neg", (Column("close", SPY, NUMBER),), (), SELF, NUMBER)}
    ),
    "keeps state over decisions": levels("trail", peak(EQUITY)),
    "not known when the order is placed": levels("stop", EQUITY),
    "folds over a position": limits(over(Fold(peak(CLOSE), NUMBER)), over(EQUITY)),
    "state (peak) reads order.qty": limits(over(peak(QTY)), over(EQUITY)),
    "switch.h.enter reads order.qty": limits(over(QTY), over(QTY)),
    "switch.h.enter reads close of the order's symbol": limits(over(QTY), over(CLOSE)),
    "takes 1 series, has 2": build_values(
        "v", {"v": Apply("neg", (CLOSE, CLOSE), (), SELF, NUMBER)}
    ),
    "has 0 constants": build_values("v", {"v": Apply("sma", (CLOSE,), (), SELF, NUMBER)}),
    "has the wrong kind": build_values("v", {"v": Apply("neg", (CLOSE,), (), SELF, TRUTH)}),
    "unknown field": build_values("v", {"v": FieldRead("account.luck", NUMBER)}),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_illegal_graphs_are_refused(fault: str) -> None:
    with pytest.raises(IllegalGraph) as error:
        verify_graph(REFUSED[fault])
    assert fault in str(error.value)


def test_legal_neighbours_pass() -> None:
    verify_graph(levels("trail", Fold(peak(EQUITY), NUMBER)))
    verify_graph(levels("stop", FieldRead("position.entry_price", NUMBER)))
    verify_graph(limits(over(peak(EQUITY)), over(peak(EQUITY))))


def test_disorder_and_twins_are_refused() -> None:
    column = Node("column", "close", frame=SELF)
    graph = Graph("g", "value", (column, column), ())
    with pytest.raises(IllegalGraph, match="two nodes are equal"):
        verify_graph(graph)
    late = Graph("g", "value", (Node("op", "neg", (1,), frame=SELF), column), ())
    with pytest.raises(IllegalGraph, match="comes before an argument"):
        verify_graph(late)


def test_overlapping_and_lost_cells_are_refused() -> None:
    plan = make_plan(build_values("v", {"v": Apply("sma", (CLOSE,), (5.0,), SELF, NUMBER)}))
    verify_plan(plan)
    cells = plan.market_cells
    with pytest.raises(IllegalGraph, match="overlaps"):
        verify_plan(replace(plan, market_cells=replace(cells, state=dict.fromkeys(cells.state, 0))))
    with pytest.raises(IllegalGraph, match="belong to nobody"):
        verify_plan(replace(plan, market_cells=replace(cells, init=(*cells.init, 0.0))))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_random_plans_are_sound(seed: int) -> None:
    verify_plan(plan_strategy(random_strategy(random.Random(seed), 5)))
    verify_plan(plan_limits(random_limits(random.Random(seed))))
