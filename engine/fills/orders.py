"""Working orders of a key (floor 2): placing them, ending them, and finding them.

A desk with a delay keeps every order from filling for so many more bars, entries and exits alike;
what a stop could not fill waits for nothing: it was no decision.
"""

from engine.fills import layout as at
from engine.fills.events import note_lapse
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
    if n[at.ASK_COUNT] != 0:
        enter_event(n, s, key, desk.SENT, 1.0)


def end_order(n: at.Ints, s: at.Floats, key: int, order: int) -> None:
    """Take an order off the book."""
    s[order + at.WORKING] = 0.0
    count_busy(n, s, key, -1.0)
    if order == n[key + at.KEY_ORDERS]:
        s[at.ENTRIES] -= 1.0


def lapse(n: at.Ints, s: at.Floats, t: int, key: int, order: int, reason: int) -> None:
    """End an order with something unfilled, and say why; an entry without any fill has expired."""
    note_lapse(n, s, t, key, order, reason)
    if n[at.ASK_COUNT] != 0:
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


def is_closing(n: at.Ints, s: at.Floats, key: int) -> bool:
    """Whether an exit at market for the whole position works already."""
    held = s[n[key + at.KEY_STATE] + at.QTY]
    size = held if held > 0.0 else -held
    for k in range(at.FORCED_SLOT, n[key + at.KEY_ORDER_COUNT]):
        order = slot(n, key, k)
        works = s[order + at.WORKING] != 0.0
        if works and s[order + at.KIND] == desk.MARKET and s[order + at.LEFT] >= size:
            return True
    return False


def force_exit(
    n: at.Ints, s: at.Floats, t: int, key: int, source: int, rule: int, qty: float
) -> None:
    """Exit `qty` shares at market on the next bar, in place of an earlier forced exit."""
    held = s[n[key + at.KEY_STATE] + at.QTY]
    side = -1.0 if held > 0.0 else 1.0
    order = slot(n, key, at.FORCED_SLOT)
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
