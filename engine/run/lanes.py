"""Many runs of one strategy at once (floor 7): a lane is one symbol in a book of its own.

Why: replaying a rule over hundreds of symbols one account loop at a time repeats the same work. A
lane runs the same emitted rule and the same kernels; what comes out equals `run.account` to the
bit. `lanes_fit` says which runs qualify, `lanes_laying.prepare` compiles and lays out.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.fills import lane_layout as at
from engine.fills.booking import round_money
from engine.records.account import RoundTrip
from engine.run.lanes_laying import Batch, Tiles


@dataclass(frozen=True)
class LaneResult:
    """What the lanes did.

    curves: equity by tile, bar and lane of the tile (see `equity`). parts: one row a round trip, a
    lane's in the order closed, with what `lane_layout.TRIP_CELLS` names (see `round_trips`). bars:
    how many were run of each lane, fewer where it was ruined."""

    curves: Any
    parts: tuple[Any, ...]
    bars: Any
    notice: str = ""

    @cached_property
    def trips(self) -> Any:
        """The round trips of all tiles, in one array."""
        return np.concatenate(self.parts)

    @property
    def trip_count(self) -> int:
        """How many round trips there are."""
        return sum(len(part) for part in self.parts)

    def equity(self, lane: int) -> Any:
        """One lane's equity at each close; past its ruin it stays where it ended."""
        tile, place = divmod(lane, self.curves.shape[2])
        return self.curves[tile, :, place]

    def round_trips(self, lane: int) -> tuple[RoundTrip, ...]:
        """The round trips of one lane, as the account loop records them."""
        return tuple(_trip(e.tolist()) for e in self.trips[self.trips[:, 0] == lane])


def _trip(e: list[float]) -> RoundTrip:
    """A round trip from what was recorded of it: its averages, and its sums as money."""
    side, first, last = map(int, e[1:4])
    qty, paid, got, fees, distance, closed = e[4:]
    paid = round_money(paid)
    got = round_money(got) if closed else got
    gain, planned = round_money(side * (got - paid) - fees), round_money(distance * qty)
    told = (paid / qty, got / qty, gain, round_money(fees), planned, closed != 0.0)
    return RoundTrip(0, 0, 0, side, first, last, qty, *told)


def run_lanes(
    tiles: Tiles, threads: int = 1, curves: Any = None, room: int | None = None
) -> LaneResult:
    """Run every tile; each thread takes the next one.

    curves: an array for LaneResult.curves to write into, such as an earlier result's. room: round
    trips that a tile has room for at first; one that needs more runs again."""
    lanes = tiles.program.how.lanes
    if curves is None:
        curves = np.empty((len(tiles.batch.tiles), tiles.bars - tiles.run.first, lanes))
    ends = np.zeros(len(tiles.batch.tiles) * lanes, dtype=np.int64)
    cut = shares([tiles.batch], threads)
    parts = each(lambda part: play(part, curves, ends, room), cut, threads)
    return LaneResult(curves, parts, ends[: tiles.count], tiles.program.notice)


def shares(batches: Iterable[Batch], threads: int) -> list[Batch]:
    """The batches in parts for so many threads: two for each, lest one wait for another."""
    if threads == 1:
        return list(batches)
    return [part for batch in batches for part in batch.parts(2 * threads)]


def each(run: Callable[[Any], Any], numbers: Iterable[Any], threads: int) -> tuple[Any, ...]:
    """What `run` makes of each, in order; each thread takes the next one."""
    if threads == 1:
        return tuple(run(number) for number in numbers)
    with ThreadPoolExecutor(threads) as pool:
        return tuple(pool.map(run, numbers))


def play(batch: Batch, curves: Any, ends: Any, room: int | None) -> Any:
    """The round trips of some tiles; with more room once more when they did not fit."""
    lanes, k = batch.program.how.lanes, batch.start[0][0]
    if room is None:
        room = max(64, int(k[at.BARS] - k[at.FIRST]) * lanes * len(batch.tiles) // 32)
    while True:
        trips, count = _played(batch, curves, ends, room)
        if count <= room:
            return trips[:count]
        room = count


def _played(batch: Batch, curves: Any, ends: Any, room: int) -> tuple[Any, int]:
    """Run some tiles from their first bar: their round trips, and how many there are."""
    program, how = batch.program, batch.program.how
    words, floats = (_same, _same) if program.is_compiled else (_listed, _viewed)
    (k0, s0), before = batch.start, program.before
    first, k = k0.copy(), np.zeros(k0.shape[1], dtype=np.int64)
    s = np.empty(s0.shape[1] + room * at.TRIP_CELLS)
    planes = np.zeros(how.plane_words, dtype=np.int64)
    row = np.empty(max(program.layout.row_width, 1))
    first[:, at.ROOM], planes[-at.WORDS :] = room, -1
    counts = words(k)
    program.tiles(
        *(words(first.reshape(-1)), floats(s0.reshape(-1)), counts, floats(s), floats(batch.ins)),
        *(floats(np.zeros(how.buffer_cells)), words(planes), floats(curves.reshape(-1))),
        int(k0[0, at.BARS] - k0[0, at.FIRST]) * how.lanes,
        floats(ends),
        *map(words, (batch.tiles, batch.places.reshape(-1), batch.warm, batch.quiet)),
        *map(floats, (np.empty(how.step_cells), np.ones(1), row, before, before.copy())),
        program.addresses,
    )
    return s[s0.shape[1] :].reshape(room, at.TRIP_CELLS), int(counts[at.TRIPS])


def _same(values: Any) -> Any:
    return values


def _listed(values: Any) -> Any:
    """Whole numbers of any size, as plain Python has them."""
    return values.tolist()


def _viewed(values: Any) -> Any:
    """Plain floats out of an array, and slices that write through."""
    return memoryview(values)
