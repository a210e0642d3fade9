"""Every operator in lanes: what runs along a block by itself says what the account loop's own text
says, and compiled what it says as plain Python."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.emit import lanes as emit_lanes
from engine.emit.lanes import LANES, alongs
from engine.ops import OPS
from engine.ops.spec import Op
from engine.run.lanes import LaneResult, run_lanes
from engine.run.lanes_laying import Tiles, prepare
from tests.run.lane_runs import FREE, hold, lane_run, strategy_of, walks

APART = ("latch", "order.", "session.")
"""What an example needs that lanes refuse, or that is no expression."""
SHOWN = [op for op in OPS if not any(word in op.example for word in APART)]
NEW_LINE = "\n  "
RULE = """rules 1
strategy every "every" {{
  clock 1d on xnys
  {}
  entry long up {{ when {}  size 50% of equity  because "up" }}
  exit down {{ when close < open  because "down" }}
}}
"""


def example(op: Op) -> str:
    """An operator as its row shows it, its windows a fifth as long."""
    least = 100 if op.name == "hurst" else 2
    return re.sub(r"(\d+) bars", lambda m: f"{max(least, int(m[1]) // 5)} bars", op.example)


def rule_of(ops: list[Op]) -> str:
    """A rule that reads each of these, numbers against those of the bar before."""
    lets = [f"let a{k} = {example(op)}" for k, op in enumerate(ops)]
    whens = [f"a{k}" if op.result == "truth" else f"a{k} > a{k}[1]" for k, op in enumerate(ops)]
    return RULE.format(NEW_LINE.join(lets), " or ".join(whens))


def test_all_operators_are_here() -> None:
    """But for those that need what lanes refuse."""
    assert {op.name for op in OPS} - {op.name for op in SHOWN} == {"latch", "within", "sum_since"}


@pytest.mark.parametrize("op", SHOWN, ids=lambda op: op.name)
def test_an_operator_says_what_the_account_loop_says(
    op: Op, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the warm-up and on every 1,024th bar `step` is a table too."""
    monkeypatch.setattr(emit_lanes, "MANY", 0)
    checked = strategy_of(rule_of([op]))
    run = lane_run(checked, walks(5, 1, 1050, 0.03), FREE)
    made = within(prepare(run, 1, compiled=False))
    hold(made, checked, run, (0,))


class Within:
    """A list from a place on, which says where it is read or written outside: compiled, nothing
    would stop that."""

    def __init__(self, values: Any, begin: int, end: int) -> None:
        self.values, self.begin, self.end = values, begin, end

    def __len__(self) -> int:
        return max(self.end - self.begin, 0)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            assert place.start >= 0 and (place.stop is None or place.stop <= len(self))
            end = self.end if place.stop is None else self.begin + place.stop
            return Within(self.values, self.begin + place.start, end)
        assert 0 <= place < len(self)
        return self.values[self.begin + place]

    def __setitem__(self, place: int, value: Any) -> None:
        assert 0 <= place < len(self)
        self.values[self.begin + place] = value


def played(tiles: Tiles, play: Callable[..., None]) -> LaneResult:
    """A run of tiles, each by `play`."""
    batch = replace(tiles.batch, program=replace(tiles.program, tiles=play))
    return run_lanes(replace(tiles, batch=batch))


def within(tiles: Tiles) -> LaneResult:
    """A run that reads and writes inside its lists only."""

    def play(*given: Any) -> None:
        *first, ins, buf, planes = given[:7]
        *middle, x, has, row, before, st, called = given[7:]
        lists = [Within(values, 0, len(values)) for values in (ins, buf, planes)]
        more = [Within(values, 0, len(values)) for values in (x, has, row, before, st)]
        tiles.program.tiles(*first, *lists, *middle, *more, called)

    return played(tiles, play)


def remembered(tiles: Tiles) -> Any:
    """What a run leaves in the columns and conditions of its last block, and in state."""
    told: list[Any] = []

    def play(*given: Any) -> None:
        tiles.program.tiles(*given)
        _, _, _, _, _, buf, planes, *_, st, _ = given
        words = [int(word) % 2**64 for word in planes]
        told.append((np.asarray(buf).tobytes(), words, np.asarray(st).tobytes()))

    played(tiles, play)
    return told[-1]


@pytest.mark.parametrize(("shape", "bars"), [(1, 1100), (LANES, 128)])
def test_compiled_it_is_the_same(shape: int, bars: int) -> None:
    checked = strategy_of(rule_of(SHOWN))
    run = lane_run(checked, walks(7, 2, bars, 0.03), FREE)
    made, plain = prepare(run, shape), prepare(run, shape, compiled=False)
    assert len(alongs(made.program.how)) > 40
    for ours, theirs in zip(remembered(made), remembered(plain), strict=True):
        assert ours == theirs


def test_a_list_says_where_it_is_read_outside() -> None:
    held = Within([1.0, 2.0, 3.0, 4.0], 0, 4)[1:3]
    assert held[0] == 2.0 and len(held) == 2
    for place in (-1, 2):
        with pytest.raises(AssertionError):
            held[place]
        with pytest.raises(AssertionError):
            held[place] = 0.0


@pytest.mark.parametrize("bars", [130, 160])
def test_many_lanes_stay_inside_their_lists(bars: int) -> None:
    ops = [op for k, op in enumerate(SHOWN) if k % 3 == bars % 3]
    checked = strategy_of(rule_of(ops))
    run = lane_run(checked, walks(8, 1, bars, 0.03), FREE)
    hold(within(prepare(run, LANES, compiled=False)), checked, run, (0,))
