"""What lanes cost as rules and lane counts grow: nodes from 10 to 300, lanes from 1 to 1,024.

    python benchmarks/lane_curve.py [--nodes 10,30,100,300] [--lanes 1,64,256,1024] [--cold 3]

Each node is an average, a smoothing or a comparison, and the entry reads every one of them. Cold is
the compile of the rule in an empty cache folder, the account of a lane already compiled, by the
processor's time; times are the best of five runs by this thread's. `--cold N` tells instead what
300 nodes take to compile, N processes each: averages as above, or all operators of one window on
prices; the first rule that uses them, and the next one.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.peers.bars import Bars, panel, single  # noqa: E402
from benchmarks.speed import facts  # noqa: E402
from benchmarks.speed_work import CROSS, checked, lanes_of  # noqa: E402
from engine.compile import compile_strategy  # noqa: E402
from engine.ops import OPS  # noqa: E402
from engine.run.lanes import run_lanes  # noqa: E402

RULE = """rules 1
strategy many "Above many" {{
  clock 1d on xnys
  {}
  entry long up {{ when {}  size 100% of equity  because "above" }}
  exit down {{ when {}  because "below" }}
}}
"""


def rule_of(nodes: int, shift: int = 0) -> str:
    """A rule of about so many market nodes: pairs of an average and its comparison with the close,
    and the `and` of them."""
    pairs = max(1, nodes // 3)
    each = [(k, "sma" if k % 2 else "ema", 5 + shift + k) for k in range(pairs)]
    lets = "\n  ".join(f"let a{k} = {name}(close, {n} bars)" for k, name, n in each)
    return RULE.format(lets, " and ".join(f"close > a{k}" for k in range(pairs)), "close < a0")


def mixed_of(nodes: int, shift: int) -> str:
    """A rule of about so many nodes over operators of one window on prices, each value held against
    that of the bar before."""
    taken = [op for op in OPS if [a.unit for a in op.args][-1:] == ["bars"] and op.name != "back"]
    plain = [op for op in taken if len(op.args) < 3 and "volume" not in op.columns]
    used = [op for op in plain if all(a.kind != "truth" for a in op.args)]
    lets = []
    for k in range(nodes // 4):
        op, window = used[k % len(used)], f"{10 + shift + k} bars"
        given = f"close, {window}" if len(op.args) == 2 else window
        lets.append(f"let a{k} = {op.name}({given})")
    when = " and ".join(f"a{k} > a{k}[1]" for k in range(len(lets)))
    return RULE.format("\n  ".join(lets), when, "a0 < a0[1]")


def every_of(nodes: int, shift: int) -> str:
    """A rule of about so many nodes over all operators, each as its row of the table shows it."""
    apart = ("latch", "order.", "session.")
    shown = [op for op in OPS if not any(word in op.example for word in apart)]
    lets, whens = [], []
    for k in range(nodes // 4):
        op = shown[k % len(shown)]
        longer = 3 * (k // len(shown)) + shift
        text = re.sub(r"(\d+) bars", lambda m, by=longer: f"{int(m[1]) + by} bars", op.example)
        lets.append(f"let a{k} = {text}")
        whens.append(f"a{k}" if op.result == "truth" else f"a{k} > a{k}[1]")
    return RULE.format("\n  ".join(lets), " or ".join(whens), "close < open")


RULES = {"averages": rule_of, "every window": mixed_of, "every operator": every_of}
RUNNERS = ("njit", "1 lane", "64 lanes")
"""Rules by what they hold, and what compiles them."""


def best(run: Callable[[], Any]) -> float:
    """The fewest seconds of five runs."""
    taken = []
    for _ in range(5):
        begun = time.thread_time()
        run()
        taken.append(time.thread_time() - begun)
    return min(taken)


def by_nodes(counts: list[int]) -> None:
    """A row a rule: its nodes, the cold compile, and the time a bar for one lane and for 64."""
    one = single().first(20_000)
    many = panel().first(2_520, 64)
    print("| nodes | cold compile | 1 lane, ns a bar | 64 lanes, ns a lane and bar |")
    print("|---|---|---|---|")
    lanes_of(CROSS, one, 1e5)
    lanes_of(CROSS, many, 1e5)
    for count in counts:
        begun = time.process_time()
        tiles = lanes_of(rule_of(count), one, 1e5)
        cold = time.process_time() - begun
        wide = lanes_of(rule_of(count), many, 1e5)
        alone = best(lambda tiles=tiles: run_lanes(tiles)) / 20_000  # type: ignore[misc]
        beside = best(lambda wide=wide: run_lanes(wide)) / (64 * 2_520)  # type: ignore[misc]
        made = len(tiles.program.how.plan.market)
        print(f"| {made} | {cold:.1f} s | {alone * 1e9:.1f} | {beside * 1e9:.1f} |", flush=True)


def by_lanes(counts: list[int]) -> None:
    """A row a count of lanes: the time a lane and bar of the crossing."""
    market = panel()
    print("\n| lanes | ns a lane and bar |\n|---|---|")
    for count in counts:
        taken = [k % len(market.close) for k in range(count)]
        some = Bars(*(values[taken] for values in market.columns().values()))
        tiles = lanes_of(CROSS, some, 1e5)
        taking = best(lambda tiles=tiles: run_lanes(tiles)) / (count * 2_520)  # type: ignore[misc]
        print(f"| {count:,} | {taking * 1e9:.1f} |", flush=True)


def compile_by(runner: str, rule: str) -> int:
    """Compile a rule for a runner; its nodes."""
    if runner == "njit":
        return len(compile_strategy(checked(rule), "njit").plan.graph.nodes)
    bars = single().first(20_000) if runner == "1 lane" else panel().first(2_520, 64)
    tiles = lanes_of(rule, bars, 1e5, volume=1e4 * bars.close)
    return len(tiles.program.how.plan.graph.nodes)


def cold_once(kind: str, runner: str) -> None:
    """In a process of its own: nodes, and seconds of the first rule and of the next one."""
    compile_by(runner, rule_of(10))
    taken = []
    for shift in (0, 1):
        rule = RULES[kind](300, shift)
        begun = time.perf_counter()
        nodes = compile_by(runner, rule)
        taken.append(time.perf_counter() - begun)
    print(nodes, *taken)


def cold(count: int) -> None:
    """A row a kind of rule and runner: the least and the most of several processes."""
    print("| 300 nodes of | runner | nodes | first rule | next rule |")
    print("|---|---|---|---|---|")
    for kind in RULES:
        for runner in RUNNERS:
            nodes, *taken = zip(*(cold_process(kind, runner) for _ in range(count)), strict=True)
            spans = (f"{min(times):.1f} to {max(times):.1f} s" for times in taken)
            print(f"| {kind} | {runner} | {nodes[0]:.0f} | {' | '.join(spans)} |", flush=True)


def cold_process(kind: str, runner: str) -> list[float]:
    """What `cold_once` says, by a new process with an empty cache folder."""
    with tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, __file__, "--once", kind, runner]
        given = {**os.environ, "SEAWALL_CACHE": empty}
        done = subprocess.run(
            command, env=given, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    return [float(word) for word in done.stdout.split()]


def main() -> int:
    """Print both curves, compiling into an empty folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", default="10,30,100,300")
    parser.add_argument("--lanes", default="1,16,64,256,1024")
    parser.add_argument("--cold", type=int, metavar="N")
    parser.add_argument("--cores", type=int)
    parser.add_argument("--once", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    if options.once:
        cold_once(*options.once)
        return 0
    print(facts())
    if options.cold:
        cold(options.cold)
        return 0
    with tempfile.TemporaryDirectory() as empty:
        os.environ["SEAWALL_CACHE"] = empty
        by_nodes([int(n) for n in options.nodes.split(",")])
        by_lanes([int(n) for n in options.lanes.split(",")])
    return 0


if __name__ == "__main__":
    sys.exit(main())
