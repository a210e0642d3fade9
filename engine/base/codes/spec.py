"""One diagnostic code (floor 0)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A row of CODES: its page is what `seawall check --explain CODE` prints.

    `bad` and `good` are whole rule files (or YAML for 8xx) that show the mistake and its mending;
    tests check that `bad` yields this code and `good` does not.
    """

    id: str
    title: str
    page: str
    bad: str
    good: str
