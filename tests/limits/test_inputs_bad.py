"""Every limit and every input of it, with what cannot be in place of a value: limits take it for
unknown, and test_inputs_removed shows that nothing new passes on what is unknown."""

import struct
from math import nan
from random import Random

import pytest

from engine.compile import compile_limits
from engine.fields import FIELDS
from engine.graph.plan import Plan
from limits.faults import cannot_be, is_truth
from limits.test_inputs_removed import (
    BLOCKS,
    Case,
    a_moment,
    cells_read,
    entered,
    put,
    shares_left,
)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [Case(b, compile_limits(b)) for b in BLOCKS]


def bits(values: list[float]) -> bytes:
    return b"".join(struct.pack("<d", v if v == v else nan) for v in values)


@pytest.mark.parametrize("k", range(len(BLOCKS)), ids=[b.name for b in BLOCKS])
def test_what_cannot_be_is_taken_for_unknown(cases: list[Case], k: int) -> None:
    case, rng = cases[k], Random(k)
    outs = [f"switch.{s.name}.enter" for s in case.checked.switches]
    fields = [(n, at) for n, at in cells_read(case.program) if not n.startswith("row ")]
    for name, at in fields:
        for value in cannot_be(name):
            row, now, cells = a_moment(case.program, rng)
            told = []
            for seen in (nan, value):
                put(name, at, row, now, seen)
                left = shares_left(case, row, now, cells) if case.checked.limits else []
                told.append(left + entered(case, outs, row, now, cells))
            assert bits(told[0]) == bits(told[1]), f"{name} of {value}"


@pytest.mark.parametrize("k", range(len(BLOCKS)), ids=[b.name for b in BLOCKS])
def test_bars_and_feeds_that_cannot_be_are_taken_for_unknown(cases: list[Case], k: int) -> None:
    program, rng = cases[k].program, Random(k)
    plan, count = program.plan, 24
    for j, wanted in enumerate(plan.inputs):
        for value in cannot_be(wanted.name):
            inputs = [_column(plan, i.name, count, rng) for i in plan.inputs]
            has = [[1.0] * count for _ in plan.frames]
            told = []
            at = rng.randrange(count)
            for seen in (nan, value):
                inputs[j][at] = seen
                told.append(bits(list(program.market(inputs, has, count))))
            assert told[0] == told[1], f"{wanted.name} of {value}"


def _column(plan: Plan, name: str, count: int, rng: Random) -> list[float]:
    if is_truth(name) or name.startswith(("list:", "event:blackout")):
        return [rng.choice([0.0, 2.0]) for _ in range(count)]
    return [20.0 + rng.random() for _ in range(count)]


def test_what_can_be_is_no_fault() -> None:
    """An account may owe, a short position is negative, and nothing happened is a number too."""
    for name in ("account.equity", "account.cash", "position.qty", "account.gain"):
        assert not {0.0, -1.0} & set(cannot_be(name))
    for name in ("volume", "account.orders(60s)", "live:system.warnings", "account.drawdown"):
        assert 0.0 not in cannot_be(name)


def test_the_blocks_read_nearly_everything_that_limits_can() -> None:
    """Else the tests above would show less than they say."""
    read = {n.partition("(")[0] for b in BLOCKS for n, _ in cells_read(compile_limits(b))}
    read |= {i.name.partition(":")[2] for b in BLOCKS for i in compile_limits(b).plan.inputs}
    every = {f.name for f in FIELDS if "limits" in f.where and not f.lookup and not f.calendar}
    assert every == read & every
