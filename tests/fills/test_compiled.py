"""The compiled loop and the plain one agree to the last bit (one compile, kept in the cache)."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fills.phases import replay
from engine.records.desk import Desk
from engine.run.account import run_account
from engine.run.bundle import COMPILED_SIGNATURE, bundle

from . import random_desks
from .make import line_stops
from .test_minutes import in_sessions


@cache
def compiled(function: Callable[..., None]) -> Any:
    """A rule function as the compiled loop wants it."""
    from numba import njit

    return njit(COMPILED_SIGNATURE, error_model="numpy")(function)


def compile_desk(desk: Desk) -> Desk:
    """The same desk with compiled functions."""
    rule, stops = compiled(random_desks.folding_rule), compiled(line_stops)
    house, decide = compiled(random_desks.house_rule), compiled(HOUSE_DECIDE)
    return replace(
        desk,
        books=tuple(replace(b, rule=rule, stops=stops) for b in desk.books),
        limit_sets=tuple(replace(s, rule=house, decide=decide) for s in desk.limit_sets),
    )


HOUSE_DECIDE = random_desks.house_decide


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_plain_and_compiled_agree_to_the_bit(seed: int) -> None:
    desk = replace(random_desks.random_desk(seed, splits=seed % 2 == 1), delay=seed % 3)
    plain = run_account(desk, listens=True)
    fast = run_account(compile_desk(desk), compiled=True, listens=True, room=(8,) * 6)
    assert repr(plain) == repr(fast)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_plain_and_compiled_agree_on_bars_of_minutes(seed: int) -> None:
    """Sessions of several bars; orders for the open and the close are among those drawn."""
    desk = random_desks.random_desk(seed, splits=seed % 3 == 0)
    desk = replace(desk, tape=in_sessions(desk.tape, Random(seed)))
    plain = run_account(desk, listens=True)
    fast = run_account(compile_desk(desk), compiled=True, listens=True)
    assert repr(plain) == repr(fast)


def test_the_bundle_is_one_text_that_stands_alone() -> None:
    text = bundle(replay)  # type: ignore[arg-type]
    assert text == bundle(replay)  # type: ignore[arg-type]
    imported = [line for line in text.splitlines() if "import" in line]
    assert set(imported) == {
        "from __future__ import annotations",
        "from math import floor",
        "from math import sqrt",
    }
    compile(text, "bundle", "exec")


def test_a_kernel_that_reads_an_object_is_refused() -> None:
    with pytest.raises(TypeError, match="no number and no function"):
        bundle(compile_desk)  # type: ignore[arg-type]
