"""Asked fields (floor 2): what limits count, sum and look up, for the limit sets that ask.

An ask is one field that one limit set reads and that costs work: a count in a window, a streak, the
gain of a period, the exposure of a group. Events are entered when they happen, into every ask that
wants them; answers are written just before the function that reads them. A window of bars lies in a
ring of at most 64 buckets; a period (day, week, month) in one count that starts anew with it.
"""

from math import sqrt

from engine.fills import layout as at
from engine.fills.booking import magnitude
from engine.fills.mark import clear_exposure, measure_seat, settled_money
from engine.fills.risk import beta_exposure, correlated, risk, stress
from engine.records import desk


def start_periods(w: at.Run, t: int) -> None:
    """Note which periods begin with bar t, and the equity that gains are counted from."""
    n = w.n
    s = w.s
    clock = n[at.CLOCK] + t * at.CLOCK_WIDTH
    for period in (desk.THIS_DAY, desk.THIS_WEEK, desk.THIS_MONTH):
        begins = t == 0
        if t > 0 and period == desk.THIS_DAY:
            begins = w.tape[clock + at.DAY] != w.tape[clock - at.CLOCK_WIDTH + at.DAY]
        elif t > 0 and period == desk.THIS_WEEK:
            begins = w.tape[clock - at.CLOCK_WIDTH + at.WEEK_END] == 1.0
        elif t > 0:
            begins = w.tape[clock - at.CLOCK_WIDTH + at.MONTH_END] == 1.0
        if begins:
            s[at.PERIODS + period] = t
            rebase(n, s, period)


def rebase(n: at.Ints, s: at.Floats, period: int) -> None:
    """Gains of this period count from the equity of the last close."""
    for k in range(n[at.ASK_COUNT]):
        ask = n[at.ASKS] + k * at.ASK_WIDTH
        if n[ask + at.ASK_KIND] == desk.GAINED and n[ask + at.ASK_PERIOD] == period:
            s[n[ask + at.ASK_STATE]] = s[n[n[ask + at.ASK_SET] + at.SET_SCOPE] + at.EQUITY]


def enter_event(n: at.Ints, s: at.Floats, key: int, kind: int, amount: float) -> None:
    """Enter an event into every ask of its kind whose set covers the seat."""
    seat = n[n[key + at.KEY_SEAT] + at.SEAT_NUMBER]
    for k in range(n[at.ASK_COUNT]):
        ask = n[at.ASKS] + k * at.ASK_WIDTH
        covers = n[n[ask + at.ASK_SET] + at.SET_COVERS]
        if n[ask + at.ASK_KIND] == kind and n[covers + seat] != 0:
            add_to_window(n, s, ask, amount)


def add_to_window(n: at.Ints, s: at.Floats, ask: int, amount: float) -> None:
    """Add to the bucket of now; one that a past window left is emptied first."""
    state = n[ask + at.ASK_STATE]
    stamp = bucket_of(n, s, ask, s[at.TODAY])
    cell = state + 2 * (int(stamp) % n[ask + at.ASK_BUCKETS])
    if s[cell] != stamp:
        s[cell] = stamp
        s[cell + 1] = 0.0
    s[cell + 1] += amount


def bucket_of(n: at.Ints, s: at.Floats, ask: int, bar: float) -> float:
    """The bucket of a bar: so many bars share one, or a whole period does."""
    if n[ask + at.ASK_PERIOD] >= 0:
        return s[at.PERIODS + n[ask + at.ASK_PERIOD]]
    return float(int(bar) // n[ask + at.ASK_SPAN])


def in_window(n: at.Ints, s: at.Floats, ask: int) -> float:
    """What was entered within the window, never too little."""
    state = n[ask + at.ASK_STATE]
    oldest = bucket_of(n, s, ask, first_bar(n, s, ask))
    total = 0.0
    for k in range(n[ask + at.ASK_BUCKETS]):
        if s[state + 2 * k] >= oldest:
            total += s[state + 2 * k + 1]
    return total


def first_bar(n: at.Ints, s: at.Floats, ask: int) -> float:
    """The first bar that lies in an ask's window."""
    if n[ask + at.ASK_PERIOD] >= 0:
        return s[at.PERIODS + n[ask + at.ASK_PERIOD]]
    first = s[at.TODAY] - n[ask + at.ASK_BARS] + 1.0
    return first if first > 0.0 else 0.0


def enter_trip(n: at.Ints, s: at.Floats, key: int, gain: float, paid: float) -> None:
    """Enter a closed round trip: a loss counts and adds up, a gain ends the streak of losses."""
    if gain < 0.0:
        enter_event(n, s, key, desk.LOST_TRIPS, 1.0)
        enter_event(n, s, key, desk.LOST_MONEY, -gain)
    seat = n[n[key + at.KEY_SEAT] + at.SEAT_NUMBER]
    for k in range(n[at.ASK_COUNT]):
        ask = n[at.ASKS] + k * at.ASK_WIDTH
        covers = n[n[ask + at.ASK_SET] + at.SET_COVERS]
        kind = n[ask + at.ASK_KIND]
        state = n[ask + at.ASK_STATE]
        if n[covers + seat] != 0:
            if desk.TRIPS_CLOSED <= kind <= desk.TRIPS_DEVIATION:
                add_return(s, state, gain / paid if paid > 0.0 else at.NAN)
            elif kind == desk.LOST_IN_A_ROW and gain < 0.0:
                s[state] += 1.0
            elif kind == desk.LOST_IN_A_ROW and gain > 0.0:
                s[state] = 0.0


def add_return(s: at.Floats, state: int, gain: float) -> None:
    """Add to a count, a mean and a sum of squares about it (Welford 1962, Technometrics 4(3))."""
    s[state] += 1.0
    before = gain - s[state + 1]
    s[state + 1] += before / s[state]
    s[state + 2] += before * (gain - s[state + 1])


def told_of_trips(s: at.Floats, kind: int, state: int) -> float:
    """How many returns there are, their mean, or their deviation."""
    count = s[state]
    if kind == desk.TRIPS_CLOSED:
        return count
    if kind == desk.TRIPS_MEAN:
        return s[state + 1] if count >= 1.0 else at.NAN
    return sqrt(s[state + 2] / count) if count >= 2.0 else at.NAN


def log_order(
    n: at.Ints, s: at.Floats, t: int, key: int, side: float, qty: float, price: float
) -> None:
    """Remember an order that was sent, in place of the oldest of the last 256."""
    log = n[at.ORDER_LOG]
    e = log + 1 + (int(s[log]) % at.LOGGED) * at.LOGGED_CELLS
    s[log] += 1.0
    s[e] = t
    s[e + 1] = key
    s[e + 2] = side
    s[e + 3] = qty
    s[e + 4] = price


def unsend(n: at.Ints, s: at.Floats, key: int, back: int) -> None:
    """Forget that a key's order was sent, the `back`-th last of the log: it was withdrawn."""
    if n[at.ASK_COUNT] != 0:
        enter_event(n, s, key, desk.SENT, -1.0)
    log = n[at.ORDER_LOG]
    if log >= 0:
        s[log + 1 + (int(s[log] - back) % at.LOGGED) * at.LOGGED_CELLS + 2] = 0.0


def logged_like(
    n: at.Ints, s: at.Floats, ask: int, key: int, side: float, qty: float, price: float
) -> float:
    """How many orders in the window repeat this one; nan when the log no longer reaches back.

    A repeat comes of the same entry on the same symbol; a duplicate, whoever sent it, is the same
    side, quantity and price of the same symbol."""
    log = n[at.ORDER_LOG]
    covers = n[n[ask + at.ASK_SET] + at.SET_COVERS]
    first = first_bar(n, s, ask)
    count = int(s[log])
    found = 0.0
    for k in range(count if count < at.LOGGED else at.LOGGED):
        e = log + 1 + k * at.LOGGED_CELLS
        other = int(s[e + 1])
        is_sent = s[e + 2] != 0.0 and s[e] >= first
        if is_sent and n[covers + n[n[other + at.KEY_SEAT] + at.SEAT_NUMBER]] != 0:
            is_same = other == key
            if n[ask + at.ASK_KIND] == desk.DUPLICATES:
                is_same = n[other + at.KEY_SYMBOL] == n[key + at.KEY_SYMBOL]
                is_same = is_same and s[e + 2] == side and s[e + 3] == qty and s[e + 4] == price
            if is_same:
                found += 1.0
    if count > at.LOGGED and s[log + 1 + (count % at.LOGGED) * at.LOGGED_CELLS] >= first:
        return at.NAN
    return found


def group_exposure(n: at.Ints, s: at.Floats, ask: int, seat: int) -> float:
    """Gross exposure of the seat's group among those that the set covers, working entries at their
    worst; nan when its group is not known."""
    ids = n[ask + at.ASK_IDS]
    if n[ids + seat] < 0:
        return at.NAN
    scratch = n[ask + at.ASK_STATE]
    clear_exposure(s, scratch)
    s[at.UNUSED] = 0.0
    covers = n[n[ask + at.ASK_SET] + at.SET_COVERS]
    for i in range(n[at.SEAT_COUNT]):
        other = n[at.SEATS] + i * at.SEAT_WIDTH
        is_busy = s[n[other + at.SEAT_STATE] + at.BUSY] != 0.0
        if is_busy and n[covers + i] != 0 and n[ids + i] == n[ids + seat]:
            measure_seat(n, s, other, scratch, at.UNUSED)
    return s[scratch + at.GROSS] + s[scratch + at.BUYS] + s[scratch + at.SELLS]


def worst_shares(n: at.Ints, s: at.Floats, ask: int, key: int, side: float) -> float:
    """Shares of the symbol held or ordered on the order's side, over the seats of the set."""
    covers = n[n[ask + at.ASK_SET] + at.SET_COVERS]
    total = 0.0
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        if n[covers + i] != 0 and n[seat + at.SEAT_SYMBOL] == n[key + at.KEY_SYMBOL]:
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                other = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                held = s[n[other + at.KEY_STATE] + at.QTY]
                if held * side > 0.0:
                    total += magnitude(held)
                order = n[other + at.KEY_ORDERS]
                if s[order + at.WORKING] != 0.0 and s[order + at.SIDE] == side:
                    total += s[order + at.LEFT]
    return total


def told_of_order(n: at.Ints, kind: int, key: int) -> float:
    """Whether a key's orders are at market, set off by a stop, resting or for an auction: a truth
    value. A `weight` asks at market, for the day."""
    way = desk.MARKET
    tif = desk.DAY
    if n[key + at.KEY_ENTRY] >= 0:
        row = n[n[key + at.KEY_BOOK] + at.BOOK_ENTRIES] + n[key + at.KEY_ENTRY] * at.ENTRY_WIDTH
        way = n[row + at.ENTRY_KIND]
        tif = n[row + at.ENTRY_TIF]
    is_so = way == desk.MARKET
    if kind == desk.WITH_STOP:
        is_so = way >= desk.STOP
    elif kind == desk.RESTING:
        is_so = tif == desk.GTC
    elif kind == desk.AT_AUCTION:
        is_so = tif == desk.OPG or tif == desk.CLS
    return 2.0 if is_so else 0.0


def answer_asks(w: at.Run, group: int, f: int, count: int) -> None:
    """Write the first asked fields of a limit set as they are without an order; those about one
    are na."""
    n = w.n
    for k in range(count):
        ask = n[group + at.SET_ASKS] + k * at.ASK_WIDTH
        w.s[f + n[ask + at.ASK_SLOT]] = without_order(w, group, ask)


def unknown(kind: int) -> float:
    """What an ask without an answer is told as: na, or a truth value that is not known."""
    return 1.0 if kind >= desk.AT_MARKET else at.NAN


def without_order(w: at.Run, group: int, ask: int) -> float:
    """The answer to one ask where no order is judged."""
    n = w.n
    s = w.s
    kind = n[ask + at.ASK_KIND]
    value = unknown(kind)
    if kind <= desk.LOST_MONEY:
        value = in_window(n, s, ask)
    elif kind == desk.LOST_IN_A_ROW:
        value = s[n[ask + at.ASK_STATE]]
    elif kind <= desk.TRIPS_DEVIATION:
        value = told_of_trips(s, kind, n[ask + at.ASK_STATE])
    elif kind == desk.GAINED:
        value = s[n[group + at.SET_SCOPE] + at.EQUITY] - s[n[ask + at.ASK_STATE]]
    elif kind == desk.SETTLED:
        value = settled_money(w, group)
    elif desk.VALUE_AT_RISK <= kind <= desk.PARAMETRIC:
        value = risk(w, ask, -1, 0.0, 0.0, 0.0)
    elif kind == desk.BETA:
        value = beta_exposure(w, ask, -1, 0.0, 0.0, 0.0)
    elif kind == desk.STRESS:
        value = stress(w, ask, -1, 0.0, 0.0, 0.0)
    elif desk.MINUTES <= kind <= desk.TIME_OF_DAY and n[at.WITHIN] != 0:
        bar = n[at.WITHIN] + int(s[at.TODAY]) * at.WITHIN_WIDTH
        value = w.tape[bar + kind - desk.MINUTES]
    return value


def answer_order_asks(
    w: at.Run,
    group: int,
    f: int,
    key: int,
    side: float,
    qty: float,
    price: float,
    is_weight: bool,
) -> None:
    """Write the asked fields of a limit set about the order being judged, and all others; what only
    limits on entries read stays na for a `weight` order."""
    n = w.n
    s = w.s
    for k in range(n[group + at.SET_ASK_COUNT]):
        ask = n[group + at.SET_ASKS] + k * at.ASK_WIDTH
        kind = n[ask + at.ASK_KIND]
        slot = f + n[ask + at.ASK_SLOT]
        if is_weight and n[ask + at.ASK_ENTRIES_ONLY] != 0:
            s[slot] = unknown(kind)
        elif kind == desk.REPEATS or kind == desk.DUPLICATES:
            s[slot] = logged_like(n, s, ask, key, side, qty, price)
        elif kind == desk.GROUP_EXPOSURE:
            s[slot] = group_exposure(n, s, ask, n[n[key + at.KEY_SEAT] + at.SEAT_NUMBER])
        elif kind == desk.WORST_SHARES:
            s[slot] = worst_shares(n, s, ask, key, side)
        elif kind == desk.CORRELATED:
            s[slot] = correlated(w, ask, key)
        elif kind >= desk.AT_MARKET:
            s[slot] = told_of_order(n, kind, key)
        elif kind == desk.BETA:
            s[slot] = beta_exposure(w, ask, key, side, qty, price)
        elif kind == desk.STRESS:
            s[slot] = stress(w, ask, key, side, qty, price)
        elif desk.VALUE_AT_RISK <= kind <= desk.PARAMETRIC:
            s[slot] = risk(w, ask, key, side, qty, price)
        else:
            s[slot] = without_order(w, group, ask)
