"""The legs of a spread (floor 2): where they lie, their fill at the open, all or none, and that
none stays when another's stop is hit.

A spread is a run of entry rows of one number, each with its own symbol. Its book has a seat for
each of these symbols, and on it one key that the leg uses; the others stay empty.
"""

from engine.fills import layout as at
from engine.fills.bar import bar_prices, is_here
from engine.fills.cap import INFINITE
from engine.fills.cost import commission
from engine.fills.execution import post, power_room, volume_left, worse
from engine.fills.orders import (
    cancel_entry,
    end_order,
    force_exit,
    is_closing,
    lapse,
    may_fill,
    slot,
)
from engine.fills.price import is_beyond
from engine.records import account, desk


def leg_row(n: at.Ints, book: int, j: int) -> int:
    """The j-th entry row of a book."""
    return n[book + at.BOOK_ENTRIES] + j * at.ENTRY_WIDTH


def leg_end(n: at.Ints, book: int, first: int) -> int:
    """One past the last leg of the spread whose first leg is this entry."""
    spread = n[leg_row(n, book, first) + at.ENTRY_SPREAD]
    j = first
    while j < n[book + at.BOOK_ENTRY_COUNT] and (
        n[leg_row(n, book, j) + at.ENTRY_SPREAD] == spread
    ):
        j += 1
    return j


def leg_key(n: at.Ints, book: int, j: int) -> int:
    """The key of a leg: that of its entry on the seat of its symbol."""
    seat = n[book + at.BOOK_SEATS] + n[leg_row(n, book, j) + at.ENTRY_SEAT] * at.SEAT_WIDTH
    return n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH


def end_legs(n: at.Ints, s: at.Floats, t: int, key: int, reason: int) -> None:
    """End what still works of the spread whose leg just ended: none of its legs fills alone."""
    book = n[key + at.KEY_BOOK]
    if n[book + at.BOOK_SPREADS] == 0:
        return
    spread = n[leg_row(n, book, n[key + at.KEY_ENTRY]) + at.ENTRY_SPREAD]
    for j in range(n[book + at.BOOK_ENTRY_COUNT]):
        if n[leg_row(n, book, j) + at.ENTRY_SPREAD] == spread:
            cancel_entry(n, s, t, leg_key(n, book, j), reason)


def legs_at_open(w: at.Run, t: int, book: int) -> None:
    """Fill every spread of a book that works and whose symbols all have a bar."""
    n = w.n
    s = w.s
    first = 0
    while first < n[book + at.BOOK_ENTRY_COUNT]:
        end = leg_end(n, book, first)
        is_due = may_fill(s, t, slot(n, leg_key(n, book, first), at.ENTRY_SLOT))
        if is_due and are_here(n, s, book, first, end):
            enter_legs(w, t, book, first, end)
        first = end


def are_here(n: at.Ints, s: at.Floats, book: int, first: int, end: int) -> bool:
    """Whether all symbols of a spread have a bar now."""
    count = 0
    for j in range(first, end):
        if is_here(n, s, n[leg_key(n, book, j) + at.KEY_SEAT]):
            count += 1
    return count == end - first


def enter_legs(w: at.Run, t: int, book: int, first: int, end: int) -> None:
    """Fill all legs of a spread at the open, or none; for the day, it then ends."""
    n = w.n
    reason = what_hinders(w, t, book, first, end)
    is_day = n[leg_row(n, book, first) + at.ENTRY_TIF] == desk.DAY
    for j in range(first, end):
        key = leg_key(n, book, j)
        order = slot(n, key, at.ENTRY_SLOT)
        if reason < 0:
            enter_leg(w, t, key, order)
        elif is_day or reason == account.NO_POWER:
            lapse(n, w.s, t, key, order, reason)


def what_hinders(w: at.Run, t: int, book: int, first: int, end: int) -> int:
    """Why a spread cannot fill whole at this open; -1 when it can."""
    n = w.n
    s = w.s
    needs = 0.0
    for j in range(first, end):
        key = leg_key(n, book, j)
        order = slot(n, key, at.ENTRY_SLOT)
        side = s[order + at.SIDE]
        o, _, _, _ = bar_prices(w, t, n[key + at.KEY_SEAT])
        if is_beyond(side, o, s[order + at.BOUND]):
            return account.PROTECTED
        if not o > 0.0 or volume_left(w, t, n[key + at.KEY_SYMBOL]) < s[order + at.LEFT]:
            return account.DAY_OVER
        needs += cost_of(w, t, key, order, o)
    if needs > power_room(n, s, leg_key(n, book, first)):
        return account.NO_POWER
    return -1


def cost_of(w: at.Run, t: int, key: int, order: int, o: float) -> float:
    """Buying power that one leg takes at the open, its fees included."""
    n = w.n
    s = w.s
    c = n[at.COSTS]
    qty = s[order + at.LEFT]
    price = worse(w, t, key, s[order + at.SIDE], o, s[order + at.BOUND], qty)
    fee = commission(
        qty, price, s[c + at.PER_SHARE], s[c + at.PER_ORDER], s[c + at.COMMISSION], True
    )
    return qty * price + fee


def enter_leg(w: at.Run, t: int, key: int, order: int) -> None:
    """Fill one leg whole at its open."""
    n = w.n
    s = w.s
    qty = s[order + at.LEFT]
    side = s[order + at.SIDE]
    o, _, _, _ = bar_prices(w, t, n[key + at.KEY_SEAT])
    price = worse(w, t, key, side, o, s[order + at.BOUND], qty)
    rule = int(s[order + at.RULE])
    decided = int(s[order + at.DECIDED])
    post(w, t, key, account.FROM_ENTRY, rule, decided, side * qty, o, price, 0.0, True)
    s[n[key + at.KEY_TALLY] + at.T_FILLED] += 1.0
    end_order(n, s, key, order)


def leave_others(n: at.Ints, s: at.Floats, t: int, key: int, level: int) -> None:
    """A stop that one leg met closes the others of its spread too, at market on their next bar."""
    book = n[key + at.KEY_BOOK]
    spread = n[leg_row(n, book, n[key + at.KEY_ENTRY]) + at.ENTRY_SPREAD]
    for j in range(n[book + at.BOOK_ENTRY_COUNT]):
        other = leg_key(n, book, j)
        is_its = n[leg_row(n, book, j) + at.ENTRY_SPREAD] == spread and other != key
        if is_its and s[n[other + at.KEY_STATE] + at.QTY] != 0.0 and not is_closing(n, s, other):
            force_exit(n, s, t, other, account.FROM_LEVEL, level, INFINITE)
