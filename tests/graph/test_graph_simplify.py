"""Every pass keeps every value to the bit."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.graph.build import build_strategy, build_values
from engine.graph.node import Graph
from engine.graph.plan import make_plan
from engine.graph.simplify import PASSES, Pass, simplify
from engine.graph.verify import verify_graph, verify_plan
from engine.run.load import load
from tests.agree.decisions import decisions
from tests.typed_generators import (
    CLOCK,
    NUMBER,
    SELF,
    TRUTH,
    Apply,
    Column,
    Const,
    Sample,
    Typed,
    random_strategy,
)

CLOSE = Column("close", SELF, NUMBER)
UP = Apply("gt", (CLOSE, Const(1.0, NUMBER)), (), SELF, TRUTH)


def answers(graph: Graph, seed: int) -> list[list[bytes]]:
    """What rule and stops say, without the cells: a pass may need fewer of those."""
    plan = make_plan(graph)
    verify_plan(plan)
    program = load(plan, "walk")
    said = decisions(program, seed, 40, on_bars=True)
    width = program.layout.out_width + program.layout.stops_width + len(plan.book_cells.init) + 1
    return [said[k : k + width - len(plan.book_cells.init) - 1] for k in range(0, len(said), width)]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_passes_keep_values(seed: int) -> None:
    graph = build_strategy(random_strategy(random.Random(seed)))
    want = answers(graph, seed)
    for step in PASSES:
        graph = step(graph)
        verify_graph(graph)
    assert answers(graph, seed) == want


@pytest.mark.parametrize("step", PASSES, ids=lambda p: p.__name__)
def test_a_pass_alone_keeps_values(step: Pass) -> None:
    for seed in range(25):
        graph = build_strategy(random_strategy(random.Random(seed)))
        assert answers(step(graph), seed) == answers(graph, seed)


def simple(value: Typed) -> Graph:
    return simplify(build_values("v", {"v": value}))


def test_constants_fold_through_the_kernel() -> None:
    half = Apply("div", (Const(1.0, NUMBER), Const(2.0, NUMBER)), (), SELF, NUMBER)
    nodes = simple(Apply("neg", (half,), (), SELF, NUMBER)).nodes
    assert [(n.kind, n.value) for n in nodes] == [("const", -0.5)]


def test_state_over_a_constant_stays() -> None:
    assert len(simple(Apply("sma", (Const(1.0, NUMBER),), (3.0,), SELF, NUMBER)).nodes) == 2


def test_zero_lags_and_idle_samples_go() -> None:
    lag = Apply("back", (CLOSE,), (0.0,), SELF, NUMBER)
    assert [n.name for n in simple(Sample(lag, SELF, NUMBER)).nodes] == ["close"]
    assert [n.kind for n in simple(Sample(Const(1.0, NUMBER), CLOCK, NUMBER)).nodes] == ["const"]


@pytest.mark.parametrize(
    ("name", "constant", "left"), [("and", 2, "gt"), ("and", 0, ""), ("or", 0, "gt"), ("or", 2, "")]
)
def test_logic_settles(name: str, constant: int, left: str) -> None:
    for args in ((UP, Const(float(constant), TRUTH)), (Const(float(constant), TRUTH), UP)):
        graph = simple(Apply(name, args, (), SELF, TRUTH))
        assert graph.nodes[graph.out("v")].name == left
    unknown = simple(Apply(name, (UP, Const(1.0, TRUTH)), (), SELF, TRUTH))
    assert unknown.nodes[unknown.out("v")].name == name


def test_double_negation_goes() -> None:
    twice = Apply("not", (Apply("not", (UP,), (), SELF, TRUTH),), (), SELF, TRUTH)
    graph = simple(twice)
    assert graph.nodes[graph.out("v")].name == "gt"
