"""Bars of minutes: what goes by the bar and what by the session."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.ledger import differences, identity_gaps

from engine import fields as field
from engine.records.account import DAY_OVER, History
from engine.records.desk import GTC, LIMIT, CostRow, Desk, Tape
from engine.run.account import run_account

from .make import WEIGHT, Script, book_of, desk_of, entry, exit_row, flat, run, tape_of
from .random_desks import random_desk

SEEDS = st.integers(0, 10**9)


def in_sessions(tape: Tape, rng: Random) -> Tape:
    """The same bars, several of them in one session now and then."""
    sessions, days, number = [], [], -1
    for k, day in enumerate(tape.days):
        if k == 0 or rng.random() < 0.3:
            number, today = number + 1, day
        sessions.append(number)
        days.append(today)
    cycle = rng.choice([0, 1, 2, 5, 7])
    return replace(tape, days=days, sessions=sessions, settles=[k + cycle for k in sessions])


def minute_desk(seed: int) -> Desk:
    desk = random_desk(seed)
    return replace(desk, tape=in_sessions(desk.tape, Random(seed)))


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_ledger_in_decimals_agrees_to_the_cent(seed: int) -> None:
    desk = minute_desk(seed)
    history = run_account(desk)
    assert differences(desk, history) == []
    assert identity_gaps(desk, history) == []


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_nothing_is_paid_inside_a_session(seed: int) -> None:
    desk = minute_desk(seed)
    history, sessions = run_account(desk), desk.tape.sessions
    inside = [t for t in range(1, history.bars) if sessions[t] == sessions[t - 1]]
    assert all(history.interest[t] == history.borrow[t] == 0.0 for t in inside)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_one_bar_a_session_is_a_daily_run(seed: int) -> None:
    desk = random_desk(seed)
    alone = replace(desk.tape, sessions=range(len(desk.tape.days)))
    assert repr(run_account(replace(desk, tape=alone))) == repr(run_account(desk))


# ---------------------------------------------------------------- worked by hand

THREE_A_DAY = [0, 0, 0, 1, 1, 1, 2, 2, 2]


def split(tape: Tape, sessions: list[int] | None = None) -> Tape:
    """A tape of nine bars in three sessions, a day apart."""
    at = sessions or THREE_A_DAY
    return replace(tape, days=[20_000 + k for k in at], sessions=at, settles=at)


def lapses(history: History) -> list[tuple[int, int]]:
    return [(x.bar, x.reason) for x in history.lapses]


@pytest.mark.parametrize(
    ("decided", "ends"),
    [(0, 2), (1, 2), (2, 5), (3, 5)],  # the bar after 2 is the next session's first
)
def test_a_day_order_works_until_its_session_ends(decided: int, ends: int) -> None:
    script = Script(9).enter(decided, 10, price=90)
    book = book_of(script, entries=[entry(kind=LIMIT)])
    assert lapses(run(split(tape_of(flat(100, 9))), book)) == [(ends, DAY_OVER)]


def test_a_day_order_may_fill_on_any_later_bar_of_its_session() -> None:
    rows = flat(100, 9)
    rows[2] = (100, 100, 89, 95)
    history = run(
        split(tape_of(rows)), book_of(Script(9).enter(0, 10, price=90), entries=[entry(kind=LIMIT)])
    )
    assert [(f.bar, f.price) for f in history.fills] == [(2, 90.0)]
    assert lapses(history) == []


def test_a_day_order_ends_with_its_session_though_the_symbol_lacks_the_last_bar() -> None:
    rows = [*flat(100, 2), None, *flat(100, 6)]
    history = run(
        split(tape_of(rows)), book_of(Script(9).enter(0, 10, price=90), entries=[entry(kind=LIMIT)])
    )
    assert lapses(history) == [(2, DAY_OVER)]


def test_an_order_good_till_cancelled_outlives_its_session() -> None:
    rows = flat(100, 9)
    rows[7] = (100, 100, 89, 95)
    book = book_of(Script(9).enter(0, 10, price=90), entries=[entry(kind=LIMIT, tif=GTC)])
    assert [f.bar for f in run(split(tape_of(rows)), book).fills] == [7]


def test_interest_is_paid_on_the_first_bar_of_a_session_for_the_days_between() -> None:
    tape = split(tape_of(flat(100, 9), cash_rate=[0.036] * 9))
    tape = replace(tape, days=[20_000 + d for d in (0, 0, 0, 1, 1, 1, 4, 4, 4)])
    history = run(tape, book_of(Script(9)), costs=CostRow())
    assert [round(x, 1) for x in history.interest] == [0, 0, 0, 10, 0, 0, 30, 0, 0]


def test_a_trade_settles_by_sessions_not_by_bars() -> None:
    """100 shares at 100 bought on bar 1 settle a session later: that night earns on all."""
    tape = split(tape_of(flat(100, 9), cash_rate=[0.036] * 9))
    tape = replace(tape, settles=[k + 1 for k in THREE_A_DAY])
    book = book_of(Script(9).enter(0, 100), entries=[entry()])
    history = run(tape, book, costs=CostRow())
    assert [round(x, 1) for x in history.interest] == [0, 0, 0, 10, 0, 0, 9, 0, 0]


def test_pnl_today_counts_from_the_last_close_of_the_session_before() -> None:
    closes = [100, 101, 102, 103, 104, 105, 104, 103, 102]
    rows = [(c, c, c, c) for c in closes]
    seen: list[float] = []

    def watched(row, r, fields, f, cells, c, out, o):  # type: ignore[no-untyped-def]
        plain.rule(row, r, fields, f, cells, c, out, o)
        seen.append(round(fields[f + field.ACCOUNT_PNL_TODAY], 6))

    plain = book_of(Script(9).enter(0, 10), entries=[entry()], exits=[exit_row()])
    run_account(desk_of(split(tape_of(rows)), replace(plain, rule=watched)))
    # Filled at the open of bar 1, 101; session 1 counts from 102, session 2 from 105.
    assert seen == [0, 0, 10, 10, 20, 30, -10, -20, -30]


def test_a_daily_rebalance_is_due_once_a_session() -> None:
    script = Script(9)
    for bar in range(9):
        script.weigh(bar, 0.5 if bar % 2 else 0.25)
    book = book_of(script, weight_out=WEIGHT)
    fills = run(split(tape_of(flat(100, 9))), book).fills
    assert {f.decided for f in fills} <= {2, 5, 8}
    assert fills


def test_a_bar_is_told_with_its_time() -> None:
    tape = split(tape_of(flat(100, 9)))
    assert tape.told(3) == "2024-10-05"
    closes = [d * 1_440 + 575 + 5 * (k % 3) for k, d in enumerate(tape.days)]
    assert replace(tape, closes=closes).told(4) == "2024-10-05 09:40"
