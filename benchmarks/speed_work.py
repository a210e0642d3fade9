"""The workloads of benchmarks/speed.py: what each side runs, and the exact answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.peers import bars, fused
from benchmarks.peers.bars import Bars
from engine.check import check_file
from engine.check.typed import CheckedStrategy
from engine.compile import compile_strategy
from engine.lang.parse import parse_text
from engine.records.catalogue import load_catalogue
from engine.records.desk import CostRow, InstrumentRow
from engine.run.lanes import run_lanes
from engine.run.lanes_fit import LaneRun
from engine.run.lanes_laying import Tiles, prepare
from engine.run.sets import run_sets
from engine.run.sets_laying import Sets, SetsRun, prepare_sets
from engine.session.desk import book_row

CASH = 100_000.0
CATALOGUE = load_catalogue()
FREE = CostRow(interest=False)
SHARES = InstrumentRow("X", 0.0, 0.0, True, float("nan"))
"""No costs, no ticks, any fraction of a share."""
CROSS = """rules 1
strategy cross "Long while the short average leads" {
  clock 1d on xnys
  let fast = sma(close, 20 bars)
  let slow = sma(close, 50 bars)
  entry long up { when fast crosses above slow  size 150% of equity  because "it leads" }
  exit down { when fast crosses below slow  because "it no longer does" }
}
"""
"""All in: half as much again is asked for, and buying power cuts it to the cash there is."""
PAIRS = [(fast, slow) for fast in range(2, 27) for slow in range(30, 230, 5)]
RICH = """rules 1
strategy rich "Dips inside a rise" {
  clock 1d on xnys
  let mean = sma(close, 20 bars)
  let z    = (close - mean) / stdev(close, 20 bars)
  let risk = 3 * atr(14 bars)
  entry long dip {
    when close > sma(close, 200 bars) and rsi(close, 14 bars) < 30 and z < -1.5
    size 2% of equity / risk
    because "stretched below the mean of a rise"
  }
  exit back { when z > 0 or position.age >= 10 bars  because "returned, or late" }
  stop hard at position.entry_price - risk
  target far at position.entry_price * 108%
}
"""

Answer = tuple[int, float]
"""Trades entered, and final equity in all (of the best, for pairs)."""


@dataclass(frozen=True)
class Work:
    """One workload. lane_bars: bars times lanes. ours and peer take a count of threads; peer_two
    is None where a peer has one thread. exact: the answer in exact arithmetic, where known."""

    name: str
    title: str
    lane_bars: int
    ours: Callable[[int], Answer]
    peer: Callable[[int], Answer]
    source: str
    exact: Answer | None = None
    tolerance: float = 0.0


CROSS_OF = (
    CROSS.replace("let fast", "param quick = 20 bars in 2 bars .. 60 bars\n  let fast")
    .replace("let slow", "param calm = 50 bars in 5 bars .. 300 bars\n  let slow")
    .replace("(close, 20 bars)", "(close, quick)")
    .replace("(close, 50 bars)", "(close, calm)")
)
"""The same with both windows as params."""


def checked(text: str, **params: float) -> CheckedStrategy:
    """The one strategy of a text; raises ValueError when it does not check."""
    file, problems = parse_text("benchmark.rule", text)
    found, more = check_file(file, {}, CATALOGUE, params)
    if [d for d in (*problems, *more) if d.severity == "error"]:
        raise ValueError(f"{(*problems, *more)[0].message}")
    return found.strategies[0]


def lanes_of(text: str, market: Bars, cash: float, volume: Any = None) -> Tiles:
    """A strategy on every symbol, laid out."""
    strategy = checked(text)
    program = compile_strategy(strategy)
    book = book_row(strategy, program, strategy.name, 1.0, [0], [None])
    count = len(market.close)
    columns = market.columns() | ({} if volume is None else {"volume": volume})
    return prepare(LaneRun(program.plan, book, [SHARES] * count, FREE, [cash] * count, columns))


def sets_of(market: Bars, pairs: Sequence[tuple[int, int]]) -> Sets:
    """The crossing of averages of one symbol under many pairs of windows, laid out."""
    strategies = [checked(CROSS_OF, quick=fast, calm=slow) for fast, slow in pairs]
    programs = [compile_strategy(strategy) for strategy in strategies]
    books = [
        book_row(strategy, program, strategy.name, 1.0, [0], [None])
        for strategy, program in zip(strategies, programs, strict=True)
    ]
    plans = [program.plan for program in programs]
    lane = LaneRun(plans[0], books[0], [SHARES], FREE, [CASH], market.columns())
    return prepare_sets(SetsRun(plans, books, lane))


def ours(tiles: Tiles) -> Callable[[int], Answer]:
    """Run the lanes, always into the same curves."""
    lanes = tiles.program.how.lanes
    curves = np.empty((len(tiles.batch.tiles), tiles.bars, lanes))

    def run(threads: int) -> Answer:
        made = run_lanes(tiles, threads, curves)
        last = made.curves[:, -1, :].reshape(-1)[: tiles.count]
        return made.trip_count, float(last.sum())

    return run


def records(count: int, trades: int) -> Any:
    """Room for a peer's trade records, touched once so that no page is new."""
    return np.zeros((count, trades, fused.FIELDS))


def w1(count: int, exact: Answer, tolerance: float = 0.01) -> Work:
    """One symbol, a crossing of two averages."""
    market = bars.single().first(count)
    opens, closes = market.open[0], market.close[0]
    equity, record = np.zeros(count), records(1, count // 20)[0]
    tiles = lanes_of(CROSS, market, CASH)
    return Work(
        name=f"W1 {count // 1000}k",
        title=f"1 symbol, {count:,} bars, SMA 20/50 cross",
        lane_bars=count,
        ours=ours(tiles),
        peer=lambda threads: fused.cross(opens, closes, 20, 50, CASH, equity, record),
        source=tiles.program.source,
        exact=exact,
        tolerance=tolerance,
    )


def w2() -> Work:
    """500 symbols, the same rule."""
    market = bars.panel()
    count, length = market.close.shape
    equity, record = np.zeros((count, length)), records(count, length // 20)
    tiles = lanes_of(CROSS, market, CASH / count)

    def peer(threads: int) -> Answer:
        run = fused.panel if threads == 1 else fused.panel_threads
        return run(market.open, market.close, 20, 50, CASH / count, equity, record)

    return Work(
        name="W2",
        title=f"{count} symbols, {length:,} bars, SMA 20/50 cross",
        lane_bars=count * length,
        ours=ours(tiles),
        peer=peer,
        source=tiles.program.source,
        tolerance=0.02,
    )


def w3() -> Work:
    """One symbol, 1,000 pairs of windows."""
    market = bars.panel().first(2_520, 1)
    length, opens, closes = market.close.shape[1], market.open[0], market.close[0]
    fasts, slows = np.array(PAIRS).T.copy()
    equity, record = np.zeros((len(PAIRS), length)), records(len(PAIRS), length // 6)
    sets = sets_of(market, PAIRS)
    curves = np.empty((len(PAIRS), length, 1))

    def lanes(threads: int) -> Answer:
        made = run_sets(sets, threads, curves)
        return made.trip_count, float(made.curves[:, -1].max())

    def peer(threads: int) -> Answer:
        run = fused.pairs if threads == 1 else fused.pairs_threads
        return run(opens, closes, fasts, slows, CASH, equity, record)

    return Work(
        name="W3",
        title=f"1 symbol, {length:,} bars, {len(PAIRS):,} pairs of windows",
        lane_bars=len(PAIRS) * length,
        ours=lanes,
        peer=peer,
        source=sets.batches[0].program.source,
        tolerance=0.02,
    )


def w4() -> Work:
    """One symbol, a rule with stop, target, sizing and a time limit."""
    market = bars.rich()
    length = market.close.shape[1]
    equity, record = np.zeros(length), records(1, length // 20)[0]
    columns = [v[0] for v in market.columns().values()]
    tiles = lanes_of(RICH, market, CASH)
    return Work(
        name="W4",
        title=f"1 symbol, {length:,} bars, five indicators, stop, target, sizing",
        lane_bars=length,
        ours=ours(tiles),
        peer=lambda threads: fused.rich(*columns, CASH, equity, record),
        source=tiles.program.source,
        tolerance=1.0,
    )


def works() -> dict[str, Callable[[], Work]]:
    """How to make each workload, in order."""
    return {
        "W1 100k": lambda: w1(100_000, (1117, 87_315.08)),
        "W1 1000k": lambda: w1(1_000_000, (11_201, 169_199.66), 500.0),
        "W2": w2,
        "W3": w3,
        "W4": w4,
    }
