"""Phase 2 and 3 of a bar (floor 2): the open, exits before entries, then each position's path.

On a bar that fills at its close only, open, high and low are the close, so the same rules hold
there. A bar with an unknown open, high or low is such a bar too. Entries fill in (strategy, rule,
symbol) order. An entry at market fills at the open or not at all; it does not wait inside the bar
for a better price.
"""

from engine.fills import layout as at
from engine.fills.cap import lesser
from engine.fills.execution import affordable, post, volume_left, worse
from engine.fills.exits import exit_at_open, exit_in_path, opens, path_price, touches
from engine.fills.mark import opens_session
from engine.fills.orders import end_order, lapse, may_fill, slot
from engine.fills.price import is_beyond
from engine.records import account, desk


def bar_prices(w: at.Run, t: int, seat: int) -> tuple[float, float, float, float]:
    """Open, high, low of the seat's bar, and 1 when it fills at its close only."""
    x = w.n[w.n[seat + at.SEAT_SYMBOL] + at.SYMBOL_TAPE] + t * at.BAR_WIDTH
    o = w.tape[x + at.OPEN]
    h = w.tape[x + at.HIGH]
    low = w.tape[x + at.LOW]
    is_known = o == o and h == h and low == low
    if w.tape[x + at.AT_CLOSE] != 0.0 or not is_known:
        close = w.tape[x + at.CLOSE]
        return close, close, close, 1.0
    return o, h, low, 0.0


def is_here(n: at.Ints, s: at.Floats, seat: int) -> bool:
    """Whether a seat has a bar now."""
    return s[n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE] + at.HERE] != 0.0


def may_exit(n: at.Ints, s: at.Floats, seat: int) -> bool:
    """Whether anything on a busy seat could close a position: a level, or an order beside it."""
    has_levels = n[n[seat + at.SEAT_BOOK] + at.BOOK_LEVEL_COUNT] != 0
    return has_levels or s[n[seat + at.SEAT_STATE] + at.BUSY] > 1.0


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
    if opens(int(s[order + at.KIND]), side, s[order + at.PRICE], o):
        if not is_beyond(side, o, bound):
            enter(w, t, key, order, o, at_close != 0.0)
        elif s[order + at.TIF] == desk.DAY:
            lapse(w.n, s, t, key, order, account.PROTECTED)


def enter(w: at.Run, t: int, key: int, order: int, raw: float, in_path: bool) -> None:
    """Fill an entry order as far as volume and buying power allow.

    What volume held back stays working; what buying power held back is cut for good. While the
    other side of a change of sign is still open, the entry waits, and at a price that is not above
    zero too.
    """
    n = w.n
    s = w.s
    state = n[key + at.KEY_STATE]
    side = s[order + at.SIDE]
    want = s[order + at.LEFT]
    is_first = s[order + at.HAS_FILLED] == 0.0
    was_flat = s[state + at.QTY] == 0.0
    if s[state + at.QTY] * side < 0.0 or not raw > 0.0:
        return
    price = worse(n, s, key, side, raw, s[order + at.BOUND])
    room = volume_left(w, t, n[key + at.KEY_SYMBOL])
    can = affordable(n, s, key, price, is_first)
    got = lesser(want, lesser(room, can))
    if got > 0.0:
        source = int(s[order + at.SOURCE])
        rule = int(s[order + at.RULE])
        decided = int(s[order + at.DECIDED])
        post(w, t, key, source, rule, decided, side * got, raw, price, want - got, is_first)
        note_filled(n, s, key, order, is_first)
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
    o, h, low, _ = bar_prices(w, t, seat)
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
        if ends_session(w, t):
            expire(n, s, t, key)


def enter_in_path(w: at.Run, t: int, key: int, o: float, h: float, low: float) -> None:
    """Fill an entry that the path reaches; its stops act at once, its targets not on this bar."""
    s = w.s
    order = slot(w.n, key, at.ENTRY_SLOT)
    kind = int(s[order + at.KIND])
    if kind == desk.MARKET or not may_fill(s, t, order):
        return
    side = s[order + at.SIDE]
    price = s[order + at.PRICE]
    if opens(kind, side, price, o) or not touches(kind, side, price, low, h):
        return
    raw = path_price(side, price, o, kind)
    enter(w, t, key, order, raw, True)
    exit_in_path(w, t, key, raw, low, h, desk.STOP)


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
                expire(n, s, t, n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH)


def expire(n: at.Ints, s: at.Floats, t: int, key: int) -> None:
    """End day orders after the session they could fill in; exits that began to fill go on."""
    entry = slot(n, key, at.ENTRY_SLOT)
    if may_fill(s, t, entry) and s[entry + at.TIF] == desk.DAY:
        lapse(n, s, t, key, entry, account.DAY_OVER)
    for k in range(at.EXIT_SLOTS, n[key + at.KEY_ORDER_COUNT]):
        order = slot(n, key, k)
        is_day = s[order + at.TIF] == desk.DAY and s[order + at.KIND] != desk.MARKET
        if is_day and s[order + at.HAS_FILLED] == 0.0 and may_fill(s, t, order):
            lapse(n, s, t, key, order, account.DAY_OVER)
