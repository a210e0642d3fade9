"""Stops, targets and trails of a key (floor 2).

A stop or target is computed once, from the row its order was decided on and the actual entry price.
A trail takes its level at each close from the rule and only tightens. stops() is a pure function
of the row and the entry price: no other field is set when it is called.
"""

from engine import fields as field
from engine.fills import layout as at
from engine.fills.booking import magnitude
from engine.fills.price import asked_price
from engine.records import desk


def on_tick(n: at.Ints, s: at.Floats, key: int, level: int, side: float, price: float) -> float:
    """A level's price on the tick, for a position of this side."""
    ticks = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.TICKS]
    return asked_price(-side, n[level + at.LEVEL_KIND] != desk.TARGET_LEVEL, price, ticks)


def call_stops(w: at.Run, key: int, bar: int, side: float, price: float) -> int:
    """Compute the levels for an entry at `price` decided at `bar`; where in s they lie.

    Those of a spread's legs see the bars that its rule runs on: those of its first symbol."""
    n = w.n
    s = w.s
    book = n[key + at.KEY_BOOK]
    f = n[at.LEVEL_FIELDS]
    out = n[at.OUT_STOPS]
    s[f + field.POSITION_ENTRY_PRICE] = price
    seat = n[book + at.BOOK_SEATS] if n[book + at.BOOK_SPREADS] != 0 else n[key + at.KEY_SEAT]
    rows = w.rows[n[seat + at.SEAT_ROWS]]
    r = bar * n[book + at.BOOK_ROW_WIDTH]
    w.calls[n[book + at.BOOK_STOPS]](rows, r, s, f, s, n[key + at.KEY_CELLS], s, out)
    for j in range(n[book + at.BOOK_LEVEL_COUNT]):
        level = n[book + at.BOOK_LEVELS] + j * at.LEVEL_WIDTH
        here = out + n[level + at.LEVEL_STOPS]
        if here >= out:
            s[here] = on_tick(n, s, key, level, side, s[here])
    return out


def covers(n: at.Ints, level: int, key: int) -> bool:
    """Whether a level applies to the positions of this key."""
    return n[n[level + at.LEVEL_COVERS] + n[key + at.KEY_NUMBER]] != 0


def nearest_distance(n: at.Ints, s: at.Floats, key: int, out: int, price: float) -> float:
    """Distance from `price` to the nearest stop or first trail level; nan without one."""
    book = n[key + at.KEY_BOOK]
    nearest = at.NAN
    for j in range(n[book + at.BOOK_LEVEL_COUNT]):
        level = n[book + at.BOOK_LEVELS] + j * at.LEVEL_WIDTH
        is_stop = n[level + at.LEVEL_KIND] != desk.TARGET_LEVEL
        if is_stop and n[level + at.LEVEL_STOPS] >= 0 and covers(n, level, key):
            far = magnitude(price - s[out + n[level + at.LEVEL_STOPS]])
            if far == far and not far >= nearest:
                nearest = far
    return nearest


def stop_distance(w: at.Run, key: int, bar: int, side: float, price: float) -> float:
    """order.stop_distance of an order at `price` decided at `bar`; of one that adds to a position,
    to the nearest stop of that."""
    n = w.n
    if n[n[key + at.KEY_BOOK] + at.BOOK_LEVEL_COUNT] == 0:
        return at.NAN
    host = n[key + at.KEY_HOST]
    is_add = n[key + at.KEY_ENTRY] >= 0 and w.s[n[host + at.KEY_STATE] + at.QTY] != 0.0
    if is_add:
        return distance_now(n, w.s, host, price)
    return nearest_distance(w.n, w.s, key, call_stops(w, key, bar, side, price), price)


def distance_now(n: at.Ints, s: at.Floats, key: int, price: float) -> float:
    """Distance from `price` to the nearest stop or trail that works; nan without one."""
    book = n[key + at.KEY_BOOK]
    nearest = at.NAN
    for j in range(n[book + at.BOOK_LEVEL_COUNT]):
        kind = n[n[book + at.BOOK_LEVELS] + j * at.LEVEL_WIDTH + at.LEVEL_KIND]
        far = magnitude(price - s[n[key + at.KEY_LEVELS] + j])
        if kind != desk.TARGET_LEVEL and far == far and not far >= nearest:
            nearest = far
    return nearest


def note_added(
    n: at.Ints, s: at.Floats, key: int, price: float, got: float, is_first: bool
) -> None:
    """Count an order's first fill that added to a position, and what its shares plan to lose."""
    host = n[key + at.KEY_HOST]
    state = n[host + at.KEY_STATE]
    if is_first:
        s[n[key + at.KEY_STATE] + at.ADDED] += 1.0
    held = s[state + at.IN_QTY] - got
    planned = s[state + at.DISTANCE] * held + distance_now(n, s, host, price) * got
    s[state + at.DISTANCE] = planned / s[state + at.IN_QTY]


def set_levels(w: at.Run, key: int, bar: int, side: float, price: float) -> None:
    """Freeze the levels of a position that opened at `price` on an order decided at `bar`."""
    n = w.n
    s = w.s
    book = n[key + at.KEY_BOOK]
    state = n[key + at.KEY_STATE]
    s[state + at.DISTANCE] = at.NAN
    if n[book + at.BOOK_LEVEL_COUNT] == 0:
        return
    out = stops_at(w, key, bar, side, price)
    s[state + at.DISTANCE] = nearest_distance(n, s, key, out, price)
    for j in range(n[book + at.BOOK_LEVEL_COUNT]):
        level = n[book + at.BOOK_LEVELS] + j * at.LEVEL_WIDTH
        value = at.NAN
        if n[level + at.LEVEL_KIND] != desk.TRAIL_LEVEL and covers(n, level, key):
            value = s[out + n[level + at.LEVEL_STOPS]]
        s[n[key + at.KEY_LEVELS] + j] = value


def stops_at(w: at.Run, key: int, bar: int, side: float, price: float) -> int:
    """The levels for an entry at `price` now that was decided at `bar`: in the shares of that bar,
    where they were split since, then restated."""
    n = w.n
    s = w.s
    ratio = 1.0
    for k in range(int(s[at.ACTED])):
        action = n[at.ACTIONS] + k * at.ACTION_WIDTH
        is_its = (
            int(w.tape[action + at.ACTION_SYMBOL]) == n[n[key + at.KEY_SYMBOL] + at.SYMBOL_NUMBER]
        )
        if is_its and w.tape[action + at.ACTION_BAR] > bar:
            ratio = ratio * w.tape[action + at.RATIO]
    out = call_stops(w, key, bar, side, price * ratio)
    if ratio != 1.0:
        book = n[key + at.KEY_BOOK]
        for j in range(n[book + at.BOOK_LEVEL_COUNT]):
            level = n[book + at.BOOK_LEVELS] + j * at.LEVEL_WIDTH
            here = out + n[level + at.LEVEL_STOPS]
            if here >= out:
                s[here] = on_tick(n, s, key, level, side, s[here] / ratio)
    return out


def clear_levels(n: at.Ints, s: at.Floats, key: int) -> None:
    """No levels while flat."""
    for j in range(n[n[key + at.KEY_BOOK] + at.BOOK_LEVEL_COUNT]):
        s[n[key + at.KEY_LEVELS] + j] = at.NAN


def pull_trails(n: at.Ints, s: at.Floats, key: int, out: int) -> None:
    """Tighten an open position's trails to what the rule says at this close."""
    book = n[key + at.KEY_BOOK]
    is_long = s[n[key + at.KEY_STATE] + at.QTY] > 0.0
    side = 1.0 if is_long else -1.0
    for j in range(n[book + at.BOOK_LEVEL_COUNT]):
        level = n[book + at.BOOK_LEVELS] + j * at.LEVEL_WIDTH
        if n[level + at.LEVEL_KIND] == desk.TRAIL_LEVEL and covers(n, level, key):
            here = n[key + at.KEY_LEVELS] + j
            value = on_tick(n, s, key, level, side, s[out + n[level + at.LEVEL_RULE]])
            is_tighter = value > s[here] if is_long else value < s[here]
            if is_tighter or s[here] != s[here]:
                s[here] = value
