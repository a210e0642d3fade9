"""Measures every windowed operator against exact arithmetic over a million bars (some 15 minutes).

python tools/measure_accuracy.py           rewrite docs/accuracy.json
python tools/measure_accuracy.py NAME ...  measure these again, keep the other rows
--short: the short windows only
tests/ops/test_ops_drift.py repeats a slice of it; docs/operators.md shows it.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.oracle.accuracy import (  # noqa: E402
    LEVEL,
    NOISE,
    SLICE,
    THROUGH_ZERO,
    WINDOWED,
    bars_of,
    measured,
    settings,
)

FILE = ROOT / "docs" / "accuracy.json"


def rows_of(name: str, count: int) -> list[dict[str, Any]]:
    """One row for each of the first `count` settings of an operator."""
    rows = []
    for consts in settings(name)[:count]:
        error = measured(name, consts, bars_of(name), compiled=True)
        rows.append(
            {
                "op": name,
                "consts": list(consts),
                "bars": bars_of(name),
                "relative_to": "root mean square" if name in THROUGH_ZERO else "value",
                "error": float(f"{error:.2g}"),
                "slice_error": float(f"{measured(name, consts, SLICE, compiled=True):.2g}"),
            }
        )
        print(f"{name} {consts}: {error:.1e}", flush=True)
    return rows


def main(names: Sequence[str]) -> int:
    """Measure, and write after each operator."""
    kept = json.loads(FILE.read_text(encoding="utf-8"))["rows"] if FILE.exists() else []
    made = {name: [r for r in kept if r["op"] == name] for name in WINDOWED}
    short = "--short" in names
    for name in [n for n in names if n != "--short"] or WINDOWED:
        fresh = rows_of(name, 1 if short else len(settings(name)))
        made[name] = fresh + made[name][len(fresh) :]
        FILE.write_text(told([row for name in WINDOWED for row in made[name]]), encoding="utf-8")
    return 0


def told(rows: Sequence[Any]) -> str:
    """The file's text, a line a row."""
    head = {"slice_bars": SLICE, "level": LEVEL, "noise": NOISE}
    lines = ",\n".join(f"    {json.dumps(row)}" for row in rows)
    return json.dumps(head)[:-1] + f', "rows": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
