"""A finished dry-run that draws itself as the survival matrix (floor 10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.report.facts import Cell, cells_of
from engine.report.notebook.draw import PAGE, draw
from engine.report.notebook.matrix import LINES, matrix
from engine.report.sentences import sentences
from engine.report.terminal import report
from engine.session.options import Outcome

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("equity.parquet", "trades.parquet", "verdicts.jsonl")


@dataclass(frozen=True, eq=False, repr=False)
class Dryrun:
    """One dry-run. Frames are made anew on each read: change one as you like, after giving it a
    name.

    tables: the files beside summary.json as they were written, so that a run whose folder was
    deleted still draws.
    """

    outcome: Outcome
    tables: Mapping[str, bytes]

    @property
    def summary(self) -> dict[str, Any]:
        """What summary.json holds."""
        return self.outcome.summary

    @property
    def folder(self) -> Path:
        """Where the run's files lie."""
        return self.outcome.folder

    @property
    def changes(self) -> tuple[str, ...] | None:
        """What differs from the last run of the same files; None when this is the first."""
        return self.outcome.changes

    @property
    def passed(self) -> bool:
        """Whether something ran and no expectation failed."""
        return bool(self.summary["verdict"] == "pass")

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence per strategy, from its worst crisis."""
        return tuple(sentences(self._cells))

    @property
    def frame(self) -> "pd.DataFrame":
        """One row per run, with every figure of summary.json."""
        from engine.report.notebook.frames import runs_frame

        return runs_frame(self.summary["runs"])

    @property
    def matrix(self) -> "pd.DataFrame":
        """Strategies down, crises across: the deepest fall, nan where there is no data."""
        from engine.report.notebook.frames import matrix_frame

        return matrix_frame(self.summary["runs"])

    @property
    def limits(self) -> "pd.DataFrame":
        """One row per run and limit: how often it fired and what it saved."""
        from engine.report.notebook.frames import limits_frame

        return limits_frame(self.summary["runs"])

    @property
    def expectations(self) -> "pd.DataFrame":
        """One row per run and expectation; `holds` is missing where it was not decided."""
        from engine.report.notebook.frames import expectations_frame

        return expectations_frame(self.summary["runs"])

    @property
    def events(self) -> "pd.DataFrame":
        """One row for each time that a pause, flatten or halt was entered or left."""
        from engine.report.notebook.frames import events_frame

        return events_frame(self.summary["runs"])

    @property
    def equity(self) -> "pd.DataFrame":
        """Every equity line by strategy, crisis and date: with limits, without, merely held."""
        from engine.report.notebook.frames import equity_frame

        return equity_frame(self.tables["equity.parquet"])

    @property
    def trades(self) -> "pd.DataFrame":
        """Every round trip."""
        from engine.report.notebook.frames import trades_frame

        return trades_frame(self.tables["trades.parquet"])

    @property
    def verdicts(self) -> "pd.DataFrame":
        """Every order that was put to the limits, with what they said."""
        from engine.report.notebook.frames import verdicts_frame

        return verdicts_frame(self.tables["verdicts.jsonl"])

    @property
    def _cells(self) -> Sequence[Cell]:
        return cells_of(self.summary)

    def __repr__(self) -> str:
        """The sentences that `seawall dryrun` begins with."""
        return "\n".join(self.sentences)

    def _repr_html_(self) -> str:
        lines = self.equity[list(LINES)]
        grid = matrix(self._cells, lines)
        whole = report(self.outcome, PAGE)
        return draw("dryrun", sentences=self.sentences, grid=grid, whole=whole)


def ended(outcome: Outcome) -> Dryrun:
    """A finished dry-run with the tables from its folder."""
    return Dryrun(outcome, {name: (outcome.folder / name).read_bytes() for name in TABLES})
