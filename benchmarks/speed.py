"""Lanes against a hand-written Numba loop and vectorbt, side by side: time, trades, equity, memory.

    python benchmarks/speed.py [--runs 9] [--only W1,W2] [--alone W2]

Each round runs every side once, in turn, in this process; ratios are medians over the rounds. One
thread is timed by its own processor time, two by the clock on the wall. Compiling and laying out
come before the first round and are shown apart. vectorbt is not needed: SEAWALL_VECTORBT names a
Python that has it installed. Exits 1 when an answer is wrong, never for being slow.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.speed_work import Answer, Work, works  # noqa: E402

TARGETS = {"W1 100k": 0.8, "W1 1000k": 0.8, "W2": 2.0, "W3": 2.0, "W4": 0.8}
"""How many times the speed of the hand-written loop is asked for, on one thread."""


@dataclass(frozen=True)
class Row:
    """One workload measured: seconds of one thread of ours and of the peer, of two threads, what
    they answered, and the ratio of each round's times."""

    work: Work
    seconds: dict[str, float]
    answers: dict[str, Answer]
    ratio: float
    ready: float


def timed(run: Callable[[], Answer], clock: Callable[[], float]) -> float:
    """Seconds of one run by a clock."""
    begun = clock()
    run()
    return clock() - begun


def measure(make: Callable[[], Work], runs: int) -> Row:
    """Prepare a workload, warm every side up, then run them in turn."""
    begun = time.perf_counter()
    work = make()
    ready = time.perf_counter() - begun
    sides: dict[str, Callable[[], Answer]] = {
        "lanes": lambda: work.ours(1),
        "numba": lambda: work.peer(1),
        "lanes, 2 threads": lambda: work.ours(2),
        "numba, 2 threads": lambda: work.peer(2),
    }
    answers = {name: run() for name, run in sides.items()}
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, run in sides.items():
            clock = time.perf_counter if "threads" in name else time.thread_time
            taken[name].append(timed(run, clock))
    ratios = [b / a for a, b in zip(taken["lanes"], taken["numba"], strict=True)]
    seconds = {name: statistics.median(some) for name, some in taken.items()}
    return Row(work, seconds, answers, statistics.median(ratios), ready)


def wrong(row: Row) -> list[str]:
    """Answers that differ: from the peer's, and from the exact ones where they are known."""
    found = []
    trades, value = row.answers["lanes"]
    peer_trades, peer_value = row.answers["numba"]
    exact = row.work.exact or (peer_trades, peer_value)
    if trades != exact[0]:
        found.append(f"{row.work.name}: {trades} trades, not {exact[0]}")
    if abs(value - exact[1]) > row.work.tolerance:
        found.append(f"{row.work.name}: equity {value:.4f}, not {exact[1]:.4f}")
    if row.answers["lanes, 2 threads"] != row.answers["lanes"]:
        found.append(f"{row.work.name}: two threads answer otherwise than one")
    return found


def table(rows: list[Row], runs: int) -> str:
    """The results as a Markdown table."""
    lines = [
        f"Medians of {runs} interleaved rounds.",
        "",
        "| workload | lanes, 1 thread | Numba by hand, 1 thread | ratio | asked | 2 threads: lanes"
        " | by hand | trades | equity |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lane_bars = row.work.lane_bars
        speeds = {name: f"{lane_bars / s / 1e6:,.0f}M" for name, s in row.seconds.items()}
        trades, value = row.answers["lanes"]
        lines.append(
            f"| {row.work.name}: {row.work.title} | {speeds['lanes']} | {speeds['numba']}"
            f" | **{row.ratio:.2f}x** | {TARGETS[row.work.name]:.1f}x"
            f" | {speeds['lanes, 2 threads']} | {speeds['numba, 2 threads']}"
            f" | {trades:,} | {value:,.2f} |"
        )
    return "\n".join(lines) + "\n\nSpeeds are bars a second, times lanes.\n"


def facts() -> str:
    """The machine and the versions."""
    import numba
    import numpy

    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores (load {load:.1f}), Python {sys.version.split()[0]},"
        f" numba {numba.__version__}, numpy {numpy.__version__}\n"
    )


def vectorbt(rows: list[Row]) -> str:
    """The same workloads in vectorbt, in its own Python, or a word on why not."""
    python = os.environ.get("SEAWALL_VECTORBT")
    if not python or not Path(python).exists():
        return "vectorbt: not measured; SEAWALL_VECTORBT names no Python that has it.\n"
    names = [row.work.name for row in rows]
    words = [python, "-m", "benchmarks.peers.vectorbt", *names]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"vectorbt: did not run: {done.stderr.strip().splitlines()[-1]}\n"
    lines = [
        "",
        "| workload | vectorbt | lanes are faster by | trades | equity |",
        "|---|---|---|---|---|",
    ]
    found = dict(line.split("\t", 1) for line in done.stdout.splitlines() if "\t" in line)
    for row in rows:
        if row.work.name in found:
            seconds, trades, value = found[row.work.name].split("\t")
            factor = float(seconds) / row.seconds["lanes"]
            speed = row.work.lane_bars / float(seconds) / 1e6
            lines.append(
                f"| {row.work.name} | {speed:,.1f}M | {factor:,.0f}x | {int(trades):,}"
                f" | {float(value):,.2f} |"
            )
    return "\n".join(lines) + "\n"


def alone(name: str) -> int:
    """Make and run the lanes of one workload, and say what the process held at most."""
    answer = works()[name]().ours(1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {answer[0]:,} trades, {peak:.0f} MB at most, market data and its making included"
    )
    return 0


def main() -> int:
    """Run the workloads and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--only", default="")
    parser.add_argument("--alone", help="run the lanes of one workload once, for their memory")
    options = parser.parse_args()
    print(facts())
    if options.alone:
        return alone(options.alone)
    only = {name for name in options.only.split(",") if name}
    rows = []
    for name, make in works().items():
        if not only or only & {name, name.split()[0]}:
            rows.append(measure(make, options.runs))
            print(f"{name}: {rows[-1].ratio:.2f}x, ready in {rows[-1].ready:.1f} s", flush=True)
    print("\n" + table(rows, options.runs) + "\n" + vectorbt(rows))
    problems = [text for row in rows for text in wrong(row)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
