"""Limits and switches, each with its numbers worked out in comments."""

from dataclasses import replace
from typing import Any

import pytest

from engine import fields as field
from engine.records import account
from engine.records.desk import (
    CLIP,
    DENY,
    FLATTEN,
    HALT,
    LIMIT,
    PAUSE,
    REDUCE,
    STOP_LEVEL,
    Desk,
    LimitRow,
    SwitchRow,
)
from engine.run.account import run_account

from .make import (
    NAN,
    WEIGHT,
    Script,
    bars,
    book_of,
    desk_of,
    entry,
    exit_row,
    fills,
    flat,
    level_row,
    run,
    set_of,
    tape_of,
)


def clip(out: int = 0, **more: Any) -> LimitRow:
    return replace(LimitRow("cap", CLIP, False, False, out), **more)


def deny(out: int = 1, **more: Any) -> LimitRow:
    return replace(LimitRow("no", DENY, False, False, out), **more)


def limited(script: Script, *sets: Any, count: int = 3, **more: Any) -> Any:
    tape = tape_of(flat(100, count))
    return run(
        tape, book_of(script, entries=[entry()], exits=[exit_row()]), limit_sets=sets, **more
    )


def test_the_smallest_cap_wins_and_every_binding_limit_is_told() -> None:
    house = set_of(1, 3, (clip(), clip(1)), values={0: 7.9, 1: 9.0})
    history = limited(Script(3).enter(0, 10), house)
    verdict = history.verdicts[0]
    assert (verdict.asked, verdict.granted, verdict.outcome) == (10.0, 7.0, account.CLIPPED)
    assert [(b.limit, b.said, b.value) for b in verdict.binding] == [
        (0, account.BOUND, 7.9),
        (1, account.BOUND, 9.0),
    ]
    assert history.counts[0].clipped == 1


def test_deny_beats_clip_and_a_cap_of_nothing_denies() -> None:
    house = set_of(1, 3, (clip(), deny()), values={0: 7.0, 1: 2.0})
    history = limited(Script(3).enter(0, 10), house)
    assert (history.verdicts[0].outcome, history.fills) == (account.DENIED, ())
    house = set_of(1, 3, (clip(),), values={0: 0.9})
    assert limited(Script(3).enter(0, 10), house).verdicts[0].outcome == account.DENIED


def test_unknown_denies_unless_skipped() -> None:
    house = set_of(1, 3, (clip(), deny()), values={0: NAN, 1: 1.0})
    verdict = limited(Script(3).enter(0, 10), house).verdicts[0]
    assert [b.said for b in verdict.binding] == [account.UNKNOWN_DENIED] * 2
    house = set_of(1, 3, (clip(skip=True), deny(skip=True)), values={0: NAN, 1: 1.0})
    verdict = limited(Script(3).enter(0, 10), house).verdicts[0]
    assert verdict.outcome == account.ALLOWED
    assert [b.said for b in verdict.binding] == [account.SKIPPED] * 2


def test_exits_always_pass() -> None:
    house = set_of(1, 4, (deny(),), values={1: [0.0, 2.0, 2.0, 2.0]})
    history = limited(Script(4).enter(0, 10).leave(1).enter(2, 10), house, count=4)
    assert fills(history) == [(1, 10.0, 100.0), (2, -10.0, 100.0)]


def test_reduce_only_denies_what_adds() -> None:
    reduce = LimitRow("reduce", REDUCE, False, False, 0)
    house = set_of(1, 4, (reduce,), values={0: [0.0, 2.0, 2.0, 2.0]})
    script = Script(4).weigh(0, 0.5).weigh(1, 0.2).weigh(2, 0.4).weigh(3, 0.2)
    book = book_of(script, weight_out=WEIGHT)
    history = run(tape_of(flat(100, 4)), book, limit_sets=(house,))
    assert fills(history) == [(1, 500.0, 100.0), (2, -300.0, 100.0)]
    assert [v.outcome for v in history.verdicts if v.bar == 2] == [account.DENIED]


def test_entry_limits_leave_weights_alone() -> None:
    house = set_of(1, 2, (deny(entries_only=True),), values={1: 2.0})
    book = book_of(Script(2).weigh(0, 0.5), weight_out=WEIGHT)
    history = run(tape_of(flat(100, 2)), book, limit_sets=(house,))
    assert fills(history) == [(1, 500.0, 100.0)]


def see(slot: int) -> Any:
    """A decide whose caps are the value of one field."""

    def decide(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
        for k in range(4):
            out[o + k] = fields[f + slot]

    return decide


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        (field.ORDER_QTY, 10.0),
        (field.ORDER_PRICE, 100.0),
        (field.ORDER_NOTIONAL, 1000.0),
        (field.ORDER_STOP_DISTANCE, 5.0),
        (field.ORDER_IS_LONG, 2.0),
        (field.MARKET_LAST, 100.0),
        (field.POSITION_QTY, 7.0),  # the other entry of the same symbol
        (field.ACCOUNT_GROSS, 700.0 + 300.0),  # it and the order decided just before, at worst case
        (field.ACCOUNT_POSITIONS, 2.0),
        (field.MARKET_SYMBOL_VALUE, 1000.0),
        (field.ACCOUNT_EXPOSURE_ROOM, 99000.0),
        (field.ACCOUNT_EQUITY, 100000.0),
        (field.ACCOUNT_BARS, 2.0),
    ],
)
def test_what_a_limit_sees_of_an_order(slot: int, value: float) -> None:
    script = Script(3).enter(0, 7).enter(2, 3, entry=1).enter(2, 10, entry=2).level(-5.0, 1.0)
    level = level_row(STOP_LEVEL, entries=(2,))
    book = book_of(script, entries=[entry(), entry(1), entry(2)], levels=[level])
    house = set_of(1, 3, (clip(skip=True),), decide=see(slot))
    desk = desk_of(tape_of(flat(100, 3)), book, limit_sets=(house,))
    seen: list[float] = []

    def spy(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
        seen.append(fields[f + slot])
        out[o] = float("inf")

    run_account(replace(desk, limit_sets=(replace(house, decide=spy),)))
    assert seen[-1] == value


# ---------------------------------------------------------------- switches


def switch(kind: int, **more: Any) -> SwitchRow:
    return replace(SwitchRow("switch", kind, 2, 3, 0, False, ()), **more)


def switched(row: SwitchRow, enter: list[float], resume: list[float], script: Script) -> Any:
    count = len(enter)
    house = set_of(1, count, (), (row,), values={2: enter, 3: resume})
    tape = tape_of(flat(100, count))
    return run(tape, book_of(script, entries=[entry()], exits=[exit_row()]), limit_sets=(house,))


def test_a_pause_blocks_entries_cancels_orders_and_lets_exits_pass() -> None:
    script = Script(6).enter(0, 10).leave(2).enter(3, 10).enter(5, 10)
    history = switched(
        switch(PAUSE), [0.0, 0.0, 2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 2.0, 0.0], script
    )
    assert fills(history) == [(1, 10.0, 100.0), (3, -10.0, 100.0)]
    blocked = next(v for v in history.verdicts if v.bar == 3)
    assert (blocked.outcome, blocked.switch) == (account.BLOCKED, (0, 0))
    assert history.paused == [[[0.0, 0.0, 1.0, 1.0, 0.0, 0.0]]]
    assert [(e.bar, e.entered) for e in history.switch_events] == [(2, True), (4, False)]


def test_a_pause_cancels_a_working_entry() -> None:
    script = Script(4).enter(0, 10, 90.0)
    house = set_of(1, 4, (), (switch(PAUSE),), values={2: [0.0, 2.0, 0.0, 0.0]})
    tape = tape_of(flat(100, 2) + bars((100, 100, 80, 90), (90, 90, 90, 90)))
    book = book_of(script, entries=[entry(kind=LIMIT, tif=1)])
    history = run(tape, book, limit_sets=(house,))
    assert history.fills == ()
    assert [(v.bar, v.reason) for v in history.lapses] == [(1, account.SWITCHED_OFF)]


def test_entering_wins_over_resuming_and_unknown_pauses() -> None:
    history = switched(switch(PAUSE), [2.0, 2.0, NAN, 0.0, 1.0], [2.0] * 5, Script(5))
    assert history.paused == [[[1.0, 1.0, 1.0, 0.0, 1.0]]]
    assert [e.value for e in history.switch_events] == [2, 2, 1]


def test_an_unknown_halt_blocks_until_it_is_known() -> None:
    script = Script(4).enter(0, 10).enter(2, 10)
    history = switched(switch(HALT), [NAN, NAN, 0.0, 0.0], [0.0] * 4, script)
    assert history.paused == [[[1.0, 1.0, 0.0, 0.0]]]
    assert fills(history) == [(3, 10.0, 100.0)]


def test_resume_after_so_many_bars() -> None:
    history = switched(
        switch(PAUSE, resume_out=-1, resume_after=2),
        [0.0, 2.0, 0.0, 0.0, 0.0],
        [0.0] * 5,
        Script(5),
    )
    assert history.paused == [[[0.0, 1.0, 1.0, 0.0, 0.0]]]


def test_a_flatten_sells_at_the_next_open() -> None:
    script = Script(4).enter(0, 10).enter(2, 10)
    history = switched(switch(FLATTEN), [0.0, 2.0, 0.0, 0.0], [0.0] * 4, script)
    assert fills(history) == [(1, 10.0, 100.0), (2, -10.0, 100.0)]
    assert history.fills[1].source == account.FROM_FLATTEN


def halt_on_drawdown(
    row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int
) -> None:
    """Enter when equity is 10% below its peak since the cells began."""
    equity = fields[f + field.ACCOUNT_EQUITY]
    if equity > cells[c]:
        cells[c] = equity
    out[o + 2] = 2.0 if equity <= 0.9 * cells[c] else 0.0
    out[o + 3] = 0.0


def halted(bars_by_hand: tuple[int, ...]) -> Desk:
    # 500 shares fall from 100 to 75: 87,500 is 12.5% down; then to 70: 85,000, 2.9% below that
    tape = tape_of(flat(100, 2) + flat(75, 3) + flat(70, 2))
    script = Script(7).enter(0, 500).enter(5, 10, entry=1)
    row = switch(HALT, resume_out=-1, by_hand=True, resume_bars=bars_by_hand, restarts=True)
    house = set_of(1, 7, (), (row,), rule=halt_on_drawdown, cells_init=(0.0,))
    return desk_of(tape, book_of(script, entries=[entry(), entry(1)]), limit_sets=(house,))


def test_a_halt_stays_until_a_hand_resumes_it_and_its_peak_starts_again() -> None:
    history = run_account(halted(()))
    assert history.paused == [[[0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]]]
    assert len(history.fills) == 1
    history = run_account(halted((4,)))
    assert history.paused == [[[0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]]]
    assert fills(history)[1] == (6, 10.0, 70.0)


def test_a_switch_of_one_book_leaves_the_other_alone() -> None:
    tape = tape_of(flat(100, 2))
    book = book_of(Script(2).enter(0, 10), entries=[entry()])
    house = set_of(1, 2, (), (switch(PAUSE),), values={2: 2.0}, book=1)
    history = run(tape, book, book, limit_sets=(house,))
    assert [f.book for f in history.fills] == [0]


def test_the_switch_that_weighs_most_is_named() -> None:
    rows = (switch(PAUSE), switch(HALT), switch(FLATTEN))
    house = set_of(1, 2, (), rows, values={2: 2.0})
    history = run(
        tape_of(flat(100, 2)),
        book_of(Script(2).enter(0, 1), entries=[entry()]),
        limit_sets=(house,),
    )
    assert history.verdicts[0].switch == (0, 1)
