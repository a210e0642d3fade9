"""What limits were asked, kept where a run listens, is what they judged by; listening changes
nothing."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import fields as field
from engine.fills.verdict import said_by
from engine.records.account import (
    ALLOWED,
    CLIPPED,
    DENIED,
    FROM_ENTRY,
    FROM_REVERSAL,
    FROM_WEIGHT,
    PASSED,
    WITHDRAWN,
    Verdict,
)
from engine.records.desk import LimitSetRow
from engine.run.account import run_account

from .random_desks import random_desk

SEEDS = st.integers(0, 10**9)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_listening_changes_nothing_else(seed: int) -> None:
    desk = random_desk(seed)
    heard = run_account(desk, listens=True)
    assert repr(replace(heard, askings=())) == repr(run_account(desk))


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_each_asking_is_of_its_order_and_gives_its_answers(seed: int) -> None:
    desk = random_desk(seed)
    history = run_account(desk, listens=True)
    for asking in history.askings:
        verdict = history.verdicts[asking.verdict]
        assert asking.fields[field.ORDER_QTY] == verdict.asked
        assert repr(asking.fields[field.ORDER_PRICE]) == repr(verdict.price)
        assert asking.fields[field.ACCOUNT_BARS] == verdict.bar
        assert verdict.source in (FROM_ENTRY, FROM_WEIGHT, FROM_REVERSAL)
        said = {(x.limit_set, x.limit): x.said for x in verdict.binding}
        lot = desk.instruments[verdict.symbol].lot
        for j, row in enumerate(desk.limit_sets[asking.limit_set].limits):
            if row.entries_only and verdict.source == FROM_WEIGHT:
                continue
            answer = said_by(row.action, asking.values[j], row.skip, verdict.asked, lot)
            assert answer == said.get((asking.limit_set, j), PASSED) or verdict.outcome == DENIED


def judges(group: LimitSetRow, verdict: Verdict) -> bool:
    """Whether a limit set covers the book and symbol of an order."""
    books = group.books or (group.book,)
    is_book = -1 in books or verdict.book in books
    return is_book and (not group.symbols or verdict.symbol in group.symbols)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_every_judged_order_was_put_once_to_every_set_that_covers_it(seed: int) -> None:
    desk = random_desk(seed)
    history = run_account(desk, listens=True)
    asked: dict[int, list[int]] = {}
    for asking in history.askings:
        asked.setdefault(asking.verdict, []).append(asking.limit_set)
    for k, verdict in enumerate(history.verdicts):
        sets = [s for s, x in enumerate(desk.limit_sets) if x.limits and judges(x, verdict)]
        # What a rebalance sells of a position is an exit: allowed, and put to no limit.
        may_be_exit = verdict.source == FROM_WEIGHT and verdict.outcome == ALLOWED
        if verdict.outcome == WITHDRAWN:  # a leg after the refused one is put to no limit
            assert asked.get(k, sets) == sets
        elif verdict.outcome in (CLIPPED, DENIED) or verdict.source == FROM_ENTRY:
            is_judged = verdict.outcome in (ALLOWED, CLIPPED, DENIED)
            assert asked.get(k, []) == (sets if is_judged else [])
        elif not may_be_exit:
            assert k not in asked
