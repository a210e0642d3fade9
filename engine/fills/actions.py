"""Splits and dividends on the first bar that shows them (floor 2), before anything fills there.

A split turns shares held and ordered into new ones and divides every price that waits by its ratio;
what does not make a whole lot is paid out at the last close. Values `since entry` start afresh. A
dividend is paid to who holds the shares by then, and by who is short; it moves no order and no
level. Written for few actions in a run: each looks at every seat.
"""

from engine.fills import layout as at
from engine.fills.booking import magnitude, round_money
from engine.fills.cap import INFINITE, round_lot
from engine.fills.execution import close_position, fresh_fold, short_proceeds
from engine.fills.legs import end_legs
from engine.fills.levels import on_tick
from engine.fills.mark import measure
from engine.fills.orders import lapse, slot
from engine.fills.price import asked_price
from engine.records import account, desk


def book_actions(w: at.Run, t: int) -> None:
    """Book the splits and dividends of bar t."""
    n = w.n
    s = w.s
    k = int(s[at.ACTED])
    while k < n[at.ACTION_COUNT]:
        action = n[at.ACTIONS] + k * at.ACTION_WIDTH
        if w.tape[action + at.ACTION_BAR] > t:
            break
        symbol = n[at.SYMBOLS] + int(w.tape[action + at.ACTION_SYMBOL]) * at.SYMBOL_WIDTH
        k += 1
        s[at.ACTED] = k
        if w.tape[action + at.RATIO] != 1.0:
            split_symbol(w, t, symbol, w.tape[action + at.RATIO])
        if w.tape[action + at.DIVIDEND] != 0.0:
            pay_dividend(w, t, symbol, w.tape[action + at.DIVIDEND])
    if s[at.BUSY_SEATS] != 0.0 or s[at.MEASURED] != 0.0:
        measure(n, s)


def split_symbol(w: at.Run, t: int, symbol: int, ratio: float) -> None:
    """Turn each share of a symbol into `ratio` new ones."""
    n = w.n
    s = w.s
    last = n[symbol + at.SYMBOL_STATE] + at.LAST
    s[last] = s[last] / ratio
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        if n[seat + at.SEAT_SYMBOL] == symbol and s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0:
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                for k in range(n[key + at.KEY_ORDER_COUNT]):
                    split_order(n, s, t, key, slot(n, key, k), ratio)
                if s[n[key + at.KEY_STATE] + at.QTY] != 0.0:
                    split_position(n, s, t, key, ratio)


def split_order(n: at.Ints, s: at.Floats, t: int, key: int, order: int, ratio: float) -> None:
    """Restate what works: its shares down to the lot, its prices away from the market."""
    if s[order + at.WORKING] == 0.0:
        return
    state = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE]
    side = s[order + at.SIDE]
    kind = s[order + at.KIND]
    s[order + at.BOUND] = s[order + at.BOUND] / ratio
    s[order + at.TRAIL_BY] = s[order + at.TRAIL_BY] / ratio
    is_stop = kind == desk.STOP
    price = s[order + at.PRICE] / ratio
    trigger = s[order + at.TRIGGER] / ratio
    if kind != desk.MARKET:
        price = asked_price(side, is_stop, price, s[state + at.TICKS])
        is_trigger = is_stop or kind == desk.STOP_LIMIT
        trigger = asked_price(side, is_trigger, trigger, s[state + at.TICKS])
    s[order + at.PRICE] = price
    s[order + at.TRIGGER] = trigger
    if s[order + at.LEFT] < INFINITE:
        left = round_lot(s[order + at.LEFT] * ratio, s[state + at.LOT])
        if left == 0.0:
            lapse(n, s, t, key, order, account.SPLIT_AWAY)
            end_legs(n, s, t, key, account.SPLIT_AWAY)
        s[order + at.LEFT] = left


def split_position(n: at.Ints, s: at.Floats, t: int, key: int, ratio: float) -> None:
    """Restate an open position, its levels and its round trip; pay out what makes no whole lot."""
    state = n[key + at.KEY_STATE]
    symbol = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE]
    held = s[state + at.QTY]
    side = 1.0 if held > 0.0 else -1.0
    before = short_proceeds(s, state)
    due = magnitude(held) * ratio
    kept = round_lot(due, s[symbol + at.LOT])
    rest = due - kept if due > kept else 0.0
    money = round_money(rest * s[symbol + at.LAST])
    s[state + at.COST] = s[state + at.COST] / ratio
    s[state + at.LAST_ENTRY] = s[state + at.LAST_ENTRY] / ratio
    s[state + at.DISTANCE] = s[state + at.DISTANCE] / ratio
    s[state + at.IN_QTY] = s[state + at.IN_QTY] * ratio
    s[state + at.OUT_QTY] = s[state + at.OUT_QTY] * ratio + rest
    s[state + at.OUT_MONEY] += money
    s[state + at.QTY] = side * kept
    book = n[n[key + at.KEY_BOOK] + at.BOOK_SCOPE]
    more = short_proceeds(s, state) - before
    s[book + at.PROCEEDS] = round_money(s[book + at.PROCEEDS] + more)
    credit(n, s, key, side * money)
    if kept == 0.0:
        close_position(n, s, t, key, held)
        return
    fresh_fold(n, s, key)
    for j in range(n[n[key + at.KEY_BOOK] + at.BOOK_LEVEL_COUNT]):
        level = n[n[key + at.KEY_BOOK] + at.BOOK_LEVELS] + j * at.LEVEL_WIDTH
        here = n[key + at.KEY_LEVELS] + j
        s[here] = on_tick(n, s, key, level, side, s[here] / ratio)


def credit(n: at.Ints, s: at.Floats, key: int, money: float) -> None:
    """Add money that no order moved to the cash of a key's book and of the account."""
    book = n[n[key + at.KEY_BOOK] + at.BOOK_SCOPE] + at.CASH
    whole = n[at.ACCOUNT] + at.CASH
    s[book] = round_money(s[book] + money)
    if book != whole:
        s[whole] = round_money(s[whole] + money)
    s[n[n[key + at.KEY_SEAT] + at.SEAT_STATE] + at.FLOW] += money


def pay_dividend(w: at.Run, t: int, symbol: int, amount: float) -> None:
    """Pay so much a share to every position, and take it from every short one."""
    n = w.n
    s = w.s
    paid = n[at.TRACE] + t * n[at.TRACE_WIDTH] + at.TR_DIVIDENDS
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        if n[seat + at.SEAT_SYMBOL] == symbol and s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0:
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                money = round_money(s[n[key + at.KEY_STATE] + at.QTY] * amount)
                if money != 0.0:
                    credit(n, s, key, money)
                    s[paid] += money
