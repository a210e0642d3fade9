"""What lanes cost as rules and lane counts grow: nodes from 10 to 300, lanes from 1 to 1,024.

    python benchmarks/lane_curve.py [--nodes 10,30,100,300] [--lanes 1,64,256,1024]

Each node is an average, a smoothing or a comparison, and the entry reads every one of them. Cold is
the compile of the rule in an empty cache folder, the account of a lane already compiled, by the
processor's time; times are the best of five runs by this thread's.
"""

import argparse
import os
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
from benchmarks.speed_work import CROSS, lanes_of  # noqa: E402
from engine.run.lanes import run_lanes  # noqa: E402


def rule_of(nodes: int) -> str:
    """A rule of about so many market nodes: pairs of an average and its comparison with the close,
    and the `and` of them."""
    pairs = max(1, nodes // 3)
    lets = [f"  let a{k} = {'sma' if k % 2 else 'ema'}(close, {5 + k} bars)" for k in range(pairs)]
    when = " and ".join(f"close > a{k}" for k in range(pairs))
    head, tail = 'rules 1\nstrategy many "Above many averages" {\n  clock 1d on xnys\n', "}\n"
    entry = f'  entry long up {{ when {when}  size 100% of equity  because "above" }}\n'
    leave = '  exit down { when close < a0  because "below" }\n'
    return head + "\n".join(lets) + "\n" + entry + leave + tail


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


def main() -> int:
    """Print both curves, compiling into an empty folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", default="10,30,100,300")
    parser.add_argument("--lanes", default="1,16,64,256,1024")
    options = parser.parse_args()
    print(facts())
    with tempfile.TemporaryDirectory() as empty:
        os.environ["SEAWALL_CACHE"] = empty
        by_nodes([int(n) for n in options.nodes.split(",")])
        by_lanes([int(n) for n in options.lanes.split(",")])
    return 0


if __name__ == "__main__":
    sys.exit(main())
