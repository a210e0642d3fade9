"""Random rule texts, checked like a user's file: what must hold of every rule holds of them."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from engine.compile import load_plan, plan_strategy
from engine.graph.plan import Plan
from engine.ops import ROWS
from engine.run.program import Program, Runner
from tests.agree import battery
from tests.rule_texts import IN_TURN, random_rule

RULES = int(os.environ.get("SEAWALL_AGREE", "60"))
COMPILED = 4
"""Compiling costs seconds a rule; `make agree` compiles them all."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEAWALL_CACHE", str(tmp_path_factory.getbasetemp() / "texts"))
        yield


@cache
def plan(seed: int) -> Plan:
    return plan_strategy(random_rule(seed)[1])


@pytest.mark.parametrize("check", battery.EACH, ids=lambda c: c.__name__)
def test_random_texts(check: battery.Check) -> None:
    for seed in range(RULES):
        try:
            check(plan(seed), seed)
        except AssertionError as wrong:
            raise AssertionError(f"seed {seed}:\n{random_rule(seed)[0]}") from wrong


def test_two_rounds_draw_every_operator() -> None:
    rounds = [plan(seed) for seed in range(2 * len(IN_TURN))]
    assert {op.name for op in ROWS} == {name for p in rounds for name in evaluated(p)}


def evaluated(plan: Plan) -> set[str]:
    """The operators that a plan's functions evaluate, layers included."""
    nodes = {*plan.market, *plan.across, *plan.rule, *plan.stops, *plan.decide}
    own = {n.name for n in map(plan.graph.nodes.__getitem__, nodes) if n.kind in ("op", "across")}
    return own.union(*map(evaluated, plan.layers))


def test_the_slice_compares_symbols_and_passes_over_none() -> None:
    layered = [seed for seed in range(RULES) if plan(seed).layers]
    assert len(layered) >= RULES // 10
    assert any(battery.later_start_agrees(plan(seed), seed) > 100 for seed in layered)


def test_random_texts_agree_when_compiled() -> None:
    rules = (random_rule(seed)[1] for seed in range(COMPILED))
    for count, bundle in battery.bundles(rules):
        assert count and len(bundle.graph.nodes) <= battery.BUNDLE_NODES
        battery.compiled_agrees(bundle, 1)


def test_later_starts_are_compared() -> None:
    compared = [battery.later_start_agrees(plan(seed), seed) for seed in range(10)]
    assert sum(count > 100 for count in compared) > 5


def test_a_value_that_never_forgets_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(battery, "FADING", {"cumsum", "peak", "trough", "latch", "value_when"})
    with pytest.raises(AssertionError, match="bars after the later start"):
        for seed in range(10):
            battery.later_start_agrees(plan(seed), seed)


def test_a_value_from_the_future_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def early(plan: Plan, runner: Runner) -> Program:
        """A program that sees each bar one too soon."""
        program = load_plan(plan, runner)

        def market(inputs: battery.Columns, has: battery.Columns, n: int) -> object:
            sooner = [[*c[1:], c[-1]] for c in inputs], [[*h[1:], h[-1]] for h in has]
            return program.market(*sooner, n)

        return replace(program, market=market)

    monkeypatch.setattr(battery, "load_plan", early)
    with pytest.raises(AssertionError):
        for seed in range(10):
            battery.does_not_look_ahead(plan(seed), seed)


def test_the_whole_run_is_recorded_and_clean() -> None:
    found = json.loads((Path(__file__).parents[2] / "docs" / "agreement.json").read_text())
    assert found["disagreements"] == 0
    assert all(found[c.__name__.replace("_", " ")] >= 2000 for c in battery.EACH)
    assert found["later start agrees: cells compared"] > 1_000_000
