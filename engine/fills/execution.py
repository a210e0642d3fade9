"""One execution, booked (floor 2): caps, price, costs, cash, average cost, round trip, record."""

from engine.fills import layout as at
from engine.fills.booking import average_cost, magnitude, round_money
from engine.fills.cap import INFINITE, lesser, power_shares, volume_room
from engine.fills.cost import commission, impact
from engine.fills.events import new_record
from engine.fills.levels import clear_levels, covers, set_levels
from engine.fills.orders import cancel_entry, count_busy, end_order, slot
from engine.fills.price import fill_price
from engine.fills.windows import enter_event, enter_trip
from engine.records import account, desk


def volume_left(w: at.Run, t: int, symbol: int) -> float:
    """Shares of this symbol that may still fill on bar t."""
    s = w.s
    share = s[w.n[at.COSTS] + at.PARTICIPATION]
    if share == 0.0:
        return INFINITE
    state = w.n[symbol + at.SYMBOL_STATE]
    volume = w.tape[w.n[symbol + at.SYMBOL_TAPE] + t * at.BAR_WIDTH + at.VOLUME]
    if volume != volume:
        s[at.UNCAPPED] += 1.0
    return volume_room(volume, share, s[state + at.USED], s[state + at.LOT])


def power_left(s: at.Floats, scope: int, power: float) -> float:
    """Buying power not yet used, positions at their last closes."""
    equity = s[scope + at.CASH] + s[scope + at.NET]
    may = power * equity
    return may - s[scope + at.GROSS]


def power_room(n: at.Ints, s: at.Floats, key: int) -> float:
    """The smaller of book's and account's buying power left."""
    power = s[n[at.COSTS] + at.POWER]
    book = power_left(s, n[n[key + at.KEY_BOOK] + at.BOOK_SCOPE], power)
    return lesser(book, power_left(s, n[at.ACCOUNT], power))


def affordable(n: at.Ints, s: at.Floats, key: int, price: float, is_first: bool) -> float:
    """Shares that buying power allows at this price."""
    costs = n[at.COSTS]
    room = power_room(n, s, key)
    if is_first:
        room -= s[costs + at.PER_ORDER]
    lot = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LOT]
    return power_shares(room, price, s[costs + at.COMMISSION], s[costs + at.PER_SHARE], lot)


def worse(w: at.Run, t: int, key: int, side: float, raw: float, bound: float, qty: float) -> float:
    """The fill price of `qty` shares after slippage, half the spread and their impact."""
    n = w.n
    s = w.s
    costs = n[at.COSTS]
    ticks = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.TICKS]
    slippage = s[costs + at.SLIPPAGE]
    if n[at.IMPACT] != 0:
        slippage += impact_of(w, t, n[key + at.KEY_SYMBOL], qty)
    return fill_price(side, raw, bound, slippage, s[costs + at.SPREAD], ticks)


def impact_of(w: at.Run, t: int, symbol: int, qty: float) -> float:
    """How far `qty` shares move a symbol's price on bar t, after what traded of it on that bar."""
    n = w.n
    share = w.tape[n[at.IMPACT] + n[symbol + at.SYMBOL_NUMBER] * n[at.BARS] + t]
    return impact(share, w.s[n[symbol + at.SYMBOL_STATE] + at.USED] + qty)


def post(
    w: at.Run,
    t: int,
    key: int,
    source: int,
    rule: int,
    decided: int,
    qty: float,
    raw: float,
    price: float,
    cut: float,
    is_first: bool,
) -> None:
    """Book an execution of signed qty at `price`, of which raw was the market's part."""
    n = w.n
    s = w.s
    costs = n[at.COSTS]
    size = magnitude(qty)
    fee = round_money(
        commission(
            size,
            price,
            s[costs + at.PER_SHARE],
            s[costs + at.PER_ORDER],
            s[costs + at.COMMISSION],
            is_first,
        )
    )
    slip = round_money(size * magnitude(price - raw))
    money = round_money(qty * price)
    held = short_proceeds(s, n[key + at.KEY_STATE])
    pay(n, s, t, key, money, fee, slip)
    s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.USED] += size
    note_fill(n, s, t, key, source, rule, decided, qty, price, fee, slip, cut)
    if n[at.HAS_EVENTS] != 0:
        enter_event(n, s, key, desk.FILLED, 1.0)
        if source == account.FROM_LEVEL and is_first and is_stop(n, key, rule):
            enter_event(n, s, key, desk.STOPPED, 1.0)
    move_position(w, t, key, decided, qty, price, fee)
    await_settlement(w, t, key, -money - fee, held)


def is_stop(n: at.Ints, key: int, level: int) -> bool:
    """Whether a level is a stop or a trail of this key, and not of another leg of its spread."""
    row = n[n[key + at.KEY_BOOK] + at.BOOK_LEVELS] + level * at.LEVEL_WIDTH
    return n[row + at.LEVEL_KIND] != desk.TARGET_LEVEL and covers(n, row, key)


def pay(n: at.Ints, s: at.Floats, t: int, key: int, money: float, fee: float, slip: float) -> None:
    """Take money and fee from the book's and the account's cash."""
    book = n[n[key + at.KEY_BOOK] + at.BOOK_SCOPE] + at.CASH
    account = n[at.ACCOUNT] + at.CASH
    s[book] = round_money(s[book] - money - fee)
    if book != account:
        s[account] = round_money(s[account] - money - fee)
    e = n[at.TRACE] + t * n[at.TRACE_WIDTH]
    s[n[n[key + at.KEY_SEAT] + at.SEAT_STATE] + at.FLOW] -= money + fee
    s[e + at.TR_FEES] += fee
    s[e + at.TR_SLIP] += slip


def short_proceeds(s: at.Floats, state: int) -> float:
    """What a position's short sales brought in, while it is open."""
    if s[state + at.QTY] < 0.0:
        return round_money(-s[state + at.QTY] * s[state + at.COST])
    return 0.0


def await_settlement(w: at.Run, t: int, key: int, cash: float, held: float) -> None:
    """Keep a fill's cash out of what has settled until it does; what it brings in by a short sale,
    until that is bought back."""
    n = w.n
    s = w.s
    book = n[n[key + at.KEY_BOOK] + at.BOOK_SCOPE]
    more = short_proceeds(s, n[key + at.KEY_STATE]) - held
    later = cash - more
    session = int(w.tape[n[at.CLOCK] + t * at.CLOCK_WIDTH + at.SETTLES])
    due = book + at.DUE + session % at.DUE_CELLS
    s[book + at.PROCEEDS] = round_money(s[book + at.PROCEEDS] + more)
    s[book + at.UNSETTLED] = round_money(s[book + at.UNSETTLED] + later)
    s[due] = round_money(s[due] + later)
    if session > s[at.DUE_UNTIL]:
        s[at.DUE_UNTIL] = session


def note_fill(
    n: at.Ints,
    s: at.Floats,
    t: int,
    key: int,
    source: int,
    rule: int,
    decided: int,
    qty: float,
    price: float,
    fee: float,
    slip: float,
    cut: float,
) -> None:
    """Record one fill."""
    e = new_record(n, s, at.FILLS)
    if e < 0:
        return
    s[e] = t
    s[e + 1] = decided
    s[e + 2] = n[n[key + at.KEY_BOOK] + at.BOOK_NUMBER]
    s[e + 3] = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_NUMBER]
    s[e + 4] = n[key + at.KEY_ENTRY]
    s[e + 5] = source
    s[e + 6] = rule
    s[e + 7] = qty
    s[e + 8] = price
    s[e + 9] = fee
    s[e + 10] = slip
    s[e + 11] = cut


def move_position(
    w: at.Run, t: int, key: int, decided: int, qty: float, price: float, fee: float
) -> None:
    """Change a position by a fill: open it, add to it, shrink it or close it."""
    n = w.n
    s = w.s
    state = n[key + at.KEY_STATE]
    held = s[state + at.QTY]
    size = magnitude(qty)
    if held == 0.0:
        open_position(w, t, key, decided, 1.0 if qty > 0.0 else -1.0, price)
    if held * qty >= 0.0:
        s[state + at.COST] = average_cost(magnitude(held), s[state + at.COST], size, price)
        s[state + at.LAST_ENTRY] = price
        s[state + at.IN_QTY] += size
        s[state + at.IN_MONEY] += round_money(size * price)
    else:
        s[state + at.OUT_QTY] += size
        s[state + at.OUT_MONEY] += round_money(size * price)
    s[state + at.TRIP_FEES] += fee
    s[state + at.QTY] = settle_qty(n, s, key, held + qty)
    revalue(n, s, key, held)
    if s[state + at.QTY] == 0.0:
        close_position(n, s, t, key, held)


def settle_qty(n: at.Ints, s: at.Floats, key: int, qty: float) -> float:
    """Zero when what is left is far below a lot, which only rounding leaves."""
    lot = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LOT]
    if magnitude(qty) <= lot * 1e-6:
        return 0.0
    return qty


def revalue(n: at.Ints, s: at.Floats, key: int, held: float) -> None:
    """Carry a changed position into the exposure of its book and the account, at the last close."""
    last = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
    now = s[n[key + at.KEY_STATE] + at.QTY]
    gross = (magnitude(now) - magnitude(held)) * last
    net = (now - held) * last
    book = n[n[key + at.KEY_BOOK] + at.BOOK_SCOPE]
    account = n[at.ACCOUNT]
    s[book + at.GROSS] += gross
    s[book + at.NET] += net
    if book != account:
        s[account + at.GROSS] += gross
        s[account + at.NET] += net


def open_position(w: at.Run, t: int, key: int, decided: int, side: float, price: float) -> None:
    """Start a position: a fresh fold, frozen levels, age 0 (-1 when it fills at a close)."""
    n = w.n
    s = w.s
    state = n[key + at.KEY_STATE]
    tape = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_TAPE] + t * at.BAR_WIDTH
    for k in range(at.QTY, at.WANTS):
        s[state + k] = 0.0
    s[state + at.AGE] = -1.0 if w.tape[tape + at.AT_CLOSE] != 0.0 else 0.0
    s[state + at.FIRST_BAR] = t
    s[state + at.PATH_BAR] = -1.0
    count_busy(n, s, key, 1.0)
    fresh_fold(n, s, key)
    set_levels(w, key, decided, side, price)


def fresh_fold(n: at.Ints, s: at.Floats, key: int) -> None:
    """Put the since-entry cells back to what they hold at the start."""
    book = n[key + at.KEY_BOOK]
    for k in range(n[book + at.BOOK_FOLD_CELLS]):
        s[n[key + at.KEY_CELLS] + k] = s[n[book + at.BOOK_INIT] + k]


def close_position(n: at.Ints, s: at.Floats, t: int, key: int, held: float) -> None:
    """End a position: note the round trip, cancel its exits, forget its levels."""
    state = n[key + at.KEY_STATE]
    side = 1.0 if held > 0.0 else -1.0
    note_trip(n, s, t, key, side, s[state + at.OUT_QTY], s[state + at.OUT_MONEY], 1.0)
    if n[at.ASK_COUNT] != 0:
        gain = trip_gain(s, state, side, s[state + at.OUT_MONEY])
        enter_trip(n, s, key, gain, s[state + at.IN_MONEY])
    for k in range(at.QTY, at.WANTS):
        s[state + k] = 0.0
    for k in range(at.FORCED_SLOT, n[key + at.KEY_ORDER_COUNT]):
        order = slot(n, key, k)
        if s[order + at.WORKING] != 0.0:
            end_order(n, s, key, order)
    clear_levels(n, s, key)
    count_busy(n, s, key, -1.0)
    if n[n[key + at.KEY_BOOK] + at.BOOK_ADDS] != 0:
        forget_adds(n, s, t, key)


def forget_adds(n: at.Ints, s: at.Floats, t: int, key: int) -> None:
    """End what would add to a key's position; its next one may be added to afresh."""
    seat = n[key + at.KEY_SEAT]
    for j in range(n[seat + at.SEAT_KEY_COUNT]):
        other = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
        if n[other + at.KEY_HOST] == key:
            s[n[other + at.KEY_STATE] + at.ADDED] = 0.0
            if s[slot(n, other, at.ENTRY_SLOT) + at.IS_ADD] != 0.0:
                cancel_entry(n, s, t, other, account.POSITION_CLOSED)


def trip_gain(s: at.Floats, state: int, side: float, out_money: float) -> float:
    """What a round trip brought in, after fees."""
    gain = side * (out_money - s[state + at.IN_MONEY])
    return round_money(gain - s[state + at.TRIP_FEES])


def note_trip(
    n: at.Ints,
    s: at.Floats,
    t: int,
    key: int,
    side: float,
    out_qty: float,
    out_money: float,
    closed: float,
) -> None:
    """Record a round trip; an open one counts its shares as sold at the last close."""
    e = new_record(n, s, at.TRIPS)
    if e < 0:
        return
    state = n[key + at.KEY_STATE]
    bought = s[state + at.IN_QTY]
    s[e] = n[n[key + at.KEY_BOOK] + at.BOOK_NUMBER]
    s[e + 1] = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_NUMBER]
    s[e + 2] = n[key + at.KEY_ENTRY]
    s[e + 3] = side
    s[e + 4] = s[state + at.FIRST_BAR]
    s[e + 5] = t
    s[e + 6] = bought
    s[e + 7] = s[state + at.IN_MONEY] / bought
    s[e + 8] = out_money / out_qty
    s[e + 9] = trip_gain(s, state, side, out_money)
    s[e + 10] = round_money(s[state + at.TRIP_FEES])
    s[e + 11] = round_money(s[state + at.DISTANCE] * bought)
    s[e + 12] = closed


def note_open_trips(n: at.Ints, s: at.Floats, t: int) -> None:
    """Record the positions still open after the last bar, valued at the last close."""
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        for j in range(n[seat + at.SEAT_KEY_COUNT]):
            key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
            state = n[key + at.KEY_STATE]
            qty = s[state + at.QTY]
            if qty != 0.0:
                last = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
                side = 1.0 if qty > 0.0 else -1.0
                money = s[state + at.OUT_MONEY] + magnitude(qty) * last
                note_trip(n, s, t, key, side, s[state + at.IN_QTY], money, 0.0)
