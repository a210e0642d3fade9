"""What the plain runner leaves out or writes in changes no result, to the last bit."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fills import layout as at
from engine.fills.phases import replay
from engine.run.laying import all_calls, all_rows, flat_tape, lay, place_buffers, plain
from engine.run.written_in import plain_replay

from .random_desks import random_desk

SEEDS = st.integers(0, 10**9)
ROOM = (8,) * at.BUFFER_COUNT


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_the_loop_with_constants_written_in_is_the_loop_as_written(seed: int) -> None:
    desk = replace(random_desk(seed), delay=seed % 3)
    left = []
    for loop in (replay, plain_replay()):
        n, s = lay(desk)
        s += [0.0] * (place_buffers(n, ROOM) - len(s))
        rows = [plain(row) for row in all_rows(desk)]
        run = at.Run(n, s, flat_tape(desk), rows, all_calls(desk))
        left.append((loop(run, 0, n[at.BARS]), repr(s)))
    assert left[0] == left[1]


def test_no_place_is_looked_up_by_name_any_more() -> None:
    assert "RUINED" in replay.__code__.co_names
    assert "RUINED" not in plain_replay().__code__.co_names  # type: ignore[attr-defined]
    assert at.RUINED in plain_replay().__code__.co_consts  # type: ignore[attr-defined]
