"""Deciding a spread (floor 2): every leg is sized and judged, and all are sent or none."""

from engine.fills import layout as at
from engine.fills.decisions import note_unsized
from engine.fills.entries import (
    close_opposed,
    note_idea,
    send_entry,
    wanted_shares,
)
from engine.fills.events import record_of
from engine.fills.judge import judge
from engine.fills.legs import leg_end, leg_key, leg_row
from engine.fills.mark import measure
from engine.fills.orders import end_order, entry_works, slot
from engine.fills.windows import enter_event, unsend
from engine.records import account, desk


def decide_spread(w: at.Run, t: int, book: int, first: int) -> None:
    """Decide a spread that fired, from its first leg on."""
    n = w.n
    s = w.s
    end = leg_end(n, book, first)
    outcome = readiness(n, s, book, first, end)
    for j in range(first, end):
        key = leg_key(n, book, j)
        s[n[key + at.KEY_STATE] + at.WANTS] = 0.0
        if outcome != account.ALLOWED:
            note_unsent(n, s, t, key, outcome)
    if outcome == account.ALLOWED:
        for j in range(first, end):
            key = leg_key(n, book, j)
            side = float(n[leg_row(n, book, j) + at.ENTRY_SIDE])
            close_opposed(n, s, t, n[key + at.KEY_SEAT], j, side)
        judge_legs(w, t, book, first, end)


def readiness(n: at.Ints, s: at.Floats, book: int, first: int, end: int) -> int:
    """What keeps a spread from being put to the limits; ALLOWED when nothing does."""
    found = account.ALLOWED
    for j in range(first, end):
        key = leg_key(n, book, j)
        if s[n[key + at.KEY_STATE] + at.QTY] != 0.0 or entry_works(n, s, key):
            return account.IGNORED
        qty = leg_shares(n, s, book, j)
        is_here = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.HERE] != 0.0
        if qty != qty or not is_here:
            found = account.UNSIZED
        elif qty == 0.0 and found == account.ALLOWED:
            found = account.ZERO
    return found


def leg_shares(n: at.Ints, s: at.Floats, book: int, j: int) -> float:
    """Shares that a leg wants; nan when unknown."""
    in_money = n[leg_row(n, book, j) + at.ENTRY_IN_MONEY] != 0
    return wanted_shares(n, s, leg_key(n, book, j), desk.MARKET, in_money)


def note_unsent(n: at.Ints, s: at.Floats, t: int, key: int, outcome: int) -> None:
    """Record and tally a leg that became no order."""
    entry = n[key + at.KEY_ENTRY]
    side = float(n[leg_row(n, n[key + at.KEY_BOOK], entry) + at.ENTRY_SIDE])
    tally = n[key + at.KEY_TALLY]
    if outcome == account.UNSIZED:
        s[tally + at.T_UNSIZED] += 1.0
        note_unsized(n, s, t, key, account.FROM_ENTRY, entry, side)
        return
    s[tally + (at.T_IGNORED if outcome == account.IGNORED else at.T_ZERO)] += 1.0
    note_idea(n, s, t, key, account.FROM_ENTRY, side, outcome)


def judge_legs(w: at.Run, t: int, book: int, first: int, end: int) -> None:
    """Put the legs to the limits one after the other, each seeing those before it as sent.

    One that does not pass whole, clipped included, takes all others with it.
    """
    n = w.n
    s = w.s
    verdict = int(s[at.VERDICTS])
    for j in range(first, end):
        key = leg_key(n, book, j)
        qty = leg_shares(n, s, book, j)
        side = float(n[leg_row(n, book, j) + at.ENTRY_SIDE])
        price = s[n[n[key + at.KEY_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
        granted = judge(w, t, key, account.FROM_ENTRY, j, side, qty, price)
        if granted < qty:
            withdraw(n, s, book, first, j, verdict, granted)
            refuse_rest(n, s, t, book, j + 1, end)
            return
        send_entry(n, s, t, key, account.FROM_ENTRY, side, desk.MARKET, desk.GTC, qty)


def withdraw(
    n: at.Ints,
    s: at.Floats,
    book: int,
    first: int,
    refused: int,
    verdict: int,
    granted: float,
) -> None:
    """Take back the legs before the one that was refused, and what was granted to that."""
    for j in range(first, refused + 1):
        key = leg_key(n, book, j)
        e = record_of(n, at.VERDICTS, verdict + j - first)
        tally = n[key + at.KEY_TALLY]
        if j < refused:
            end_order(n, s, key, slot(n, key, at.ENTRY_SLOT))
            unsend(n, s, key, refused - j)
            refuse(s, tally, e, account.WITHDRAWN)
        elif granted > 0.0:
            s[tally + at.T_CLIPPED] -= 1.0
            refuse(s, tally, e, account.DENIED)
            if n[at.HAS_EVENTS] != 0:
                enter_event(n, s, key, desk.REFUSED_ORDERS, 1.0)
    measure(n, s)


def refuse(s: at.Floats, tally: int, e: int, outcome: int) -> None:
    """Turn a verdict that sent an order into one that did not."""
    s[tally + at.T_SENT] -= 1.0
    s[tally + at.T_DENIED] += 1.0
    if e >= 0:
        s[e + 7] = 0.0
        s[e + 9] = outcome


def refuse_rest(n: at.Ints, s: at.Floats, t: int, book: int, first: int, end: int) -> None:
    """Record the legs that no limit was asked about any more."""
    for j in range(first, end):
        key = leg_key(n, book, j)
        side = float(n[leg_row(n, book, j) + at.ENTRY_SIDE])
        s[n[key + at.KEY_TALLY] + at.T_DENIED] += 1.0
        note_idea(n, s, t, key, account.FROM_ENTRY, side, account.WITHDRAWN)
