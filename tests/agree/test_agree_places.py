"""Emitted text and kernels read and write inside their lists only, at places that count from the
front. Compiled, a list is where it begins: nothing would stop a place outside."""

import math
import random
from typing import Any

import pytest

from engine.base.frozen import replace
from engine.compile import load_plan, plan_limits, plan_strategy
from engine.emit.module import emit
from engine.graph import plan as plans
from engine.graph.plan import Plan
from engine.run.program import Program, nothing
from engine.run.python import execute, kernels
from tests.agree.decisions import decisions, market_table, stepped_table
from tests.typed_generators import every_op, random_limits, random_strategy

PLANS = {
    "every op": lambda rng: plan_strategy(every_op(rng)),
    "strategy": lambda rng: plan_strategy(random_strategy(rng)),
    "limits": lambda rng: plan_limits(random_limits(rng)),
}
SEEDS = [("strategy", seed) for seed in range(12)] + [("limits", seed) for seed in range(6)]


class Exact(list[float]):
    """A list that says where it is read or written outside."""

    def __getitem__(self, place: Any) -> Any:
        assert isinstance(place, slice) or 0 <= place < len(self)
        return super().__getitem__(place)

    def __setitem__(self, place: Any, value: Any) -> None:
        assert 0 <= place < len(self)
        super().__setitem__(place, value)


def exact(plan: Plan) -> Program:
    """The plan's text as it stands, on lists that are exact."""
    module = emit(plan)
    given = kernels(module) | {"zeros": lambda count: Exact([0.0] * count)}
    made = execute(module.text, "exact", given)

    def market(inputs: Any, has: Any, n: int) -> list[float]:
        out = Exact([math.nan] * (n * module.layout.row_width))
        made.run(n, [*map(Exact, inputs)], [*map(Exact, has)], out, Exact(plan.buffer))
        return list(out)

    return replace(
        load_plan(plan, "python"),
        market=market,
        step=made.step,
        rule=made.rule,
        stops=getattr(made, "stops", nothing),
        decide=getattr(made, "decide", nothing),
    )


@pytest.mark.parametrize(("name", "seed"), [("every op", 1), *SEEDS])
@pytest.mark.parametrize("in_locals", [0, 10**6])
def test_no_place_lies_outside_and_none_counts_from_the_end(
    name: str, seed: int, in_locals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "LOCALS", in_locals)
    plan = PLANS[name](random.Random(seed))
    made, walk = exact(plan), load_plan(plan, "walk")
    table = market_table(walk, seed)
    assert market_table(made, seed) == table
    assert stepped_table(made, seed, flat=Exact) == table
    assert decisions(made, seed, flat=Exact) == decisions(walk, seed)


def test_a_list_says_where_it_is_read_outside() -> None:
    held = Exact([1.0, 2.0])
    assert held[1] == 2.0
    for place in (-1, 2):
        with pytest.raises(AssertionError):
            held[place]
        with pytest.raises(AssertionError):
            held[place] = 0.0
