"""A user's own file of bars, rules on it, and its replay."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.base.dates import iso, parse_day
from engine.records.calendar import load_calendar
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions, Outcome

Bar = tuple[float, float, float, float, float]


def bars_file(folder: Path, first: str, bars: Sequence[Bar], name: str = "own.csv") -> Path:
    """A CSV of bars on consecutive sessions."""
    days = load_calendar("xnys").sessions(parse_day(first), parse_day(first) + 5_000)
    rows = [f"{iso(d)},{','.join(map(repr, b))}" for d, b in zip(days, bars, strict=False)]
    path = folder / name
    path.write_text("date,open,high,low,close,volume\n" + "\n".join(rows) + "\n")
    return path


def rules_file(folder: Path, text: str, name: str = "own.rule") -> Path:
    path = folder / name
    path.write_text("rules 1\n" + text)
    return path


def run(folder: Path, text: str, data: Path | None, **more: Any) -> Outcome:
    """Replay one rule text; on own data under the symbol OWN."""
    file = rules_file(folder, text)
    symbol = more.pop("symbol", "OWN" if data else None)
    return dryrun(
        DryrunOptions(files=(file,), data=data, symbol=symbol, out=folder / "runs", **more)
    )


def cell(outcome: Outcome) -> dict[str, Any]:
    """The only run of a summary."""
    runs = outcome.summary["runs"]
    assert isinstance(runs, list)
    assert len(runs) == 1
    found: dict[str, Any] = runs[0]
    return found
