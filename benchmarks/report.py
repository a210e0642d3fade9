"""What the report page costs: seconds to render everything shipped, and its size.

    python benchmarks/report.py [--runs 5]

Budgets of issue 3: under 2 s and under 8 MB. Each run is a fresh process that replays everything,
then times the first rendering alone, with plotly.js packed by an earlier run, as it mostly is;
exits 1 when a median is over. An untimed run comes first.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS, MEGABYTES = 2.0, 8.0

ONE = """
import tempfile, time
from pathlib import Path
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions

def timed(result):
    from engine.report.page.page import page_files
    before = time.perf_counter()
    files = page_files(result)
    print(time.perf_counter() - before, sum(map(len, files.values())) / 1e6)
    return files

with tempfile.TemporaryDirectory() as out:
    dryrun(DryrunOptions(out=Path(out)), render=timed)
"""


def measure() -> tuple[float, float]:
    """Seconds and megabytes of one rendering; importing the templates' library is part of it."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    words = [sys.executable, "-c", ONE]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def main() -> int:
    """Measure and print medians against budgets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    measure()
    taken = [measure() for _ in range(runs)]
    seconds, megabytes = (statistics.median(t[k] for t in taken) for k in (0, 1))
    kept = seconds <= SECONDS and megabytes <= MEGABYTES
    print(f"medians of {runs} fresh processes on {os.cpu_count()} cores, Python {sys.version[:6]}")
    print(
        f"report.html of everything shipped: {seconds:.2f} s / {SECONDS:.2f}, "
        f"{megabytes:.1f} MB / {MEGABYTES:.1f}  {'ok' if kept else 'OVER BUDGET'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
