"""Compiled programs answer as the others do, to the bit; few modules, each holding much."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.compile import load_plan, plan_limits, plan_strategy
from engine.graph.plan import Plan
from tests.agree.decisions import decisions, market_table, stepped_table
from tests.typed_generators import every_op, random_limits, random_strategy

PLANS = {
    "every op": lambda: plan_strategy(every_op(random.Random(1))),
    "random strategy": lambda: plan_strategy(random_strategy(random.Random(7), 5)),
    "random limits": lambda: plan_limits(random_limits(random.Random(7), 4)),
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.getbasetemp() / "njit"
        patch.setenv("SEAWALL_CACHE", str(folder))
        yield folder


def flat(values: list[float]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize("name", PLANS)
def test_njit_agrees(name: str) -> None:
    plan: Plan = PLANS[name]()
    walk, njit = load_plan(plan, "walk"), load_plan(plan, "njit")
    for seed in (1, 2, 3):
        assert market_table(njit, seed) == market_table(walk, seed)
        assert decisions(njit, seed, flat=flat) == decisions(walk, seed)


def test_the_compiled_step_agrees() -> None:
    plan = plan_strategy(random_strategy(random.Random(7), 5))
    table = market_table(load_plan(plan, "walk"), 1)
    assert stepped_table(load_plan(plan, "njit"), 1, resume_at=20, flat=flat) == table
