"""What one lane does when something happens (floor 2): fills and decisions.

An order decided at a close fills at the next open, and is booked right then: nothing lies between
the two. See `lane` for the whole.
"""

from typing import Any

from engine.fields import (
    ACCOUNT_BARS,
    ACCOUNT_CASH,
    ACCOUNT_DRAWDOWN,
    ACCOUNT_EQUITY,
    ACCOUNT_EXPOSURE_ROOM,
    ACCOUNT_GROSS,
    ACCOUNT_NET,
    ACCOUNT_PEAK,
    ACCOUNT_PNL_TODAY,
    ACCOUNT_POSITIONS,
    ACCOUNT_RETURN,
    ACCOUNT_START_EQUITY,
    MARKET_BORROW_RATE,
    MARKET_LAST,
    MARKET_SHORTABLE,
    POSITION_AGE,
    POSITION_ENTRY_PRICE,
    POSITION_LAST_ENTRY_PRICE,
    POSITION_PNL,
    POSITION_QTY,
    POSITION_VALUE,
)
from engine.fills.booking import average_cost, magnitude
from engine.fills.cap import INFINITE, lesser, power_shares
from engine.fills.cost import commission
from engine.fills.lane_layout import (
    AT_CLOSE,
    AT_HIGH,
    AT_LOW,
    AT_OPEN,
    BARS,
    BORN,
    BORROW,
    CASH,
    CELLS,
    CELLS_AT,
    COMMISSION,
    COST_AT,
    DISTANCE,
    DOWN,
    EXIT_LIST,
    EXITS,
    FEES,
    FIELDS_AT,
    FIRST,
    FIRST_BAR,
    FIRST_LANE,
    FOLD,
    HELD,
    IN_MONEY,
    IN_QTY,
    INIT_AT,
    KEEPS_PEAK,
    LAST_ENTRY,
    LEVELS,
    LOT,
    NAN,
    OUT_AT,
    OWN_CELLS,
    PAID,
    PATH_BAR,
    PEAK,
    PER_ORDER,
    PER_SHARE,
    POWER,
    QTY,
    REACH,
    READS,
    ROOM,
    ROW_AT,
    SHORTABLE,
    SIDE,
    SIZE,
    SLIPPAGE,
    SPREAD,
    START,
    TARGET,
    TICKS,
    TRIP_CELLS,
    TRIPS,
    TRIPS_AT,
    UP,
    WHEN,
    WIDE,
    Tile,
    cash_after,
    fills_at_close,
    own_at,
    place_of,
    pointer_to,
    price_at,
    row_of,
    to_money,
)
from engine.fills.lane_levels import is_upward, level_at, pull_trails, set_levels
from engine.fills.price import fill_price, is_beyond, limit_price, protection_price, stop_price
from engine.fills.size import shares_of
from engine.fills.trigger import is_nearer

# ---------------------------------------------------------------- fills


def pay(w: Tile, lane: int, side: float, size: float, price: float) -> float:
    """Book the money of a fill; what it is worth, not rounded. Its fee is added to the lane's."""
    cost = place_of(w, COST_AT)
    own = own_at(w, lane)
    fee = commission(
        size,
        price,
        w.s[cost + PER_SHARE],
        w.s[cost + PER_ORDER],
        w.s[cost + COMMISSION],
        True,
    )
    if fee != 0.0:
        fee = to_money(fee)
        w.s[own + FEES] += fee
    worth = size * price
    cash = CASH * WIDE + lane
    w.s[cash] = cash_after(w.s[cash], side, worth, fee)
    return worth


def close_position(w: Tile, t: int, lane: int, raw: float, bound: float) -> None:
    """Sell or buy back all of a position on bar t, and record the round trip."""
    own = own_at(w, lane)
    held = w.s[QTY * WIDE + lane]
    side = -1.0 if held > 0.0 else 1.0
    size = magnitude(held)
    cost = place_of(w, COST_AT)
    price = fill_price(side, raw, bound, w.s[cost + SLIPPAGE], w.s[cost + SPREAD], w.s[own + TICKS])
    note_trip(w, t, lane, pay(w, lane, side, size, price), 1.0)
    w.s[QTY * WIDE + lane] = 0.0
    w.s[UP * WIDE + lane] = INFINITE
    w.s[DOWN * WIDE + lane] = -INFINITE
    w.k[HELD] &= ~(1 << lane)


def note_trip(w: Tile, t: int, lane: int, got: float, closed: float) -> None:
    """Record a round trip; one too many for the room is counted only, and the tile runs again."""
    at = (w.k[TRIPS_AT] + w.k[TRIPS] * TRIP_CELLS) & REACH
    w.k[TRIPS] += 1
    if w.k[TRIPS] > w.k[ROOM]:
        return
    own = own_at(w, lane)
    w.s[at] = w.k[FIRST_LANE] + lane
    w.s[at + 1] = 1.0 if w.s[QTY * WIDE + lane] > 0.0 else -1.0
    w.s[at + 2] = w.s[own + FIRST_BAR]
    w.s[at + 3] = t - w.k[FIRST]
    w.s[at + 4] = w.s[own + IN_QTY]
    w.s[at + 5] = w.s[own + PAID]
    w.s[at + 6] = got
    w.s[at + 7] = w.s[own + FEES]
    w.s[at + 8] = w.s[own + DISTANCE]
    w.s[at + 9] = closed


def enter(w: Tile, t: int, lane: int, want: float, bound: float, stops: Any) -> None:
    """Fill an entry at the open of bar t as far as buying power goes; what is left lapses."""
    own = own_at(w, lane)
    cost = place_of(w, COST_AT)
    side = float(w.k[SIDE])
    raw = price_at(w, AT_OPEN, t, lane)
    if is_beyond(side, raw, bound):
        return
    price = fill_price(side, raw, bound, w.s[cost + SLIPPAGE], w.s[cost + SPREAD], w.s[own + TICKS])
    room = w.s[cost + POWER] * w.s[CASH * WIDE + lane] - w.s[cost + PER_ORDER]
    can = power_shares(room, price, w.s[cost + COMMISSION], w.s[cost + PER_SHARE], w.s[own + LOT])
    got = lesser(want, can)
    if not got > 0.0:
        return
    at_close = fills_at_close(w, t, lane)
    w.s[own + FEES] = 0.0
    w.s[own + PAID] = pay(w, lane, side, got, price)
    w.s[own + LAST_ENTRY] = price
    w.s[own + BORN] = t if at_close else t - 1
    w.s[own + FIRST_BAR] = t - w.k[FIRST]
    w.s[own + PATH_BAR] = t if at_close else -1.0
    w.s[own + IN_QTY] = got
    w.s[QTY * WIDE + lane] = side * got
    w.k[HELD] |= 1 << lane
    fresh_fold(w, lane)
    w.s[own + DISTANCE] = NAN
    if w.k[LEVELS] != 0:
        set_levels(w, lane, side, price, stops)


def fresh_fold(w: Tile, lane: int) -> None:
    """Put the since-entry cells back to what they hold at the start."""
    cells = (w.k[CELLS_AT] + lane * w.k[CELLS]) & REACH
    init = place_of(w, INIT_AT)
    for j in range(w.k[FOLD]):
        w.s[cells + j] = w.s[init + j]


# ---------------------------------------------------------------- inside a bar


def walk_path(w: Tile, t: int, lane: int) -> None:
    """Exits of an open position on bar t: levels the open has jumped, then stops, then targets."""
    own = own_at(w, lane)
    is_fresh = w.s[own + FIRST_BAR] == t - w.k[FIRST]
    raw = price_at(w, AT_OPEN, t, lane)
    low = price_at(w, AT_LOW, t, lane)
    high = price_at(w, AT_HIGH, t, lane)
    side = 1.0 if w.s[QTY * WIDE + lane] > 0.0 else -1.0
    if not is_fresh:
        j = jumped_level(w, lane, side, raw)
        if j >= 0:
            close_at_level(w, t, lane, j, raw)
            return
    j = nearest_level(w, lane, side, low, high, False)
    if j >= 0:
        close_at_level(w, t, lane, j, stop_price(-side, w.s[own + OWN_CELLS + j], raw))
        return
    if w.s[own + PATH_BAR] == t:
        return
    j = nearest_level(w, lane, side, low, high, True)
    if j >= 0:
        close_at_level(w, t, lane, j, limit_price(-side, w.s[own + OWN_CELLS + j], raw))


def close_at_level(w: Tile, t: int, lane: int, j: int, raw: float) -> None:
    """Close a position at a level; a target is never worsened past itself."""
    price = w.s[own_at(w, lane) + OWN_CELLS + j]
    close_position(w, t, lane, raw, price if w.k[level_at(w, j)] == TARGET else NAN)


def jumped_level(w: Tile, lane: int, side: float, price: float) -> int:
    """The first level that the open is at or beyond, -1 when none."""
    own = own_at(w, lane) + OWN_CELLS
    for j in range(w.k[LEVELS]):
        level = w.s[own + j]
        if price >= level if is_upward(w.k[level_at(w, j)], side) else price <= level:
            return j
    return -1


def nearest_level(w: Tile, lane: int, side: float, low: float, high: float, targets: bool) -> int:
    """The level of this kind that the path meets first, -1 when none."""
    own = own_at(w, lane) + OWN_CELLS
    found = -1
    best = NAN
    for j in range(w.k[LEVELS]):
        kind = w.k[level_at(w, j)]
        price = w.s[own + j]
        is_met = price <= high if is_upward(kind, side) else price >= low
        if is_met and (kind == TARGET) == targets and is_nearer(-side, not targets, price, best):
            found = j
            best = price
    return found


# ---------------------------------------------------------------- the close


def write_fields(w: Tile, t: int, lane: int) -> None:
    """The fields that the rule reads at the close of t."""
    qty = w.s[QTY * WIDE + lane]
    last = price_at(w, AT_CLOSE, t, lane)
    equity = w.s[CASH * WIDE + lane] + qty * last
    own = own_at(w, lane)
    f = place_of(w, FIELDS_AT)
    w.s[f + ACCOUNT_EQUITY] = equity
    w.s[f + ACCOUNT_CASH] = w.s[CASH * WIDE + lane]
    if w.k[KEEPS_PEAK] != 0:
        peak = w.s[PEAK * WIDE + lane]
        w.s[f + ACCOUNT_PEAK] = peak
        w.s[f + ACCOUNT_DRAWDOWN] = (peak - equity) / peak if equity < peak and peak > 0.0 else 0.0
        before = w.s[own + START]
        if t > w.k[FIRST]:
            before = w.equity[(t - 1 - w.k[FIRST]) * WIDE + lane]
        w.s[f + ACCOUNT_PNL_TODAY] = equity - before
    if w.k[READS] != 0:
        write_position(w, t, lane, qty, last)
        write_rest(w, t, lane, equity, qty * last)


def write_position(w: Tile, t: int, lane: int, qty: float, last: float) -> None:
    """The position.* fields."""
    own = own_at(w, lane)
    f = place_of(w, FIELDS_AT)
    w.s[f + POSITION_QTY] = qty
    w.s[f + POSITION_VALUE] = qty * last if qty != 0.0 else 0.0
    cost = NAN
    if qty != 0.0:
        cost = average_cost(0.0, 0.0, w.s[own + IN_QTY], w.s[own + LAST_ENTRY])
    w.s[f + POSITION_ENTRY_PRICE] = cost
    w.s[f + POSITION_LAST_ENTRY_PRICE] = w.s[own + LAST_ENTRY] if qty != 0.0 else NAN
    w.s[f + POSITION_AGE] = t - w.s[own + BORN] if qty != 0.0 else NAN
    w.s[f + POSITION_PNL] = qty * (last - cost) if qty != 0.0 else NAN


def write_rest(w: Tile, t: int, lane: int, equity: float, value: float) -> None:
    """The other account.* fields, and market.*: nothing works at a close before its decisions."""
    own = own_at(w, lane)
    start = w.s[own + START]
    gross = magnitude(value)
    f = place_of(w, FIELDS_AT)
    w.s[f + ACCOUNT_START_EQUITY] = start
    w.s[f + ACCOUNT_GROSS] = gross
    w.s[f + ACCOUNT_NET] = value
    w.s[f + ACCOUNT_POSITIONS] = 1.0 if w.s[QTY * WIDE + lane] != 0.0 else 0.0
    w.s[f + ACCOUNT_RETURN] = equity / start - 1.0 if start > 0.0 else NAN
    w.s[f + ACCOUNT_EXPOSURE_ROOM] = w.s[place_of(w, COST_AT) + POWER] * equity - gross
    w.s[f + ACCOUNT_BARS] = float(t - w.k[FIRST])
    w.s[f + MARKET_LAST] = price_at(w, AT_CLOSE, t, lane)
    w.s[f + MARKET_SHORTABLE] = w.s[own + SHORTABLE]
    w.s[f + MARKET_BORROW_RATE] = w.s[own + BORROW]


def decide(w: Tile, t: int, cell: int, lane: int, rule: Any, stops: Any) -> None:
    """Run the rule of one lane at the close of t, which is `cell` of the block, and book what it
    decides: trails, then the first exit that is true, or an entry."""
    row_of(w, cell)
    qty = w.s[QTY * WIDE + lane]
    if qty == 0.0:
        fresh_fold(w, lane)
    write_fields(w, t, lane)
    out = place_of(w, OUT_AT)
    cells = w.k[CELLS_AT] + lane * w.k[CELLS]
    rule(pointer_to(w.s), w.k[ROW_AT], w.k[FIELDS_AT], cells, out)
    if qty != 0.0:
        if w.k[LEVELS] != 0:
            pull_trails(w, lane, 1.0 if qty > 0.0 else -1.0)
        is_leaving = False
        for j in range(w.k[EXITS]):
            is_leaving = is_leaving or w.s[(out + w.k[EXIT_LIST + j]) & REACH] == 2.0
        if is_leaving:
            leave(w, t, lane)
    elif w.s[(out + w.k[WHEN]) & REACH] == 2.0 and t + 1 < w.k[BARS]:
        place_entry(w, t, lane, stops)


def leave(w: Tile, t: int, lane: int) -> None:
    """Close a position that an exit at the close of t wants closed, at the next open."""
    if t + 1 < w.k[BARS]:
        close_position(w, t + 1, lane, price_at(w, AT_OPEN, t + 1, lane), NAN)


def place_entry(w: Tile, t: int, lane: int, stops: Any) -> None:
    """Size an entry that fired at the close of t, and fill it on the next bar."""
    own = own_at(w, lane)
    side = float(w.k[SIDE])
    last = price_at(w, AT_CLOSE, t, lane)
    size = w.s[(w.k[OUT_AT] + w.k[SIZE]) & REACH]
    want = shares_of(size, w.k[IN_MONEY] != 0, last, w.s[own + LOT])
    if want > 0.0 and (side > 0.0 or w.s[own + SHORTABLE] != 0.0):
        bound = protection_price(side, last, w.s[own + TICKS])
        enter(w, t + 1, lane, want, bound, stops)
