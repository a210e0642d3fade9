"""A finished dry-run before it is written (floor 9): what a report page is made from."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.base.frozen import dataclass
from engine.session.cell import Cell


@dataclass(frozen=True)
class Result:
    """summary, manifest: what summary.json and manifest.json will hold, key for key.

    cells: one per row of `summary["runs"]`, in the same order, with the bars and the history
    behind it. texts: every rule file that took part, name -> its text.
    commands: for surprising cells, (strategy, crisis) -> the command to paste next.
    """

    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]
    cells: tuple[Cell, ...]
    texts: Mapping[str, str]
    commands: Mapping[tuple[str, str], str]


Render = Callable[[Result], Mapping[str, bytes]]
"""Makes more files for the run's folder; equal results must give equal bytes."""


def no_pages(result: Result) -> Mapping[str, bytes]:
    """Nothing beside the data files."""
    return {}


def nothing() -> None:
    """Makes nothing ready."""
