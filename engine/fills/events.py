"""Event buffers (floor 2): flat records that are counted even when there is no room for them."""

from engine import fields as field
from engine.fills import layout as at
from engine.fills.booking import magnitude
from engine.fills.cap import INFINITE


def new_record(n: at.Ints, s: at.Floats, kind: int) -> int:
    """Where in s the next record of this kind goes, or -1 when its buffer is full.

    The driver reads the counts after the run and starts again with room enough."""
    count = int(s[kind])
    s[kind] = count + 1.0
    row = at.BUFFERS + kind * at.BUFFER_WIDTH
    if count >= n[row + 1]:
        return -1
    return n[row] + count * n[row + 2]


def record_of(n: at.Ints, kind: int, k: int) -> int:
    """Where in s the k-th record of this kind lies, or -1 when there was no room for it."""
    row = at.BUFFERS + kind * at.BUFFER_WIDTH
    return n[row] + k * n[row + 2] if k < n[row + 1] else -1


def note_lapse(n: at.Ints, s: at.Floats, t: int, key: int, order: int, reason: int) -> None:
    """Record that what was left of an order will not fill."""
    e = new_record(n, s, at.LAPSES)
    if e < 0:
        return
    s[e] = t
    s[e + 1] = n[n[key + at.KEY_BOOK] + at.BOOK_NUMBER]
    s[e + 2] = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_NUMBER]
    s[e + 3] = n[key + at.KEY_ENTRY]
    s[e + 4] = s[order + at.SOURCE]
    s[e + 5] = s[order + at.RULE]
    left = s[order + at.LEFT]
    held = magnitude(s[n[key + at.KEY_STATE] + at.QTY])
    s[e + 6] = left if left < INFINITE else held
    s[e + 7] = reason


def note_verdict(
    n: at.Ints,
    s: at.Floats,
    t: int,
    key: int,
    source: int,
    rule: int,
    side: float,
    asked: float,
    granted: float,
    price: float,
    outcome: int,
    limit_set: float,
    switch: float,
) -> None:
    """Record what became of one order at the close of t; limit_set -1: no switch blocked it."""
    e = new_record(n, s, at.VERDICTS)
    if e < 0:
        return
    s[e] = t
    s[e + 1] = n[n[key + at.KEY_BOOK] + at.BOOK_NUMBER]
    s[e + 2] = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_NUMBER]
    s[e + 3] = source
    s[e + 4] = rule
    s[e + 5] = side
    s[e + 6] = asked
    s[e + 7] = granted
    s[e + 8] = price
    s[e + 9] = outcome
    s[e + 10] = limit_set
    s[e + 11] = switch


def note_said(
    n: at.Ints, s: at.Floats, limit_set: int, limit: int, said: int, value: float
) -> None:
    """Record one limit's answer to the order whose verdict comes next."""
    verdict = s[at.VERDICTS]
    e = new_record(n, s, at.SAIDS)
    if e < 0:
        return
    s[e] = verdict
    s[e + 1] = limit_set
    s[e + 2] = limit
    s[e + 3] = said
    s[e + 4] = value


def note_asking(n: at.Ints, s: at.Floats, group: int, f: int) -> None:
    """Record what a limit set saw of the order whose verdict comes next, and what its limits
    made of it."""
    verdict = s[at.VERDICTS]
    e = new_record(n, s, at.ASKINGS)
    if e < 0:
        return
    s[e] = verdict
    s[e + 1] = n[group + at.SET_NUMBER]
    for k in range(field.WIDTH):
        s[e + 2 + k] = s[f + k]
    first = e + 2 + field.WIDTH
    for j in range(n[group + at.SET_LIMIT_COUNT]):
        limit = n[group + at.SET_LIMITS] + j * at.LIMIT_WIDTH
        s[first + j] = s[n[at.OUT_DECIDE] + n[limit + at.LIMIT_OUT]]
    first += n[group + at.SET_LIMIT_COUNT]
    for k in range(n[group + at.SET_ASK_COUNT]):
        s[first + k] = s[f + field.WIDTH + k]


def note_switch(n: at.Ints, s: at.Floats, t: int, group: int, switch: int, on: int, v: int) -> None:
    """Record that a switch was entered (on > 0) or left; v is the truth value that did it."""
    e = new_record(n, s, at.SWITCHINGS)
    if e < 0:
        return
    s[e] = t
    s[e + 1] = n[group + at.SET_NUMBER]
    s[e + 2] = n[switch + at.SWITCH_NUMBER]
    s[e + 3] = on
    s[e + 4] = v
