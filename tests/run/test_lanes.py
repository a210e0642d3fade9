"""Lanes do what the account loop does, to the bit, and refuse the rest with a reason."""

import random
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.check.typed import CheckedStrategy
from engine.compile import compile_strategy
from engine.emit.lanes import LANES
from engine.fills.booking import round_money
from engine.fills.lane import lowest_bit
from engine.fills.lane_layout import cash_after, to_money
from engine.records import desk
from engine.records.desk import CostRow, EntryRow, InstrumentRow
from engine.run.lanes import run_lanes
from engine.run.lanes_fit import LaneRun, refusals
from engine.run.lanes_laying import prepare
from tests.run.lane_runs import (
    CROSS,
    FREE,
    NAN,
    fitting,
    hold,
    lane_run,
    on_the_loop,
    strategy_of,
    walks,
)

RICH = """rules 1
strategy rich "rich" {
  clock 1d on xnys
  let z = (close - sma(close, 10 bars)) / stdev(close, 10 bars)
  let risk = 2 * atr(7 bars)
  entry long dip {
    when rsi(close, 5 bars) < 45 and z < -0.5
    size 5% of equity / risk
    because "dip"
  }
  exit back { when z > 0.5 or position.age >= 6 bars  because "back" }
  stop hard at position.entry_price - risk
  target far at position.entry_price * 104%
  trail tight at peak(high) since entry - 2 * risk
  trail near at highest(high, 3 bars) since entry - 3 * risk
}
"""
DEAR = CostRow(0.005, 1.0, 0.0005, 0.0005, 0.02, 0.0, False, 2.0)
LOTS = InstrumentRow("X", 1.0, 0.01, True, NAN)


def same(checked: CheckedStrategy, run: LaneRun, shape: int, lanes: list[int], **how: bool) -> int:
    """Hold some lanes against the account loop; the round trips in all."""
    made = run_lanes(prepare(run, shape, **how), room=2)
    hold(made, checked, run, lanes)
    return len(made.trips)


@pytest.mark.parametrize("seed", range(24))
def test_random_strategies_in_lanes(seed: int) -> None:
    rng = random.Random(seed)
    costs = rng.choice([FREE, DEAR, replace(DEAR, buying_power=1.0)])
    flags = (np.random.default_rng(seed).random((3, 70)) < 0.3).astype(float)
    columns = walks(seed, 3, 70, rng.choice([0.01, 0.05]))
    at_close = flags if rng.random() < 0.4 else None
    lots = rng.choice([LOTS, None])
    checked, run = fitting(rng, lambda checked: lane_run(checked, columns, costs, lots, at_close))
    same(checked, run, 1 if seed % 2 else LANES, [0, 2], compiled=False)


@pytest.mark.parametrize("text", [CROSS, RICH], ids=["cross", "rich"])
@pytest.mark.parametrize("shape", [1, LANES])
def test_past_an_anchor_of_the_sums(text: str, shape: int) -> None:
    checked = strategy_of(text)
    run = lane_run(checked, walks(3, 2, 1100), DEAR, LOTS)
    assert same(checked, run, shape, [1], compiled=False) > 20


@pytest.mark.parametrize("windows", [(4, 20), (20, 50), (30, 1100)])
def test_sums_start_at_the_first_bar(windows: tuple[int, int]) -> None:
    """Their warm-up runs as all bars do, and across the bars on which sums are rebuilt."""
    quick, calm = windows
    text = CROSS.replace("5 bars", f"{quick} bars").replace("12 bars", f"{calm} bars")
    run = lane_run(strategy_of(text), walks(11, 2, 2200), DEAR, LOTS)
    tiles = prepare(run, 1, compiled=False)
    assert tiles.warm == (0, 0) and int(tiles.batch.quiet[0]) == calm
    assert same(strategy_of(text), run, 1, [0, 1], compiled=False) > 3


def test_an_exit_that_is_known_later_than_the_entry_takes_the_long_way() -> None:
    text = CROSS.replace("fast crosses above slow", "close > fast")
    run = lane_run(strategy_of(text), walks(12, 2, 300), DEAR, LOTS)
    assert prepare(run, 1, compiled=False).warm == (13, 13)
    assert same(strategy_of(text), run, 1, [0, 1], compiled=False) > 10


@pytest.mark.parametrize("shape", [1, LANES])
def test_compiled_lanes(shape: int) -> None:
    checked = strategy_of(RICH if shape == 1 else CROSS)
    run = lane_run(checked, walks(5, 70 if shape > 1 else 2, 1500), DEAR, LOTS)
    tiles = prepare(run, shape)
    made = run_lanes(tiles)
    loop = on_the_loop(checked, run, 1)
    assert made.equity(1).tolist() == loop.equity
    assert repr(made.round_trips(1)) == repr(loop.round_trips)
    two = run_lanes(tiles, threads=2, room=3)
    assert two.curves.tobytes() == made.curves.tobytes()
    assert two.trips.tobytes() == made.trips.tobytes()


def test_a_compile_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path))
    checked = strategy_of(CROSS.replace("5 bars", "6 bars"))
    run = lane_run(checked, walks(1, 1, 60))
    told: list[str] = []
    prepare(run, 1, told=told.append)
    assert len(told) == 1 and "the rule" in told[0] and "machine code" in told[0]
    prepare(run, 1, told=told.append)
    assert len(told) == 1


def test_prices_too_far_apart_take_the_long_way() -> None:
    columns = walks(1, 1, 200)
    columns["close"][0, 150:] *= 1e6
    columns["high"][0, 150:] *= 1e6
    checked = strategy_of(CROSS)
    run = lane_run(checked, columns)
    assert prepare(run, 1, compiled=False).warm == (200,)
    same(checked, run, 1, [0], compiled=False)


@pytest.mark.parametrize("shape", [1, LANES])
def test_prices_that_rest_take_the_long_way(shape: int) -> None:
    """Five equal closes at 30.1 are an average of 30.1, which their running sum misses."""
    columns = walks(6, 2, 200)
    for name in columns:
        columns[name][0, 100:120] = 30.1
    checked = strategy_of(CROSS.replace("crosses above slow", ">= close"))
    run = lane_run(checked, columns)
    assert prepare(run, shape, compiled=False).warm == ((200, 13) if shape == 1 else (200,))
    same(checked, run, shape, [0, 1], compiled=False)


def test_short_averages_run_their_own_kernel() -> None:
    """Three equal closes in a row are common on a grid of cents."""
    checked = strategy_of(CROSS.replace("5 bars", "3 bars"))
    columns = walks(7, 3, 300, 0.0002)
    still = np.diff(columns["close"], axis=1) == 0.0
    assert (still[:, 1:] & still[:, :-1]).sum() > 20
    columns["close"][:, ::9] *= 1.01  # no rest of twelve
    columns["high"][:, ::9] *= 1.01
    run = lane_run(checked, columns)
    assert prepare(run, 1, compiled=False).warm == (13,) * 3
    assert same(checked, run, 1, [0, 1, 2], compiled=False) > 20
    same(checked, run, LANES, [0, 2], compiled=False)


def test_a_missing_volume_is_no_missing_price() -> None:
    checked = strategy_of(CROSS.replace("when fast", "when volume > 0 shares and fast"))
    columns = walks(2, 1, 300)
    columns["volume"][0, 40:60] = NAN
    assert same(checked, lane_run(checked, columns), 1, [0], compiled=False) > 5


def test_ruin_ends_a_lane() -> None:
    columns = walks(4, 2, 120)
    for name in columns:
        columns[name][0, 60:] *= 0.4
    always = CROSS.replace("fast crosses above slow", "close > $1").replace("150%", "600%")
    checked = strategy_of(always)
    run = lane_run(checked, columns, replace(FREE, buying_power=6.0))
    same(checked, run, 1, [0, 1], compiled=False)
    assert any(on_the_loop(checked, run, lane).ruined for lane in (0, 1))


REFUSED = {
    "no interest": lambda run: replace(run, costs=CostRow()),
    "moves no price": lambda run: replace(run, costs=replace(FREE, impact=0.1)),
    "no cap by volume": lambda run: replace(run, costs=replace(FREE, participation=0.1)),
    "one entry": lambda run: replace(run, book=replace(run.book, weight_out=0)),
    "at market": lambda run: replace(run, book=replace(run.book, exits=_limit(run))),
    "is not given": lambda run: replace(run, columns={"close": run.columns["close"]}),
    "has every bar": lambda run: replace(run, columns=_gap(run)),
    "each lane has": lambda run: replace(run, cash=[1.0]),
}


def _limit(run: LaneRun):  # type: ignore[no-untyped-def]
    return tuple(replace(x, kind=1) for x in run.book.exits)


def _gap(run: LaneRun):  # type: ignore[no-untyped-def]
    columns = {name: np.array(values) for name, values in run.columns.items()}
    columns["open"][1, 5] = NAN
    return columns


@pytest.mark.parametrize("reason", REFUSED)
def test_what_does_not_qualify_is_refused(reason: str) -> None:
    run = REFUSED[reason](lane_run(strategy_of(CROSS), walks(1, 2, 60)))
    assert any(reason in text for text in refusals(run))
    with pytest.raises(ValueError, match=reason):
        prepare(run, compiled=False)


RUN_BY_LANES = {"name", "side", "when_out", "size_out", "size_in_money"}
REFUSED_ENTRIES = {
    "kind": desk.LIMIT,
    "price_out": 3,
    "tif": desk.GTC,
    "limit_out": 3,
    "adds": 1,
    "joins": 0,
    "spread": 0,
    "leg": 1,
}


def test_every_feature_of_an_entry_is_run_or_refused() -> None:
    assert {f.name for f in fields(EntryRow)} == RUN_BY_LANES | REFUSED_ENTRIES.keys()
    run = lane_run(strategy_of(CROSS), walks(1, 2, 60))
    for name, value in REFUSED_ENTRIES.items():
        entry = replace(run.book.entries[0], **{name: value})  # type: ignore[arg-type]
        assert refusals(replace(run, book=replace(run.book, entries=(entry,)))), name


def test_another_clock_is_refused() -> None:
    checked = strategy_of(CROSS.replace("sma(close, 12 bars)", "sma(close, 12 bars) on 1w"))
    run = lane_run(strategy_of(CROSS), walks(1, 1, 60))
    assert any(
        "slower clock" in t for t in refusals(replace(run, plan=compile_strategy(checked).plan))
    )


def test_a_short_position_with_a_known_borrow_rate_is_refused() -> None:
    checked = strategy_of(CROSS.replace("entry long", "entry short"))
    row = InstrumentRow("X", 0.0, 0.0, True, 0.02)
    assert any("borrow" in t for t in refusals(lane_run(checked, walks(1, 1, 60), row=row)))
    run = lane_run(checked, walks(1, 2, 200), DEAR, LOTS)
    assert same(checked, run, LANES, [0, 1], compiled=False) > 5


@given(st.floats(-1e12, 1e12) | st.floats(allow_nan=False) | st.integers(-(10**9), 10**9))
def test_money_is_rounded_as_everywhere(amount: float) -> None:
    assert repr(to_money(float(amount))) == repr(round_money(float(amount)))


AMOUNTS = st.floats(0.0, 1e4) | st.floats(0.0, 1e12) | st.floats(0.0, 1e18)
FEES = st.just(0.0) | AMOUNTS


@given(st.booleans(), AMOUNTS, AMOUNTS, FEES, st.sampled_from([-1.0, 1.0]), st.booleans())
def test_cash_after_a_fill(
    is_owed: bool, cash: float, worth: float, fee: float, side: float, is_raw: bool
) -> None:
    start = -cash if is_owed else cash
    start, fee = start if is_raw else to_money(start), to_money(fee)
    value = to_money(worth)
    for at in (start, side * value, side * value + fee):
        exact = to_money(at - side * value - fee)
        assert repr(cash_after(at, side, worth, fee) + 0.0) == repr(exact + 0.0)


def test_more_tiles_than_threads() -> None:
    checked = strategy_of(CROSS)
    run = lane_run(checked, walks(3, 3 * LANES + 5, 60))
    tiles = prepare(run, LANES)
    parts = tiles.batch.parts(3)
    assert [part.tiles.tolist() for part in parts] == [[0, 1], [2], [3]]
    one, four = run_lanes(tiles), run_lanes(tiles, threads=4)
    assert four.curves.tobytes() == one.curves.tobytes()
    assert four.trips.tobytes() == one.trips.tobytes() and len(one.trips) > 100
    assert same(checked, run, LANES, [0, LANES - 1, LANES, 3 * LANES + 4])


@given(st.integers(1, 2**64 - 1))
def test_the_lowest_bit(mask: int) -> None:
    assert mask >> lowest_bit(mask) & 1 and mask % (1 << lowest_bit(mask)) == 0
