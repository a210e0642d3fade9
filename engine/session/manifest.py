"""What a run was made from (floor 9): hashes of rules, data and settings, and versions. No clock.

The id is the hash of all of it, the runner apart: every runner gives the same bytes.
"""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engine import __version__
from engine.base.dates import iso
from engine.records.series import Series
from engine.session.firm import Firm, Limits
from engine.session.folder import canonical, digest
from engine.session.load import Loaded

Row = dict[str, Any]
ID_LENGTH = 16
_COLUMNS = ("days", "open", "high", "low", "close", "volume", "real_open", "has_range")


def manifest(loaded: Loaded) -> Row:
    """Everything that decides the figures, with the run's id."""
    parts = {
        "rules": _rules(loaded.files),
        "data": {name: series_hash(s) for name, s in sorted(loaded.firm.series.items())},
        "settings": _settings(loaded.firm, loaded.trials),
        "versions": _versions(),
    }
    return {"id": digest(canonical(parts))[:ID_LENGTH], **parts}


def _rules(files: Iterable[Path]) -> list[list[str]]:
    """Name and hash of every file that was read, used ones and lists included.

    Names only, not folders: the same rules in another place are the same run.
    """
    return sorted([path.name, digest(path.read_bytes())] for path in set(files))


def series_hash(series: Series) -> str:
    """The hash of a series: its bars and how the instrument trades."""
    arrays = [np.ascontiguousarray(getattr(series, name)).tobytes() for name in _COLUMNS]
    return digest(repr(series.instrument).encode(), *arrays)


def _settings(firm: Firm, trials: int) -> Row:
    return {
        "strategies": [
            {
                "name": s.name,
                "universe": list(s.universe),
                "capital": s.capital,
                "params": {p.name: p.value for p in s.checked.params},
                "limits": [_block(b) for b in s.limits],
            }
            for s in firm.strategies
        ],
        "limits": None if firm.limits is None else [_block(b) for b in firm.limits],
        "windows": [[w.crisis, iso(w.first), iso(w.last)] for w in firm.windows],
        "cash": firm.account.cash,
        "cash_is_asked": firm.account.cash_is_asked,
        "costs": asdict(firm.account.costs),
        "borrow": dict(sorted(firm.account.borrow.items())),
        "trials": trials,
        "waives": sorted(firm.waives),
        "notices": list(firm.notices),
    }


def _block(block: Limits) -> Row:
    params = {p.name: p.value for p in block.checked.params}
    return {"name": block.checked.name, "params": params}


def _versions() -> Mapping[str, str]:
    return {
        "seawall": __version__,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "pyarrow": version("pyarrow"),
    }
