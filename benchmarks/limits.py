"""What limits cost: forty of them on one order, and forty of them on a whole run.

    python benchmarks/limits.py [--bars 100000] [--rounds 5]

One order: `decide` of a block of forty limits, compiled (called from compiled code, as the account
loop does) and walked. A whole run: W4 of the charter, a rule with a trend, an oscillator, a
z-score, stop, target and size by risk, with the limits and without, market columns and account
together, in interleaved rounds. Processor time is measured, since others share the machine.
Medians are compared with the budgets; exits 1 when one is over.
"""

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.base.spans import source  # noqa: E402
from engine.check import check_file, load_uses, read_near  # noqa: E402
from engine.check.typed import CheckedFile  # noqa: E402
from engine.compile import compile_limits, compile_strategy  # noqa: E402
from engine.fields import WIDTH  # noqa: E402
from engine.lang.parse import parse  # noqa: E402
from engine.records.catalogue import load_catalogue  # noqa: E402
from engine.records.desk import (  # noqa: E402
    CostRow,
    Desk,
    InstrumentRow,
    LimitRow,
    LimitSetRow,
    Tape,
)
from engine.run.account import run_account  # noqa: E402
from engine.run.program import Program, Runner  # noqa: E402
from engine.session.desk import ACTIONS, book_row  # noqa: E402

COMPILED, WALKED, RATIO = 2e-6, 60e-6, 2.0
"""Seconds an order under forty limits may take, compiled and walked; how much longer W4 may."""

SHAPES = (
    "on order clip qty to {a} of adv(20 bars)",
    "on order clip qty to {a} of equity / order.price",
    "on order clip qty to ({b} of equity - exposure.gross) / order.price",
    "on entry clip qty to {a} of equity / order.stop_distance",
    "on order clip qty to ({b} of equity - market.symbol_value) / order.price",
    "on entry deny when not order.price within {a} of last",
    "on order deny when exposure.gross + order.notional > {b} of equity",
    "on order deny when drawdown > {b}",
    "on order deny when order.is_short and position.value < -{a} of equity",
    "on order deny when positions.count >= {n} and pnl.today < -{a} of equity",
)
W4 = """
strategy w4 {
  clock 1d on xnys
  let z = (close - sma(close, 20 bars)) / stdev(close, 20 bars)
  entry long dip {
    when close > sma(close, 200 bars) and rsi(close, 14 bars) < 30 and z < -1.5
    size 2% of equity / (3 * atr(14 bars))
    order market
  }
  exit back of dip { when z > 0 or position.age >= 10 bars  order market }
  stop hard at position.entry_price - 3 * atr(14 bars)
  target gain at position.entry_price * 108%
}
"""


def limits_text(count: int = 40) -> str:
    """So many limits of ten shapes, none of which ever binds: all are worked out in full."""
    rows = []
    for k in range(count):
        row = SHAPES[k % len(SHAPES)].format(a=f"{50 + k}%", b=f"{200 + k}%", n=20 + k)
        rows.append(f"  limit l{k} {row}")
    return "limits forty {\n" + "\n".join(rows) + "\n}\n"


def meant(text: str) -> CheckedFile:
    """A checked text without mistakes."""
    file, problems = parse(source("bench.rule", "rules 1\n" + text))
    used, _ = load_uses(file, read_near)
    checked, found = check_file(file, used, load_catalogue())
    wrong = [d.message for d in (*problems, *found) if d.severity == "error"]
    assert not wrong, wrong
    return checked


# ---------------------------------------------------------------- one order


def one_order(runner: Runner, calls: int, rounds: int) -> float:
    """Seconds for one order under forty limits; the fastest round."""
    program = compile_limits(meant(limits_text()).limits[0], runner)
    rng = Random(1)
    row = np.array([1e6 + k for k in range(program.layout.row_width)])
    now = np.array([rng.uniform(50, 150) for _ in range(WIDTH)])
    cells = np.array([*program.layout.cells_init, 0.0])
    out = np.zeros(program.layout.decide_width)
    drive = compiled_drive if runner == "njit" else plain_drive
    state = (
        (row, now, cells, out)
        if runner == "njit"
        else tuple(x.tolist() for x in (row, now, cells, out))
    )
    drive(program.decide, *state, 1)
    return min(timed(lambda: drive(program.decide, *state, calls)) for _ in range(rounds)) / calls


def plain_drive(decide: Any, row: Any, now: Any, cells: Any, out: Any, calls: int) -> float:
    for k in range(calls):
        now[16] = 100.0 + k % 7 + 0.0 * out[0]
        decide(row, 0, now, 0, cells, 0, out, 0)
    return float(out[0])


def compiled_drive(decide: Any, row: Any, now: Any, cells: Any, out: Any, calls: int) -> float:
    from numba import njit

    if "drive" not in _DRIVES:
        _DRIVES["drive"] = njit(plain_drive)
    return float(_DRIVES["drive"](decide, row, now, cells, out, calls))


_DRIVES: dict[str, Any] = {}


def timed(work: Callable[[], object]) -> float:
    """Processor seconds."""
    before = time.process_time()
    work()
    return time.process_time() - before


# ---------------------------------------------------------------- a whole run


def walk_of(bars: int) -> dict[str, np.ndarray]:
    """A random walk with a range and a volume."""
    rng = np.random.default_rng(3)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0002, 0.012, bars)))
    opened = np.concatenate([[100.0], close[:-1]]) * np.exp(rng.normal(0, 0.002, bars))
    spread = np.exp(np.abs(rng.normal(0, 0.006, bars)))
    high, low = np.maximum(opened, close) * spread, np.minimum(opened, close) / spread
    volume = rng.integers(1_000_000, 5_000_000, bars).astype(float)
    return {"open": opened, "high": high, "low": low, "close": close, "volume": volume}


def table(program: Program, columns: dict[str, np.ndarray], bars: int) -> Any:
    """A program's market columns on the only symbol."""
    inputs = [columns[c.name] for c in program.plan.inputs]
    has = [np.ones(bars) for _ in program.plan.frames]
    return program.market(inputs, has, bars)


def desk(columns: dict[str, np.ndarray], strategy: Any, limits: Any, bars: int) -> Desk:
    """W4's desk, with its market columns made now; limits None: without."""
    checked, program = strategy
    rows = table(program, columns, bars)
    sets = () if limits is None else (limit_set(*limits, columns, bars),)
    line = [math.nan] * bars
    tape = Tape(
        days=range(bars), open=[columns["open"]], high=[columns["high"]], low=[columns["low"]],
        close=[columns["close"]], volume=[columns["volume"]], present=[np.ones(bars)],
        at_close=[np.zeros(bars)], week_end=np.zeros(bars), month_end=np.zeros(bars),
        cash_rate=line, settles=range(bars),
    )  # fmt: skip
    return Desk(
        cash=1e6,
        instruments=(InstrumentRow("W4", 1.0, 0.0, True, math.nan),),
        costs=CostRow(commission=0.0001, slippage=0.0004, interest=False),
        books=(book_row(checked, program, "w4", 1e6, [0], [rows]),),
        limit_sets=sets,
        tape=tape,
    )


def limit_set(checked: Any, program: Program, columns: Any, bars: int) -> LimitSetRow:
    """Forty limits in force on the whole account."""
    rows = table(program, columns, bars)
    out = program.layout.decide_out
    return LimitSetRow(
        name=checked.name,
        book=-1,
        limits=tuple(
            LimitRow(x.name, ACTIONS[x.action], x.on == "entry", False, out(f"limit.{x.name}"))
            for x in checked.limits
        ),
        switches=(),
        row_width=program.layout.row_width,
        out_width=program.layout.out_width,
        decide_width=program.layout.decide_width,
        cells_init=program.layout.cells_init,
        rows=(rows,),
        clock_rows=rows,
        rule=program.rule,
        decide=program.decide,
        reads=frozenset(),
    )


def whole_run(runner: Runner, bars: int, rounds: int) -> tuple[float, float]:
    """Seconds of W4 without limits and with forty, medians of interleaved rounds."""
    columns = walk_of(bars)
    file = meant(W4)
    strategy = (file.strategies[0], compile_strategy(file.strategies[0], runner))
    block = meant(limits_text()).limits[0]
    limits = (block, compile_limits(block, runner))
    taken: dict[bool, list[float]] = {False: [], True: []}
    for k in range(rounds + 1):
        for limited in (False, True):
            chosen = limits if limited else None

            def work(chosen: Any = chosen) -> object:
                return run_account(desk(columns, strategy, chosen, bars), compiled=runner == "njit")

            seconds = timed(work)
            if k:  # the first round compiles and warms caches
                taken[limited].append(seconds)
    return statistics.median(taken[False]), statistics.median(taken[True])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bars", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runner", choices=("njit", "python"), default="njit")
    args = parser.parse_args()
    compiled = one_order("njit", 200_000, args.rounds)
    python = one_order("python", 2_000, args.rounds)
    walked = one_order("walk", 1_000, args.rounds)
    bare, limited = whole_run(args.runner, args.bars, args.rounds)
    ratio = limited / bare
    kept = compiled <= COMPILED and walked <= WALKED and ratio <= RATIO
    print(f"40 limits on one order, compiled  {compiled * 1e6:8.2f} us  (budget 2)")
    print(f"40 limits on one order, python    {python * 1e6:8.2f} us")
    print(f"40 limits on one order, walked    {walked * 1e6:8.2f} us  (budget 60)")
    print(
        f"W4, {args.bars} bars, {args.runner}: {bare:.3f} s, with 40 limits {limited:.3f} s: "
        f"{ratio:.2f} times (budget 2)"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
