"""The account loop from a desk to a history (floor 7): on plain lists, or compiled on flat arrays.

Both run one text, engine.fills.phases.replay, and agree to the last bit. When an event buffer
turns out too small the run is made again from its start with room enough: no event is ever
dropped.
"""

from collections.abc import Sequence

from engine.fills import layout as at
from engine.fills.phases import replay
from engine.records.account import History
from engine.records.desk import Desk
from engine.run.history import read_history
from engine.run.laying import Room, all_calls, all_rows, flat_tape, lay, plain

FEWEST, MOST = 256, 16384
"""Records an event buffer starts with."""


def run_account(desk: Desk, *, compiled: bool = False, room: Room | None = None) -> History:
    """Replay a desk. compiled: its functions are numba's, see engine.run.bundle.COMPILED_SIGNATURE.

    room: records per event buffer to start with (it grows by itself)."""
    room = room or _guess(desk)
    tape, rows = flat_tape(desk), all_rows(desk)
    while True:
        n, s = lay(desk, room)
        left: Sequence[float] = s
        if compiled:
            from engine.run.bundle import replay_compiled

            bars, left = replay_compiled(n, s, tape, rows, all_calls(desk))
        else:
            bars = replay(at.Run(n, s, tape, [plain(row) for row in rows], all_calls(desk)))
        if all(left[kind] <= have for kind, have in enumerate(room)):
            return read_history(desk, n, left, bars)
        room = _more(room, left)


def _guess(desk: Desk) -> Room:
    seat_bars = len(desk.tape.days) * sum(len(b.symbols) for b in desk.books)
    return (min(max(FEWEST, seat_bars // 2), MOST),) * at.BUFFER_COUNT


def _more(room: Room, s: Sequence[float]) -> Room:
    return tuple(
        have if s[kind] <= have else max(2 * have, int(s[kind])) for kind, have in enumerate(room)
    )
