"""Runs tiles of lanes, block by block (floor 7): market, then account, while columns are warm.

Compiled once for all strategies; it calls theirs by address.
"""

from typing import Any

from engine.fills.lane import end_lane, lowest_bit, run_account
from engine.fills.lane_layout import (
    ALIVE,
    BARS,
    BLOCK_CELLS,
    FIRST,
    FIRST_LANE,
    LAST_BAR,
    TRIPS,
    WIDE,
    Floats,
    Ints,
    Tile,
    own_at,
)


def begin(w: Tile, tile: int, k: Ints, s: Floats, st: Floats, before: Floats) -> None:
    """Put the numbers of a tile to what they are before its first bar; the trips so far stay."""
    trips = w.k[TRIPS]
    for i in range(len(k)):
        w.k[i] = k[i]
    for i in range(len(s)):
        w.s[i] = s[i]
    for i in range(len(before)):
        st[i] = before[i]
    w.k[TRIPS] = trips
    w.k[FIRST_LANE] = tile * WIDE


def note_ends(w: Tile, tile: int, ends: Ints) -> None:
    """How many bars were run of each lane."""
    for lane in range(WIDE):
        ends[tile * WIDE + lane] = int(w.s[own_at(w, lane) + LAST_BAR]) + 1


def replay_tile(
    w: Tile,
    at: Ints,
    warm: int,
    quiet: int,
    x: Floats,
    has: Floats,
    row: Floats,
    st: Floats,
    called: Ints,
    market: Any,
    rule: Any,
    stops: Any,
) -> None:
    """All bars of a tile. warm: the first bar that may run without tests; quiet: the first that may
    open a gate, where those before need not run; at: where each column begins; x, has, row, st:
    what `step` takes, which lies at called[0], and the operators along a block behind it."""
    bars = w.k[BARS]
    for start in range(0, bars, BLOCK_CELLS // WIDE):
        end = min(start + BLOCK_CELLS // WIDE, bars)
        market(start, end, w.ins, w.buf, w.planes, at, warm, quiet, x, has, row, st, called)
        if end > w.k[FIRST]:
            run_account(w, max(start, w.k[FIRST]), end, start, rule, stops)
    alive = w.k[ALIVE]
    while alive != 0:
        end_lane(w, w.k[BARS] - 1, lowest_bit(alive))
        alive &= alive - 1
