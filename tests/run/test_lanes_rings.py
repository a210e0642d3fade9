"""Loops of a lane program that look back at one series do not disturb each other's past."""

import pytest

from engine.emit.lanes import LANES
from engine.run.lanes import run_lanes
from engine.run.lanes_laying import prepare
from tests.run.lane_runs import FREE, hold, lane_run, strategy_of, walks

TEXT = """rules 1
strategy past "past" {{
  clock 1d on xnys
  {lets}
  entry long up {{ when {when}  size 50% of equity  because "up" }}
  exit down {{ when m0 < m1  because "down" }}
}}
"""


def many(series: str, count: int) -> str:
    """Operators of the same past, too many for one loop."""
    lets = "\n  ".join(f"let m{k} = median({series}, {30 + k} bars)" for k in range(count))
    return TEXT.format(lets=lets, when=" or ".join(f"m{k} > m{k}[1]" for k in range(count)))


LATER = TEXT.format(
    lets="""let x = close - open
  let m0 = median(x, 5 bars)
  let m1 = correlation(x, ema(m0, 3 bars) + high, 6 bars)""",
    when="m1 > 0",
).replace("m0 < m1", "m0 < x")
"""One reads of another loop what the past of their series is held against."""


@pytest.mark.parametrize("shape", [1, LANES])
@pytest.mark.parametrize(
    "text", [many("close", 30), many("close - open", 30), LATER], ids=["input", "derived", "later"]
)
def test_a_past_that_several_loops_read(text: str, shape: int) -> None:
    checked = strategy_of(text)
    run = lane_run(checked, walks(1, 2, 1100, 0.05), FREE)
    made = run_lanes(prepare(run, shape, compiled=False))
    hold(made, checked, run, (0, 1))
    assert made.trip_count > 100
