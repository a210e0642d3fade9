"""Working orders of a key (floor 2): placing them, ending them, and finding them.

A desk with a delay keeps every order from filling for so many more bars, entries and exits alike;
what a stop could not fill waits for nothing: it was no decision.
"""

from engine.fills import layout as at
from engine.fills.events import note_lapse
from engine.fills.price import trail_stop
from engine.fills.trigger import touches_stop
from engine.fills.windows import enter_event
from engine.records import account, desk


def slot(n: at.Ints, key: int, k: int) -> int:
    """Where in s the k-th order of a key lies."""
    return n[key + at.KEY_ORDERS] + k * at.ORDER_CELLS


def entry_works(n: at.Ints, s: at.Floats, key: int) -> bool:
    """Whether the key's entry order is working."""
    return s[n[key + at.KEY_ORDERS] + at.WORKING] != 0.0


def may_fill(s: at.Floats, t: int, order: int) -> bool:
    """Whether an order works and has arrived by bar t."""
    return s[order + at.WORKING] != 0.0 and t >= s[order + at.EARLIEST]


def is_under_way(s: at.Floats, t: int, order: int) -> bool:
    """Whether an order of an earlier close works and has had no bar to fill on yet."""
    is_earlier = s[order + at.WORKING] != 0.0 and s[order + at.DECIDED] < t
    return is_earlier and s[order + at.EARLIEST] > t


def place(
    n: at.Ints,
    s: at.Floats,
    t: int,
    key: int,
    order: int,
    source: int,
    rule: int,
    side: float,
    kind: int,
    tif: int,
    qty: float,
    price: float,
    bound: float,
) -> None:
    """Make an order work from the next bar on (or after the desk's delay); bound is the worst price
    at which it may fill."""
    if s[order + at.WORKING] == 0.0:
        count_busy(n, s, key, 1.0)
        if order == n[key + at.KEY_ORDERS]:
            s[at.ENTRIES] += 1.0
    s[at.MEASURED] = 1.0
    s[order + at.WORKING] = 1.0
    s[order + at.SOURCE] = source
    s[order + at.RULE] = rule
    s[order + at.SIDE] = side
    s[order + at.KIND] = kind
    s[order + at.TIF] = tif
    s[order + at.LEFT] = qty
    s[order + at.PRICE] = price
    s[order + at.BOUND] = bound
    s[order + at.DECIDED] = t
    s[order + at.EARLIEST] = t + 1 + (0 if source == account.FROM_LEVEL else n[at.DELAY])
    s[order + at.HAS_FILLED] = 0.0
    s[order + at.TRIGGER] = price
    s[order + at.IS_ADD] = 0.0
    if n[at.HAS_EVENTS] != 0 and source != account.FROM_LEVEL:  # `stops_hit` counts those
        enter_event(n, s, key, desk.SENT, 1.0)


def arm(s: at.Floats, order: int, kind: int, tif: int, trigger: float, trail: float) -> None:
    """What a placed order of a rarer kind needs besides: what sets it off, or how far it trails.

    A slot belongs to one rule, so an order that does not trail never finds another's trail."""
    if kind == desk.TRAIL_RATIO or kind == desk.TRAIL_MONEY:
        s[order + at.KIND] = desk.STOP
        s[order + at.TRAIL_BY_RATIO] = trail if kind == desk.TRAIL_RATIO else 0.0
        s[order + at.TRAIL_BY] = trail if kind == desk.TRAIL_MONEY else 0.0
    elif kind == desk.STOP_LIMIT:
        s[order + at.TRIGGER] = trigger
    if tif == desk.CLS:
        s[order + at.KIND] = at.ON_CLOSE


def after_stop(s: at.Floats, order: int, low: float, high: float) -> int:
    """An order's kind once prices from low to high were seen: a stop-limit order whose stop they
    met is a limit order from then on."""
    kind = int(s[order + at.KIND])
    if kind != desk.STOP_LIMIT or not touches_stop(
        s[order + at.SIDE], s[order + at.TRIGGER], low, high
    ):
        return kind
    s[order + at.KIND] = desk.LIMIT
    s[order + at.TRIGGER] = s[order + at.PRICE]
    return desk.LIMIT


def pull_orders(n: at.Ints, s: at.Floats) -> None:
    """Bring trailing orders that work to this close; they only come nearer to the market."""
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        symbol = n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE]
        if s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0 and s[symbol + at.HERE] != 0.0:
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                for k in range(n[key + at.KEY_ORDER_COUNT]):
                    pull_order(s, symbol, slot(n, key, k))


def pull_order(s: at.Floats, symbol: int, order: int) -> None:
    """Pull one order after the close, unless it began to fill."""
    ratio = s[order + at.TRAIL_BY_RATIO]
    by = s[order + at.TRAIL_BY]
    trails = ratio + by != 0.0 and int(s[order + at.KIND]) == desk.STOP
    if not trails or s[order + at.WORKING] == 0.0 or s[order + at.HAS_FILLED] != 0.0:
        return
    side = s[order + at.SIDE]
    price = trail_stop(side, s[symbol + at.LAST], ratio, by, s[symbol + at.TICKS])
    if (price < s[order + at.PRICE]) == (side > 0.0) and price != s[order + at.PRICE]:
        s[order + at.PRICE] = price
        s[order + at.TRIGGER] = price


def end_order(n: at.Ints, s: at.Floats, key: int, order: int) -> None:
    """Take an order off the book."""
    s[order + at.WORKING] = 0.0
    count_busy(n, s, key, -1.0)
    if order == n[key + at.KEY_ORDERS]:
        s[at.ENTRIES] -= 1.0


def lapse(n: at.Ints, s: at.Floats, t: int, key: int, order: int, reason: int) -> None:
    """End an order with something unfilled, and say why; an entry without any fill has expired."""
    note_lapse(n, s, t, key, order, reason)
    if n[at.HAS_EVENTS] != 0:
        enter_event(n, s, key, desk.CANCELLED, 1.0)
    if order == n[key + at.KEY_ORDERS] and s[order + at.HAS_FILLED] == 0.0:
        s[n[key + at.KEY_TALLY] + at.T_EXPIRED] += 1.0
    end_order(n, s, key, order)


def cancel_entry(n: at.Ints, s: at.Floats, t: int, key: int, reason: int) -> bool:
    """End the key's entry order if it works; whether it did."""
    order = n[key + at.KEY_ORDERS]
    if s[order + at.WORKING] == 0.0:
        return False
    lapse(n, s, t, key, order, reason)
    return True


def cancel_entries(n: at.Ints, s: at.Floats, t: int, key: int, reason: int) -> bool:
    """End the key's entry order, and those of entries that add to its position; whether any
    worked."""
    is_any = cancel_entry(n, s, t, key, reason)
    if n[n[key + at.KEY_BOOK] + at.BOOK_ADDS] == 0:
        return is_any
    seat = n[key + at.KEY_SEAT]
    for j in range(n[seat + at.SEAT_KEY_COUNT]):
        other = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
        is_joined = n[other + at.KEY_HOST] == key and other != key
        if is_joined and cancel_entry(n, s, t, other, reason):
            is_any = True
    return is_any


def is_closing(n: at.Ints, s: at.Floats, key: int) -> bool:
    """Whether an exit at market for the whole position works already, until it is done."""
    held = s[n[key + at.KEY_STATE] + at.QTY]
    size = held if held > 0.0 else -held
    for k in range(at.FORCED_SLOT, n[key + at.KEY_ORDER_COUNT]):
        order = slot(n, key, k)
        works = s[order + at.WORKING] != 0.0
        stays = works and s[order + at.TIF] <= desk.GTC
        if stays and s[order + at.KIND] == desk.MARKET and s[order + at.LEFT] >= size:
            return True
    return False


def force_exit(
    n: at.Ints, s: at.Floats, t: int, key: int, source: int, rule: int, qty: float
) -> None:
    """Exit `qty` shares at market on the next bar, in place of an earlier forced exit."""
    held = s[n[key + at.KEY_STATE] + at.QTY]
    side = -1.0 if held > 0.0 else 1.0
    order = slot(n, key, at.FORCED_SLOT)
    if s[order + at.WORKING] != 0.0:
        lapse(n, s, t, key, order, account.SUPERSEDED)
    place(n, s, t, key, order, source, rule, side, desk.MARKET, desk.GTC, qty, at.NAN, at.NAN)


def count_busy(n: at.Ints, s: at.Floats, key: int, by: float) -> None:
    """Keep the seat's count of what is open or working, and the run's count of busy seats."""
    busy = n[n[key + at.KEY_SEAT] + at.SEAT_STATE] + at.BUSY
    before = s[busy]
    s[busy] = before + by
    if before == 0.0:
        s[at.BUSY_SEATS] += 1.0
    elif before + by == 0.0:
        s[at.BUSY_SEATS] -= 1.0
