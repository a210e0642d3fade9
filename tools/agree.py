"""Holds random rules to what must be true of every rule, and records the result.

python tools/agree.py            2,000 rules; writes docs/agreement.json (an hour or two)
python tools/agree.py COUNT      so many; prints only
What is checked is in tests/agree/battery.py; the tests run a slice of it.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.compile import plan_strategy  # noqa: E402
from tests.agree import battery  # noqa: E402
from tests.rule_texts import random_rule  # noqa: E402

FILE = ROOT / "docs" / "agreement.json"
WHOLE, PART = 2000, 125
"""Rules of the recorded run, and of one process: compiled programs stay in memory."""
VERSION = ("git", "describe", "--always", "--dirty", "--exclude=*")
WRONG = "disagreements"


def hold(found: Counter[str], what: str, seed: int, check: Callable[[], object]) -> None:
    """One check; a disagreement is counted and shown, with the seed of the (first) rule."""
    found[what] += 1
    try:
        got = check()
    except AssertionError:
        found[WRONG] += 1
        print(f"{what}: seed {seed} fails\n{traceback.format_exc(limit=-2)}", flush=True)
    else:
        found[f"{what}: cells compared"] += got if isinstance(got, int) else 0


def plain(seeds: range) -> Counter[str]:
    """What plain Python can check."""
    found: Counter[str] = Counter()
    for seed in seeds:
        plan = plan_strategy(random_rule(seed)[1])
        found["rules that compare symbols"] += bool(plan.layers)
        for check in battery.EACH:
            name = check.__name__.replace("_", " ")
            hold(found, name, seed, lambda c=check, p=plan, s=seed: c(p, s))
    return found


def compiled(seeds: range) -> Counter[str]:
    """The rule texts compiled, several in one program."""
    os.environ["SEAWALL_CACHE"] = tempfile.mkdtemp()
    found: Counter[str] = Counter()
    for count, plan in battery.bundles(random_rule(seed)[1] for seed in seeds):
        first = seeds[0] + found["rules compiled"]
        check = partial(battery.compiled_agrees, plan, first)
        hold(found, "compiled bundles agree", first, check)
        found["rules compiled"] += count
        found["nodes compiled"] += len(plan.graph.nodes)
    return found


def whole(count: int) -> Counter[str]:
    """All parts, one process after another; what is done is recorded as it goes, with the commit
    that it was begun on."""
    found: Counter[str] = Counter()
    version = subprocess.run(VERSION, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    for check in (plain, compiled):
        for first in range(0, count, PART):
            part = range(first, min(first + PART, count))
            with ProcessPoolExecutor(max_workers=1) as pool:
                found += pool.submit(check, part).result()
            print(f"{check.__name__}: {part.stop} of {count}, {found[WRONG]} {WRONG}", flush=True)
            if count >= WHOLE:
                FILE.write_text(told(found, version), encoding="utf-8")
    return found


def told(found: Counter[str], version: str = "") -> str:
    """The result as the recorded file has it."""
    rows: dict[str, int | str] = {"version": version} if version else {}
    rows |= {WRONG: found[WRONG]} | {k: v for k, v in sorted(found.items()) if v and k != WRONG}
    return json.dumps(rows, indent=2) + "\n"


def main(words: Sequence[str]) -> int:
    """Run, and say or record the result."""
    found = whole(int(words[0]) if words else WHOLE)
    print(told(found))
    return 1 if found[WRONG] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
