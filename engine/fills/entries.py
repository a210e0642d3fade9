"""Phase 5, second half (floor 2): rebalances, then entries, in (strategy, rule, symbol) order."""

from engine.fills import layout as at
from engine.fills.booking import magnitude
from engine.fills.cap import INFINITE
from engine.fills.decisions import close_key, note_exit, note_unsized
from engine.fills.events import note_verdict
from engine.fills.judge import judge
from engine.fills.legs import end_legs
from engine.fills.mark import add_working, measure, measure_groups
from engine.fills.orders import (
    arm,
    cancel_entry,
    entry_works,
    force_exit,
    is_closing,
    is_under_way,
    lapse,
    place,
    slot,
)
from engine.fills.price import protection_price
from engine.fills.size import is_price, shares_of, target_shares
from engine.fills.windows import log_order
from engine.records import account, desk


def decide_rebalances(w: at.Run, t: int) -> None:
    """Decide the `weight` of every book that is due at this close: the sales, then the purchases,
    in the order in which they will fill."""
    n = w.n
    for b in range(n[at.BOOK_COUNT]):
        book = n[at.BOOKS] + b * at.BOOK_WIDTH
        if n[book + at.BOOK_WEIGHT] >= 0 and w.s[n[book + at.BOOK_SCOPE] + at.FIRED] != 0.0:
            is_out = has_drifted(n, w.s, book)
            for i in range(n[book + at.BOOK_SEAT_COUNT]):
                shrink_seat(w, t, weight_key(n, book, i), is_out)
            for i in range(n[book + at.BOOK_SEAT_COUNT]):
                add_seat(w, t, weight_key(n, book, i))


def weight_key(n: at.Ints, book: int, i: int) -> int:
    """The key of the `weight` position of a book's i-th seat: its last."""
    seat = n[book + at.BOOK_SEATS] + i * at.SEAT_WIDTH
    return n[seat + at.SEAT_KEYS] + n[book + at.BOOK_ENTRY_COUNT] * at.KEY_WIDTH


def has_drifted(n: at.Ints, s: at.Floats, book: int) -> bool:
    """Whether any position is further from its weight than the book's band allows."""
    band = s[n[book + at.BOOK_DRIFT]]
    if band < 0.0:
        return True
    equity = s[n[book + at.BOOK_SCOPE] + at.EQUITY]
    for i in range(n[book + at.BOOK_SEAT_COUNT]):
        key = weight_key(n, book, i)
        state = n[key + at.KEY_STATE]
        if s[state + at.WANTS] != 0.0:
            held = s[state + at.QTY] * s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
            if magnitude(s[state + at.WANT_SIZE] * equity - held) > band * equity:
                return True
    return False


def decide_entry(w: at.Run, t: int, seat: int, key: int) -> None:
    """Size an entry that fired, close what it opposes, and put it to the limits."""
    n = w.n
    s = w.s
    entry = n[key + at.KEY_ENTRY]
    row = n[n[key + at.KEY_BOOK] + at.BOOK_ENTRIES] + entry * at.ENTRY_WIDTH
    side = float(n[row + at.ENTRY_SIDE])
    tally = n[key + at.KEY_TALLY]
    if entry_works(n, s, key) or not has_room(n, s, key, n[row + at.ENTRY_ADDS]):
        s[tally + at.T_IGNORED] += 1.0
        note_idea(n, s, t, key, account.FROM_ENTRY, side, account.IGNORED)
        return
    kind = n[row + at.ENTRY_KIND]
    qty = wanted_shares(n, s, key, kind, n[row + at.ENTRY_IN_MONEY] != 0)
    if qty != qty:
        s[tally + at.T_UNSIZED] += 1.0
        note_unsized(n, s, t, key, account.FROM_ENTRY, entry, side)
    elif qty == 0.0:
        s[tally + at.T_ZERO] += 1.0
        note_idea(n, s, t, key, account.FROM_ENTRY, side, account.ZERO)
    else:
        close_opposed(n, s, t, seat, entry, side)
        price = order_price(n, s, key, kind)
        granted = judge(w, t, key, account.FROM_ENTRY, entry, side, qty, price)
        if granted > 0.0:
            send_entry(n, s, t, key, account.FROM_ENTRY, side, kind, n[row + at.ENTRY_TIF], granted)


def has_room(n: at.Ints, s: at.Floats, key: int, adds: int) -> bool:
    """Whether an entry may open its position, or may still add to the one that is open."""
    host = n[key + at.KEY_HOST]
    if s[n[host + at.KEY_STATE] + at.QTY] == 0.0:
        return host == key
    return s[n[key + at.KEY_STATE] + at.ADDED] < adds and not is_closing(n, s, host)


def note_idea(
    n: at.Ints, s: at.Floats, t: int, key: int, source: int, side: float, outcome: int
) -> None:
    """Record an entry that became no order."""
    last = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
    rule = n[key + at.KEY_ENTRY]
    note_verdict(n, s, t, key, source, rule, side, 0.0, 0.0, last, outcome, -1.0, -1.0)


def wanted_shares(n: at.Ints, s: at.Floats, key: int, kind: int, in_money: bool) -> float:
    """Shares an entry wants: money at the close or limit price; nan without size or price, and at
    a close that is not above zero."""
    state = n[key + at.KEY_STATE]
    symbol = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE]
    price = s[symbol + at.LAST]
    if not is_price(price):
        return at.NAN
    if kind != desk.MARKET:
        if not is_price(s[state + at.WANT_PRICE]):
            return at.NAN
        if kind == desk.LIMIT or kind == desk.STOP_LIMIT:
            price = s[state + at.WANT_PRICE]
    return shares_of(s[state + at.WANT_SIZE], in_money, price, s[symbol + at.LOT])


def order_price(n: at.Ints, s: at.Floats, key: int, kind: int) -> float:
    """order.price: the limit price, else the stop price, else the last close."""
    if kind == desk.MARKET:
        return s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
    return s[n[key + at.KEY_STATE] + at.WANT_PRICE]


def close_opposed(n: at.Ints, s: at.Floats, t: int, seat: int, entry: int, side: float) -> None:
    """Exit the seat's positions on the other side, and cancel entries that would open one."""
    is_any = False
    for j in range(n[seat + at.SEAT_KEY_COUNT]):
        key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
        order = slot(n, key, at.ENTRY_SLOT)
        if s[order + at.WORKING] != 0.0 and s[order + at.SIDE] != side:
            cancel_entry(n, s, t, key, account.SUPERSEDED)
            end_legs(n, s, t, key, account.SUPERSEDED)
            is_any = True
        if s[n[key + at.KEY_STATE] + at.QTY] * side < 0.0:
            close_key(n, s, t, key, account.FROM_REVERSAL, entry)
    if is_any:
        measure(n, s)


def send_entry(
    n: at.Ints,
    s: at.Floats,
    t: int,
    key: int,
    source: int,
    side: float,
    kind: int,
    tif: int,
    qty: float,
) -> None:
    """Place a granted entry and count it at its worst from now on."""
    book = n[n[key + at.KEY_BOOK] + at.BOOK_SCOPE]
    symbol = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE]
    order = slot(n, key, at.ENTRY_SLOT)
    price = order_price(n, s, key, kind)
    bound = at.NAN
    if kind == desk.LIMIT or kind == desk.STOP_LIMIT:
        bound = price
    elif kind == desk.MARKET:
        bound = protection_price(side, s[symbol + at.LAST], s[symbol + at.TICKS])
    place(n, s, t, key, order, source, n[key + at.KEY_ENTRY], side, kind, tif, qty, price, bound)
    host = n[n[key + at.KEY_HOST] + at.KEY_STATE]
    if source == account.FROM_ENTRY:
        state = n[key + at.KEY_STATE]
        arm(s, order, kind, tif, s[state + at.WANT_TRIGGER], s[state + at.WANT_TRAIL])
        s[order + at.IS_ADD] = 1.0 if s[host + at.QTY] != 0.0 else 0.0
    add_working(s, book, order, symbol + at.VALUE)
    add_to_account(n, s, key, order)
    if n[at.GROUP_COUNT] != 0:
        measure_groups(n, s)
    if n[at.ORDER_LOG] >= 0:
        log_order(n, s, t, key, side, qty, price)


def add_to_account(n: at.Ints, s: at.Floats, key: int, order: int) -> None:
    """Count a new working entry in the account and as a position."""
    account_scope = n[at.ACCOUNT]
    book = n[n[key + at.KEY_BOOK] + at.BOOK_SCOPE]
    is_new = s[n[n[key + at.KEY_HOST] + at.KEY_STATE] + at.QTY] == 0.0
    if is_new:
        s[book + at.POSITIONS] += 1.0
    if book != account_scope:
        notional = s[order + at.LEFT] * s[order + at.PRICE]
        s[account_scope + (at.BUYS if s[order + at.SIDE] > 0.0 else at.SELLS)] += notional
        if is_new:
            s[account_scope + at.POSITIONS] += 1.0


def shrink_seat(w: at.Run, t: int, key: int, is_out: bool) -> None:
    """Turn a weight that is wanted into a target, and sell what is too much of the position.

    Earlier weight orders still working are replaced, unless the desk's delay still keeps them from
    filling. A position that is closing is left to close. is_out: whether the book is out of its
    band; inside it nothing is ordered.
    """
    n = w.n
    s = w.s
    state = n[key + at.KEY_STATE]
    if s[state + at.WANTS] == 0.0:
        return
    s[state + at.WANTS] = 0.0
    weight = s[state + at.WANT_SIZE]
    held = s[state + at.QTY]
    symbol = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE]
    last = s[symbol + at.LAST]
    if not (weight < INFINITE and weight > -INFINITE) or not is_price(last):
        note_unsized(n, s, t, key, account.FROM_WEIGHT, -1, 1.0)
        return
    works = s[n[n[key + at.KEY_SEAT] + at.SEAT_STATE] + at.BUSY] != (1.0 if held != 0.0 else 0.0)
    if not is_out or (works and not may_replace(n, s, t, key, held)):
        return
    scope = n[n[key + at.KEY_BOOK] + at.BOOK_SCOPE]
    target = target_shares(weight, s[scope + at.EQUITY], last, s[symbol + at.LOT])
    if weight != 0.0 and target == 0.0 and held == 0.0:
        side = 1.0 if weight > 0.0 else -1.0
        note_idea(n, s, t, key, account.FROM_WEIGHT, side, account.ZERO)
    s[state + at.WANT_SIZE] = target
    s[state + at.WANTS] = 1.0
    shrink(n, s, t, key, held, target)


def shrink(n: at.Ints, s: at.Floats, t: int, key: int, held: float, target: float) -> None:
    """Bring a position down to its target; a change of sign closes it."""
    is_flip = held * target < 0.0
    if held != 0.0 and (is_flip or magnitude(target) < magnitude(held)):
        qty = magnitude(held) if is_flip else magnitude(held - target)
        is_whole = is_flip or target == 0.0
        force_exit(n, s, t, key, account.FROM_WEIGHT, -1, INFINITE if is_whole else qty)
        note_exit(n, s, t, key, account.FROM_WEIGHT, -1, qty, at.NAN)


def add_seat(w: at.Run, t: int, key: int) -> None:
    """Add what is missing to a position, as far as the limits grant it."""
    n = w.n
    s = w.s
    state = n[key + at.KEY_STATE]
    if s[state + at.WANTS] == 0.0:
        return
    s[state + at.WANTS] = 0.0
    held = s[state + at.QTY]
    target = s[state + at.WANT_SIZE]
    is_flip = held * target < 0.0
    if not is_flip and magnitude(target) <= magnitude(held):
        return
    side = 1.0 if target > 0.0 else -1.0
    qty = magnitude(target) if is_flip else magnitude(target - held)
    price = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
    granted = judge(w, t, key, account.FROM_WEIGHT, -1, side, qty, price)
    if granted > 0.0:
        send_entry(n, s, t, key, account.FROM_WEIGHT, side, desk.MARKET, desk.DAY, granted)


def may_replace(n: at.Ints, s: at.Floats, t: int, key: int, held: float) -> bool:
    """Whether a weight may be ordered anew: then what an earlier rebalance left working is gone."""
    if held != 0.0 and is_closing(n, s, key):
        return False
    for k in range(at.EXIT_SLOTS):
        if is_under_way(s, t, slot(n, key, k)):
            return False
    drop_rebalance(n, s, t, key)
    return True


def drop_rebalance(n: at.Ints, s: at.Floats, t: int, key: int) -> None:
    """Cancel what an earlier rebalance left working."""
    forced = slot(n, key, at.FORCED_SLOT)
    if s[forced + at.WORKING] != 0.0:
        lapse(n, s, t, key, forced, account.SUPERSEDED)
    if cancel_entry(n, s, t, key, account.SUPERSEDED):
        measure(n, s)
