"""Where the numbers of a tile of lanes lie (floor 2), and the smallest kernels that read them."""

from typing import NamedTuple

from engine.fills.cap import WHOLE_FROM

Ints = list[int]
Floats = list[float]
NAN = float("nan")


class Tile(NamedTuple):
    """Lanes that run together. k: places, counts and masks, below. s: money, orders, records.

    ins: market columns. buf: the columns of a block, COLUMN_CELLS each. planes: its conditions, a
    bit a cell. equity: a close a row."""

    k: Ints
    s: Floats
    ins: Floats
    buf: Floats
    planes: Ints
    equity: Floats


WIDE = 64
"""Lanes of a tile; 1 where lanes run alone, which `run.lanes_module` writes in."""
BLOCK_CELLS = 1024
"""Cells of a block: so many bars of one lane, fewer of many."""
BEFORE = 64
"""Cells before them in a column, where the last bar of the block before lies."""
COLUMN_CELLS = BEFORE + BLOCK_CELLS
WORDS = BLOCK_CELLS // 64
"""Words of a plane."""

# k: bars, the first bar that trades, places of the columns; counts; the first words of both gates;
# where in k a row's places are; whether an open gate is an exit; the first lane's number; where in
# s things lie; the masks of lanes that hold and that live, the count of trips
(
    BARS,
    FIRST,
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
    FIRE_AT,
    LEAVE_AT,
    SHOWN_AT,
    PLAIN_EXITS,
    FIRST_LANE,
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
) = range(37)
# after the exits, one level: kind (0 stop, 1 target, 2 trail), its outputs in stops and in rule;
# then what a row shows: the first cell of a column of numbers, or -1 less the first word of a plane
LEVEL_CELLS = 3
TARGET, TRAIL = 1, 2
# s, costs
PER_SHARE, PER_ORDER, COMMISSION, SLIPPAGE, SPREAD, POWER = range(6)
# s, rows
CASH, QTY, UP, DOWN, PEAK = range(5)
SWEPT = 5
# s, one lane's own
(
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
) = range(14)
OWN_CELLS = 14
"""Then the levels."""
TRIP_CELLS = 10
"""Of a round trip: lane, side, first bar, last bar, shares, what they cost and what they brought
(neither rounded to money), fees, the planned loss of a share, and 1 where it was closed."""
LINE = 8
"""Numbers that memory hands over at once."""
AHEAD = 6
"""Bars of a tile before it is written that a row of equity is asked for: 3 to 12 did alike."""
SPREADER = 0x03F79D71B4CB0A89
"""Times a power of two, its top six bits differ for each: a de Bruijn sequence."""
PLACES = (
    0, 1, 48, 2, 57, 49, 28, 3, 61, 58, 50, 42, 38, 29, 17, 4, 62, 55, 59, 36, 53, 51, 43, 22,
    45, 39, 33, 30, 24, 18, 12, 5, 63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23,
    11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9, 13, 8, 7, 6,
)  # fmt: skip
REACH = (1 << 47) - 1
"""A place `& REACH` is itself. Numba counts a place below zero from the end, and tests each for it;
so it knows of a place, and of those a little behind it, that none is, and a test costs as much as
a fill's sums."""
UNIT = 10000.0
HALVES_END = 4503599627370496.0
"""2**52: added to a smaller number, it leaves no room for a fraction."""


NEAREST = 6755399441055744.0
"""1.5 x 2**52: the same for numbers of either sign."""
SURE = 1e10
"""Below it, sums of money are off by far less than half a ten-thousandth."""


def floor_of(x: float) -> float:
    """The largest whole number not above x, from 0 to WHOLE_FROM, without a turn to an integer."""
    near = (x + HALVES_END) - HALVES_END
    return near - 1.0 if near > x else near


def to_money(amount: float) -> float:
    """booking.round_money, in fewer steps that wait for each other."""
    scaled = amount * UNIT
    if not (scaled < WHOLE_FROM and scaled > -WHOLE_FROM):
        return amount
    if scaled < 0.0:
        return -(floor_of(0.5 - scaled) / UNIT)
    return floor_of(scaled + 0.5) / UNIT


def nearest_whole(x: float) -> float:
    """The whole number nearest to x, which lies within 2**51 of zero."""
    return (x + NEAREST) - NEAREST


def cash_after(cash: float, side: float, worth: float, fee: float) -> float:
    """to_money(cash - side * to_money(worth) - fee) but for the sign of a zero, in fewer steps that
    wait for each other. side: +1 paid for `worth`, -1 was paid.

    Ten-thousandths are counted as whole numbers, which is exact: the definition is off by far less
    than a half."""
    scaled = cash * UNIT
    count = nearest_whole(scaled)
    left = count - side * floor_of(worth * UNIT + 0.5) - nearest_whole(fee * UNIT)
    is_small = worth + fee < SURE and cash < SURE and cash > -SURE
    is_near = scaled - count < 0.25 and scaled - count > -0.25
    if is_small and is_near:
        return left / UNIT
    return to_money(cash - side * to_money(worth) - fee)


def own_at(w: Tile, lane: int) -> int:
    """Where in s a lane's own numbers begin."""
    return (w.k[OWN_AT] + lane * w.k[EVENT_CELLS]) & REACH


def pointer_to(values: Floats) -> Floats:
    """A list as a strategy's functions take it: compiled, where it begins, in one register."""
    return values


def place_of(w: Tile, name: int) -> int:
    """Where in s what k[name] says lies."""
    return w.k[name] & REACH


# ---------------------------------------------------------------- what a bar shows


def truth_at(planes: Ints, first: int, cell: int) -> float:
    """A condition out of its planes, TRUE in the first and UNKNOWN in the one after."""
    word = (first + (cell >> 6)) & REACH
    yes = (planes[word] >> (cell & 63)) & 1
    return float(2 * yes + ((planes[word + WORDS] >> (cell & 63)) & 1))


def keep_truth(planes: Ints, first: int, cell: int, value: float) -> None:
    """Put a condition into its planes."""
    word = first + (cell >> 6)
    here = 1 << (cell & 63)
    planes[word] = (planes[word] & ~here) | (here if value == 2.0 else 0)
    planes[word + WORDS] = (planes[word + WORDS] & ~here) | (here if value == 1.0 else 0)


def row_of(w: Tile, cell: int) -> None:
    """Gather what the rule reads at one cell of a block, at s[ROW_AT:]."""
    row = place_of(w, ROW_AT)
    shown = place_of(w, SHOWN_AT)
    for j in range(w.k[COLUMNS]):
        place = w.k[shown + j]
        if place >= 0:
            w.s[row + j] = w.buf[(place + cell) & REACH]
        else:
            w.s[row + j] = truth_at(w.planes, -1 - place, cell)


def price_at(w: Tile, column: int, t: int, lane: int) -> float:
    """A column of one lane at bar t."""
    return w.ins[(w.k[column] + t * WIDE + lane) & REACH]


def fills_at_close(w: Tile, t: int, lane: int) -> bool:
    """Whether bar t of a lane has no open of its own."""
    return w.k[AT_FLAG] >= 0 and price_at(w, AT_FLAG, t, lane) != 0.0
