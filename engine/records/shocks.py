"""What shipped instruments did on the worst days of past crises (floor 1): data/shocks.json."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from engine.base.dates import parse_day
from engine.base.errors import UserError
from engine.base.frozen import dataclass
from engine.base.resources import data_dir
from engine.records.sums import verify_table

LENGTHS = (1, 5, 20)
"""Over how many sessions shocks are known."""
MARKET = "SP500"
"""Whose deepest falls and highest rises date the shocks."""


@dataclass(frozen=True, slots=True)
class Shock:
    """The market's deepest fall (or highest rise) over `bars` sessions of a crisis, from the close
    of `first` to that of `last`, and what each instrument with data then did, as a ratio. ended:
    the crisis' last day."""

    crisis: str
    ended: int
    bars: int
    rises: bool
    first: int
    last: int
    moves: Mapping[str, float]


@cache
def load_shocks(folder: Path | None = None) -> tuple[Shock, ...]:
    """Every shock, those of earlier crises first; UserError when the file is not the shipped
    one."""
    path = (folder or data_dir()) / "shocks.json"
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UserError(f"{path} cannot be read: {problem}", "install seawall again") from None
    verify_table(path, data)
    return tuple(
        Shock(
            crisis=row["crisis"],
            ended=parse_day(row["ended"]),
            bars=row["bars"],
            rises=row["rises"],
            first=parse_day(row["from"]),
            last=parse_day(row["to"]),
            moves=row["moves"],
        )
        for row in json.loads(data)["shocks"]
    )


def first_end() -> int:
    """The last day of the crisis that ended first."""
    return min(s.ended for s in load_shocks())
