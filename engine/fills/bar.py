"""The prices of a seat's bar (floor 2)."""

from engine.fills import layout as at


def bar_prices(w: at.Run, t: int, seat: int) -> tuple[float, float, float, float]:
    """Open, high, low of the seat's bar, and 1 when it fills at its close only."""
    x = w.n[w.n[seat + at.SEAT_SYMBOL] + at.SYMBOL_TAPE] + t * at.BAR_WIDTH
    o = w.tape[x + at.OPEN]
    h = w.tape[x + at.HIGH]
    low = w.tape[x + at.LOW]
    is_known = o == o and h == h and low == low
    if w.tape[x + at.AT_CLOSE] != 0.0 or not is_known:
        close = w.tape[x + at.CLOSE]
        return close, close, close, 1.0
    return o, h, low, 0.0


def is_here(n: at.Ints, s: at.Floats, seat: int) -> bool:
    """Whether a seat has a bar now."""
    return s[n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE] + at.HERE] != 0.0


def may_exit(n: at.Ints, s: at.Floats, seat: int) -> bool:
    """Whether anything on a busy seat could close a position: a level, or an order beside it."""
    has_levels = n[n[seat + at.SEAT_BOOK] + at.BOOK_LEVEL_COUNT] != 0
    return has_levels or s[n[seat + at.SEAT_STATE] + at.BUSY] > 1.0
