"""Lane runs and the same runs on the account loop, for comparison."""

import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from engine.check import check_file
from engine.check.typed import CheckedStrategy
from engine.compile import compile_strategy
from engine.lang.parse import parse_text
from engine.records.account import History
from engine.records.catalogue import load_catalogue
from engine.records.desk import CostRow, Desk, InstrumentRow, Tape
from engine.run.account import run_account
from engine.run.lanes import LaneResult
from engine.run.lanes_fit import LaneRun, refusals
from engine.session.desk import book_row
from tests.typed_generators import (
    ACCOUNT,
    NUMBER,
    POSITION,
    SELF,
    Apply,
    Column,
    Const,
    Scope,
    entry,
    leave,
    level,
    strategy,
    value,
)

CROSS = """rules 1
strategy cross "cross" {
  clock 1d on xnys
  let fast = sma(close, 5 bars)
  let slow = sma(close, 12 bars)
  entry long up { when fast crosses above slow  size 150% of equity  because "up" }
  exit down { when fast crosses below slow  because "down" }
}
"""
FREE = CostRow(interest=False)
NAN = float("nan")


def strategy_of(text: str) -> CheckedStrategy:
    """The one strategy of a text."""
    file, problems = parse_text("lanes.rule", text)
    found, more = check_file(file, {}, load_catalogue())
    assert [d for d in (*problems, *more) if d.severity == "error"] == []
    return found.strategies[0]


def walks(seed: int, lanes: int, bars: int, vol: float = 0.02) -> dict[str, Any]:
    """Random walks whose opens gap and whose ranges enclose open and close, to the cent."""
    rng = np.random.default_rng(seed)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, vol, (lanes, bars)), axis=1)), 2)
    before = np.concatenate([np.full((lanes, 1), 100.0), close[:, :-1]], axis=1)
    first = np.round(before * np.exp(rng.normal(0.0, vol, close.shape)), 2)
    high = np.round(np.maximum(first, close) * np.exp(np.abs(rng.normal(0.0, vol, close.shape))), 2)
    low = np.round(np.minimum(first, close) * np.exp(-np.abs(rng.normal(0.0, vol, close.shape))), 2)
    volume = np.round(rng.lognormal(10.0, 0.5, close.shape))
    return {"open": first, "high": high, "low": low, "close": close, "volume": volume}


def lane_run(
    checked: CheckedStrategy,
    columns: dict[str, Any],
    costs: CostRow = FREE,
    row: InstrumentRow | None = None,
    at_close: Any = None,
    cash: float = 10_000.0,
) -> LaneRun:
    """The strategy on every lane of the columns."""
    program = compile_strategy(checked)
    book = book_row(checked, program, checked.name, 1.0, [0], [None])
    count = len(columns["close"])
    row = row or InstrumentRow("X", 0.0, 0.0, True, NAN)
    return LaneRun(program.plan, book, [row] * count, costs, [cash] * count, columns, at_close)


def fitting(
    rng: random.Random, run_of: Callable[[CheckedStrategy], LaneRun]
) -> tuple[CheckedStrategy, LaneRun]:
    """A random strategy that lanes do not refuse, and its run."""
    while True:
        checked = random_lane_strategy(rng)
        run = run_of(checked)
        if not refusals(run):
            return checked, run


def hold(made: LaneResult, checked: CheckedStrategy, run: LaneRun, lanes: Iterable[int]) -> None:
    """Hold some lanes against the account loop: bars, equity and round trips, to the bit."""
    for lane in lanes:
        loop = on_the_loop(checked, run, lane)
        assert made.bars[lane] == loop.bars
        assert made.equity(lane)[: loop.bars].tolist() == loop.equity
        assert repr(made.round_trips(lane)) == repr(loop.round_trips)


def on_the_loop(checked: CheckedStrategy, run: LaneRun, lane: int) -> History:
    """What the account loop makes of one lane."""
    program = compile_strategy(checked)
    columns = {name: np.asarray(values[lane]) for name, values in run.columns.items()}
    bars = len(columns["close"])
    inputs = [columns[c.name] for c in program.plan.inputs]
    rows = program.market(inputs, [np.ones(bars)] * len(program.plan.frames), bars)
    book = book_row(checked, program, checked.name, 1.0, [0], [rows])
    flags = np.zeros(bars) if run.at_close is None else np.asarray(run.at_close[lane], dtype=float)
    prices = [(columns[name].tolist(),) for name in ("open", "high", "low", "close")]
    tape = Tape(
        list(range(bars)),
        *prices,
        ([NAN] * bars,),
        ([1.0] * bars,),
        (flags.tolist(),),
        [0.0] * bars,
        [0.0] * bars,
        [NAN] * bars,
        range(bars),
    )
    desk = Desk(run.cash[lane], (run.instruments[lane],), run.costs, (book,), (), tape)
    return run_account(desk)


def random_lane_strategy(rng: random.Random) -> CheckedStrategy:
    """One entry at market, exits, and levels of every kind, from random expressions."""
    bars = Scope(SELF)
    book = Scope(SELF, POSITION + ACCOUNT, folds=rng.random() < 0.3)
    sizes = Apply(
        "mul", (Const(float(rng.choice([5, 50, 500])), NUMBER), _ratio(rng)), (), SELF, NUMBER
    )
    when = value(rng, book if rng.random() < 0.3 else bars, 3, True)
    exits = [
        leave(f"out_{k}", value(rng, book if rng.random() < 0.5 else bars, 2, True))
        for k in range(rng.randrange(3))
    ]
    levels = [
        level(kind, f"{kind}_{k}", _near_price(rng))
        for k, kind in enumerate(rng.choices(("stop", "target", "trail"), k=rng.randrange(4)))
    ]
    return strategy("random", [entry("in", when, sizes)], exits, levels)


def _ratio(rng: random.Random) -> Any:
    close, first = Column("close", SELF, NUMBER), Column("open", SELF, NUMBER)
    return (
        Apply("div", (close, first), (), SELF, NUMBER) if rng.random() < 0.5 else Const(1.0, NUMBER)
    )


def _near_price(rng: random.Random) -> Any:
    """A price within a few percent of the close, up or down."""
    close = Column(rng.choice(("close", "open", "high")), SELF, NUMBER)
    factor = Const(rng.choice([0.9, 0.97, 1.02, 1.08]), NUMBER)
    return Apply("mul", (close, factor), (), SELF, NUMBER)
