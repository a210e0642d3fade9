"""Runs one tile of lanes, block by block (floor 7): market, then account, while rows are warm.

`replay_tile` is compiled once for all strategies, and calls theirs by address; `mark_gates` with
each of them.
"""

from typing import Any

from engine.fills.lane import (
    bit,
    end_lane,
    lowest_bit,
    run_account,
)
from engine.fills.lane_layout import (
    ALIVE,
    BARS,
    BLOCK,
    COLUMNS,
    FIRST,
    WIDE,
    Floats,
    Ints,
    Tile,
)


def replay_tile(
    w: Tile,
    at: Ints,
    gates: Ints,
    warm: int,
    x: Floats,
    has: Floats,
    row: Floats,
    st: Floats,
    vec: Floats,
    fire: Ints,
    leave: Ints,
    market: Any,
    rule: Any,
    stops: Any,
) -> None:
    """All bars of a tile. warm: the first bar that may run without tests; at: where each column
    begins; gates: the columns of both gates, -1 for never and -2 for always."""
    for start in range(0, w.k[BARS], w.k[BLOCK]):
        end = min(start + w.k[BLOCK], w.k[BARS])
        market(start, end, w.k, w.ins, w.rows, at, gates, warm, x, has, row, st, vec, fire, leave)
        if end > w.k[FIRST]:
            run_account(w, max(start, w.k[FIRST]), end, start, fire, leave, rule, stops)
    alive = w.k[ALIVE]
    while alive != 0:
        end_lane(w, w.k[BARS] - 1, lowest_bit(alive))
        alive &= alive - 1


def mark_gates(
    k: Ints,
    rows: Floats,
    gates: Ints,
    first: int,
    end: int,
    start: int,
    fire: Ints,
    leave: Ints,
) -> None:
    """Which lanes' gates are open on some bars, from their rows."""
    for t in range(first, end):
        fire[t - start] = gate_mask(k, rows, gates[0], t - start)
        leave[t - start] = gate_mask(k, rows, gates[1], t - start)


def gate_mask(k: Ints, rows: Floats, column: int, b: int) -> int:
    """The lanes in which a column is TRUE on bar b of the block."""
    mask = -1 if column == -2 else 0
    if column >= 0:
        place = (b * k[COLUMNS] + column) * WIDE
        for lane in range(WIDE):
            mask |= bit(rows[place + lane] == 2.0, lane)
    return mask
