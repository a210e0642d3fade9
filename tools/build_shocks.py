"""Writes data/shocks.json: what every shipped instrument did over the worst days of each crisis.

python tools/build_shocks.py            write it; then tools/build_sums.py
python tools/build_shocks.py --check    exit 1 when it is not what the bars and the crises give

Per crisis and number of bars: the S&P 500's deepest fall and highest rise over so many sessions
inside the crisis, their two closes, and what each instrument did between these closes. An
instrument without a close on the first or last day has the last one before it, at most a week old;
one without that has no move. A crisis without S&P bars has no row.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.base.dates import iso  # noqa: E402
from engine.base.resources import rules_dir  # noqa: E402
from engine.check.typed import CheckedScenario  # noqa: E402
from engine.records.series import Series  # noqa: E402
from engine.records.shocks import LENGTHS, MARKET  # noqa: E402
from engine.session.read import read_rules  # noqa: E402
from engine.session.recorded import recorded  # noqa: E402

TARGET = ROOT / "data" / "shocks.json"
WEEK = 7
"""Days that a last known close may be old."""


def text() -> str:
    """The whole file."""
    held = recorded(None, None)
    checked, _ = read_rules(rules_dir() / "crises.rule", held.catalogue, {})
    traded = [i.symbol for i in held.catalogue.instruments if i.tradable]
    series = held.series(dict.fromkeys([MARKET, *traded]))
    found = sorted(checked.scenarios, key=lambda s: (s.last, s.name))
    rows = [row for s in found for row in _crisis(s, series)]
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    return f'{{"version": 1, "market": "{MARKET}", "shocks": [\n{lines}\n]}}\n'


def _crisis(scenario: CheckedScenario, series: dict[str, Series]) -> Iterator[dict[str, Any]]:
    days, closes = _known(series[MARKET])
    inside = (days >= scenario.first) & (days <= scenario.last)
    days, closes = days[inside], closes[inside]
    for bars in LENGTHS:
        if len(days) > bars:
            moves = closes[bars:] / closes[:-bars] - 1.0
            for rises, at in ((False, int(moves.argmin())), (True, int(moves.argmax()))):
                span = int(days[at]), int(days[at + bars])
                yield _row(scenario, bars, rises, span, series)


def _row(
    scenario: CheckedScenario,
    bars: int,
    rises: bool,
    span: tuple[int, int],
    series: dict[str, Series],
) -> dict[str, Any]:
    moves = {name: _move(one, *span) for name, one in series.items()}
    return {
        "crisis": scenario.name,
        "ended": iso(scenario.last),
        "bars": bars,
        "rises": rises,
        "from": iso(span[0]),
        "to": iso(span[1]),
        "moves": {name: round(m, 6) for name, m in moves.items() if m is not None},
    }


def _move(series: Series, first: int, last: int) -> float | None:
    """What a symbol did from one close to another; None where either is not known."""
    days, closes = _known(series)
    at = [int(days.searchsorted(day, "right")) - 1 for day in (first, last)]
    if at[0] < 0 or first - days[at[0]] > WEEK or last - days[at[1]] > WEEK:
        return None
    return float(closes[at[1]] / closes[at[0]] - 1.0)


def _known(series: Series) -> tuple[np.ndarray, np.ndarray]:
    known = ~np.isnan(series.close)
    return series.days[known], series.close[known]


def main() -> int:
    """Write or check; 0 when the file is what it should be."""
    made = text()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(made, encoding="utf-8", newline="\n")
        print(f"wrote {TARGET.name}")
        return 0
    is_fresh = TARGET.exists() and TARGET.read_text(encoding="utf-8") == made
    print("fresh" if is_fresh else f"{TARGET.name} is stale: run python tools/build_shocks.py")
    return 0 if is_fresh else 1


if __name__ == "__main__":
    sys.exit(main())
