"""`decide` for one order that adds risk (floor 2): switches, shortability, every limit in force.

Every limit set that covers the order's seat runs, whatever its scope. After a clip the order is
rounded down to the lot and put to every limit once more; if anything binds again it is denied.
Exits never come here.
"""

from engine import fields as field
from engine.fills import layout as at
from engine.fills.cap import INFINITE, round_lot
from engine.fills.events import note_asking, note_said, note_verdict
from engine.fills.facts import write_limits_scope, write_market, write_order, write_sum
from engine.fills.levels import stop_distance
from engine.fills.verdict import refuses, said_by
from engine.fills.windows import answer_order_asks, enter_event
from engine.records import account, desk


def judge(
    w: at.Run, t: int, key: int, source: int, rule: int, side: float, qty: float, price: float
) -> float:
    """Shares granted to an order; its verdict is recorded and tallied."""
    n = w.n
    s = w.s
    seat = n[n[key + at.KEY_SEAT] + at.SEAT_STATE]
    symbol = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE]
    by_set = -1.0
    by_switch = -1.0
    granted = 0.0
    if s[seat + at.BLOCK_KIND] >= 0.0:
        outcome = account.BLOCKED
        by_set = s[seat + at.BLOCK_SET]
        by_switch = s[seat + at.BLOCK_SWITCH]
    elif side < 0.0 and s[symbol + at.SHORTABLE] == 0.0:
        outcome = account.NOT_SHORTABLE
    else:
        granted = put_to_limits(w, t, key, side, qty, price, source == account.FROM_WEIGHT)
        outcome = account.CLIPPED if granted < qty else account.ALLOWED
        if granted == 0.0:
            outcome = account.DENIED
    note_verdict(n, s, t, key, source, rule, side, qty, granted, price, outcome, by_set, by_switch)
    tally_outcome(n, s, key, outcome)
    if n[at.HAS_EVENTS] != 0 and granted == 0.0:
        enter_event(n, s, key, desk.REFUSED_ORDERS, 1.0)
    return granted


def tally_outcome(n: at.Ints, s: at.Floats, key: int, outcome: int) -> None:
    """Count a verdict in the funnel of its entry."""
    tally = n[key + at.KEY_TALLY]
    if outcome == account.BLOCKED:
        s[tally + at.T_BLOCKED] += 1.0
    elif outcome == account.DENIED or outcome == account.NOT_SHORTABLE:
        s[tally + at.T_DENIED] += 1.0
    else:
        s[tally + at.T_SENT] += 1.0
        if outcome == account.CLIPPED:
            s[tally + at.T_CLIPPED] += 1.0


def put_to_limits(
    w: at.Run, t: int, key: int, side: float, qty: float, price: float, is_weight: bool
) -> float:
    """Shares that all limits allow, 0 when they deny."""
    if w.n[at.SET_COUNT] == 0:
        return qty
    lot = w.s[w.n[w.n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LOT]
    distance = stop_distance(w, key, t, side, price)
    cap = lowest_cap(w, t, key, side, qty, price, distance, is_weight)
    if cap >= qty:
        return qty
    clipped = round_lot(cap, lot)
    if clipped == 0.0:
        return 0.0
    again = lowest_cap(w, t, key, side, clipped, price, distance, is_weight)
    if again < clipped:
        return 0.0
    return clipped


def lowest_cap(
    w: at.Run,
    t: int,
    key: int,
    side: float,
    qty: float,
    price: float,
    distance: float,
    is_weight: bool,
) -> float:
    """The fewest shares that the limits in force leave of an order; 0 when one refuses."""
    n = w.n
    seat = n[n[key + at.KEY_SEAT] + at.SEAT_NUMBER]
    lowest = INFINITE
    for k in range(n[at.SET_COUNT]):
        group = n[at.SETS] + k * at.SET_WIDTH
        is_in_force = n[n[group + at.SET_COVERS] + seat] != 0
        if is_weight and n[group + at.SET_ENTRIES_ONLY] != 0:
            is_in_force = False
        if is_in_force and n[group + at.SET_LIMIT_COUNT] != 0:
            call_decide(w, t, group, key, side, qty, price, distance, is_weight)
            cap = cap_of_set(w, group, key, qty, is_weight)
            if cap < lowest:
                lowest = cap
    return lowest


def call_decide(
    w: at.Run,
    t: int,
    group: int,
    key: int,
    side: float,
    qty: float,
    price: float,
    distance: float,
    is_weight: bool,
) -> None:
    """Run a limit set's `decide` on one order."""
    n = w.n
    s = w.s
    f = n[at.LIMIT_FIELDS]
    symbol = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE]
    write_limits_scope(n, s, t, group, f)
    write_sum(n, s, key, n[group + at.SET_COVERS], s[symbol + at.LAST], f)
    write_market(s, symbol, f)
    s[f + field.MARKET_SYMBOL_VALUE] = s[symbol + at.VALUE]
    write_order(s, side, qty, price, distance, f)
    if n[group + at.SET_ASK_COUNT] != 0:
        answer_order_asks(w, group, f, key, side, qty, price, is_weight)
    rows = w.rows[n[group + at.SET_ROWS] + n[n[key + at.KEY_SYMBOL] + at.SYMBOL_NUMBER]]
    r = t * n[group + at.SET_ROW_WIDTH]
    cells = n[group + at.SET_CELLS]
    w.calls[n[group + at.SET_DECIDE]](rows, r, s, f, s, cells, s, n[at.OUT_DECIDE])
    if n[at.LISTENS] != 0:
        note_asking(n, s, group, f)


def cap_of_set(w: at.Run, group: int, key: int, qty: float, is_weight: bool) -> float:
    """Combine the answers of one set; each that did not pass is recorded."""
    n = w.n
    s = w.s
    lot = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LOT]
    lowest = INFINITE
    for j in range(n[group + at.SET_LIMIT_COUNT]):
        limit = n[group + at.SET_LIMITS] + j * at.LIMIT_WIDTH
        if not (is_weight and n[limit + at.LIMIT_ENTRIES_ONLY] != 0):
            value = s[n[at.OUT_DECIDE] + n[limit + at.LIMIT_OUT]]
            skips = n[limit + at.LIMIT_SKIP] != 0
            said = said_by(n[limit + at.LIMIT_ACTION], value, skips, qty, lot)
            if said != account.PASSED:
                note_said(n, s, n[group + at.SET_NUMBER], n[limit + at.LIMIT_NUMBER], said, value)
            cap = INFINITE
            if refuses(said):
                cap = 0.0
            elif said == account.BOUND:
                cap = value if value > 0.0 else 0.0
            if cap < lowest:
                lowest = cap
    return lowest
