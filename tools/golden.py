"""A small dry-run of the shipped set-up, held to the committed summary.

python tools/golden.py            rewrite tests/golden/summary.json
python tools/golden.py --check    exit 1 and show what differs
"""

import argparse
import json
import sys
import tempfile
from math import isclose
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden" / "summary.json"
CRISES = ("1987-black-monday", "2001-sept11", "2010-flash-crash", "2020-covid")


def summary(runner: str | None = None) -> dict[str, Any]:
    """The summary of the small run."""
    from engine.session.dryrun import dryrun
    from engine.session.options import DryrunOptions

    with tempfile.TemporaryDirectory() as out:
        options = DryrunOptions(
            files=(ROOT / "strategies.yaml",), crises=CRISES, out=Path(out), runner=runner
        )
        outcome = dryrun(options, lambda done, total, what: None)
        found: dict[str, Any] = json.loads((outcome.folder / "summary.json").read_text())
    del found["id"]  # names the Python and library versions too
    return found


def differences(want: Any, got: Any, path: str = "") -> list[str]:
    """Where two JSON values differ, as sentences; numbers may differ in their last digits."""
    if isinstance(want, dict) and isinstance(got, dict):
        keys = [*want, *(k for k in got if k not in want)]
        return [d for k in keys for d in differences(want.get(k), got.get(k), f"{path}.{k}")]
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        pairs = enumerate(zip(want, got, strict=True))
        return [d for k, (a, b) in pairs for d in differences(a, b, f"{path}[{k}]")]
    if (
        isinstance(want, float)
        and isinstance(got, float)
        and isclose(want, got, rel_tol=1e-12, abs_tol=1e-12)
    ):
        return []
    return [] if want == got else [f"{path or 'summary'}: committed {want!r}, now {got!r}"]


def main() -> int:
    """Write or check; 0 when they agree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    got = summary()
    if not asked.check:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(got, indent=1) + "\n")
        return 0
    found = differences(json.loads(GOLDEN.read_text()), got)
    for line in found[:20]:
        print(line)
    print(f"{len(found)} differences" if found else "the small dry-run equals its golden summary")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
