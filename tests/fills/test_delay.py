"""A desk with a delay: orders fill so many bars later, entries and exits alike, worked by hand."""

from dataclasses import replace

import pytest

from engine.records.account import DAY_OVER, FROM_LEVEL
from engine.records.desk import GTC, LIMIT, STOP_LEVEL
from engine.run.account import run_account

from . import random_desks
from .make import (
    NAN,
    WEIGHT,
    Script,
    book_of,
    desk_of,
    entry,
    exit_row,
    fills,
    level_row,
    run,
    tape_of,
)

RISING = [(100.0 + k, 100.5 + k, 99.5 + k, 100.2 + k) for k in range(8)]


def later(*books: object, bars: object = RISING, delay: int = 1, **more: object) -> object:
    return run(tape_of(bars), *books, delay=delay, **more)  # type: ignore[arg-type]


def test_an_entry_and_an_exit_fill_one_bar_later_each() -> None:
    script = Script(8).enter(0, 10).leave(3)
    book = book_of(script, entries=[entry()], exits=[exit_row()])
    assert fills(run(tape_of(RISING), book)) == [(1, 10, 101.0), (4, -10, 104.0)]
    assert fills(later(book)) == [(2, 10, 102.0), (5, -10, 105.0)]  # type: ignore[arg-type]
    assert fills(later(book, delay=2)) == [(3, 10, 103.0), (6, -10, 106.0)]  # type: ignore[arg-type]


def test_a_short_entry_and_its_exit_are_late_too() -> None:
    script = Script(8).enter(1, 10).leave(4)
    book = book_of(script, entries=[entry(side=-1)], exits=[exit_row()])
    assert fills(later(book)) == [(3, -10, 103.0), (6, 10, 106.0)]  # type: ignore[arg-type]


def test_a_day_order_expires_after_the_first_bar_on_which_it_could_fill() -> None:
    """The limit is touched on bar 1 (under way), not on bar 2 (its day), on bar 3 (too late)."""
    bars = [
        (100.0, 101.0, 99.5, 100.0),
        (100.0, 101.0, 97.0, 100.0),
        (100.0, 101.0, 99.5, 100.0),
        (100.0, 101.0, 97.0, 100.0),
        (100.0, 101.0, 99.5, 100.0),
    ]
    book = book_of(Script(5).enter(0, 10, 98.0), entries=[entry(kind=LIMIT)])
    assert fills(run(tape_of(bars), book)) == [(1, 10, 98.0)]
    late = later(book, bars=bars)
    assert fills(late) == []  # type: ignore[arg-type]
    assert [(x.bar, x.reason) for x in late.lapses] == [(2, DAY_OVER)]  # type: ignore[attr-defined]
    assert late.counts[0].expired == 1  # type: ignore[attr-defined]
    stays = book_of(Script(5).enter(0, 10, 98.0), entries=[entry(kind=LIMIT, tif=GTC)])
    assert fills(later(stays, bars=bars)) == [(3, 10, 98.0)]  # type: ignore[arg-type]


def test_a_stop_acts_from_the_late_fill_on_and_on_its_bar() -> None:
    """The stop at 99 is broken on bar 1, where nothing is held yet, and on bar 2, of the fill."""
    bars = [
        (100.0, 101.0, 99.5, 100.0),
        (100.0, 101.0, 98.0, 100.0),
        (101.0, 101.5, 98.5, 101.0),
        (101.0, 102.0, 100.0, 101.0),
    ]
    script = Script(4).enter(0, 10).level(99.0)
    book = book_of(script, entries=[entry()], levels=[level_row(STOP_LEVEL)])
    assert fills(run(tape_of(bars), book)) == [(1, 10, 100.0), (1, -10, 99.0)]
    assert fills(later(book, bars=bars)) == [(2, 10, 101.0), (2, -10, 99.0)]  # type: ignore[arg-type]


def test_what_a_stop_could_not_fill_goes_on_at_the_next_open_all_the_same() -> None:
    bars = [
        (100.0, 100.0, 100.0, 100.0),
        (100.0, 100.0, 100.0, 100.0),
        (100.0, 100.0, 100.0, 100.0),
        (100.0, 100.0, 95.0, 96.0),
        (94.0, 95.0, 93.0, 94.0),
    ]
    script = Script(5).enter(0, 100).level(98.0)
    book = book_of(script, entries=[entry()], levels=[level_row(STOP_LEVEL)])
    costs = replace(desk_of(tape_of(bars), book).costs, participation=0.1)
    tape = tape_of(bars, volume=[[1e6, 1e6, 1e6, 600.0, 1e6]])
    late = run(tape, book, costs=costs, delay=1)
    assert fills(late) == [(2, 100, 100.0), (3, -60, 98.0), (4, -40, 94.0)]


def test_an_exit_under_way_does_not_stop_a_stop() -> None:
    bars = [
        *[(100.0, 101.0, 99.5, 100.0)] * 3,
        (100.0, 100.0, 97.0, 98.0),
        (98.0,) * 4,
        (98.0,) * 4,
    ]
    script = Script(6).enter(0, 10).leave(2).level(98.5)
    book = book_of(script, entries=[entry()], exits=[exit_row()], levels=[level_row(STOP_LEVEL)])
    late = later(book, bars=bars)
    assert fills(late) == [(2, 10, 100.0), (3, -10, 98.5)]  # type: ignore[arg-type]


def test_a_rebalance_leaves_an_earlier_one_alone_until_it_has_arrived() -> None:
    """A weight that is due at every close: each order is placed after the last has filled."""
    flat = [(100.0,) * 4] * 8
    script = Script(8)
    for bar in range(8):
        script.weigh(bar, 0.1 * (bar + 1))
    book = book_of(script, weight_out=WEIGHT)
    assert [f.bar for f in run(tape_of(flat), book).fills] == [1, 2, 3, 4, 5, 6, 7]
    late = later(book, bars=flat)
    assert [(f.decided, f.bar) for f in late.fills] == [(0, 2), (2, 4), (4, 6)]  # type: ignore[attr-defined]
    assert late.position_qty[0][0][-1] == 500.0  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(40))
def test_no_decided_order_fills_before_it_has_arrived(seed: int) -> None:
    desk = random_desks.random_desk(seed)
    for delay in (1, 3):
        made = run_account(replace(desk, delay=delay)).fills
        assert all(f.bar > f.decided + delay for f in made if f.source != FROM_LEVEL)


def test_no_delay_is_the_desk_as_it_was() -> None:
    desk = random_desks.random_desk(7)
    assert desk.delay == 0
    assert NAN != NAN  # repr compares nan as text
    assert repr(run_account(desk)) == repr(run_account(replace(desk, delay=0)))
