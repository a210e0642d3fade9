"""Emitted source: golden text, nothing imported, no clash of names, every stage printable."""

import ast
import os
import re
from pathlib import Path

import pytest

from engine.base.frozen import replace
from engine.base.spans import source
from engine.check import check_file
from engine.check.typed import CheckedStrategy
from engine.compile import compile_strategy, plan_limits, plan_strategy
from engine.emit.module import emit
from engine.emit.names import kernel_name
from engine.emit.text import show, typed_text
from engine.graph.node import keeps_state
from engine.graph.plan import Plan
from engine.lang.parse import parse, parse_file
from engine.ops import ROWS
from engine.records.catalogue import load_catalogue
from tests.typed_generators import (
    NUMBER,
    SELF,
    TRUTH,
    Apply,
    Column,
    Const,
    entry,
    leave,
    named,
    strategy,
)

CASES = Path(__file__).parent.parent / "cases" / "emit"
CLOSE = Column("close", SELF, NUMBER)
ONE = Const(1.0, NUMBER)


def fade() -> CheckedStrategy:
    file, problems = parse_file(CASES / "fade.rule")
    checked, found = check_file(file, {}, load_catalogue())
    assert [d for d in (*problems, *found) if d.severity == "error"] == []
    return checked.strategies[0]


@pytest.mark.parametrize("stage", ["step", "plan", "graph", "checked"])
def test_golden_text(stage: str) -> None:
    plan = plan_strategy(fade())
    value = {"checked": fade(), "graph": plan.graph}.get(stage, plan)
    text = show(stage, value)  # type: ignore[arg-type]
    golden = CASES / f"fade.{stage}.txt"
    if os.environ.get("UPDATE_CASES"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_source_is_scalar_and_imports_nothing() -> None:
    tree = ast.parse(emit(plan_strategy(fade())).text)
    kinds = {type(node).__name__ for node in ast.walk(tree)}
    assert not kinds & {"Import", "ImportFrom", "ClassDef", "While", "ListComp", "IfExp", "BoolOp"}
    tests = [node.test for node in ast.walk(tree) if isinstance(node, ast.If)]
    assert all(ast.unparse(test).startswith("has") for test in tests)


def test_every_name_is_defined() -> None:
    module = emit(plan_strategy(fade()))
    given = {name for name, _ in module.kernels} | {"range", "float", "int", "min", "nan", "zeros"}
    for function in ast.parse(module.text).body:
        assert isinstance(function, ast.FunctionDef)
        names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
        stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
        loaded = {n.id for n in names if isinstance(n.ctx, ast.Load)}
        own = {a.arg for a in function.args.args} | stored | {"gate", "gate_truth"}
        assert loaded <= own | given


HOSTILE = ["n", "t", "out", "cells", "sma", "float", "class", "nan", "may_fire"]
HOSTILE += ["close_at", "x_s0", "has_0", "i_self"]


@pytest.mark.parametrize("word", HOSTILE)
def test_a_let_may_have_any_name(word: str) -> None:
    mean = Apply("sma", (CLOSE,), (3.0,), SELF, NUMBER)
    up = Apply("cross_above", (CLOSE, mean), (), SELF, TRUTH)
    checked = strategy("s", [entry("e", up, mean)], [leave("x", up)], lets=[named(word, mean)])
    close = [3.0, 2.0, 1.0, 5.0, 6.0]
    ones = [[1.0] * 5]
    tables = [compile_strategy(checked, r).market([close], ones, 5) for r in ("walk", "python")]
    assert repr(tables[0]) == repr(tables[1])


def test_layout_names_every_cell() -> None:
    layout = compile_strategy(fade(), "python").layout
    assert layout.rule == (
        "entry.dip.when", "entry.dip.size", "entry.dip.price", "exit.back.when", "trail.chandelier"
    )  # fmt: skip
    assert layout.stops == ("stop.hard", "trail.chandelier")
    assert layout.rule_out("trail.chandelier") == 4
    assert layout.stops_out("target.none") == -1
    assert layout.columns[layout.may_fire] == "may_fire"
    assert layout.fold_cells == len(layout.cells_init)


def test_kernel_names_are_distinct_identifiers() -> None:
    names = [kernel_name(op.name) for op in ROWS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


def test_the_ast_prints() -> None:
    file, _ = parse_file(CASES / "fade.rule")
    text = show("ast", file.blocks[0])
    assert "name: fade" in text
    assert "span" not in text


def test_typed_expressions_print() -> None:
    assert typed_text(Apply("sub", (CLOSE, ONE), (), SELF, NUMBER)) == "sub(close, 1.0)"


# ---------------------------------------------------------------- limits


LIMITS = """rules 1
limits house "Held, and remembered" {
  limit high on order deny when equity < 90% of peak(equity)
  limit few on order deny when positions.count >= 3
}
"""


def limits_plan() -> Plan:
    file, _ = parse(source("house.rule", LIMITS))
    checked, found = check_file(file, {}, load_catalogue())
    assert [d for d in found if d.severity == "error"] == []
    return plan_limits(checked.limits[0])


def test_decide_reads_what_rule_kept_for_it() -> None:
    lines = emit(limits_plan()).text.split("def decide", 1)[1]
    assert "# from rule" in lines
    assert "peak(" not in lines


def test_decide_refuses_to_keep_state() -> None:
    """A plan that had `decide` step what only `rule` may step is never turned into source."""
    plan = limits_plan()
    stateful = tuple(n for n in plan.rule if keeps_state(plan.graph.nodes[n]))
    assert stateful
    with pytest.raises(AssertionError, match="keeps no state"):
        emit(replace(plan, decide=(*stateful, *plan.decide)))


def test_a_condition_without_a_text_has_no_note() -> None:
    plan = plan_strategy(fade())
    silent = tuple(replace(label, text="") for label in plan.graph.labels)
    text = emit(replace(plan, graph=replace(plan.graph, labels=silent))).text
    assert "# line" in emit(plan).text
    assert "# line" not in text
