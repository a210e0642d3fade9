"""Money, books and weights, each with its numbers worked out in comments."""

from dataclasses import replace
from typing import Any

import pytest

from engine import fields as field
from engine.records import account
from engine.records.desk import (
    LIMIT,
    STOP_LEVEL,
    WEEKLY,
    CostRow,
    InstrumentRow,
)
from engine.run.account import run_account

from .make import (
    FREE,
    NAN,
    WEIGHT,
    Script,
    bars,
    book_of,
    copy_rule,
    desk_of,
    entry,
    exit_row,
    fills,
    flat,
    level_row,
    run,
    tape_of,
)


def test_money_becomes_shares_at_the_deciding_close_or_the_limit() -> None:
    tape = tape_of(bars((100, 100, 100, 99), (98, 99, 97, 98)))
    # 1,000 / 99 = 10.1
    history = run(tape, book_of(Script(2).enter(0, 1000.0), entries=[entry(money=True)]))
    assert history.fills[0].qty == 10.0
    # 1,000 / 98 = 10.2; 1,000 / 40 = 25
    book = book_of(Script(2).enter(0, 1000.0, 40.0), entries=[entry(money=True, kind=LIMIT)])
    assert run(tape, book).verdicts[0].asked == 25.0


def test_no_size_and_no_shares_are_told_apart() -> None:
    tape = tape_of(flat(100, 4))
    script = Script(4).enter(0, NAN).enter(1, 0.4).enter(2, 5)
    history = run(tape, book_of(script, entries=[entry()]))
    assert [v.outcome for v in history.verdicts] == [
        account.UNSIZED,
        account.ZERO,
        account.ALLOWED,
    ]
    count = history.counts[0]
    assert (count.fired, count.unsized, count.zero, count.sent, count.filled) == (3, 1, 1, 1, 1)


def test_an_entry_is_ignored_while_open_or_working() -> None:
    tape = tape_of(flat(100, 5))
    script = Script(5)
    for bar in range(4):
        script.enter(bar, 10, 90.0)
    book = book_of(script, entries=[entry(kind=LIMIT, tif=1)])
    history = run(tape, book)
    assert (history.counts[0].sent, history.counts[0].ignored) == (1, 3)
    history = run(tape, book_of(script, entries=[entry()]))
    assert (len(history.fills), history.counts[0].ignored) == (1, 3)


def test_buying_power_cuts_at_the_fill() -> None:
    # all of 100,000 at the close of 100 is 1,000 shares; at the open of 104 it pays for 961
    tape = tape_of(bars((100, 100, 100, 100), (104, 104, 104, 104)))
    history = run(tape, book_of(Script(2).enter(0, 100000.0), entries=[entry(money=True)]))
    assert [(f.qty, f.cut) for f in history.fills] == [(961.0, 39.0)]
    assert [(v.qty, v.reason) for v in history.lapses] == [(39.0, account.NO_POWER)]
    # with 1 a share: 100,000 / 105 = 952
    costs = CostRow(per_share=1.0, interest=False)
    history = run(
        tape, book_of(Script(2).enter(0, 100000.0), entries=[entry(money=True)]), costs=costs
    )
    assert history.fills[0].qty == 952.0
    assert history.cash[1] == 100000.0 - 952 * 105


def test_shorts_use_buying_power_too() -> None:
    tape = tape_of(flat(100, 2))
    history = run(tape, book_of(Script(2).enter(0, 2000), entries=[entry(side=-1)]))
    assert fills(history) == [(1, -1000.0, 100.0)]


def test_a_short_pays_borrow_and_cash_earns_interest() -> None:
    # short 100 at 50 for 3 days at 3.6%: 5,000 x 0.036 x 3 / 360 = 1.5
    # its proceeds are collateral; the other 10,000 at 2.4%: 10,000 x 0.024 x 3 / 360 = 2.0
    tape = tape_of(flat(50, 3), days=[0, 1, 4], cash_rate=[0.0, 0.024, 0.024])
    desk = desk_of(tape, book_of(Script(3).enter(0, 100), entries=[entry(side=-1)]))
    desk = replace(
        desk,
        cash=10000.0,
        costs=CostRow(),
        instruments=(InstrumentRow("S0", 1.0, 0.01, True, 0.036),),
    )
    history = run_account(desk)
    assert history.borrow == [0.0, 0.0, 1.5]
    assert history.interest == [0.0, 0.0, 2.0]
    assert history.equity == [10000.0, 10000.0, 10000.5]


def earns(settles: list[int]) -> list[float]:
    """Interest per bar at 3.6%: 100 shares bought at 100 on bar 1, sold at 100 on bar 3."""
    tape = tape_of(flat(100, 9), cash_rate=[0.036] * 9, settles=settles)
    script = Script(9).enter(0, 100).leave(2)
    book = book_of(script, entries=[entry()], exits=[exit_row()])
    return [round(x, 1) for x in run(tape, book, costs=CostRow()).interest]


@pytest.mark.parametrize(
    ("cycle", "days"),
    [
        # 100,000 earns 10 a day, 90,000 earns 9: from the bar after the purchase settles to the
        # bar at which the sale does
        (0, [0, 10, 9, 9, 10, 10, 10, 10, 10]),
        (1, [0, 10, 10, 9, 9, 10, 10, 10, 10]),
        (3, [0, 10, 10, 10, 10, 9, 9, 10, 10]),
        (5, [0, 10, 10, 10, 10, 10, 10, 9, 9]),
        (7, [0, 10, 10, 10, 10, 10, 10, 10, 10]),
    ],
)
def test_a_trade_counts_in_settled_cash_when_it_settles(cycle: int, days: list[float]) -> None:
    assert earns([t + cycle for t in range(9)]) == days


def test_a_cycle_may_shorten_under_way() -> None:
    """Bought with two bars to go and sold with one: both settle on bar 3 or 4."""
    assert earns([2, 3, 4, 4, 5, 6, 7, 8, 9]) == [0, 10, 10, 10, 9, 10, 10, 10, 10]


@pytest.mark.parametrize("settles", [[0, 0, 2], [8, 9, 10], [0, 1]])
def test_a_tape_that_the_loop_cannot_settle_is_refused(settles: list[int]) -> None:
    with pytest.raises(ValueError):
        run(tape_of(flat(100, 3), settles=settles), book_of(Script(3)))


def test_what_cannot_be_sold_short_is_denied() -> None:
    tape = tape_of(flat(100, 2))
    desk = desk_of(tape, book_of(Script(2).enter(0, 10), entries=[entry(side=-1)]))
    desk = replace(desk, instruments=(InstrumentRow("S0", 1.0, 0.01, False, NAN),))
    history = run_account(desk)
    assert history.fills == ()
    assert history.verdicts[0].outcome == account.NOT_SHORTABLE
    assert history.counts[0].denied == 1


def test_average_cost_pnl_and_fees_of_a_round_trip() -> None:
    costs = CostRow(per_share=0.01, per_order=1.0, commission=0.001, interest=False)
    tape = tape_of(bars((50, 50, 50, 50), (50, 50, 50, 50), (55, 55, 55, 55), (55, 55, 55, 55)))
    script = Script(4).enter(0, 200).leave(1)
    history = run(tape, book_of(script, entries=[entry()], exits=[exit_row()]), costs=costs)
    # in: 2 + 1 + 10; out: 2 + 1 + 11
    assert [f.fee for f in history.fills] == [13.0, 14.0]
    trip = history.round_trips[0]
    assert (trip.entry_price, trip.exit_price, trip.fees, trip.pnl) == (50.0, 55.0, 27.0, 973.0)
    assert history.equity[-1] == 100973.0


def test_an_open_position_at_the_end_is_a_round_trip_not_closed() -> None:
    tape = tape_of(bars((100, 100, 100, 100), (100, 100, 100, 103)))
    history = run(tape, book_of(Script(2).enter(0, 10), entries=[entry()]))
    trip = history.round_trips[0]
    assert (trip.closed, trip.exit_price, trip.pnl) == (False, 103.0, 30.0)


def test_an_opposite_entry_closes_the_other_first() -> None:
    tape = tape_of(flat(100, 3) + bars((102, 102, 102, 102)))
    script = Script(4).enter(0, 10).enter(2, 5, entry=1)
    history = run(tape, book_of(script, entries=[entry(), entry(1, side=-1)]))
    assert fills(history) == [(1, 10.0, 100.0), (3, -10.0, 102.0), (3, -5.0, 102.0)]
    assert [f.source for f in history.fills[1:]] == [account.FROM_REVERSAL, account.FROM_ENTRY]
    assert history.position_qty[0][0][-1] == -5.0


def test_a_reversal_is_judged_apart_from_its_exit() -> None:
    tape = tape_of(flat(100, 4))
    script = Script(4).enter(0, 10).enter(2, 5, entry=1)
    desk = desk_of(tape, book_of(script, entries=[entry(), entry(1, side=-1)]))
    desk = replace(desk, instruments=(InstrumentRow("S0", 1.0, 0.01, False, NAN),))
    history = run_account(desk)
    assert fills(history) == [(1, 10.0, 100.0), (3, -10.0, 100.0)]


def test_weights_rebalance_and_flip() -> None:
    # half of 100,000 at 100 is 500; at 125 half of 112,500 is 450, and -20% of it is -180
    tape = tape_of(
        bars(
            (100, 100, 100, 100), (100, 125, 100, 125), (125, 125, 125, 125), (125,) * 4, (125,) * 4
        )
    )
    script = Script(5).weigh(0, 0.5).weigh(1, 0.5).weigh(2, -0.2).weigh(3, NAN).weigh(4, -0.2)
    history = run(tape, book_of(script, weight_out=WEIGHT))
    assert fills(history) == [
        (1, 500.0, 100.0),
        (2, -50.0, 125.0),
        (3, -450.0, 125.0),
        (3, -180.0, 125.0),
    ]
    assert {f.entry for f in history.fills} == {-1}
    assert [v.outcome for v in history.verdicts if v.bar == 3] == [account.UNSIZED]
    assert [t.side for t in history.round_trips] == [1, -1]


def test_weights_move_only_when_due() -> None:
    tape = tape_of(flat(100, 4), week_end=[0.0, 1.0, 0.0, 0.0])
    script = Script(4).weigh(0, 0.5).weigh(1, 0.3).weigh(2, 0.9)
    history = run(tape, book_of(script, weight_out=WEIGHT, rebalance=WEEKLY))
    assert fills(history) == [(2, 300.0, 100.0)]


def test_a_stop_ends_a_weight_position() -> None:
    tape = tape_of(flat(100, 2) + bars((100, 100, 90, 92)))
    script = Script(3).weigh(0, 0.1).weigh(1, 0.1).level(-5.0, 1.0)
    book = book_of(script, weight_out=WEIGHT, levels=[level_row(STOP_LEVEL, entries=())])
    assert fills(run(tape, book)) == [(1, 100.0, 100.0), (2, -100.0, 95.0)]


def test_two_books_in_one_symbol_do_not_net() -> None:
    tape = tape_of(flat(100, 2) + bars((110, 110, 110, 110)))
    long = book_of(Script(3).enter(0, 100), entries=[entry()], capital=3.0)
    short = book_of(Script(3).enter(0, 50), entries=[entry(side=-1)], capital=1.0)
    history = run(tape, long, short)
    # 75,000 + 100 x 10; 25,000 - 50 x 10; gross 11,000 + 5,500
    assert history.book_equity == [[75000.0, 75000.0, 76000.0], [25000.0, 25000.0, 24500.0]]
    assert history.gross == [0.0, 15000.0, 16500.0]
    assert history.equity[-1] == 100500.0


def test_a_book_spends_only_its_own_share() -> None:
    tape = tape_of(flat(100, 2))
    rich = book_of(Script(2), entries=[entry()], capital=3.0)
    poor = book_of(Script(2).enter(0, 900), entries=[entry()], capital=1.0)
    assert fills(run(tape, rich, poor)) == [(1, 250.0, 100.0)]


# ---------------------------------------------------------------- rules, ruin, buffers


def count_calls(calls: list[float]) -> Any:
    def rule(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
        copy_rule(row, r, fields, f, cells, c, out, o)
        calls.append(fields[f + field.POSITION_AGE])
        cells[c] += 1.0
        out[o + WEIGHT] = cells[c]

    return rule


def test_age_and_folds_start_with_the_position() -> None:
    calls: list[float] = []
    script = Script(5).enter(0, 10).leave(3)
    book = book_of(
        script,
        entries=[entry()],
        exits=[exit_row()],
        rule=count_calls(calls),
        cells_init=(0.0,),
        fold_cells=1,
    )
    run(tape_of(flat(100, 5)), book)
    assert [str(a) for a in calls] == ["nan", "1.0", "2.0", "3.0", "nan"]


def test_a_rule_that_cannot_fire_is_not_run_while_flat() -> None:
    calls: list[float] = []
    script = Script(5).enter(2, 10)
    book = book_of(
        script,
        entries=[entry()],
        rule=count_calls(calls),
        cells_init=(0.0,),
        fold_cells=1,
        may_fire=0,
    )
    history = run(tape_of(flat(100, 5)), book)
    assert len(calls) == 3
    assert history.counts[0].bars == 5


def test_ruin_ends_the_run() -> None:
    tape = tape_of(flat(100, 2) + flat(300, 3))
    history = run(tape, book_of(Script(5).enter(0, 1000), entries=[entry(side=-1)]))
    # short 1,000 at 100; at 300 it owes 200,000 more than it has
    assert (history.ruined, history.bars, len(history.equity)) == (True, 3, 3)
    assert history.equity[-1] == -100000.0


def test_full_buffers_are_run_again_and_nothing_is_lost() -> None:
    script = Script(40)
    for bar in range(0, 38, 2):
        script.enter(bar, 10).leave(bar + 1)
    desk = desk_of(tape_of(flat(100, 40)), book_of(script, entries=[entry()], exits=[exit_row()]))
    assert repr(run_account(desk, room=(1,) * 6)) == repr(run_account(desk))
    assert len(run_account(desk, room=(1,) * 6).fills) == 38


def test_no_books_and_no_bars() -> None:
    history = run_account(desk_of(tape_of(flat(100, 3)), costs=FREE))
    assert history.equity == [100000.0] * 3
