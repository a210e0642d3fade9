"""Phase 1 and 4 of a bar (floor 2): financing at its start, valuation at its close."""

from engine.fills import layout as at
from engine.fills.booking import magnitude, round_money
from engine.fills.cost import accrued


def start_bar(w: at.Run, t: int) -> None:
    """See which symbols have a bar, and forget what traded of them on the last one."""
    n = w.n
    s = w.s
    for i in range(n[at.SYMBOL_COUNT]):
        symbol = n[at.SYMBOLS] + i * at.SYMBOL_WIDTH
        x = n[symbol + at.SYMBOL_TAPE] + t * at.BAR_WIDTH
        state = n[symbol + at.SYMBOL_STATE]
        close = w.tape[x + at.CLOSE]
        s[state + at.HERE] = 1.0 if w.tape[x + at.PRESENT] != 0.0 and close == close else 0.0
        s[state + at.USED] = 0.0


def opens_session(w: at.Run, t: int) -> bool:
    """Whether a bar is the first of its session."""
    clock = w.n[at.CLOCK] + t * at.CLOCK_WIDTH + at.SESSION
    return t == 0 or w.tape[clock] != w.tape[clock - at.CLOCK_WIDTH]


def settle_trades(n: at.Ints, s: at.Floats, session: int) -> None:
    """Settle what was due on a session; at its close the money counts."""
    for b in range(n[at.BOOK_COUNT]):
        scope = n[n[at.BOOKS] + b * at.BOOK_WIDTH + at.BOOK_SCOPE]
        due = scope + at.DUE + session % at.DUE_CELLS
        if s[due] != 0.0:
            s[scope + at.UNSETTLED] = round_money(s[scope + at.UNSETTLED] - s[due])
            s[due] = 0.0


def settled_cash(s: at.Floats, scope: int) -> float:
    """A book's cash less the trades that have not settled and less what open short sales brought
    in; below zero it is borrowed."""
    return s[scope + at.CASH] - s[scope + at.UNSETTLED] - s[scope + at.PROCEEDS]


def settled_money(w: at.Run, group: int) -> float:
    """The settled cash of the books whose money a limit set sees, at the close of this bar."""
    n = w.n
    s = w.s
    clock = n[at.CLOCK] + int(s[at.TODAY]) * at.CLOCK_WIDTH
    due = at.DUE + int(w.tape[clock + at.SESSION]) % at.DUE_CELLS
    money = n[group + at.SET_MONEY]
    covers = n[group + at.SET_COVERS]
    cash = 0.0
    for b in range(n[at.BOOK_COUNT]):
        book = n[at.BOOKS] + b * at.BOOK_WIDTH
        scope = n[book + at.BOOK_SCOPE]
        seat = n[n[book + at.BOOK_SEATS] + at.SEAT_NUMBER]
        if money == n[at.ACCOUNT] or money == scope or n[covers + seat] != 0:
            cash += settled_cash(s, scope)
            if w.tape[clock + at.ENDS] != 0.0:
                cash += s[scope + due]
    return round_money(cash)


def finance(w: at.Run, t: int) -> None:
    """Pay interest on settled cash and borrow on short positions since the previous session."""
    if t == 0 or not opens_session(w, t):
        return
    n = w.n
    s = w.s
    clock = n[at.CLOCK] + t * at.CLOCK_WIDTH
    before = int(w.tape[clock - at.CLOCK_WIDTH + at.SESSION])
    if before <= s[at.DUE_UNTIL]:
        settle_trades(n, s, before)
    days = w.tape[clock + at.DAY] - w.tape[clock - at.CLOCK_WIDTH + at.DAY]
    rate = w.tape[clock - at.CLOCK_WIDTH + at.CASH_RATE]
    if s[n[at.COSTS] + at.PAYS_INTEREST] == 0.0:
        rate = 0.0
    elif rate != rate:
        s[at.UNRATED] += 1.0
        rate = 0.0
    account = n[at.ACCOUNT]
    has_shorts = s[account + at.GROSS] != s[account + at.NET]
    if rate == 0.0 and not has_shorts:
        return
    e = n[at.TRACE] + t * n[at.TRACE_WIDTH]
    for b in range(n[at.BOOK_COUNT]):
        book = n[at.BOOKS] + b * at.BOOK_WIDTH
        scope = n[book + at.BOOK_SCOPE]
        interest = round_money(accrued(settled_cash(s, scope), rate, days))
        borrow = borrow_of(n, s, book, days) if has_shorts else 0.0
        s[scope + at.CASH] = round_money(s[scope + at.CASH] + interest - borrow)
        if scope != account:
            s[account + at.CASH] = round_money(s[account + at.CASH] + interest - borrow)
        s[e + at.TR_INTEREST] += interest
        s[e + at.TR_BORROW] += borrow


def borrow_of(n: at.Ints, s: at.Floats, book: int, days: float) -> float:
    """What a book's short positions cost since the previous session, each rounded."""
    paid = 0.0
    for i in range(n[book + at.BOOK_SEAT_COUNT]):
        seat = n[book + at.BOOK_SEATS] + i * at.SEAT_WIDTH
        symbol = n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE]
        for j in range(n[seat + at.SEAT_KEY_COUNT]):
            key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
            qty = s[n[key + at.KEY_STATE] + at.QTY]
            if qty < 0.0:
                rate = s[symbol + at.BORROW_RATE]
                if rate != rate:
                    s[at.UNBORROWED] += 1.0
                paid += round_money(accrued(magnitude(qty * s[symbol + at.LAST]), rate, days))
    return paid


def value_close(w: at.Run, t: int) -> None:
    """Value everything at this close: prices, ages, exposure, equity, peaks."""
    n = w.n
    s = w.s
    for i in range(n[at.SYMBOL_COUNT]):
        symbol = n[at.SYMBOLS] + i * at.SYMBOL_WIDTH
        state = n[symbol + at.SYMBOL_STATE]
        if s[state + at.HERE] != 0.0:
            s[state + at.LAST] = w.tape[n[symbol + at.SYMBOL_TAPE] + t * at.BAR_WIDTH + at.CLOSE]
    if s[at.BUSY_SEATS] != 0.0:
        age_positions(n, s)
    if s[at.BUSY_SEATS] != 0.0 or s[at.MEASURED] != 0.0:
        measure(n, s)
    is_first = opens_session(w, t)
    for b in range(n[at.BOOK_COUNT]):
        settle_scope(s, n[n[at.BOOKS] + b * at.BOOK_WIDTH + at.BOOK_SCOPE], is_first)
    if n[at.BOOK_COUNT] != 1:
        settle_scope(s, n[at.ACCOUNT], is_first)
    if n[at.GROUP_COUNT] != 0:
        settle_groups(n, s, is_first)


def age_positions(n: at.Ints, s: at.Floats) -> None:
    """One more close for every open position that has a bar."""
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        is_here = s[n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE] + at.HERE] != 0.0
        if is_here and s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0:
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                state = n[n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH + at.KEY_STATE]
                if s[state + at.QTY] != 0.0:
                    s[state + at.AGE] += 1.0


def settle_scope(s: at.Floats, scope: int, is_first: bool) -> None:
    """Equity, peak and drawdown of one scope at this close; BEFORE is the last session's."""
    if is_first:
        s[scope + at.BEFORE] = s[scope + at.EQUITY]
    equity = s[scope + at.CASH] + s[scope + at.NET]
    s[scope + at.EQUITY] = equity
    peak = s[scope + at.PEAK]
    if equity > peak:
        s[scope + at.PEAK] = equity
        s[scope + at.DRAWDOWN] = 0.0
    else:
        s[scope + at.DRAWDOWN] = (peak - equity) / peak if peak > 0.0 else 0.0


def settle_groups(n: at.Ints, s: at.Floats, is_first: bool) -> None:
    """Money of every group: its books' cash, or what its seats' fills brought in."""
    for g in range(n[at.GROUP_COUNT]):
        group = n[at.GROUPS] + g * at.GROUP_WIDTH
        cash = 0.0
        if n[group + at.GROUP_HAS_MONEY] != 0:
            before = -1
            for i in range(n[at.SEAT_COUNT]):
                book = n[n[at.SEATS] + i * at.SEAT_WIDTH + at.SEAT_BOOK]
                if n[n[group + at.GROUP_COVERS] + i] != 0 and book != before:
                    cash += s[n[book + at.BOOK_SCOPE] + at.CASH]
                before = book
        else:
            for i in range(n[at.SEAT_COUNT]):
                if n[n[group + at.GROUP_COVERS] + i] != 0:
                    cash += s[n[n[at.SEATS] + i * at.SEAT_WIDTH + at.SEAT_STATE] + at.FLOW]
        s[n[group + at.GROUP_SCOPE] + at.CASH] = round_money(cash)
        settle_scope(s, n[group + at.GROUP_SCOPE], is_first)


def measure_groups(n: at.Ints, s: at.Floats) -> None:
    """Exposure of every group, with working entries beside it."""
    for g in range(n[at.GROUP_COUNT]):
        group = n[at.GROUPS] + g * at.GROUP_WIDTH
        scope = n[group + at.GROUP_SCOPE]
        clear_exposure(s, scope)
        for i in range(n[at.SEAT_COUNT]):
            seat = n[at.SEATS] + i * at.SEAT_WIDTH
            is_busy = s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0
            if is_busy and n[n[group + at.GROUP_COVERS] + i] != 0:
                measure_seat(n, s, seat, scope, at.UNUSED)


def measure(n: at.Ints, s: at.Floats) -> None:
    """Exposure of every book, symbol and the account, with working entries beside it."""
    s[at.MEASURED] = s[at.BUSY_SEATS]
    account = n[at.ACCOUNT]
    clear_exposure(s, account)
    for i in range(n[at.SYMBOL_COUNT]):
        s[n[n[at.SYMBOLS] + i * at.SYMBOL_WIDTH + at.SYMBOL_STATE] + at.VALUE] = 0.0
    for b in range(n[at.BOOK_COUNT]):
        book = n[at.BOOKS] + b * at.BOOK_WIDTH
        scope = n[book + at.BOOK_SCOPE]
        clear_exposure(s, scope)
        if s[at.BUSY_SEATS] != 0.0:
            for i in range(n[book + at.BOOK_SEAT_COUNT]):
                seat = n[book + at.BOOK_SEATS] + i * at.SEAT_WIDTH
                if s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0:
                    symbol = n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE]
                    measure_seat(n, s, seat, scope, symbol + at.VALUE)
            if scope != account:
                for k in range(at.GROSS, at.FIRED):
                    s[account + k] += s[scope + k]
    if n[at.GROUP_COUNT] != 0:
        measure_groups(n, s)


def clear_exposure(s: at.Floats, scope: int) -> None:
    """Nothing held and nothing working."""
    s[scope + at.GROSS] = 0.0
    s[scope + at.NET] = 0.0
    s[scope + at.POSITIONS] = 0.0
    s[scope + at.BUYS] = 0.0
    s[scope + at.SELLS] = 0.0


def measure_seat(n: at.Ints, s: at.Floats, seat: int, scope: int, total: int) -> None:
    """Add a seat's positions and working entries to a scope, and their size to the cell `total`."""
    symbol = n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE]
    for j in range(n[seat + at.SEAT_KEY_COUNT]):
        key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
        qty = s[n[key + at.KEY_STATE] + at.QTY]
        if qty != 0.0:
            value = qty * s[symbol + at.LAST]
            size = magnitude(value)
            s[scope + at.NET] += value
            s[scope + at.GROSS] += size
            s[scope + at.POSITIONS] += 1.0
            s[total] += size
        order = n[key + at.KEY_ORDERS]
        if s[order + at.WORKING] != 0.0:
            add_working(s, scope, order, total)
            if s[n[n[key + at.KEY_HOST] + at.KEY_STATE] + at.QTY] == 0.0:
                s[scope + at.POSITIONS] += 1.0


def add_working(s: at.Floats, scope: int, order: int, total: int) -> None:
    """Count a working entry at its worst, filled in full at its price; in the cell `total` too."""
    notional = s[order + at.LEFT] * s[order + at.PRICE]
    s[scope + (at.BUYS if s[order + at.SIDE] > 0.0 else at.SELLS)] += notional
    s[total] += notional


def write_trace(w: at.Run, t: int) -> None:
    """Keep what the report needs of this close; what the bar cost and paid is there already."""
    n = w.n
    s = w.s
    e = n[at.TRACE] + t * n[at.TRACE_WIDTH]
    account = n[at.ACCOUNT]
    s[e + at.TR_EQUITY] = s[account + at.EQUITY]
    s[e + at.TR_CASH] = s[account + at.CASH]
    s[e + at.TR_GROSS] = s[account + at.GROSS]
    for b in range(n[at.BOOK_COUNT]):
        book = n[at.BOOKS] + b * at.BOOK_WIDTH
        s[e + at.TR_BOOKS + b] = s[n[book + at.BOOK_SCOPE] + at.EQUITY]
    if s[at.BUSY_SEATS] != 0.0:
        trace_seats(n, s, e + n[at.TRACE_SEATS])


def trace_seats(n: at.Ints, s: at.Floats, e: int) -> None:
    """Shares held on each seat."""
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        if s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0:
            qty = 0.0
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                qty += s[n[key + at.KEY_STATE] + at.QTY]
            s[e + i] = qty
