"""The fields a compiled rule reads, written before each call (floor 2).

In a strategy, account.* is its book; in limits it is the limit set's scope. Open orders count at
worst case: every working entry fills, no working exit does.
"""

from engine import fields as field
from engine.fills import layout as at


def write_scope(n: at.Ints, s: at.Floats, t: int, scope: int, f: int) -> None:
    """The account.* fields of one scope."""
    write_money(s, scope, f)
    equity = s[scope + at.EQUITY]
    start = s[scope + at.START]
    gross = s[scope + at.GROSS] + s[scope + at.BUYS] + s[scope + at.SELLS]
    s[f + field.ACCOUNT_START_EQUITY] = start
    s[f + field.ACCOUNT_GROSS] = gross
    s[f + field.ACCOUNT_NET] = worst_net(s, scope)
    s[f + field.ACCOUNT_POSITIONS] = s[scope + at.POSITIONS]
    s[f + field.ACCOUNT_RETURN] = equity / start - 1.0 if start > 0.0 else at.NAN
    s[f + field.ACCOUNT_EXPOSURE_ROOM] = s[n[at.COSTS] + at.POWER] * equity - gross
    s[f + field.ACCOUNT_BARS] = float(t)


def write_limits_scope(n: at.Ints, s: at.Floats, t: int, group: int, f: int) -> None:
    """The account.* fields of a limit set: exposure and gains of its scope, and the money behind
    it, which is the account's where the scope has none of its own."""
    scope = n[group + at.SET_SCOPE]
    money = n[group + at.SET_MONEY]
    write_scope(n, s, t, scope, f)
    if money != scope:
        write_money(s, money, f)
        s[f + field.ACCOUNT_PNL_TODAY] = s[scope + at.EQUITY] - s[scope + at.BEFORE]
        write_room(n, s, money, f)


def write_room(n: at.Ints, s: at.Floats, money: int, f: int) -> None:
    """Start, return and buying power left of the money behind a scope without its own."""
    equity = s[money + at.EQUITY]
    start = s[money + at.START]
    gross = s[money + at.GROSS] + s[money + at.BUYS] + s[money + at.SELLS]
    s[f + field.ACCOUNT_START_EQUITY] = start
    s[f + field.ACCOUNT_RETURN] = equity / start - 1.0 if start > 0.0 else at.NAN
    s[f + field.ACCOUNT_EXPOSURE_ROOM] = s[n[at.COSTS] + at.POWER] * equity - gross


def write_money(s: at.Floats, scope: int, f: int) -> None:
    """Those account.* fields of one scope that most rules read, and no others."""
    equity = s[scope + at.EQUITY]
    s[f + field.ACCOUNT_EQUITY] = equity
    s[f + field.ACCOUNT_CASH] = s[scope + at.CASH]
    s[f + field.ACCOUNT_PEAK] = s[scope + at.PEAK]
    s[f + field.ACCOUNT_DRAWDOWN] = s[scope + at.DRAWDOWN]
    s[f + field.ACCOUNT_PNL_TODAY] = equity - s[scope + at.BEFORE]


def worst_net(s: at.Floats, scope: int) -> float:
    """Net exposure with working buys or sells filled, whichever takes it further from zero."""
    up = s[scope + at.NET] + s[scope + at.BUYS]
    down = s[scope + at.NET] - s[scope + at.SELLS]
    if (up if up > 0.0 else -up) >= (down if down > 0.0 else -down):
        return up
    return down


def write_market(s: at.Floats, symbol: int, f: int) -> None:
    """The market.* fields of one symbol's state."""
    s[f + field.MARKET_LAST] = s[symbol + at.LAST]
    s[f + field.MARKET_SHORTABLE] = s[symbol + at.SHORTABLE]
    s[f + field.MARKET_BORROW_RATE] = s[symbol + at.BORROW_RATE]


def write_position(s: at.Floats, state: int, last: float, f: int) -> None:
    """The position.* fields of one key."""
    qty = s[state + at.QTY]
    s[f + field.POSITION_QTY] = qty
    s[f + field.POSITION_VALUE] = qty * last if qty != 0.0 else 0.0
    if qty == 0.0:
        s[f + field.POSITION_ENTRY_PRICE] = at.NAN
        s[f + field.POSITION_LAST_ENTRY_PRICE] = at.NAN
        s[f + field.POSITION_AGE] = at.NAN
        s[f + field.POSITION_PNL] = at.NAN
        return
    s[f + field.POSITION_ENTRY_PRICE] = s[state + at.COST]
    s[f + field.POSITION_LAST_ENTRY_PRICE] = s[state + at.LAST_ENTRY]
    s[f + field.POSITION_AGE] = s[state + at.AGE]
    s[f + field.POSITION_PNL] = qty * (last - s[state + at.COST])


def write_sum(n: at.Ints, s: at.Floats, key: int, covers: int, last: float, f: int) -> None:
    """position.* as limits see it: one symbol in sum, over the seats that the set covers."""
    qty = 0.0
    paid = 0.0
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        is_here = n[seat + at.SEAT_SYMBOL] == n[key + at.KEY_SYMBOL]
        if is_here and n[covers + i] != 0:
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                state = n[n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH + at.KEY_STATE]
                qty += s[state + at.QTY]
                paid += s[state + at.QTY] * s[state + at.COST]
    s[f + field.POSITION_QTY] = qty
    s[f + field.POSITION_VALUE] = qty * last if qty != 0.0 else 0.0
    s[f + field.POSITION_ENTRY_PRICE] = paid / qty if qty != 0.0 else at.NAN


def write_order(
    s: at.Floats, side: float, qty: float, price: float, distance: float, f: int
) -> None:
    """The order.* fields of the order being judged."""
    s[f + field.ORDER_QTY] = qty
    s[f + field.ORDER_PRICE] = price
    s[f + field.ORDER_NOTIONAL] = qty * price
    s[f + field.ORDER_STOP_DISTANCE] = distance
    s[f + field.ORDER_IS_LONG] = 2.0 if side > 0.0 else 0.0
    s[f + field.ORDER_IS_SHORT] = 2.0 if side < 0.0 else 0.0


def clear_order(s: at.Floats, f: int) -> None:
    """No order, symbol or position: what a limit set's switches see on the clock alone."""
    for k in range(field.WIDTH):
        s[f + k] = at.NAN
    s[f + field.POSITION_QTY] = 0.0
    s[f + field.POSITION_VALUE] = 0.0
