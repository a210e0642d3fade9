"""Whatever a user calls values, compiled programs do what the walk does."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.compile import load_plan, plan_strategy
from engine.emit.module import emit
from engine.run.cpu import module_text
from tests.agree.decisions import decisions, market_table
from tests.run.lane_runs import strategy_of
from tests.run.test_lanes_names import is_a_name

TEXT = """rules 1
strategy s "names" {
  clock 1d on xnys
LETS
  let NAME = ema(close, 4 bars) + sma(close, 5 bars)
  entry long up { when ALL  size 50% of equity  because "up" }
  exit over { when NAME > 2 * highest(high, 3 bars) since entry  because "over" }
  stop hard at position.entry_price - atr(3 bars)
  trail near at highest(high, 3 bars) since entry - atr(4 bars)
}
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEAWALL_CACHE", str(tmp_path))
        yield


def text_of(names: list[str]) -> str:
    """A strategy that reads a let of each of these names."""
    lets = "\n".join(f"  let {name} = close[{k + 1}]" for k, name in enumerate(names))
    every = " and ".join(f"close > {name}" for name in ["mixed", *names])
    return TEXT.replace("LETS", lets).replace("ALL", every).replace("NAME", "mixed")


def test_values_may_have_the_names_that_the_compiled_text_has() -> None:
    plain = module_text(emit(plan_strategy(strategy_of(text_of([])))).text)
    words = sorted(set(re.findall(r"[A-Za-z_]\w*", plain)) - {"mixed"})
    names = [word for word in words if is_a_name(text_of([]).replace("mixed", "NAME"), word)]
    assert {"ahead", "held", "keep", "fresh", "buf"} <= set(names)
    plan = plan_strategy(strategy_of(text_of(names)))
    walk, njit = load_plan(plan, "walk"), load_plan(plan, "njit")
    assert market_table(njit, 1) == market_table(walk, 1)
    assert decisions(njit, 1, flat=np.array) == decisions(walk, 1)
