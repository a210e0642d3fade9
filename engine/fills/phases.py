"""The account loop (floor 2): what happens on each bar, in the order that 2b-semantics fixes.

`open_and_path` is the simulated broker; a paper session uses `mark` and `decide_close` alone.
"""

from engine.fills import layout as at
from engine.fills.actions import book_actions
from engine.fills.bar import is_here
from engine.fills.closing import fill_at_close
from engine.fills.decisions import flatten_books, run_rules
from engine.fills.entries import decide_rebalances
from engine.fills.execution import note_open_trips
from engine.fills.mark import finance, measure, start_bar, value_close, write_trace
from engine.fills.orders import pull_orders
from engine.fills.path import (
    ends_session,
    entries_at_open,
    exits_at_open,
    expire_unseen,
    walk_path,
)
from engine.fills.switches import run_switches
from engine.fills.turns import decide_entries
from engine.fills.windows import start_periods


def open_and_path(w: at.Run, t: int) -> None:
    """Financing, splits and dividends, the open (exits before entries), each position's path,
    orders for the close."""
    n = w.n
    s = w.s
    start_bar(w, t)
    s[at.TODAY] = t
    if n[at.HAS_PERIODS] != 0:
        start_periods(w, t)
    finance(w, t)
    if s[at.ACTED] < n[at.ACTION_COUNT]:
        book_actions(w, t)
    if s[at.BUSY_SEATS] == 0.0:
        return
    exits_at_open(w, t)
    if s[at.ENTRIES] != 0.0:
        entries_at_open(w, t)
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        if s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0 and is_here(n, s, seat):
            walk_path(w, t, seat)
    if n[at.HAS_CLOSERS] != 0 and ends_session(w, t):
        fill_at_close(w, t)
    expire_unseen(w, t)


def mark(w: at.Run, t: int) -> None:
    """The close: value everything, then enter and leave pauses, flattens and halts."""
    value_close(w, t)
    run_switches(w, t)
    write_trace(w, t)


def decide_close(w: at.Run, t: int) -> None:
    """Decide the orders of this close: flattens, exits, rebalances, entries."""
    s = w.s
    if w.n[at.HAS_TRAILS] != 0:
        pull_orders(w.n, s)
        measure(w.n, s)  # limits count a working entry at the price it has now
    if s[at.FLATTENS] != 0.0 and s[at.BUSY_SEATS] != 0.0:
        flatten_books(w, t)
    if run_rules(w, t):
        decide_rebalances(w, t)
        decide_entries(w, t)


def replay(w: at.Run, first: int, end: int) -> int:
    """Run the bars from `first` up to `end`; how many have been run in all, which is fewer when
    the account was ruined. The last bar notes the round trips that are open."""
    n = w.n
    s = w.s
    for t in range(first, end):
        open_and_path(w, t)
        mark(w, t)
        if s[n[at.ACCOUNT] + at.EQUITY] <= 0.0:
            s[at.RUINED] = 1.0
            note_open_trips(n, s, t)
            return t + 1
        decide_close(w, t)
    if end == n[at.BARS]:
        note_open_trips(n, s, end - 1)
    return end
