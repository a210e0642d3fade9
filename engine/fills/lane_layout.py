"""Where the numbers of a tile of lanes lie (floor 2), and the smallest kernels that read them."""

from typing import NamedTuple

from engine.fills.cap import (
    WHOLE_FROM,
    whole,
)

Ints = list[int]
Floats = list[float]
NAN = float("nan")


class Tile(NamedTuple):
    """Lanes that run together. k: places, counts and masks, below. s: money, orders, records.

    ins: market columns. rows: what rules read of the bars of this block. equity: a close a row."""

    k: Ints
    s: Floats
    ins: Floats
    rows: Floats
    equity: Floats


WIDE = 64
"""Lanes of a tile; 1 where lanes run alone, which `run.lanes_module` writes in."""

# k: bars, the first bar that trades, cells from a bar to the next, places of the columns;
# counts; where in s things lie; the masks of lanes that hold and that live, the count of trips
(
    BARS,
    FIRST,
    STRIDE,
    AT_OPEN,
    AT_HIGH,
    AT_LOW,
    AT_CLOSE,
    AT_FLAG,
    COLUMNS,
    ROOM,
    READS,
    CELLS,
    FOLD,
    SIDE,
    WHEN,
    SIZE,
    IN_MONEY,
    EXITS,
    LEVELS,
    EVENT_CELLS,
    KEEPS_PEAK,
    BLOCK,
    COST_AT,
    OWN_AT,
    FIELDS_AT,
    CELLS_AT,
    INIT_AT,
    OUT_AT,
    ROW_AT,
    TRIPS_AT,
    HELD,
    ALIVE,
    TRIPS,
    EXIT_LIST,
) = range(34)
# after the exits, one level: kind (0 stop, 1 target, 2 trail), its outputs in stops and in rule
LEVEL_CELLS = 3
TARGET, TRAIL = 1, 2
# s, costs
PER_SHARE, PER_ORDER, COMMISSION, SLIPPAGE, SPREAD, POWER = range(6)
# s, rows
CASH, QTY, UP, DOWN, PEAK = range(5)
SWEPT = 5
# s, one lane's own
(
    COST,
    LAST_ENTRY,
    BORN,
    FIRST_BAR,
    PATH_BAR,
    IN_QTY,
    PAID,
    FEES,
    DISTANCE,
    LOT,
    TICKS,
    SHORTABLE,
    BORROW,
    START,
    LAST_BAR,
) = range(15)
OWN_CELLS = 15
"""Then the levels."""
TRIP_CELLS = 11
SPREADER = 0x03F79D71B4CB0A89
"""Times a power of two, its top six bits differ for each: a de Bruijn sequence."""
PLACES = (
    0, 1, 48, 2, 57, 49, 28, 3, 61, 58, 50, 42, 38, 29, 17, 4, 62, 55, 59, 36, 53, 51, 43, 22,
    45, 39, 33, 30, 24, 18, 12, 5, 63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23,
    11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9, 13, 8, 7, 6,
)  # fmt: skip
UNIT = 10000.0


def to_money(amount: float) -> float:
    """booking.round_money, spelled so that it compiles to a floor."""
    scaled = amount * UNIT
    if not (scaled < WHOLE_FROM and scaled > -WHOLE_FROM):
        return amount
    if scaled < 0.0:
        return -(whole(0.5 - scaled) / UNIT)
    return whole(scaled + 0.5) / UNIT


def own_at(w: Tile, lane: int) -> int:
    """Where in s a lane's own numbers begin."""
    return w.k[OWN_AT] + lane * w.k[EVENT_CELLS]


# ---------------------------------------------------------------- prices of a bar


def price_at(w: Tile, column: int, t: int, lane: int) -> float:
    """A column of one lane at bar t."""
    return w.ins[w.k[column] + t * w.k[STRIDE] + lane]


def fills_at_close(w: Tile, t: int, lane: int) -> bool:
    """Whether bar t of a lane has no open of its own."""
    return w.k[AT_FLAG] >= 0 and price_at(w, AT_FLAG, t, lane) != 0.0
