"""Exits inside a bar (floor 2): exit orders, stops, targets and trails of one key.

The path is pessimistic per position: the open, the extreme that hurts, the other extreme. On one
stretch the nearest price is met first. Exits are limited by volume only; what a stop could not
fill goes on as an exit at market.
"""

from engine.fills import layout as at
from engine.fills.bar import bar_prices
from engine.fills.booking import magnitude
from engine.fills.cap import INFINITE, lesser
from engine.fills.execution import post, volume_left, worse
from engine.fills.legs import leave_others
from engine.fills.mark import opens_session
from engine.fills.orders import (
    after_stop,
    cancel_entries,
    end_order,
    force_exit,
    is_closing,
    may_fill,
    slot,
)
from engine.fills.price import limit_price, stop_price
from engine.fills.trigger import is_nearer, touches_limit, touches_stop
from engine.records import account, desk


def opens(kind: int, side: float, price: float, o: float) -> bool:
    """Whether an order fills at the open."""
    if kind == desk.MARKET:
        return True
    if kind == desk.LIMIT:
        return touches_limit(side, price, o, o)
    return kind == desk.STOP and touches_stop(side, price, o, o)


def is_alone(n: at.Ints, s: at.Floats, key: int) -> bool:
    """Whether an open position has no order: nothing else is open or works on its seat."""
    return s[n[n[key + at.KEY_SEAT] + at.SEAT_STATE] + at.BUSY] == 1.0


def is_upward(kind: int, side: float) -> bool:
    """Whether rising prices set off an order or level: a stop that buys, a limit that sells."""
    return (side > 0.0) == (kind == desk.STOP)


def exit_side(s: at.Floats, state: int) -> float:
    """The side of an exit: it sells a long position and buys back a short one."""
    return -1.0 if s[state + at.QTY] > 0.0 else 1.0


def exit_at_open(w: at.Run, t: int, key: int, o: float) -> None:
    """Exits that the open sets off, at the open: orders first, then levels it has jumped."""
    n = w.n
    s = w.s
    state = n[key + at.KEY_STATE]
    if not is_alone(n, s, key):
        exit_by_orders(w, t, key, o)
        if s[state + at.QTY] == 0.0:
            return
    side = exit_side(s, state)
    for j in range(n[n[key + at.KEY_BOOK] + at.BOOK_LEVEL_COUNT]):
        price = s[n[key + at.KEY_LEVELS] + j]  # nan, no level, is never reached
        if o >= price if is_upward(level_kind(n, key, j), side) else o <= price:
            exit_by_level(w, t, key, j, o)
            if s[state + at.QTY] == 0.0:
                return


def exit_by_orders(w: at.Run, t: int, key: int, o: float) -> None:
    """Fill the exit orders that the open sets off, until the position is closed."""
    n = w.n
    s = w.s
    for k in range(at.FORCED_SLOT, n[key + at.KEY_ORDER_COUNT]):
        order = slot(n, key, k)
        if may_fill(s, t, order):
            kind = after_stop(s, order, o, o)
            is_set_off = opens(kind, s[order + at.SIDE], s[order + at.PRICE], o)
            if is_set_off and not is_shut_out(w, t, key, order):
                exit_by_order(w, t, key, order, o)
                if s[n[key + at.KEY_STATE] + at.QTY] == 0.0:
                    return


def is_shut_out(w: at.Run, t: int, key: int, order: int) -> bool:
    """Whether an order for a session's open meets a later bar of it, or one without a real open."""
    if int(w.s[order + at.TIF]) != desk.OPG:
        return False
    _, _, _, at_close = bar_prices(w, t, w.n[key + at.KEY_SEAT])
    return at_close != 0.0 or not opens_session(w, t)


def level_kind(n: at.Ints, key: int, j: int) -> int:
    """Levels fill as limit orders (targets) or as stop orders (stops, trails)."""
    level = n[n[key + at.KEY_BOOK] + at.BOOK_LEVELS] + j * at.LEVEL_WIDTH
    if n[level + at.LEVEL_KIND] == desk.TARGET_LEVEL:
        return desk.LIMIT
    return desk.STOP


def exit_in_path(
    w: at.Run, t: int, key: int, here: float, low: float, high: float, kind: int
) -> None:
    """Fill the exit of this kind (STOP or LIMIT) that the path from `here` meets first."""
    n = w.n
    s = w.s
    if s[n[key + at.KEY_STATE] + at.QTY] == 0.0:
        return
    side = exit_side(s, n[key + at.KEY_STATE])
    j = nearest_level(n, s, key, side, low, high, kind)
    level = s[n[key + at.KEY_LEVELS] + j] if j >= 0 else at.NAN
    order = -1 if is_alone(n, s, key) else nearest_order(n, s, t, key, side, low, high, kind)
    if order >= 0 and is_nearer(side, kind == desk.STOP, s[order + at.TRIGGER], level):
        raw = path_price(side, s[order + at.TRIGGER], here, kind)
        after_stop(s, order, low, high)
        exit_by_order(w, t, key, order, raw)
    elif j >= 0:
        exit_by_level(w, t, key, j, path_price(side, level, here, kind))


def path_price(side: float, price: float, here: float, kind: int) -> float:
    """The market's price when the path reaches an order or level."""
    if kind == desk.STOP:
        return stop_price(side, price, here)
    return limit_price(side, price, here)


def touches(kind: int, side: float, price: float, low: float, high: float) -> bool:
    """Whether the path sets off an order or level of this kind."""
    if kind == desk.STOP:
        return touches_stop(side, price, low, high)
    return touches_limit(side, price, low, high)


def nearest_level(
    n: at.Ints, s: at.Floats, key: int, side: float, low: float, high: float, kind: int
) -> int:
    """The level of this kind that the path meets first, -1 when none."""
    found = -1
    best = at.NAN
    book = n[key + at.KEY_BOOK]
    rows = n[book + at.BOOK_LEVELS] + at.LEVEL_KIND
    levels = n[key + at.KEY_LEVELS]
    is_up = is_upward(kind, side)
    for j in range(n[book + at.BOOK_LEVEL_COUNT]):
        price = s[levels + j]  # nan, no level, is never met
        if price <= high if is_up else price >= low:
            is_target = n[rows + j * at.LEVEL_WIDTH] == desk.TARGET_LEVEL
            if is_target == (kind == desk.LIMIT) and is_nearer(side, not is_target, price, best):
                found = j
                best = price
    return found


def nearest_order(
    n: at.Ints, s: at.Floats, t: int, key: int, side: float, low: float, high: float, kind: int
) -> int:
    """The exit order of this kind that the path meets first, -1 when none."""
    found = -1
    best = at.NAN
    for k in range(at.EXIT_SLOTS, n[key + at.KEY_ORDER_COUNT]):
        order = slot(n, key, k)
        works_as = int(s[order + at.KIND])
        if works_as == desk.STOP_LIMIT:
            works_as = desk.STOP
        if may_fill(s, t, order) and works_as == kind and s[order + at.TIF] <= desk.GTC:
            price = s[order + at.TRIGGER]
            is_met = touches(kind, side, price, low, high)
            if is_met and is_nearer(side, kind == desk.STOP, price, best):
                found = order
                best = price
    return found


def exit_by_level(w: at.Run, t: int, key: int, j: int, raw: float) -> None:
    """Close a position at a level. Its entry order ends; a stop's rest goes on at market, as do
    the other legs of a spread."""
    n = w.n
    s = w.s
    state = n[key + at.KEY_STATE]
    kind = level_kind(n, key, j)
    level = s[n[key + at.KEY_LEVELS] + j]
    bound = level if kind == desk.LIMIT else at.NAN
    cancel_entries(n, s, t, key, account.POSITION_CLOSED)
    want = magnitude(s[state + at.QTY])
    if n[n[key + at.KEY_BOOK] + at.BOOK_SPREADS] != 0:
        leave_others(n, s, t, key, j)
    got = sell_out(w, t, key, account.FROM_LEVEL, j, t, want, raw, bound, True)
    if got < want and kind == desk.STOP and not is_closing(n, s, key):
        force_exit(n, s, t, key, account.FROM_LEVEL, j, INFINITE)
        s[slot(n, key, at.FORCED_SLOT) + at.HAS_FILLED] = 1.0 if got > 0.0 else 0.0


def exit_by_order(w: at.Run, t: int, key: int, order: int, raw: float) -> None:
    """Fill an exit order as far as volume allows; a stop order's rest goes on at market."""
    n = w.n
    s = w.s
    state = n[key + at.KEY_STATE]
    want = lesser(s[order + at.LEFT], magnitude(s[state + at.QTY]))
    kind = int(s[order + at.KIND])
    bound = s[order + at.PRICE] if kind == desk.LIMIT else at.NAN
    source = int(s[order + at.SOURCE])
    rule = int(s[order + at.RULE])
    decided = int(s[order + at.DECIDED])
    is_first = s[order + at.HAS_FILLED] == 0.0
    got = sell_out(w, t, key, source, rule, decided, want, raw, bound, is_first)
    if s[order + at.WORKING] == 0.0:
        return
    if got >= want:
        end_order(n, s, key, order)
        return
    s[order + at.LEFT] -= got
    if got > 0.0:
        s[order + at.HAS_FILLED] = 1.0
    if kind == desk.STOP:
        s[order + at.KIND] = desk.MARKET


def sell_out(
    w: at.Run,
    t: int,
    key: int,
    source: int,
    rule: int,
    decided: int,
    want: float,
    raw: float,
    bound: float,
    is_first: bool,
) -> float:
    """Exit up to `want` shares of a position; how many filled."""
    n = w.n
    s = w.s
    side = exit_side(s, n[key + at.KEY_STATE])
    got = lesser(want, volume_left(w, t, n[key + at.KEY_SYMBOL]))
    if got > 0.0:
        price = worse(w, t, key, side, raw, bound, got)
        post(w, t, key, source, rule, decided, side * got, raw, price, want - got, is_first)
        return got
    return 0.0
