"""Wall time and peak memory of the commands that people wait for, against their budgets.

    python benchmarks/startup.py [--runs 7]

Each command runs in a fresh process, as installed: with compiled bytecode. The first run warms
caches and is left out. Medians are compared with the budgets of issue 2; exits 1 when one is over.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Budget:
    """A command, the seconds it may take and the megabytes it may hold (0: not bounded)."""

    words: tuple[str, ...]
    seconds: float
    megabytes: float = 0.0


BUDGETS = (
    Budget(("--help",), 0.15),
    Budget(("check", "strategies.yaml"), 0.30),
    Budget(("dryrun",), 5.0, 600.0),
)


def measure(words: tuple[str, ...], out: str) -> tuple[float, float, int]:
    """Seconds, peak megabytes and exit code of one fresh process."""
    extra = ("--out", out) if words[0] == "dryrun" else ()
    before = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "seawall", *words, *extra],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - before, usage.ru_maxrss / 1024, process.returncode


def row(budget: Budget, runs: int, out: str) -> tuple[str, bool]:
    """One line of the table, and whether the budget is kept."""
    cold = measure(budget.words, out)[0]
    taken = [measure(budget.words, out) for _ in range(runs)]
    seconds = statistics.median(t[0] for t in taken)
    memory = statistics.median(t[1] for t in taken)
    kept = seconds <= budget.seconds and memory <= (budget.megabytes or memory)
    ran = all(t[2] in (0, 1) for t in taken)
    bound = f" / {budget.megabytes:4.0f}" if budget.megabytes else "       "
    text = (
        f"seawall {' '.join(budget.words):<22} {seconds:6.3f} s / {budget.seconds:4.2f}"
        f"  {memory:5.0f} MB{bound}  first {cold:6.3f} s  "
        f"{'ok' if kept and ran else 'did not run' if not ran else 'OVER BUDGET'}"
    )
    return text, kept and ran


def main() -> int:
    """Measure every command and print medians against budgets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    print(f"medians of {runs} fresh processes on {os.cpu_count()} cores, Python {sys.version[:6]}")
    kept = True
    with tempfile.TemporaryDirectory() as out:
        for budget in BUDGETS:
            text, is_kept = row(budget, runs, out)
            print(text, flush=True)
            kept = kept and is_kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
