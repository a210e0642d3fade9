"""The close as a moment to trade (floor 2): orders `for cls`, exits before entries.

They fill at the bar's close, as far as volume and buying power allow, and what is left ends there.
A limit they carry must hold at that close. A position so opened has age 0 at this close, as one
that fills at the close of a bar without an open.
"""

from engine.fills import layout as at
from engine.fills.bar import is_here
from engine.fills.exits import exit_by_order
from engine.fills.orders import lapse, slot
from engine.fills.path import enter
from engine.fills.price import is_beyond
from engine.records import account, desk


def fill_at_close(w: at.Run, t: int) -> None:
    """Fill and end the orders that were for this close."""
    n = w.n
    s = w.s
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        if s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0 and is_here(n, s, seat):
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                exit_at_close(w, t, n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH)
    if s[at.ENTRIES] != 0.0:
        entries_at_close(w, t)


def is_due(s: at.Floats, t: int, order: int) -> bool:
    """Whether an order for the close works and this is its close."""
    is_closer = s[order + at.WORKING] != 0.0 and int(s[order + at.KIND]) == at.ON_CLOSE
    return is_closer and t >= s[order + at.EARLIEST]


def close_of(w: at.Run, t: int, key: int) -> float:
    """The close of the key's bar."""
    return w.tape[w.n[w.n[key + at.KEY_SYMBOL] + at.SYMBOL_TAPE] + t * at.BAR_WIDTH + at.CLOSE]


def exit_at_close(w: at.Run, t: int, key: int) -> None:
    """Fill the exits of a key that are for this close."""
    n = w.n
    s = w.s
    for k in range(at.EXIT_SLOTS, n[key + at.KEY_ORDER_COUNT]):
        order = slot(n, key, k)
        if is_due(s, t, order):
            price = s[order + at.PRICE]
            close = close_of(w, t, key)
            if not is_beyond(s[order + at.SIDE], close, price):
                s[order + at.KIND] = desk.LIMIT if price == price else desk.MARKET
                exit_by_order(w, t, key, order, close)
            if s[order + at.WORKING] != 0.0:
                lapse(n, s, t, key, order, account.DAY_OVER)


def entries_at_close(w: at.Run, t: int) -> None:
    """Fill the entries that are for this close, in (strategy, rule, symbol) order."""
    n = w.n
    s = w.s
    for b in range(n[at.BOOK_COUNT]):
        book = n[at.BOOKS] + b * at.BOOK_WIDTH
        for j in range(n[book + at.BOOK_KEY_COUNT]):
            for i in range(n[book + at.BOOK_SEAT_COUNT]):
                seat = n[book + at.BOOK_SEATS] + i * at.SEAT_WIDTH
                key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                if is_due(s, t, slot(n, key, at.ENTRY_SLOT)) and is_here(n, s, seat):
                    enter_at_close(w, t, key)


def enter_at_close(w: at.Run, t: int, key: int) -> None:
    """Fill one entry at this close; it is over then."""
    n = w.n
    s = w.s
    order = slot(n, key, at.ENTRY_SLOT)
    state = n[n[key + at.KEY_HOST] + at.KEY_STATE]
    was_flat = s[state + at.QTY] == 0.0
    close = close_of(w, t, key)
    bound = s[order + at.BOUND]
    reason = account.DAY_OVER
    if is_beyond(s[order + at.SIDE], close, bound):
        if bound != s[order + at.PRICE]:  # a limit is its own bound
            reason = account.PROTECTED
    else:
        enter(w, t, key, order, close, True)
        if was_flat and s[state + at.QTY] != 0.0:
            s[state + at.AGE] = -1.0
    if s[order + at.WORKING] != 0.0:
        lapse(n, s, t, key, order, reason)
