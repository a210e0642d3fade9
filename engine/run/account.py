"""The account loop from a desk to a history (floor 7): on plain lists, or compiled on flat arrays.

Both run one text, engine.fills.phases.replay (plain Python with its constants written in), and
agree to the last bit. When an event buffer turns out too small the run is made again from its start
with room enough: no event is ever dropped.
"""

from collections.abc import Sequence
from typing import Any

from engine.base.frozen import dataclass
from engine.fills import layout as at
from engine.records.account import History
from engine.records.desk import Desk
from engine.run.ground import Room
from engine.run.history import equity_line, has_bound, read_history
from engine.run.laying import all_calls, all_rows, flat_tape, lay, plain
from engine.run.written_in import plain_replay

FEWEST, MOST = 256, 16384
"""Records an event buffer starts with."""
NO_ROOM: Room = (0,) * at.BUFFER_COUNT

State = tuple[list[int], Sequence[float], int]
"""n, what a run left of s, and how many bars were run."""


def run_account(
    desk: Desk, *, compiled: bool = False, listens: bool = False, room: Room | None = None
) -> History:
    """Replay a desk. compiled: its functions are numba's, see engine.run.bundle.COMPILED_SIGNATURE.

    listens: keep what every limit saw and answered (History.askings). room: records that each event
    buffer but that one starts with (it grows by itself)."""
    return read_history(desk, *_play(desk, compiled, _room(desk, room, listens)))


def run_unread(desk: Desk, *, compiled: bool = False) -> "Unread":
    """Replay a desk and read none of its events back yet."""
    return Unread(desk, *_play(desk, compiled, _room(desk, None, False)))


@dataclass(frozen=True)
class Unread:
    """A finished run in its flat state: reading all of it back costs a tenth of the run."""

    desk: Desk
    n: list[int]
    s: Sequence[float]
    bars: int

    def equity(self) -> list[float]:
        """The account's equity at each close."""
        return equity_line(self.n, self.s, self.bars)

    def has_bound(self) -> bool:
        """Whether any limit clipped or denied an order."""
        return has_bound(self.n, self.s)

    def history(self) -> History:
        """Everything that the run left behind."""
        return read_history(self.desk, self.n, self.s, self.bars)


def run_equity(desk: Desk, *, compiled: bool = False) -> list[float]:
    """Replay a desk for its equity line alone; its events are counted and not kept."""
    n, s, bars = _run(desk, compiled, NO_ROOM, flat_tape(desk), all_rows(desk))
    return equity_line(n, s, bars)


def _play(desk: Desk, compiled: bool, room: Room) -> State:
    tape, rows = flat_tape(desk), all_rows(desk)
    while True:
        n, s, bars = _run(desk, compiled, room, tape, rows)
        if all(s[kind] <= have for kind, have in enumerate(room)):
            return n, s, bars
        room = _more(room, s)


def _run(desk: Desk, compiled: bool, room: Room, tape: list[float], rows: list[Any]) -> State:
    n, s = lay(desk, room)
    if compiled:
        from engine.run.bundle import replay_compiled

        bars, left = replay_compiled(n, s, tape, rows, all_calls(desk))
        return n, left, bars
    bars = plain_replay()(at.Run(n, s, tape, [plain(row) for row in rows], all_calls(desk)))
    return n, s, bars


def _room(desk: Desk, given: Room | None, listens: bool) -> Room:
    """Records per buffer: as given or guessed, and none of what limits are asked unless a run
    listens."""
    seat_bars = len(desk.tape.days) * sum(len(b.symbols) for b in desk.books)
    room = given or (min(max(FEWEST, seat_bars // 2), MOST),) * at.ASKINGS
    sets = sum(bool(s.limits) for s in desk.limit_sets) if listens else 0
    return (*room, room[at.VERDICTS] * sets)


def _more(room: Room, s: Sequence[float]) -> Room:
    return tuple(
        have if s[kind] <= have else max(2 * have, int(s[kind])) for kind, have in enumerate(room)
    )
