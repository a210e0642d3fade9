"""A branch is the run of the changed desk, to the last bit, wherever it leaves its trunk."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.records.desk import Desk
from engine.run.account import run_account, run_trunk
from engine.run.branch import dearer, dearer_tape, later, without, without_any
from engine.session.effects import fired
from engine.session.sensitivity import first_order

from .changed import delayed, doubled, less
from .random_desks import random_desk
from .test_compiled import compile_desk

SEEDS = st.integers(0, 10**9)


def drawn(seed: int) -> Desk:
    """A random desk, every other one with an impact and some with orders under way for longer."""
    rng = Random(seed)
    desk = replace(random_desk(seed, splits=seed % 3 == 0), delay=seed % 2)
    if rng.random() < 0.5:
        return desk
    bars = len(desk.tape.days)
    moves = tuple([rng.random() / 50 for _ in range(bars)] for _ in desk.instruments)
    return replace(desk, tape=replace(desk.tape, impact=moves))


def same(ours: object, theirs: object) -> None:
    assert repr(list(ours)) == repr(list(theirs))  # type: ignore[call-overload]


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_without_a_limit_or_switch(seed: int) -> None:
    desk = drawn(seed)
    trunk = run_trunk(desk, listens=seed % 2 == 0, room=(8,) * 6)
    history = trunk.run.history()
    assert repr(history) == repr(run_account(desk, listens=seed % 2 == 0))
    for name, bars in fired(desk, history).items():
        expected = run_account(less(desk, name[1]))
        first = min(bars, default=history.bars)
        for bar in {0, first // 2, first}:
            change = without(desk, {name})
            same(trunk.branch(bar, change), expected.equity)
            run = trunk.branch_unread(bar, change)
            found = run.history()
            assert run.has_bound() == any(bars for (_, n), bars in fired(desk, found).items()
                                          if n in ("loss", "room", "ban", "reduce"))  # fmt: skip
            assert repr((found.equity, found.fills, found.round_trips, found.lapses)) == repr(
                (expected.equity, expected.fills, expected.round_trips, expected.lapses)
            )


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_without_limits_later_and_dearer(seed: int) -> None:
    desk = drawn(seed)
    trunk = run_trunk(desk)
    history = trunk.run.history()
    bare = min((b for bars in fired(desk, history).values() for b in bars), default=history.bars)
    placed = first_order(history)
    tape = dearer_tape(desk, trunk.run.n, trunk.tape)
    for part in (0.0, 0.5, 1.0):
        bar = int(part * bare)
        same(trunk.branch(bar, without_any), run_account(replace(desk, limit_sets=())).equity)
        bar = int(part * (history.bars if placed is None else placed))
        same(trunk.branch(bar, later), run_account(delayed(desk)).equity)
        same(trunk.branch(bar, dearer, tape), run_account(doubled(desk)).equity)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_equity_line_alone_is_that_of_the_whole_history(seed: int) -> None:
    desk = drawn(seed)
    trunk = run_trunk(desk)
    same(trunk.branch(0, lambda n, s: None), run_account(desk).equity)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_compiled_branches_are_the_plain_ones(seed: int) -> None:
    desk = drawn(seed)
    plain, fast = run_trunk(desk), run_trunk(compile_desk(desk), compiled=True)
    tape = dearer_tape(desk, plain.run.n, plain.tape)
    bar = min((b for bars in fired(desk, plain.run.history()).values() for b in bars), default=0)
    assert repr(plain.run.history()) == repr(fast.run.history())
    same(plain.branch(bar, without_any), fast.branch(bar, without_any))
    same(plain.branch(0, dearer, tape), fast.branch(0, dearer, tape))
    assert repr(plain.branch_unread(0, later).history()) == repr(
        fast.branch_unread(0, later).history()
    )
