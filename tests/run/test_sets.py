"""Sets of parameters run together as each set runs alone, to the bit, and share their columns."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.base.frozen import replace as put
from engine.check import check_file
from engine.check.typed import Apply, CheckedStrategy, Const, Named
from engine.compile import compile_strategy
from engine.emit.lanes_sets import split
from engine.lang.parse import parse_text
from engine.records.catalogue import load_catalogue
from engine.records.desk import CostRow
from engine.run.columns import load_columns
from engine.run.lanes_fit import LaneRun
from engine.run.sets import run_sets
from engine.run.sets_laying import SetsRun, prepare_sets, refusals
from engine.session.desk import book_row
from tests.run.lane_runs import FREE, lane_run, on_the_loop, random_lane_strategy, walks
from tests.run.test_lanes import DEAR, LOTS

CROSS = """rules 1
strategy cross "cross" {
  clock 1d on xnys
  param quick = 5 bars in 2 bars .. 60 bars
  param calm  = 12 bars in 3 bars .. 90 bars
  entry long up {
    when sma(close, quick) crosses above sma(close, calm)
    size 150% of equity
    because "up"
  }
  exit down { when sma(close, quick) crosses below sma(close, calm)  because "down" }
}
"""
RICH = """rules 1
strategy rich "rich" {
  clock 1d on xnys
  param n    = 10 bars in 2 bars .. 60 bars
  param deep = -0.5 in -4 .. 4
  param wide = 2 in 0.1 .. 9
  let z = (close - sma(close, n)) / stdev(close, n)
  let risk = wide * atr(7 bars)
  entry long dip {
    when rsi(close, 5 bars) < 45 and z < deep and close >= lowest(low, n)
    size 5% of equity / risk
    because "dip"
  }
  exit back { when z crosses above 0.5 or position.age >= 6 bars  because "back" }
  stop hard at position.entry_price - risk
  target far at position.entry_price * 104%
  trail tight at peak(high) since entry - wide * atr(7 bars)
}
"""


def under(text: str, **params: float) -> CheckedStrategy:
    """The one strategy of a text under some params."""
    file, problems = parse_text("sets.rule", text)
    found, more = check_file(file, {}, load_catalogue(), params)
    assert [d for d in (*problems, *more) if d.severity == "error"] == []
    return found.strategies[0]


def sets_run(checked: list[CheckedStrategy], market: LaneRun) -> SetsRun:
    """These strategies on the one lane of a market."""
    programs = [compile_strategy(c) for c in checked]
    pairs = zip(checked, programs, strict=True)
    books = [book_row(c, p, c.name, 1.0, [0], [None]) for c, p in pairs]
    return SetsRun([p.plan for p in programs], books, market)


def same(checked: list[CheckedStrategy], market: LaneRun, compiled: bool = False) -> int:
    """Hold every set against the account loop; the round trips in all."""
    run = sets_run(checked, market)
    made = run_sets(prepare_sets(run, compiled), room=2)
    for k, strategy in enumerate(checked):
        loop = on_the_loop(strategy, run.alone(k), 0)
        assert made.bars[k] == loop.bars
        assert made.equity(k)[: loop.bars].tolist() == loop.equity
        assert repr(made.round_trips(k)) == repr(loop.round_trips)
    return made.trip_count


PAIRS = [{"quick": float(q), "calm": float(c)} for q in (2, 3, 5, 8) for c in (7, 12, 40)]
DIPS = [{"n": float(n), "deep": d, "wide": w} for n in (4, 10) for d in (-0.5, 0.2) for w in (1, 3)]


@pytest.mark.parametrize("costs", [FREE, DEAR])
def test_pairs_of_windows(costs: CostRow) -> None:
    checked = [under(CROSS, **params) for params in PAIRS]
    market = lane_run(checked[0], walks(3, 1, 1100), costs, LOTS)
    assert same(checked, market) > 200


def test_every_kind_of_param() -> None:
    checked = [under(RICH, **params) for params in DIPS]
    market = lane_run(checked[0], walks(5, 1, 300), DEAR, LOTS)
    assert same(checked, market) > 50


def test_compiled_sets_on_one_thread_and_two() -> None:
    checked = [under(RICH, **params) for params in DIPS]
    market = lane_run(checked[0], walks(5, 1, 1500), DEAR, LOTS)
    run = sets_run(checked, market)
    made, plain = (run_sets(prepare_sets(run, compiled)) for compiled in (True, False))
    assert made.curves.tobytes() == plain.curves.tobytes()
    assert made.trips.tobytes() == plain.trips.tobytes()
    two = run_sets(prepare_sets(run), threads=2, room=3)
    assert two.curves.tobytes() == made.curves.tobytes()
    assert two.trips.tobytes() == made.trips.tobytes()


def test_an_average_is_worked_out_once_for_all_who_read_it() -> None:
    checked = [under(CROSS, **params) for params in PAIRS]
    run = sets_run(checked, lane_run(checked[0], walks(3, 1, 100)))
    sets = prepare_sets(run, compiled=False)
    (job,) = sets.columns.jobs
    assert len(job.places) == 4 + 3
    shared = split(run.plans, [0] * len(run.plans))
    assert len(shared.groups) == 1 and len(shared.groups[0].sets) == 12


def test_sets_of_another_shape_run_in_a_group_of_their_own() -> None:
    """With equal windows the text holds one average, not two."""
    params = [*PAIRS, {"quick": 7.0, "calm": 7.0}]
    checked = [under(CROSS, **p) for p in params]
    run = sets_run(checked, lane_run(checked[0], walks(3, 1, 200)))
    assert len(split(run.plans, [0] * len(params)).groups) == 2
    assert same(checked, run.market) > 10


@pytest.mark.parametrize("first", [1, 30])
def test_an_account_that_begins_later(first: int) -> None:
    checked = [under(CROSS, **p) for p in PAIRS]
    run = sets_run(checked, lane_run(checked[0], walks(8, 1, 200)))
    later = run_sets(prepare_sets(replace(run, market=replace(run.market, first=first)), False))
    assert later.curves.shape == (12, 200 - first, 1)
    assert later.trip_count > 5 and later.trips[:, 2].min() >= 0


def test_a_missing_volume_and_bars_without_an_open() -> None:
    text = CROSS.replace("when sma", "when sma(volume, quick) > 0 shares and sma", 1)
    checked = [under(text, **p) for p in PAIRS[:4]]
    columns = walks(2, 1, 300)
    columns["volume"][0, 40:60] = np.nan
    flags = (np.random.default_rng(1).random((1, 300)) < 0.3).astype(float)
    assert same(checked, lane_run(checked[0], columns, DEAR, LOTS, flags)) > 10


def _shaken(rng: random.Random, value: Any) -> Any:
    """A typed value with other numbers in it here and there."""
    if isinstance(value, Const) and not isinstance(value.value, bool) and rng.random() < 0.3:
        return put(value, value=value.value * rng.choice([0.9, 1.1]))
    if isinstance(value, Apply):
        args = tuple(_shaken(rng, a) for a in value.args)
        return put(value, args=args)
    return value


def _another(rng: random.Random, checked: CheckedStrategy) -> CheckedStrategy:
    def shaken(named: Named) -> Named:
        return put(named, value=_shaken(rng, named.value), parts=())

    entries = [put(e, when=shaken(e.when), size=_shaken(rng, e.size)) for e in checked.entries]
    exits = [put(x, when=shaken(x.when)) for x in checked.exits]
    levels = [put(level, price=_shaken(rng, level.price)) for level in checked.levels]
    return put(checked, entries=tuple(entries), exits=tuple(exits), levels=tuple(levels))


@pytest.mark.parametrize("seed", range(24))
def test_random_strategies_under_many_sets(seed: int) -> None:
    rng = random.Random(seed)
    checked = random_lane_strategy(rng)
    every = [checked, *(_another(rng, checked) for _ in range(3))]
    market = lane_run(checked, walks(seed, 1, 70, 0.03), rng.choice([FREE, DEAR]), LOTS)
    found = refusals(sets_run(every, market))
    if not found:
        same(every, market)


def test_what_does_not_qualify_is_refused() -> None:
    checked = [under(CROSS, **p) for p in PAIRS[:2]]
    two = sets_run(checked, lane_run(checked[0], walks(1, 2, 60)))
    with pytest.raises(ValueError, match="run on one symbol"):
        prepare_sets(two, compiled=False)
    dear = sets_run(checked, lane_run(checked[0], walks(1, 1, 60), CostRow()))
    with pytest.raises(ValueError, match="no interest"):
        prepare_sets(dear, compiled=False)
    with pytest.raises(ValueError, match="at least one"):
        prepare_sets(replace(dear, plans=[], books=[]), compiled=False)


def test_a_window_over_the_position_may_not_differ() -> None:
    text = CROSS.replace("exit down { when", "exit down { when change(position.pnl, quick) > $5 or")
    checked = [under(text, **p) for p in (PAIRS[0], PAIRS[3])]
    run = sets_run(checked, lane_run(checked[0], walks(1, 1, 60)))
    with pytest.raises(ValueError, match="a constant of change over the position"):
        prepare_sets(run, compiled=False)


@pytest.mark.parametrize("name", ["sma", "stdev", "rsi", "atr", "highest", "ema", "sum", "back"])
def test_columns_compile_to_the_same_bits(name: str) -> None:
    market = walks(4, 1, 2200)
    pad = 40
    laid = np.zeros((4, pad + 2200))
    for k, side in enumerate(("close", "high", "low")):
        laid[k, pad:] = market[side][0]
    if name == "atr":
        laid[[0, 1, 2]] = laid[[1, 2, 0]]
    places = np.arange(3) * (pad + 2200) + pad
    results = []
    for compiled, warm in ((True, 41), (False, 41), (False, 2200)):
        ins = laid.copy().reshape(-1)
        columns = load_columns([name], compiled)[name]
        view: Any = ins if compiled else memoryview(ins)
        at, end = np.array([warm]), np.array([places[-1] + pad + 2200])
        columns(2200, at, view, places, np.array([20.0]), end, np.zeros(99))
        results.append(ins[3 * (pad + 2200) + pad :].tobytes())
    assert results[0] == results[1] == results[2]
