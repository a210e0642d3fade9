"""Phase 5 of a bar (floor 2): flatten's exits, then every rule and its exits, rebalances, entries.

A key is one entry on one symbol of a book, so a rule is run once per key with that key's
position.* fields (keys that are flat and keep no cells of their own share one run). A rule runs
before any order of this close is decided, on symbols that have a bar; limits see every order
decided before theirs.
"""

from engine import fields as field
from engine.fills import layout as at
from engine.fills.booking import magnitude
from engine.fills.cap import INFINITE
from engine.fills.events import note_verdict
from engine.fills.execution import fresh_fold
from engine.fills.facts import write_market, write_money, write_position, write_scope
from engine.fills.legs import leg_end, leg_key
from engine.fills.levels import pull_trails
from engine.fills.mark import measure
from engine.fills.orders import arm, cancel_entries, force_exit, is_closing, place, slot
from engine.fills.price import asked_prices
from engine.fills.size import is_price
from engine.records import account, desk


def flatten_books(w: at.Run, t: int) -> None:
    """Exit everything on the seats that a flatten holds; again each bar until they are flat."""
    n = w.n
    s = w.s
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        state = n[seat + at.SEAT_STATE]
        if s[state + at.FLATTENING] != 0.0 and s[state + at.BUSY] != 0.0:
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                close_key(n, s, t, key, account.FROM_FLATTEN, -1)


def close_key(n: at.Ints, s: at.Floats, t: int, key: int, source: int, rule: int) -> None:
    """Exit a key's whole position at market, unless such an exit works already."""
    qty = s[n[key + at.KEY_STATE] + at.QTY]
    if qty == 0.0 or is_closing(n, s, key):
        return
    force_exit(n, s, t, key, source, rule, INFINITE)
    note_exit(n, s, t, key, source, rule, magnitude(qty), at.NAN)


def note_exit(
    n: at.Ints, s: at.Floats, t: int, key: int, source: int, rule: int, qty: float, price: float
) -> None:
    """Record an exit order: always allowed. One at market is noted at the last close."""
    side = -1.0 if s[n[key + at.KEY_STATE] + at.QTY] > 0.0 else 1.0
    if price != price:
        price = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
    note_verdict(n, s, t, key, source, rule, side, qty, qty, price, account.ALLOWED, -1.0, -1.0)


def run_rules(w: at.Run, t: int) -> bool:
    """Run the rules of every book on the symbols that have a bar, and decide their exits.

    Whether any wants an entry or a rebalance."""
    n = w.n
    s = w.s
    is_any = False
    for b in range(n[at.BOOK_COUNT]):
        book = n[at.BOOKS] + b * at.BOOK_WIDTH
        scope = n[book + at.BOOK_SCOPE]
        s[scope + at.FIRED] = 0.0
        is_due = n[book + at.BOOK_WEIGHT] >= 0 and is_rebalance(w, t, book)
        may_fire = at.RUNS_ALWAYS if is_due else n[book + at.BOOK_MAY_FIRE]
        is_written = False
        seats = n[book + at.BOOK_SEAT_COUNT]
        if n[book + at.BOOK_SPREADS] != 0:
            run_legs(w, t, book, may_fire)
            seats = 0
        for i in range(seats):
            seat = n[book + at.BOOK_SEATS] + i * at.SEAT_WIDTH
            is_here = s[n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE] + at.HERE] != 0.0
            is_busy = s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0
            if is_here and (is_busy or not is_idle(w, t, book, seat, may_fire)):
                if not is_written:
                    write_account(n, s, t, book)
                    is_written = True
                run_seat(w, t, book, seat, is_due)
        if s[scope + at.FIRED] != 0.0:
            is_any = True
    return is_any


def write_account(n: at.Ints, s: at.Floats, t: int, book: int) -> None:
    """The account.* fields that a book's rule reads."""
    scope = n[book + at.BOOK_SCOPE]
    if n[book + at.BOOK_READS] == at.READS_MONEY:
        write_money(s, scope, n[at.BOOK_FIELDS])
    elif n[book + at.BOOK_READS] == at.READS_OTHERS:
        write_scope(n, s, t, scope, n[at.BOOK_FIELDS])


def is_rebalance(w: at.Run, t: int, book: int) -> bool:
    """Whether a book's `weight` is due at this bar."""
    n = w.n
    clock = n[at.CLOCK] + t * at.CLOCK_WIDTH
    if n[book + at.BOOK_REBALANCE] == desk.WEEKLY:
        return w.tape[clock + at.WEEK_END] == 1.0
    if n[book + at.BOOK_REBALANCE] == desk.MONTHLY:
        return w.tape[clock + at.MONTH_END] == 1.0
    return w.tape[clock + at.ENDS] == 1.0


def is_idle(w: at.Run, t: int, book: int, seat: int, may_fire: int) -> bool:
    """Whether the rule of a seat without position and order need not run: nothing can fire."""
    if may_fire < 0:
        return may_fire == at.NEVER_FIRES
    rows = w.rows[w.n[seat + at.SEAT_ROWS]]
    return rows[t * w.n[book + at.BOOK_ROW_WIDTH] + may_fire] == 0.0


def run_seat(w: at.Run, t: int, book: int, seat: int, is_due: bool) -> None:
    """Run the rule for each key of a seat."""
    n = w.n
    s = w.s
    f = n[at.BOOK_FIELDS]
    out = n[at.OUT_RULE]
    symbol = n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE]
    is_more = n[book + at.BOOK_READS] == at.READS_OTHERS
    if is_more:
        write_market(s, symbol, f)
    has_cells = n[book + at.BOOK_CELL_COUNT] != n[book + at.BOOK_FOLD_CELLS]
    is_fresh = False
    for j in range(n[seat + at.SEAT_KEY_COUNT]):
        key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
        if n[key + at.KEY_HOST] != key:
            continue
        is_flat = s[n[key + at.KEY_STATE] + at.QTY] == 0.0
        if has_cells or not (is_flat and is_fresh):
            if is_flat:
                fresh_fold(n, s, key)
            if is_more:
                write_position(s, n[key + at.KEY_STATE], s[symbol + at.LAST], f)
            rows = w.rows[n[seat + at.SEAT_ROWS]]
            r = t * n[book + at.BOOK_ROW_WIDTH]
            w.calls[n[book + at.BOOK_RULE]](rows, r, s, f, s, n[key + at.KEY_CELLS], s, out)
        is_fresh = is_flat
        if not is_flat:
            pull_trails(n, s, key, out)
            decide_exits(n, s, t, key, out)
        read_wishes(n, s, key, out, is_due)
        if n[book + at.BOOK_ADDS] != 0:
            read_joined(n, s, seat, key, out)


def run_legs(w: at.Run, t: int, book: int, may_fire: int) -> None:
    """Run the rule of a book of spreads, once for each spread, on the bars of its first symbol."""
    n = w.n
    s = w.s
    seat = n[book + at.BOOK_SEATS]
    if s[n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE] + at.HERE] == 0.0:
        return
    is_busy = False
    for i in range(n[book + at.BOOK_SEAT_COUNT]):
        if s[n[seat + i * at.SEAT_WIDTH + at.SEAT_STATE] + at.BUSY] != 0.0:
            is_busy = True
    if not is_busy and is_idle(w, t, book, seat, may_fire):
        return
    write_account(n, s, t, book)
    first = 0
    while first < n[book + at.BOOK_ENTRY_COUNT]:
        end = leg_end(n, book, first)
        run_spread(w, t, book, first, end)
        first = end


def run_spread(w: at.Run, t: int, book: int, first: int, end: int) -> None:
    """Run the rule for one spread: its position is that of all legs, its cells the first one's."""
    n = w.n
    s = w.s
    f = n[at.BOOK_FIELDS]
    out = n[at.OUT_RULE]
    seat = n[book + at.BOOK_SEATS]
    lead = leg_key(n, book, first)
    if n[book + at.BOOK_READS] == at.READS_OTHERS:
        write_market(s, n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE], f)
        write_legs(n, s, book, first, end, f)
    if s[n[lead + at.KEY_STATE] + at.QTY] == 0.0:
        fresh_fold(n, s, lead)
    rows = w.rows[n[seat + at.SEAT_ROWS]]
    r = t * n[book + at.BOOK_ROW_WIDTH]
    w.calls[n[book + at.BOOK_RULE]](rows, r, s, f, s, n[lead + at.KEY_CELLS], s, out)
    for j in range(first, end):
        key = leg_key(n, book, j)
        if s[n[key + at.KEY_STATE] + at.QTY] != 0.0:
            decide_exits(n, s, t, key, out)
        read_wishes(n, s, key, out, False)


def write_legs(n: at.Ints, s: at.Floats, book: int, first: int, end: int, f: int) -> None:
    """The position.* fields of a spread: age and open profit of all legs together."""
    is_open = False
    age = 0.0
    pnl = 0.0
    for j in range(first, end):
        key = leg_key(n, book, j)
        state = n[key + at.KEY_STATE]
        qty = s[state + at.QTY]
        if qty != 0.0:
            is_open = True
            age = s[state + at.AGE] if s[state + at.AGE] > age else age
            last = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
            pnl += qty * (last - s[state + at.COST])
    write_position(s, n[leg_key(n, book, first) + at.KEY_STATE], at.NAN, f)
    s[f + field.POSITION_AGE] = age if is_open else at.NAN
    s[f + field.POSITION_PNL] = pnl if is_open else at.NAN


def read_joined(n: at.Ints, s: at.Floats, seat: int, host: int, out: int) -> None:
    """Keep what the entries that add to a host's position want, from the same run of the rule."""
    for j in range(n[seat + at.SEAT_KEY_COUNT]):
        key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
        if n[key + at.KEY_HOST] == host and key != host:
            read_wishes(n, s, key, out, False)


def decide_exits(n: at.Ints, s: at.Floats, t: int, key: int, out: int) -> None:
    """Place the exits whose condition is true for an open position."""
    book = n[key + at.KEY_BOOK]
    for k in range(n[book + at.BOOK_EXIT_COUNT]):
        row = n[book + at.BOOK_EXITS] + k * at.EXIT_WIDTH
        is_true = s[out + n[row + at.EXIT_WHEN]] == 2.0
        if is_true and n[n[row + at.EXIT_COVERS] + n[key + at.KEY_NUMBER]] != 0:
            decide_exit(n, s, t, key, k, row, out)


def decide_exit(n: at.Ints, s: at.Floats, t: int, key: int, k: int, row: int, out: int) -> None:
    """Place one exit order, unless it works already or the position is closing anyway."""
    order = slot(n, key, at.EXIT_SLOTS + k)
    if s[order + at.WORKING] != 0.0 or is_closing(n, s, key):
        return
    qty = s[n[key + at.KEY_STATE] + at.QTY]
    side = -1.0 if qty > 0.0 else 1.0
    kind = n[row + at.EXIT_KIND]
    price = at.NAN
    trigger = at.NAN
    first = at.NAN
    if kind != desk.MARKET:
        symbol = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE]
        first = s[out + n[row + at.EXIT_PRICE]]
        second = at.NAN
        if kind == desk.STOP_LIMIT:
            second = s[out + n[row + at.EXIT_LIMIT]]
        last = s[symbol + at.LAST]
        price, trigger = asked_prices(side, kind, first, second, last, s[symbol + at.TICKS])
        if not is_price(price):
            note_unsized(n, s, t, key, account.FROM_EXIT, k, side)
            return
    if cancel_entries(n, s, t, key, account.POSITION_CLOSED):
        measure(n, s)
    tif = n[row + at.EXIT_TIF]
    place(n, s, t, key, order, account.FROM_EXIT, k, side, kind, tif, INFINITE, price, at.NAN)
    arm(s, order, kind, tif, trigger, first)
    note_exit(n, s, t, key, account.FROM_EXIT, k, magnitude(qty), price)


def note_unsized(
    n: at.Ints, s: at.Floats, t: int, key: int, source: int, rule: int, side: float
) -> None:
    """Record a rule that fired without a size or price."""
    last = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
    note_verdict(n, s, t, key, source, rule, side, 0.0, 0.0, last, account.UNSIZED, -1.0, -1.0)


def read_wishes(n: at.Ints, s: at.Floats, key: int, out: int, is_due: bool) -> None:
    """Keep what a rule wants of a key until its turn comes: an entry that fired, or a weight."""
    state = n[key + at.KEY_STATE]
    book = n[key + at.KEY_BOOK]
    scope = n[book + at.BOOK_SCOPE]
    if n[key + at.KEY_ENTRY] < 0:
        if is_due:
            s[state + at.WANTS] = 1.0
            s[state + at.WANT_SIZE] = s[out + n[book + at.BOOK_WEIGHT]]
            s[scope + at.FIRED] += 1.0
        return
    row = n[book + at.BOOK_ENTRIES] + n[key + at.KEY_NUMBER] * at.ENTRY_WIDTH
    when = s[out + n[row + at.ENTRY_WHEN]]
    if when == 0.0:
        return
    tally = n[key + at.KEY_TALLY]
    if when == 2.0:
        s[tally + at.T_FIRED] += 1.0
        s[scope + at.FIRED] += 1.0
        s[state + at.WANTS] = 1.0
        s[state + at.WANT_SIZE] = s[out + n[row + at.ENTRY_SIZE]]
        s[state + at.WANT_PRICE] = at.NAN
        if n[row + at.ENTRY_KIND] != desk.MARKET:
            read_prices(n, s, key, row, out)
    else:
        s[tally + at.T_UNDEFINED] += 1.0


def read_prices(n: at.Ints, s: at.Floats, key: int, row: int, out: int) -> None:
    """Keep the prices that an entry's order would carry."""
    state = n[key + at.KEY_STATE]
    symbol = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE]
    kind = n[row + at.ENTRY_KIND]
    side = float(n[row + at.ENTRY_SIDE])
    first = s[out + n[row + at.ENTRY_PRICE]]
    second = at.NAN
    if kind == desk.STOP_LIMIT:
        second = s[out + n[row + at.ENTRY_LIMIT]]
    last = s[symbol + at.LAST]
    price, trigger = asked_prices(side, kind, first, second, last, s[symbol + at.TICKS])
    s[state + at.WANT_PRICE] = price
    s[state + at.WANT_TRIGGER] = trigger
    s[state + at.WANT_TRAIL] = first
