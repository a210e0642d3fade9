"""Changing any future bar changes nothing at or before now."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compile import compile_strategy
from tests.typed_generators import bits, data, every_op, random_strategy


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), st.integers(1, 49))
def test_random_rules_do_not_look_ahead(seed: int, now: int) -> None:
    program = compile_strategy(random_strategy(random.Random(seed)), "python")
    inputs, has = data(program.plan, 50, seed)
    later, later_has = data(program.plan, 50, seed + 1)
    changed = [a[:now] + b[now:] for a, b in zip(inputs, later, strict=True)]
    changed_has = [a[:now] + b[now:] for a, b in zip(has, later_has, strict=True)]
    cells = now * program.layout.row_width
    before = bits(program.market(inputs, has, 50)[:cells])
    assert bits(program.market(changed, changed_has, 50)[:cells]) == before


def test_no_op_looks_ahead() -> None:
    program = compile_strategy(every_op(random.Random(2)), "python")
    inputs, has = data(program.plan, 60, 1)
    later, _ = data(program.plan, 60, 2)
    for now in (10, 30, 59):
        changed = [a[:now] + b[now:] for a, b in zip(inputs, later, strict=True)]
        cells = now * program.layout.row_width
        before = bits(program.market(inputs, has, 60)[:cells])
        assert bits(program.market(changed, has, 60)[:cells]) == before
