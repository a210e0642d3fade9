"""Runs one tile of lanes, block by block (floor 7): market, then account, while columns are warm.

Compiled once for all strategies; it calls theirs by address.
"""

from typing import Any

from engine.fills.lane import end_lane, lowest_bit, run_account
from engine.fills.lane_layout import ALIVE, BARS, BLOCK_CELLS, FIRST, WIDE, Floats, Ints, Tile


def replay_tile(
    w: Tile,
    at: Ints,
    warm: int,
    x: Floats,
    has: Floats,
    row: Floats,
    st: Floats,
    market: Any,
    rule: Any,
    stops: Any,
) -> None:
    """All bars of a tile. warm: the first bar that may run without tests; at: where each column
    begins; x, has, row, st: what `step` takes."""
    bars = w.k[BARS]
    for start in range(0, bars, BLOCK_CELLS // WIDE):
        end = min(start + BLOCK_CELLS // WIDE, bars)
        market(start, end, w.ins, w.buf, w.planes, at, warm, x, has, row, st)
        if end > w.k[FIRST]:
            run_account(w, max(start, w.k[FIRST]), end, start, rule, stops)
    alive = w.k[ALIVE]
    while alive != 0:
        end_lane(w, w.k[BARS] - 1, lowest_bit(alive))
        alive &= alive - 1
