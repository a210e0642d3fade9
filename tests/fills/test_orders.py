"""Entries, exits, stops and targets inside a bar, each with its numbers worked out in comments."""

from engine.records import account
from engine.records.desk import (
    GTC,
    LIMIT,
    STOP,
    STOP_LEVEL,
    TARGET_LEVEL,
    TRAIL_LEVEL,
    CostRow,
)

from .make import NAN, Script, bars, book_of, entry, exit_row, fills, flat, level_row, run, tape_of


def test_a_market_entry_fills_at_the_next_open() -> None:
    tape = tape_of(bars((100, 101, 99, 100), (102, 103, 101, 102)))
    history = run(tape, book_of(Script(2).enter(0, 10), entries=[entry()]))
    assert fills(history) == [(1, 10.0, 102.0)]
    assert history.fills[0].decided == 0
    # 100,000 - 10 x 102, and 10 shares at 102
    assert history.cash == [100000.0, 98980.0]
    assert history.equity == [100000.0, 100000.0]


def test_a_gap_through_a_stop_fills_at_the_open() -> None:
    # entered at 100 with a stop at 95; the next bar opens at 90
    tape = tape_of(bars((100, 100, 100, 100), (100, 101, 99, 100), (90, 92, 88, 91)))
    script = Script(3).enter(0, 10).level(-5.0, 1.0)
    history = run(tape, book_of(script, entries=[entry()], levels=[level_row(STOP_LEVEL)]))
    assert fills(history) == [(1, 10.0, 100.0), (2, -10.0, 90.0)]
    trip = history.round_trips[0]
    # planned 10 x 5, lost 10 x 10
    assert (trip.planned_loss, trip.pnl, trip.closed) == (50.0, -100.0, True)


def test_a_stop_acts_on_the_entry_bar() -> None:
    tape = tape_of(bars((100, 100, 100, 100), (100, 101, 94, 99)))
    script = Script(2).enter(0, 10).level(-5.0, 1.0)
    history = run(tape, book_of(script, entries=[entry()], levels=[level_row(STOP_LEVEL)]))
    assert fills(history) == [(1, 10.0, 100.0), (1, -10.0, 95.0)]


def test_both_exits_touched_in_one_bar_is_the_stop() -> None:
    tape = tape_of(bars((100, 100, 100, 100), (100, 100, 100, 100), (100, 120, 80, 110)))
    script = Script(3).enter(0, 10).level(-5.0, 1.0).level(5.0, 1.0, level=1)
    levels = [level_row(STOP_LEVEL), level_row(TARGET_LEVEL, 1)]
    history = run(tape, book_of(script, entries=[entry()], levels=levels))
    assert fills(history) == [(1, 10.0, 100.0), (2, -10.0, 95.0)]


def test_an_open_beyond_the_target_fills_there_before_the_stop_is_met() -> None:
    tape = tape_of(bars((100, 100, 100, 100), (100, 100, 100, 100), (108, 120, 80, 110)))
    script = Script(3).enter(0, 10).level(-5.0, 1.0).level(5.0, 1.0, level=1)
    levels = [level_row(STOP_LEVEL), level_row(TARGET_LEVEL, 1)]
    history = run(tape, book_of(script, entries=[entry()], levels=levels))
    assert fills(history)[1] == (2, -10.0, 108.0)


def test_a_target_acts_on_the_entry_bar_when_filled_at_the_open() -> None:
    tape = tape_of(bars((100, 100, 100, 100), (100, 106, 99, 104)))
    script = Script(2).enter(0, 10).level(5.0, 1.0)
    history = run(tape, book_of(script, entries=[entry()], levels=[level_row(TARGET_LEVEL)]))
    assert fills(history) == [(1, 10.0, 100.0), (1, -10.0, 105.0)]


def test_a_target_waits_when_the_entry_filled_in_the_path() -> None:
    # limit 98 reached in the path; the target of 103 is touched too, but acts on the next bar
    tape = tape_of(bars((100, 100, 100, 100), (100, 106, 97, 104), (102, 104, 101, 102)))
    script = Script(3).enter(0, 10, 98.0).level(5.0, 1.0)
    book = book_of(script, entries=[entry(kind=LIMIT)], levels=[level_row(TARGET_LEVEL)])
    assert fills(run(tape, book)) == [(1, 10.0, 98.0), (2, -10.0, 103.0)]


def test_a_buy_stop_and_its_own_stop_in_one_bar() -> None:
    # bought at 103, stop at 98; the low of 97 may have come first, but the loss is taken
    tape = tape_of(bars((100, 100, 100, 100), (100, 104, 97, 103)))
    script = Script(2).enter(0, 10, 103.0).level(-5.0, 1.0)
    book = book_of(script, entries=[entry(kind=STOP)], levels=[level_row(STOP_LEVEL)])
    assert fills(run(tape, book)) == [(1, 10.0, 103.0), (1, -10.0, 98.0)]


def test_a_stop_above_the_price_paid_sells_at_that_price() -> None:
    # the stop of 99 was computed from the signal bar; the limit of 98 fills below it
    tape = tape_of(bars((100, 100, 100, 100), (100, 100, 97, 98)))
    script = Script(2).enter(0, 10, 98.0).level(99.0)
    book = book_of(script, entries=[entry(kind=LIMIT)], levels=[level_row(STOP_LEVEL)])
    assert fills(run(tape, book)) == [(1, 10.0, 98.0), (1, -10.0, 98.0)]


def test_a_limit_entry_fills_at_a_better_open() -> None:
    tape = tape_of(bars((100, 100, 100, 100), (97, 99, 96, 98)))
    book = book_of(Script(2).enter(0, 10, 98.0), entries=[entry(kind=LIMIT)])
    assert fills(run(tape, book)) == [(1, 10.0, 97.0)]


def test_a_day_order_expires_and_a_gtc_order_stays() -> None:
    tape = tape_of(bars((100, 100, 100, 100), (100, 101, 99, 100), (97, 99, 96, 98)))
    for tif, count in ((0, 0), (GTC, 1)):
        history = run(
            tape, book_of(Script(3).enter(0, 10, 98.0), entries=[entry(kind=LIMIT, tif=tif)])
        )
        assert len(history.fills) == count
        assert history.counts[0].expired == 1 - count
        assert [v.reason for v in history.lapses] == [account.DAY_OVER] * (1 - count)


def test_a_trail_acts_from_the_next_bar_and_only_tightens() -> None:
    # entered at bar 1 (low 90 does not matter yet); trail 95, then 97, then 94 which is ignored
    tape = tape_of(
        bars(
            (100, 100, 100, 100),
            (100, 101, 90, 100),
            (100, 102, 96, 101),
            (101, 102, 98, 100),
            (100, 101, 96, 98),
        )
    )
    script = Script(5).enter(0, 10).trail(1, 95.0).trail(2, 97.0).trail(3, 94.0).level(-5.0, 1.0)
    history = run(tape, book_of(script, entries=[entry()], levels=[level_row(TRAIL_LEVEL)]))
    assert fills(history) == [(1, 10.0, 100.0), (4, -10.0, 97.0)]
    # a trail counts as a stop: its first level plans the loss
    assert history.round_trips[0].planned_loss == 50.0


def test_a_short_trail_comes_down() -> None:
    tape = tape_of(flat(100, 2) + bars((100, 100, 100, 100), (100, 104, 100, 103)))
    script = Script(4).enter(0, 10).trail(1, 110.0).trail(2, 103.0)
    book = book_of(script, entries=[entry(side=-1)], levels=[level_row(TRAIL_LEVEL)])
    assert fills(run(tape, book)) == [(1, -10.0, 100.0), (3, 10.0, 103.0)]


def test_a_stop_exit_is_frozen_at_the_row_of_its_signal() -> None:
    # at the signal the stop is 95; later rows say 99, which changes nothing
    tape = tape_of(flat(100, 2) + bars((100, 100, 96, 98), (98, 98, 94, 95)))
    script = Script(4).enter(0, 10)
    script.level(99.0)
    from .make import LEVEL_BASE

    script.put(0, LEVEL_BASE, 95.0)
    history = run(tape, book_of(script, entries=[entry()], levels=[level_row(STOP_LEVEL)]))
    assert fills(history) == [(1, 10.0, 100.0), (3, -10.0, 95.0)]


def test_an_exit_rule_sells_at_the_next_open() -> None:
    tape = tape_of(flat(100, 3) + bars((105, 105, 105, 105)))
    script = Script(4).enter(0, 10).leave(2)
    history = run(tape, book_of(script, entries=[entry()], exits=[exit_row()]))
    assert fills(history) == [(1, 10.0, 100.0), (3, -10.0, 105.0)]
    assert history.fills[1].source == account.FROM_EXIT


def test_a_limit_exit_waits_for_its_price() -> None:
    tape = tape_of(flat(100, 3) + bars((100, 103, 99, 101), (101, 104, 100, 103)))
    script = Script(5).enter(0, 10).leave(2, 104.0)
    book = book_of(script, entries=[entry()], exits=[exit_row(kind=LIMIT, tif=GTC)])
    assert fills(run(tape, book))[1] == (4, -10.0, 104.0)
    book = book_of(script, entries=[entry()], exits=[exit_row(kind=LIMIT)])
    assert len(run(tape, book).fills) == 1


def test_a_protection_price_keeps_a_market_entry_from_a_wild_open() -> None:
    # last 100: nothing above 110
    tape = tape_of(bars((100, 100, 100, 100), (111, 112, 105, 106), (106, 106, 106, 106)))
    history = run(tape, book_of(Script(3).enter(0, 10), entries=[entry()]))
    assert history.fills == ()
    assert [v.reason for v in history.lapses] == [account.PROTECTED]
    history = run(tape, book_of(Script(3).enter(0, 10), entries=[entry(tif=GTC)]))
    assert fills(history) == [(2, 10.0, 106.0)]


def test_slippage_stops_at_the_limit_price() -> None:
    costs = CostRow(slippage=0.01, spread=0.2, interest=False)
    tape = tape_of(bars((100, 100, 100, 100), (99, 100, 98, 99)))
    book = book_of(Script(2).enter(0, 10, 99.5), entries=[entry(kind=LIMIT)])
    history = run(tape, book, costs=costs)
    assert fills(history) == [(1, 10.0, 99.5)]
    assert history.fills[0].slip == 5.0  # 10 x (99.5 - 99)
    history = run(tape, book_of(Script(2).enter(0, 10), entries=[entry()]), costs=costs)
    # 99 x 1.01 + 0.1
    assert abs(history.fills[0].price - 100.09) < 1e-9


def test_a_missing_bar_fills_nothing_and_keeps_the_order() -> None:
    tape = tape_of([(100, 100, 100, 100), None, (103, 104, 102, 103)])  # type: ignore[list-item]
    history = run(tape, book_of(Script(3).enter(0, 10).enter(1, 5), entries=[entry()]))
    assert fills(history) == [(2, 10.0, 103.0)]
    assert history.counts[0].bars == 2
    assert history.equity[1] == 100000.0


def test_close_only_bars_fill_and_stop_at_closes() -> None:
    close_only = [[1.0] * 4]
    tape = tape_of(
        bars((NAN, NAN, NAN, 100), (NAN, NAN, NAN, 101), (NAN, NAN, NAN, 97), (NAN,) * 3 + (94,)),
        at_close=close_only,
    )
    script = Script(4).enter(0, 10).level(-5.0, 1.0)
    history = run(tape, book_of(script, entries=[entry()], levels=[level_row(STOP_LEVEL)]))
    # bought at the next close, 101; the stop of 96 is first met by the close of 94
    assert fills(history) == [(1, 10.0, 101.0), (3, -10.0, 94.0)]


def test_a_real_close_without_a_real_open_ignores_the_path() -> None:
    tape = tape_of(bars((100, 100, 100, 100), (100, 120, 80, 102)), at_close=[[0.0, 1.0]])
    script = Script(2).enter(0, 10).level(-5.0, 1.0)
    history = run(tape, book_of(script, entries=[entry()], levels=[level_row(STOP_LEVEL)]))
    assert fills(history) == [(1, 10.0, 102.0)]


def test_volume_fills_an_order_in_parts() -> None:
    # a tenth of 400 shares a bar: 40, 40, 20
    costs = CostRow(participation=0.1, per_order=1.0, interest=False)
    tape = tape_of(flat(100, 5), volume=[[400.0] * 5])
    history = run(tape, book_of(Script(5).enter(0, 100), entries=[entry(tif=GTC)]), costs=costs)
    assert fills(history) == [(1, 40.0, 100.0), (2, 40.0, 100.0), (3, 20.0, 100.0)]
    assert [f.cut for f in history.fills] == [60.0, 20.0, 0.0]
    assert [f.fee for f in history.fills] == [1.0, 0.0, 0.0]
    history = run(tape, book_of(Script(5).enter(0, 100), entries=[entry()]), costs=costs)
    assert fills(history) == [(1, 40.0, 100.0)]
    assert [(v.qty, v.reason) for v in history.lapses] == [(60.0, account.DAY_OVER)]


def test_a_stop_that_volume_cuts_goes_on_at_market() -> None:
    costs = CostRow(participation=0.1, interest=False)
    tape = tape_of(
        flat(100, 3) + bars((100, 100, 94, 96), (97, 97, 97, 97), (98, 98, 98, 98)),
        volume=[[2000.0, 2000.0, 2000.0, 400.0, 400.0, 400.0]],
    )
    script = Script(6).enter(0, 100).level(-5.0, 1.0)
    book = book_of(script, entries=[entry()], levels=[level_row(STOP_LEVEL)])
    history = run(tape, book, costs=costs)
    # 40 at the stop of 95, then 40 and 20 at the opens
    assert fills(history)[1:] == [(3, -40.0, 95.0), (4, -40.0, 97.0), (5, -20.0, 98.0)]
    assert history.position_qty[0][0] == [0.0, 100.0, 100.0, 60.0, 20.0, 0.0]


def test_one_volume_is_shared_by_two_books() -> None:
    costs = CostRow(participation=0.1, interest=False)
    tape = tape_of(flat(100, 2), volume=[[1000.0] * 2])
    book = book_of(Script(2).enter(0, 60), entries=[entry()])
    history = run(tape, book, book, costs=costs)
    assert [f.qty for f in history.fills] == [60.0, 40.0]
