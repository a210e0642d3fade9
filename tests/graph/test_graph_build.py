"""Building: equal expressions meet, folds and samples land where they belong, may_fire is sound."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compile import compile_strategy, plan_strategy, plan_values
from engine.graph.build import build_strategy, build_values
from engine.graph.node import Builder, Node, reached
from engine.graph.stage import stages
from tests.typed_generators import (
    NUMBER,
    POSITION,
    SELF,
    TRUTH,
    WEEK,
    Apply,
    Column,
    Const,
    FieldRead,
    Fold,
    Sample,
    Typed,
    bits,
    data,
    entry,
    fields,
    named,
    random_strategy,
    strategy,
)

CLOSE, HIGH, LOW = (Column(c, SELF, NUMBER) for c in ("close", "high", "low"))
LOW = Column("low", SELF, NUMBER)
ONE = Const(1.0, NUMBER)


def sma(value: Typed, n: int) -> Apply:
    return Apply("sma", (value,), (float(n),), SELF, NUMBER)


def gt(a: Typed, b: Typed) -> Apply:
    return Apply("gt", (a, b), (), SELF, TRUTH)


def test_equal_expressions_are_one_node() -> None:
    graph = build_values("v", {"a": sma(CLOSE, 5), "b": sma(Column("close", SELF, NUMBER), 5)})
    assert graph.out("a") == graph.out("b")
    assert len(graph.nodes) == 2


def test_signed_zeros_and_nans_keep_apart_and_together() -> None:
    builder = Builder()
    assert builder.add(Node("const", value=0.0)) != builder.add(Node("const", value=-0.0))
    nan = builder.add(Node("const", value=float("nan")))
    assert builder.add(Node("const", value=-float("nan"))) == nan


def test_implicit_columns_become_arguments() -> None:
    graph = build_values("v", {"a": Apply("atr", (HIGH, LOW, CLOSE), (14.0,), SELF, NUMBER)})
    names = [graph.nodes[a].name for a in graph.nodes[graph.out("a")].args]
    assert names == ["high", "low", "close"]


def test_only_state_inside_a_fold_restarts() -> None:
    spread = Apply("sub", (HIGH, CLOSE), (), SELF, NUMBER)
    graph = build_values("v", {"a": Fold(Apply("peak", (spread,), (), SELF, NUMBER), NUMBER)})
    stage = dict(zip([n.name or n.kind for n in graph.nodes], stages(graph.nodes), strict=True))
    assert stage == {
        "high": "market", "close": "market", "sub": "market", "peak": "book", "gate": "book"
    }  # fmt: skip


def test_the_same_op_inside_and_outside_a_fold_are_two_nodes() -> None:
    graph = build_values("v", {"a": Fold(sma(CLOSE, 3), NUMBER), "b": sma(CLOSE, 3)})
    assert [n.fold for n in graph.nodes if n.name == "sma"] == [True, False]


def test_what_another_frame_steps_is_not_restarted() -> None:
    week = Apply("sma", (Column("close", WEEK, NUMBER),), (3.0,), WEEK, NUMBER)
    graph = build_values("v", {"a": Fold(Sample(week, SELF, NUMBER), NUMBER)})
    assert not any(n.fold for n in graph.nodes)


def test_may_fire_drops_what_the_book_says() -> None:
    young = Apply("lt", (FieldRead("position.age", NUMBER), ONE), (), SELF, TRUTH)
    when = Apply("and", (gt(CLOSE, ONE), young), (), SELF, TRUTH)
    plan = plan_strategy(strategy("s", [entry("a", when, ONE)]))
    fires = plan.may_fire()
    assert fires is not None
    assert plan.graph.nodes[fires].name == "gt"


@pytest.mark.parametrize("weight", [None, ONE])
def test_may_fire_is_always_on_where_every_decision_steps_something(weight: Typed | None) -> None:
    age = FieldRead("position.age", NUMBER)
    when = gt(CLOSE, sma(age, 3)) if weight is None else gt(CLOSE, ONE)
    plan = plan_strategy(strategy("s", [entry("a", when, ONE)], weight=weight))
    fires = plan.may_fire()
    assert fires is not None
    assert plan.graph.nodes[fires].kind == "const"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_an_entry_that_fires_or_is_unknown_was_announced(seed: int) -> None:
    program = compile_strategy(random_strategy(random.Random(seed)), "python")
    layout, rng = program.layout, random.Random(seed)
    inputs, has = data(program.plan, 40, seed)
    table, cells = program.market(inputs, has, 40), list(layout.cells_init)
    whens = [layout.rule_out(f"entry.{name}.when") for name in "ab"]
    for t in range(40):
        row = t * layout.row_width
        out = [0.0] * layout.out_width
        program.rule(table, row, fields(rng, 0.0), 0, cells, 0, out, 0)
        if table[row + layout.may_fire] == 0.0:
            assert all(out[k] == 0.0 for k in whens)


def test_notes_keep_lets_and_parts_that_nothing_else_needs() -> None:
    part = gt(HIGH, ONE)
    lonely = named("lonely", sma(CLOSE, 9))
    checked = strategy("s", [entry("a", gt(CLOSE, ONE), ONE)], lets=[lonely])
    assert "sma" not in {n.name for n in plan_strategy(checked).graph.nodes}
    noted = plan_strategy(checked, notes=True)
    assert noted.graph.nodes[noted.graph.out("let.lonely")].name == "sma"
    assert part not in noted.graph.nodes


def test_every_field_is_reached_from_the_outputs() -> None:
    checked = random_strategy(random.Random(3))
    graph = build_strategy(checked)
    needed = reached(graph, [o.node for o in graph.outputs])
    read = {graph.nodes[n].name for n in needed if graph.nodes[n].kind == "field"}
    assert read <= {*POSITION, "account.equity", "account.peak", "account.drawdown"}


def test_claims_may_read_fields_without_a_slot() -> None:
    claim = FieldRead("run.paused", TRUTH, "vix_pause")
    plan = plan_values("claim", {"claim": claim})
    assert plan.extra_fields == ("run.paused(vix_pause)",)
    assert plan.field_slot("run.paused(vix_pause)") == 28
    assert bits([1.0]) == bits([1.0])
