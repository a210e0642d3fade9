"""The `step` of large lane programs goes through tables, and says what the written one does."""

import random

import pytest

from engine.emit import lanes as emit_lanes
from engine.emit.lanes import LANES
from engine.run.lanes import run_lanes
from engine.run.lanes_laying import prepare
from tests.run.lane_runs import (
    FREE,
    fitting,
    hold,
    lane_run,
    strategy_of,
    walks,
)

WINDOWS = range(5, 25)
MANY = """rules 1
strategy many "many" {{
  clock 1d on xnys
  {lets}
  entry long up {{ when {when}  size 100% of equity  because "up" }}
  exit down {{ when close < a5 or quantile(close, 9 bars, 0.25) > close  because "down" }}
}}
""".format(
    lets="\n  ".join(
        f"let a{n} = {('ema', 'sma', 'highest', 'stdev')[n % 4]}(close, {n} bars)" for n in WINDOWS
    ),
    when=" and ".join(f"close + ${n} > a{n}" for n in WINDOWS),
)


@pytest.mark.parametrize("seed", range(40))
def test_tables_step_as_the_text_does(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every bar of these runs goes through `step`, from the first to the last."""
    columns = walks(seed, 2, 80, 0.03)
    columns["close"][0, 40] = 1e101
    columns["high"][0, 40] = 1e101
    _, run = fitting(random.Random(seed), lambda checked: lane_run(checked, columns))
    written = run_lanes(prepare(run, 1 + seed % 2 * (LANES - 1), compiled=False))
    monkeypatch.setattr(emit_lanes, "MANY", 0)
    tiles = prepare(run, 1 + seed % 2 * (LANES - 1), compiled=False)
    tabled = run_lanes(tiles)
    assert "ROWS_STEP" in tiles.program.source or not tiles.program.how.plan.market
    assert tabled.curves.tobytes() == written.curves.tobytes()
    assert tabled.trips.tobytes() == written.trips.tobytes()


@pytest.mark.parametrize("compiled", [False, True])
def test_a_large_rule(compiled: bool) -> None:
    checked = strategy_of(MANY)
    run = lane_run(checked, walks(2, 2, 1100), FREE)
    tiles = prepare(run, 1, compiled=compiled)
    assert "ROWS_STEP" in tiles.program.source
    made = run_lanes(tiles)
    hold(made, checked, run, (0, 1))
    assert made.trip_count > 20
