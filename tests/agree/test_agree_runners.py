"""One meaning: the walk, emitted run and emitted step answer alike to the bit, for random rules."""

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.compile import load_plan, plan_limits, plan_strategy
from engine.graph.plan import Plan
from engine.ops import OPS
from engine.ops.spec import Op
from tests.agree.decisions import decisions, market_table, stepped_table
from tests.typed_generators import (
    ACCOUNT,
    NUMBER,
    POSITION,
    SELF,
    TRUTH,
    Apply,
    Fold,
    Scope,
    apply,
    leave,
    level,
    random_limits,
    random_strategy,
    strategy,
)

EXAMPLES = int(os.environ.get("SEAWALL_AGREE", "60"))
many = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def agree(plan: Plan, seed: int) -> None:
    """Walk, python run, python step and a resumed step answer alike."""
    walk, python = load_plan(plan, "walk"), load_plan(plan, "python")
    table = market_table(walk, seed)
    assert market_table(python, seed) == table
    assert stepped_table(python, seed) == table
    assert stepped_table(python, seed, resume_at=30) == table
    assert decisions(python, seed) == decisions(walk, seed)


@many
@given(st.integers(0, 2**32))
def test_random_strategies_agree(seed: int) -> None:
    agree(plan_strategy(random_strategy(random.Random(seed))), seed)


@many
@given(st.integers(0, 2**32))
def test_random_limits_agree(seed: int) -> None:
    agree(plan_limits(random_limits(random.Random(seed))), seed)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_op_agrees_on_bars_on_fields_and_since_entry(op: Op) -> None:
    rng = random.Random(op.name)
    free = Scope(SELF, POSITION + ACCOUNT, state=True)
    market = apply(rng, op, Scope(SELF), 2)
    book = apply(rng, op, free, 2)
    if op.result == "truth":
        folded = Fold(apply(rng, op, Scope(SELF, inside=True, state=True), 1), TRUTH)
        rules = [leave("a", market), leave("b", book), leave("c", folded)]
        agree(plan_strategy(strategy(op.name, exits=rules)), 1)
    else:
        folded = Fold(apply(rng, op, Scope(SELF, inside=True, state=True), 1), NUMBER)
        known = [Apply("is_na", (v,), (), SELF, TRUTH) for v in (market, book)]
        exits = [leave(f"x{k}", v) for k, v in enumerate(known)]
        rule = strategy(op.name, exits=exits, levels=[level("trail", "c", folded)], weight=book)
        agree(plan_strategy(rule), 1)
