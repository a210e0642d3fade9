"""The account of one lane (floor 2): one symbol in one book, stepped only where something happens.

Why: most bars of most lanes trade nothing, so many lanes are valued in one sweep and the sums of a
fill are done for the lane that fills. The kernels of a fill are the account loop's, and what comes
out equals it to the bit; `run.lanes` says which runs qualify. An order decided at a close fills at
the next open, and is booked right then: nothing lies between the two.

`s` begins with what every bar sweeps over, one row a number, `lanes` cells wide; what only a fill
touches lies behind, one lane after another. Masks are whole numbers with one bit a lane.
"""

from typing import Any

from engine.fills.booking import (
    magnitude,
)
from engine.fills.lane_fills import (
    decide,
    leave,
    note_trip,
    walk_path,
)
from engine.fills.lane_layout import (
    AHEAD,
    ALIVE,
    AT_CLOSE,
    AT_HIGH,
    AT_LOW,
    AT_OPEN,
    BARS,
    BLOCK_CELLS,
    CASH,
    DOWN,
    FIRE_AT,
    FIRST,
    HELD,
    KEEPS_PEAK,
    LAST_BAR,
    LEAVE_AT,
    LEVELS,
    LINE,
    PEAK,
    PLACES,
    PLAIN_EXITS,
    QTY,
    REACH,
    SPREADER,
    UP,
    WIDE,
    Floats,
    Ints,
    Tile,
    own_at,
    price_at,
)

# ---------------------------------------------------------------- sweeps over all lanes


def bit(is_set: bool, lane: int) -> int:
    """A mask with a lane's bit set or not."""
    return int(is_set) << lane


def lowest_bit(mask: int) -> int:
    """The place of the lowest bit of a mask that is not zero."""
    return PLACES[(((mask & -mask) * SPREADER) >> 58) & 63] & 63


def sweep_levels(w: Tile, o: int, h: int, x: int) -> int:
    """Lanes whose nearest level a bar touches; its open, high and low lie at ins[o:], …"""
    opens = w.ins[o : o + WIDE]
    highs = w.ins[h : h + WIDE]
    lows = w.ins[x : x + WIDE]
    met = 0
    for lane in range(WIDE):
        up = w.s[UP * WIDE + lane]
        down = w.s[DOWN * WIDE + lane]
        is_up = (highs[lane] >= up) | (opens[lane] >= up)
        is_down = (lows[lane] <= down) | (opens[lane] <= down)
        met |= bit(is_up | is_down, lane)
    return met


def sweep_values(w: Tile, c: int, row: int) -> int:
    """Equity of every lane at closes ins[c:], into equity[row:]; WIDE that have none left."""
    closes = w.ins[c : c + WIDE]
    curve = w.equity[row : row + WIDE]
    ruined = 0
    for lane in range(WIDE):
        value = w.s[CASH * WIDE + lane] + w.s[QTY * WIDE + lane] * closes[lane]
        curve[lane] = value
        ruined |= bit(value <= 0.0, lane)
    return ruined


def sweep_peaks(w: Tile, row: int) -> None:
    """The highest equity of every lane so far."""
    curve = w.equity[row : row + WIDE]
    for lane in range(WIDE):
        value = curve[lane]
        peak = w.s[PEAK * WIDE + lane]
        w.s[PEAK * WIDE + lane] = value if value > peak else peak


def end_lane(w: Tile, t: int, lane: int) -> None:
    """Note what is still open after the last bar of a lane, valued at its close."""
    qty = w.s[QTY * WIDE + lane]
    own = own_at(w, lane)
    if qty != 0.0:
        size = magnitude(qty)
        last = price_at(w, AT_CLOSE, t, lane)
        note_trip(w, t, lane, 0.0 + size * last, 0.0)
    w.s[own + LAST_BAR] = t - w.k[FIRST]


def ruin(w: Tile, t: int, lane: int) -> None:
    """End a lane whose equity is gone: its curve stays where it is."""
    end_lane(w, t, lane)
    w.s[CASH * WIDE + lane] = w.equity[(t - w.k[FIRST]) * WIDE + lane]
    w.s[QTY * WIDE + lane] = 0.0
    w.k[ALIVE] &= ~(1 << lane)
    w.k[HELD] &= ~(1 << lane)


# ---------------------------------------------------------------- the bars of a block


def next_set(planes: Ints, first: int, cell: int, end: int) -> int:
    """The first cell from `cell` on whose bit is set in the plane at `first`; `end` when none."""
    k = cell >> 6
    word = planes[(first + k) & REACH] & (-1 << (cell & 63))
    while word == 0:
        k += 1
        if k << 6 >= end:
            return end
        word = planes[(first + k) & REACH]
    return min((k << 6) + lowest_bit(word), end)


def fetch(values: Floats, place: int) -> None:
    """Ask memory for a number that is read soon, and wait for nothing: one instruction where it is
    compiled (see `run.instructions`), none in plain Python."""


def skip_quiet(w: Tile, t: int, end: int, start: int) -> int:
    """For one lane: value the bars up to the next one on which something may be decided; that bar,
    or `end`. The same bar again where its equity may be gone.

    Bars are valued by sixteens: what lies past the one returned is written again later."""
    gate = w.k[LEAVE_AT] if w.k[HELD] != 0 else w.k[FIRE_AT]
    stop = start + next_set(w.planes, gate, t - start, end - start)
    cash = w.s[CASH]
    qty = w.s[QTY]
    c = w.k[AT_CLOSE]
    fetch(w.ins, c + stop)
    fetch(w.ins, w.k[AT_OPEN] + stop + 1)
    row = t - w.k[FIRST]
    some = min((stop - t + 15) & -16, end - t)
    closes = w.ins[c + t : c + t + some]
    curve = w.equity[row : row + some]
    ruined = 0
    for j in range(some):
        value = cash + qty * closes[j]
        curve[j] = value
        ruined |= bit(value <= 0.0, 0)
    return stop if ruined == 0 else t


def fetch_opens(w: Tile, first: int, end: int, start: int) -> None:
    """Ask for the opens at which the lanes of a block may trade, all at once: memory answers many
    such questions in the time of one."""
    for t in range(first, min(end, w.k[BARS] - 1)):
        gates = w.planes[w.k[FIRE_AT] + t - start] | w.planes[w.k[LEAVE_AT] + t - start]
        place = w.k[AT_OPEN] + (t + 1) * WIDE
        while gates != 0 and gates != -1:
            fetch(w.ins, place + lowest_bit(gates))
            gates &= gates - 1


def fetch_ahead(w: Tile, c: int, row: int) -> None:
    """Ask for the cells of equity AHEAD bars on, and for the closes of the next block; places past
    the end of either are asked for in vain."""
    for lane in range(0, WIDE, LINE):
        fetch(w.equity, row + AHEAD * WIDE + lane)
        fetch(w.ins, c + BLOCK_CELLS + lane)


def opened(w: Tile, plane: int, cell: int) -> int:
    """The living lanes whose gate is open at the bar that begins at `cell` of the block."""
    word = w.planes[(w.k[plane] + (cell >> 6)) & REACH]
    return (word >> (cell & 63)) & w.k[ALIVE]


def decide_all(w: Tile, t: int, cell: int, rule: Any, stops: Any) -> None:
    """Run the rule of every lane that may leave or enter at the close of t."""
    leaving = opened(w, LEAVE_AT, cell) & w.k[HELD]
    entering = opened(w, FIRE_AT, cell) & ~w.k[HELD]
    while leaving != 0:
        lane = lowest_bit(leaving)
        if w.k[PLAIN_EXITS] != 0:
            leave(w, t, lane)
        else:
            decide(w, t, cell + lane, lane, rule, stops)
        leaving &= leaving - 1
    while entering != 0:
        lane = lowest_bit(entering)
        decide(w, t, cell + lane, lane, rule, stops)
        entering &= entering - 1


def run_account(w: Tile, first: int, end: int, start: int, rule: Any, stops: Any) -> None:
    """The bars first .. end - 1 of the block that begins at `start`."""
    o, h, x, c = w.k[AT_OPEN], w.k[AT_HIGH], w.k[AT_LOW], w.k[AT_CLOSE]
    begun = w.k[FIRST]
    has_levels, keeps_peak = w.k[LEVELS] != 0, w.k[KEEPS_PEAK] != 0
    if WIDE > 1:
        fetch_opens(w, first, end, start)
    t = first
    while t < end:
        if WIDE == 1 and not keeps_peak and not (has_levels and w.k[HELD] != 0):
            t = skip_quiet(w, t, end, start)
            if t == end:
                return
        at = t * WIDE
        if has_levels and w.k[HELD] != 0:
            met = sweep_levels(w, o + at, h + at, x + at) & w.k[HELD]
            while met != 0:
                walk_path(w, t, lowest_bit(met))
                met &= met - 1
        row = (t - begun) * WIDE
        if WIDE > 1:
            fetch_ahead(w, c + at, row)
        ruined = sweep_values(w, c + at, row) & w.k[ALIVE]
        if keeps_peak:
            sweep_peaks(w, row)
        while ruined != 0:
            ruin(w, t, lowest_bit(ruined))
            ruined &= ruined - 1
        decide_all(w, t, (t - start) * WIDE, rule, stops)
        t += 1
