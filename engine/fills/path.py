"""Phase 2 and 3 of a bar (floor 2): the open, exits before entries, then each position's path.

On a bar that fills at its close only, open, high and low are the close, so the same rules hold
there. A bar with an unknown open, high or low is such a bar too. Entries fill in (strategy, rule,
symbol) order. An entry at market fills at the open or not at all; it does not wait inside the bar
for a better price.
"""

from engine.fills import layout as at
from engine.fills.bar import bar_prices, is_here, may_exit
from engine.fills.cap import lesser
from engine.fills.execution import affordable, post, volume_left, worse
from engine.fills.exits import exit_at_open, exit_in_path, opens, path_price, touches
from engine.fills.legs import legs_at_open
from engine.fills.levels import note_added
from engine.fills.mark import opens_session
from engine.fills.orders import after_stop, end_order, lapse, may_fill, slot
from engine.fills.price import is_beyond
from engine.records import account, desk


def exits_at_open(w: at.Run, t: int) -> None:
    """All exits that the open sets off, in every book."""
    n = w.n
    s = w.s
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        is_busy = s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0
        if is_busy and may_exit(n, s, seat) and is_here(n, s, seat):
            o, _, _, _ = bar_prices(w, t, seat)
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                if s[n[key + at.KEY_STATE] + at.QTY] != 0.0:
                    exit_at_open(w, t, key, o)


def entries_at_open(w: at.Run, t: int) -> None:
    """All entries that the open sets off, in (strategy, rule, symbol) order."""
    n = w.n
    s = w.s
    for b in range(n[at.BOOK_COUNT]):
        book = n[at.BOOKS] + b * at.BOOK_WIDTH
        if n[book + at.BOOK_SPREADS] != 0:
            legs_at_open(w, t, book)
            continue
        for j in range(n[book + at.BOOK_KEY_COUNT]):
            for i in range(n[book + at.BOOK_SEAT_COUNT]):
                seat = n[book + at.BOOK_SEATS] + i * at.SEAT_WIDTH
                key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                if s[n[key + at.KEY_ORDERS] + at.WORKING] != 0.0 and is_here(n, s, seat):
                    enter_at_open(w, t, seat, key)


def enter_at_open(w: at.Run, t: int, seat: int, key: int) -> None:
    """Fill a working entry that the open sets off."""
    s = w.s
    order = slot(w.n, key, at.ENTRY_SLOT)
    if not may_fill(s, t, order):
        return
    o, _, _, at_close = bar_prices(w, t, seat)
    side = s[order + at.SIDE]
    bound = s[order + at.BOUND]
    is_opg = int(s[order + at.TIF]) == desk.OPG
    if is_opg and not opens_session(w, t):
        return
    if is_opg and at_close != 0.0:
        lapse(w.n, s, t, key, order, account.NO_OPEN)
    elif opens(after_stop(s, order, o, o), side, s[order + at.PRICE], o):
        if not is_beyond(side, o, bound):
            enter(w, t, key, order, o, at_close != 0.0)
        elif s[order + at.TIF] != desk.GTC:
            lapse(w.n, s, t, key, order, account.PROTECTED)


def enter(w: at.Run, t: int, key: int, order: int, raw: float, in_path: bool) -> None:
    """Fill an entry order as far as volume and buying power allow.

    What volume held back stays working; what buying power held back is cut for good. While the
    other side of a change of sign is still open, the entry waits, and at a price that is not above
    zero too.
    """
    n = w.n
    s = w.s
    host = n[key + at.KEY_HOST]
    state = n[host + at.KEY_STATE]
    side = s[order + at.SIDE]
    want = s[order + at.LEFT]
    is_first = s[order + at.HAS_FILLED] == 0.0
    was_flat = s[state + at.QTY] == 0.0
    if s[state + at.QTY] * side < 0.0 or not raw > 0.0:
        return
    bound = s[order + at.BOUND]
    room = volume_left(w, t, n[key + at.KEY_SYMBOL])
    price = worse(w, t, key, side, raw, bound, lesser(want, room))
    can = affordable(n, s, key, price, is_first)
    got = lesser(want, lesser(room, can))
    if got > 0.0:
        if n[at.IMPACT] != 0:
            price = worse(w, t, key, side, raw, bound, got)
        source = int(s[order + at.SOURCE])
        rule = int(s[order + at.RULE])
        decided = int(s[order + at.DECIDED])
        post(w, t, host, source, rule, decided, side * got, raw, price, want - got, is_first)
        note_filled(n, s, key, order, is_first)
        if s[order + at.IS_ADD] != 0.0:
            note_added(n, s, key, price, got, is_first)
        if was_flat and in_path:
            s[state + at.PATH_BAR] = t
    s[order + at.LEFT] = want - got
    if got >= want:
        end_order(n, s, key, order)
    elif can < room:
        lapse(n, s, t, key, order, account.NO_POWER)


def note_filled(n: at.Ints, s: at.Floats, key: int, order: int, is_first: bool) -> None:
    """Count an order's first fill."""
    s[order + at.HAS_FILLED] = 1.0
    if is_first:
        s[n[key + at.KEY_TALLY] + at.T_FILLED] += 1.0


def walk_path(w: at.Run, t: int, seat: int) -> None:
    """The rest of a seat's bar: exits of what is open, entries reached, orders that expire."""
    n = w.n
    s = w.s
    working = s[n[seat + at.SEAT_STATE] + at.BUSY]
    may_leave = may_exit(n, s, seat)
    o, h, low, at_close = bar_prices(w, t, seat)
    for j in range(n[seat + at.SEAT_KEY_COUNT]):
        key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
        state = n[key + at.KEY_STATE]
        if s[state + at.QTY] != 0.0:
            working -= 1.0
            if may_leave:
                exit_in_path(w, t, key, o, low, h, desk.STOP)
                if s[state + at.PATH_BAR] != t and s[state + at.QTY] != 0.0:
                    exit_in_path(w, t, key, o, low, h, desk.LIMIT)
    if working == 0.0:
        return
    for j in range(n[seat + at.SEAT_KEY_COUNT]):
        key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
        enter_in_path(w, t, key, o, h, low)
        expire(w, t, key, at_close != 0.0)


def enter_in_path(w: at.Run, t: int, key: int, o: float, h: float, low: float) -> None:
    """Fill an entry that the path reaches; its stops act at once, its targets not on this bar."""
    s = w.s
    order = slot(w.n, key, at.ENTRY_SLOT)
    kind = int(s[order + at.KIND])
    waits = kind != desk.MARKET and kind != at.ON_CLOSE and s[order + at.TIF] <= desk.GTC
    if not waits or not may_fill(s, t, order):
        return
    side = s[order + at.SIDE]
    price = s[order + at.TRIGGER]
    is_limit = kind == desk.LIMIT
    kind = desk.LIMIT if is_limit else desk.STOP
    if opens(kind, side, price, o) or not touches(kind, side, price, low, h):
        return
    after_stop(s, order, low, h)
    raw = path_price(side, price, o, kind)
    enter(w, t, key, order, raw, True)
    exit_in_path(w, t, w.n[key + at.KEY_HOST], raw, low, h, desk.STOP)


def ends_session(w: at.Run, t: int) -> bool:
    """Whether a bar is the last of its session: orders for the day end with it."""
    return w.tape[w.n[at.CLOCK] + t * at.CLOCK_WIDTH + at.ENDS] != 0.0


def expire_unseen(w: at.Run, t: int) -> None:
    """End the day orders of symbols that lack the last bar of a session of several bars. Where a
    bar is a session, an order waits for the symbol's next one."""
    n = w.n
    s = w.s
    if t == 0 or opens_session(w, t) or not ends_session(w, t):
        return
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        if s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0 and not is_here(n, s, seat):
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                expire_day(n, s, t, n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH)


def expire(w: at.Run, t: int, key: int, at_close: bool) -> None:
    """End the orders that cannot fill after this bar: for the day, its open or at once."""
    ends = ends_session(w, t)
    opens_now = opens_session(w, t)
    for k in range(w.n[key + at.KEY_ORDER_COUNT]):
        order = slot(w.n, key, k)
        is_entry = k == at.ENTRY_SLOT
        if may_fill(w.s, t, order) and is_over(w.s, order, is_entry, ends, opens_now):
            is_shut = at_close and int(w.s[order + at.TIF]) == desk.OPG
            lapse(w.n, w.s, t, key, order, account.NO_OPEN if is_shut else account.DAY_OVER)


def expire_day(n: at.Ints, s: at.Floats, t: int, key: int) -> None:
    """End a key's orders for the day, whose session is over."""
    for k in range(n[key + at.KEY_ORDER_COUNT]):
        order = slot(n, key, k)
        is_day = int(s[order + at.TIF]) == desk.DAY
        if is_day and may_fill(s, t, order) and is_over(s, order, k == at.ENTRY_SLOT, True, False):
            lapse(n, s, t, key, order, account.DAY_OVER)


def is_over(s: at.Floats, order: int, is_entry: bool, ends: bool, opens_now: bool) -> bool:
    """Whether an order ends with this bar, the last (ends) or first of its session; exits for the
    day that began to fill go on."""
    tif = int(s[order + at.TIF])
    kind = int(s[order + at.KIND])
    if tif == desk.GTC or kind == at.ON_CLOSE:
        return False
    if tif != desk.DAY:
        return opens_now or tif == desk.IOC
    return ends and (is_entry or (kind != desk.MARKET and s[order + at.HAS_FILLED] == 0.0))
