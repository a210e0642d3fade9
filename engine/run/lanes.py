"""Many runs of one strategy at once (floor 7): a lane is one symbol in a book of its own.

Why: replaying a rule over hundreds of symbols one account loop at a time repeats the same work. A
lane runs the same emitted rule and the same kernels; what comes out equals `run.account` to the
bit. `lanes_fit` says which runs qualify, `lanes_laying.prepare` compiles and lays out.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.fills import lane_layout as at
from engine.records.account import RoundTrip
from engine.run.lanes_laying import Tiles


@dataclass(frozen=True)
class LaneResult:
    """What the lanes did.

    curves: equity by tile, bar and lane of the tile (see `equity`). parts: per tile one row a round
    trip, a lane's in the order closed: lane, side, first bar, last bar, shares, average price in,
    average price out, gain after fees, fees, planned loss, and 1 where it was closed. bars: how
    many were run of each lane, fewer where it was ruined."""

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
    side, first, last = map(int, e[1:4])
    qty, paid, got, gain, fees, planned = e[4:10]
    return RoundTrip(0, 0, 0, side, first, last, qty, paid, got, gain, fees, planned, e[10] != 0.0)


def run_lanes(
    tiles: Tiles, threads: int = 1, curves: Any = None, room: int | None = None
) -> LaneResult:
    """Run every tile; each thread takes the next one.

    curves: an array for LaneResult.curves to write into, such as an earlier result's. room: round
    trips that a tile has room for at first; one that needs more runs again."""
    if curves is None:
        shape = (len(tiles.ins), tiles.bars - tiles.run.first, tiles.program.how.lanes)
        curves = np.empty(shape)
    numbers = range(len(tiles.ins))
    if threads == 1:
        done = [_run_tile(tiles, number, curves[number], room) for number in numbers]
    else:
        with ThreadPoolExecutor(threads) as pool:
            done = list(pool.map(lambda k: _run_tile(tiles, k, curves[k], room), numbers))
    bars = np.concatenate([bars for _, bars in done])[: tiles.count]
    return LaneResult(curves, tuple(trips for trips, _ in done), bars, tiles.program.notice)


def _run_tile(tiles: Tiles, number: int, curve: Any, room: int | None) -> tuple[Any, Any]:
    """One tile's trips and bars; with more room once more when its trips did not fit."""
    if room is None:
        room = max(64, tiles.bars * tiles.program.how.lanes // 32)
    while True:
        k, s = _play(tiles, number, curve, room)
        count = int(k[at.TRIPS])
        if count <= room:
            break
        room = count
    lanes, first = tiles.program.how.lanes, int(k[at.TRIPS_AT])
    rows = s[first : first + count * at.TRIP_CELLS].reshape(count, at.TRIP_CELLS)
    own = s[k[at.OWN_AT] : k[at.OWN_AT] + lanes * k[at.EVENT_CELLS]].reshape(lanes, -1)
    return rows, own[:, at.LAST_BAR].astype(np.int64) + 1


def _play(tiles: Tiles, number: int, curve: Any, room: int) -> tuple[Any, Any]:
    """Run a tile from its first bar; what it leaves of k and s."""
    program, how = tiles.program, tiles.program.how
    lanes, cells, width = how.lanes, how.plan.market_cells, program.layout.row_width
    start = tiles.starts[number]
    k, s = list(start[0]), np.empty(len(start[1]) + room * at.TRIP_CELLS)
    s[: len(start[1])] = start[1]
    k[at.ROOM] = room
    words, floats = (_int_cells, _same) if program.is_compiled else (list, _viewed)
    k = words(k)
    program.tile(
        k,
        floats(s),
        floats(tiles.ins[number]),
        floats(np.zeros(how.buffer_cells)),
        words([0] * (how.plane_words - at.WORDS) + [-1] * at.WORDS),
        floats(curve.reshape(-1)),
        words(tiles.places),
        tiles.warm[number],
        floats(np.empty(len(how.plan.inputs))),
        floats(np.ones(1)),
        floats(np.empty(max(width, 1))),
        floats(np.tile(np.array(cells.init), lanes)),
        program.addresses,
    )
    return k, s


def _int_cells(values: Any) -> Any:
    return np.array(values, dtype=np.int64)


def _viewed(values: Any) -> Any:
    """Plain floats out of an array, and slices that write through."""
    return memoryview(values)


def _same(values: Any) -> Any:
    return values
