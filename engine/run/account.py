"""The account loop from a desk to a history (floor 7): on plain lists, or compiled on flat arrays.

Both run one text, engine.fills.phases.replay (plain Python with its constants written in), and
agree to the last bit. When an event buffer turns out too small the run is made again from its start
with room enough: no event is ever dropped.
"""

from collections.abc import Callable, Sequence
from typing import Any

from engine.base.frozen import dataclass
from engine.fills import layout as at
from engine.records.account import History
from engine.records.desk import Desk
from engine.run.ground import Room
from engine.run.history import equity_line, has_bound, read_history
from engine.run.laying import all_calls, all_rows, flat_tape, lay, place_buffers
from engine.run.player import Player, plain_player

FEWEST, MOST = 256, 16384
"""Records an event buffer starts with."""
NO_ROOM: Room = (0,) * at.BUFFER_COUNT
KEPT = 64
"""States that a trunk keeps of its bars, about."""

Change = Callable[[list[int], Any], None]
"""What a branch has that its trunk has not, written into its n and s."""


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


@dataclass(frozen=True)
class Trunk:
    """A finished run that others branch off: up to the bar where a change first matters they are
    this run, so they begin at the state that was kept before that bar.

    player: what runs a tape. kept: s before bar 0, before bar `step`, and so on, less what a run
    only writes down.
    """

    run: Unread
    tape: list[float]
    player: Callable[[list[float]], Player]
    step: int
    kept: tuple[Sequence[float], ...]

    def branch(self, first: int, change: Change, tape: list[float] | None = None) -> list[float]:
        """The equity line of the run with a change that matters from bar `first` on at the
        earliest; its events are counted and not kept."""
        return self._again(first, change, NO_ROOM, self.player(tape or self.tape)).equity()

    def branch_unread(self, first: int, change: Change) -> Unread:
        """The same run with its events, not yet read back."""
        rows = [at.BUFFERS + kind * at.BUFFER_WIDTH for kind in range(at.ASKINGS)]
        room = (*(self.run.n[row + 1] for row in rows), 0)
        player = self.player(self.tape)
        while True:
            run = self._again(first, change, room, player)
            if _has_room(run.s, room):
                return run
            room = _more(room, run.s)

    def _again(self, first: int, change: Change, room: Room, player: Player) -> Unread:
        k = min(first // self.step, len(self.kept) - 1)
        n, core = self.run.n.copy(), self.kept[k]
        s = player.blank(place_buffers(n, room))
        s[: len(core)] = core
        for base, here, cells in self._written(n, k * self.step, core, room):
            s[here : here + cells] = self.run.s[base : base + cells]
        n[at.LISTENS], s[at.ASKINGS] = 0, 0.0
        change(n, s)
        bars = player.play(n, s, k * self.step, n[at.BARS])
        return Unread(self.run.desk, n, player.told(s), bars)

    def _written(
        self, n: list[int], bars: int, core: Sequence[float], room: Room
    ) -> list[tuple[int, int, int]]:
        """What the trunk had written down before a bar: from where, to where, how many cells."""
        found = [(n[at.TRACE], n[at.TRACE], bars * n[at.TRACE_WIDTH])]
        for kind in range(at.ASKINGS):
            row = at.BUFFERS + kind * at.BUFFER_WIDTH
            if room[kind]:
                found.append((self.run.n[row], n[row], int(core[kind]) * n[row + 2]))
        return found


def run_account(
    desk: Desk, *, compiled: bool = False, listens: bool = False, room: Room | None = None
) -> History:
    """Replay a desk. compiled: its functions are numba's, see engine.run.bundle.COMPILED_SIGNATURE.

    listens: keep what every limit saw and answered (History.askings). room: records that each event
    buffer but that one starts with (it grows by itself)."""
    return run_trunk(desk, compiled=compiled, listens=listens, room=room).run.history()


def run_trunk(
    desk: Desk, *, compiled: bool = False, listens: bool = False, room: Room | None = None
) -> Trunk:
    """Replay a desk as run_account does, and keep what it takes to branch off it."""
    tape, make = flat_tape(desk), _player(desk, compiled)
    player, room = make(tape), _room(desk, room, listens)
    step = max(4, -(-len(desk.tape.days) // KEPT))
    while True:
        n, laid = lay(desk)
        s = player.blank(place_buffers(n, room))
        s[: len(laid)] = laid
        bars, kept = _play(player, n, s, step)
        if _has_room(s, room):
            return Trunk(Unread(desk, n, player.told(s), bars), tape, make, step, kept)
        room = _more(room, s)


def _play(player: Player, n: list[int], s: Any, step: int) -> tuple[int, tuple[Any, ...]]:
    """Run all bars; how many were run, and the states kept on the way."""
    bars, kept = 0, []
    while True:
        core = s[: n[at.TRACE]]
        kept.append(core if isinstance(core, list) else core.copy())
        end = min(bars + step, n[at.BARS])
        bars = player.play(n, s, bars, end)
        if bars < end or s[at.RUINED] != 0.0 or end == n[at.BARS]:
            return bars, tuple(kept)


def _player(desk: Desk, compiled: bool) -> Callable[[list[float]], Player]:
    rows, calls = all_rows(desk), all_calls(desk)
    if compiled:
        from engine.run.bundle import compiled_player

        return compiled_player(rows, calls)
    return plain_player(rows, calls)


def _room(desk: Desk, given: Room | None, listens: bool) -> Room:
    """Records per buffer: as given or guessed, and none of what limits are asked unless a run
    listens."""
    seat_bars = len(desk.tape.days) * sum(len(b.symbols) for b in desk.books)
    room = given or (min(max(FEWEST, seat_bars // 2), MOST),) * at.ASKINGS
    sets = sum(bool(s.limits) for s in desk.limit_sets) if listens else 0
    return (*room, room[at.VERDICTS] * sets)


def _has_room(s: Sequence[float], room: Room) -> bool:
    return all(s[kind] <= have for kind, have in enumerate(room))


def _more(room: Room, s: Sequence[float]) -> Room:
    return tuple(
        have if s[kind] <= have else max(2 * have, int(s[kind])) for kind, have in enumerate(room)
    )
