"""What a caller may ask of a dry-run (floor 9): the command line and the Python face both fill
this in."""

from collections.abc import Callable
from pathlib import Path

from engine.base.frozen import dataclass

Progress = Callable[[int, int, str], None]
"""progress(done, total, what): called as cells finish; total may grow."""


@dataclass(frozen=True, slots=True)
class DryrunOptions:
    """`files`: strategies.yaml, or one or more .rule files; empty means ./strategies.yaml.

    crises: scenario ids (empty: all). strategies: names (empty: all). params: `name=value` or
    `strategy.name=value` texts. data and symbol: own data (CSV or a catalogue symbol). first,
    last: own window instead of the scenarios (days since 1970-01-01). cash: start equity. out:
    the folder that gets `<id>/`. runner: walk | python | njit | None (chosen by work size).
    limits False: --no-limits. waives: `block.limit` names to run without.
    """

    files: tuple[Path, ...] = ()
    crises: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    data: Path | None = None
    symbol: str | None = None
    first: int | None = None
    last: int | None = None
    cash: float | None = None
    out: Path = Path("runs")
    runner: str | None = None
    limits: bool = True
    waives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A finished dry-run. summary: what summary.json holds. folder: where the files lie.

    changes: sentences on what differs from the last run of the same files (None: no earlier run).
    commands: for surprising cells, (strategy, crisis) -> the command to paste next. page: the page
    to open, where one was made.
    """

    summary: dict[str, object]
    folder: Path
    changes: tuple[str, ...] | None
    commands: dict[tuple[str, str], str]
    page: Path | None = None
