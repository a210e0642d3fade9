"""What is wrong or odd in a user's own data file, each with the row it stands in (floor 8)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
ERROR: Severity = "error"
WARNING: Severity = "warning"

Settings = tuple[tuple[str, str, str], ...]
"""What to say under `data` of strategies.yaml: (`mapping`, `close`, `Schluss`)."""

MOST_OF_A_KIND = 20
"""One mistake repeated on every row is told this often, then counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about one row of the file; the header is row 1. An error refuses the file.

    day: whose row it is, where that is known. count: how many such facts it stands for. settings:
    what a set-up can say to mend it.
    """

    kind: str
    severity: Severity
    row: int
    message: str
    help: str
    day: int | None = None
    count: int = 1
    settings: Settings = ()


class Findings:
    """Collects findings in the order they are met, keeping at most MOST_OF_A_KIND of each kind."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def error(
        self, kind: str, row: int, message: str, help: str = "", settings: Settings = ()
    ) -> None:
        """Note something that refuses the file."""
        self._add(Finding(kind, ERROR, row, message, help, settings=settings))

    def warn(
        self, kind: str, row: int, message: str, help: str = "", day: int | None = None
    ) -> None:
        """Note something the user should know."""
        self._add(Finding(kind, WARNING, row, message, help, day))

    @property
    def refused(self) -> bool:
        """Whether any error was found."""
        return any(finding.severity == ERROR for finding in self._kept)

    def all(self) -> list[Finding]:
        """Everything found, by row; kinds that were cut short say how many more there are."""
        return sorted([*self._kept, *self._rest()], key=lambda finding: finding.row)

    def _add(self, finding: Finding) -> None:
        self._counts[finding.kind] += 1
        if self._counts[finding.kind] <= MOST_OF_A_KIND:
            self._kept.append(finding)

    def _rest(self) -> Iterable[Finding]:
        for kind, count in self._counts.items():
            if count > MOST_OF_A_KIND:
                last = [finding for finding in self._kept if finding.kind == kind][-1]
                more = count - MOST_OF_A_KIND
                text = f"{more:,} more of the same kind after this row"
                yield Finding(kind, last.severity, last.row, text, last.help, count=more)
