"""Declared lists of symbols and dates as truth columns (floor 9).

A replay takes a list as it stands today: whether its file was stale on a past day cannot be known,
and the cell says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.base.dates import parse_day
from engine.base.errors import UserError
from engine.check.typed import CheckedList
from engine.session.timeline import Days

FALSE, TRUE = 0.0, 2.0


@dataclass(frozen=True, slots=True)
class Listed:
    """The members of one list: symbols, or days since 1970-01-01."""

    name: str
    symbols: frozenset[str]
    days: frozenset[int]
    of_days: bool


Lists = Mapping[str, Listed]
NO_LISTS: Lists = {}


def read_list(declared: CheckedList) -> Listed:
    """The members of a declared list, from its text or from its file beside the rule file."""
    items = declared.items if declared.file is None else _file_items(declared)
    if declared.type == "date":
        days = frozenset(_day(declared, item) for item in items)
        return Listed(declared.name, frozenset(), days, of_days=True)
    return Listed(declared.name, frozenset(items), frozenset(), of_days=False)


def list_path(declared: CheckedList) -> Path:
    """Where the members of a list from a file lie: beside the rule file that declares it."""
    return Path(declared.span.file).parent / str(declared.file)


def _file_items(declared: CheckedList) -> tuple[str, ...]:
    path = list_path(declared)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(
            f"list `{declared.name}`: {path} cannot be read: {problem}",
            "put the file beside the rule file, one member per line",
        ) from None
    words = (line.split("#", 1)[0].split(",", 1)[0].strip() for line in lines)
    return tuple(w for w in words if w and w.lower() not in ("symbol", "date"))


def _day(declared: CheckedList, item: str) -> int:
    try:
        return int(item) if item.lstrip("-").isdigit() else parse_day(item)
    except ValueError:
        raise UserError(
            f"list `{declared.name}`: `{item}` is no date", "write dates as 2020-03-16"
        ) from None


def list_column(listed: Listed, symbol: str | None, days: Days) -> NDArray[np.float64]:
    """The truth, per session, of the symbol or the date being in the list."""
    if listed.of_days:
        return np.where(np.isin(days, list(listed.days)), TRUE, FALSE)
    return np.full(len(days), TRUE if symbol in listed.symbols else FALSE)
