"""Whatever a user calls a value, lanes do what the account loop does."""

import ast
import re

import pytest

from engine.check import check_file
from engine.emit.lanes import LANES
from engine.emit.names import kernel_name
from engine.lang.parse import parse_text
from engine.ops import ROWS
from engine.records.catalogue import load_catalogue
from engine.run.lanes import run_lanes
from engine.run.lanes_laying import prepare
from tests.run.lane_runs import hold, lane_run, strategy_of, walks

TEXT = """rules 1
strategy s "names" {
  clock 1d on xnys
  let fast = sma(close, 4 bars)
  let slow = sma(close, 9 bars)
  let NAME = ema(close, 4 bars) + sma(close, 5 bars)
  let far = atr(3 bars)
  entry long up {
    when NAME crosses above 30 * far or rsi(close, 3 bars) < 30
    size 50% of equity
    because "up"
  }
  exit down { when fast crosses below slow  because "down" }
  exit over { when fast crosses above slow  because "over" }
  exit wild { when NAME < 2 * far or stdev(close, 4 bars) > far  because "wild" }
  stop hard at position.entry_price - far
}
"""
CROSS = """rules 1
strategy s "names" {
  clock 1d on xnys
  let fast = sma(close, 4 bars)
  let slow = sma(close, 9 bars)
  let NAME = sma(close, 5 bars)
  entry long up { when fast crosses above slow  size 50% of equity  because "up" }
  exit down { when fast crosses below slow  because "down" }
  exit wild { when NAME < close / 2  because "wild" }
}
"""
MARKET = walks(8, 2, 45)


def is_a_name(text: str, word: str) -> bool:
    """Whether a let may be called so."""
    file, problems = parse_text("names.rule", text.replace("NAME", word))
    found = problems or check_file(file, {}, load_catalogue(), {})[1]
    return not any(problem.severity == "error" for problem in found)


def words(text: str) -> list[str]:
    """Every word of the text that is emitted for one lane and for many."""
    run = lane_run(strategy_of(text.replace("NAME", "mixed")), MARKET)
    made = [prepare(run, shape, compiled=False).program.source for shape in (1, LANES)]
    found = {word for source in made for word in re.findall(r"[A-Za-z_]\w*", source)}
    return sorted(word for word in found if is_a_name(text, word))


@pytest.mark.parametrize("shape", [1, LANES])
@pytest.mark.parametrize("text", [TEXT, CROSS])
def test_no_word_of_the_emitted_text_is_an_operators(text: str, shape: int) -> None:
    run = lane_run(strategy_of(text.replace("NAME", "mixed")), MARKET)
    tree = ast.walk(ast.parse(prepare(run, shape, compiled=False).program.source))
    made = {node.id for node in tree if isinstance(node, ast.Name) and type(node.ctx) is ast.Store}
    assert {"cells", "till", "first"} & made and made.isdisjoint(
        kernel_name(op.name) for op in ROWS
    )


@pytest.mark.parametrize("shape", [1, LANES])
@pytest.mark.parametrize(
    ("text", "some"),
    [
        (TEXT, {"till", "ahead", "sum_chain", "fast__c0", "word", "table"}),
        (CROSS, {"till", "ahead", "sum_chain", "fast___above__slow_", "fast___above__slow__last"}),
    ],
)
def test_a_let_may_have_any_name_that_the_emitted_text_has(
    shape: int, text: str, some: set[str]
) -> None:
    tried = words(text)
    assert some <= set(tried)
    trades = 0
    for word in tried:
        checked = strategy_of(text.replace("NAME", word))
        run = lane_run(checked, MARKET)
        made = run_lanes(prepare(run, shape, compiled=False))
        hold(made, checked, run, (1,))
        trades += len(made.trips)
    assert trades > 2 * len(tried)
