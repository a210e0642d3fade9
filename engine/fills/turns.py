"""Whose turn it is to enter at a close (floor 2): by (strategy, rule, symbol)."""

from engine.fills import layout as at
from engine.fills.entries import decide_entry
from engine.fills.spreads import decide_spread


def decide_entries(w: at.Run, t: int) -> None:
    """Decide every entry that a rule wants at this close."""
    n = w.n
    for b in range(n[at.BOOK_COUNT]):
        book = n[at.BOOKS] + b * at.BOOK_WIDTH
        if w.s[n[book + at.BOOK_SCOPE] + at.FIRED] != 0.0:
            for j in range(n[book + at.BOOK_ENTRY_COUNT]):
                decide_keys(w, t, book, j)


def decide_keys(w: at.Run, t: int, book: int, j: int) -> None:
    """Decide what the j-th entry of each seat wants, if anything."""
    n = w.n
    s = w.s
    for i in range(n[book + at.BOOK_SEAT_COUNT]):
        seat = n[book + at.BOOK_SEATS] + i * at.SEAT_WIDTH
        key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
        wants = n[key + at.KEY_STATE] + at.WANTS
        if s[wants] != 0.0:
            s[wants] = 0.0
            if n[book + at.BOOK_SPREADS] != 0:
                decide_spread(w, t, book, j)
            else:
                decide_entry(w, t, seat, key)
