"""Diagnostics: what is wrong with a user's text, where, why, and what to do (floor 0)."""

from collections.abc import Iterable
from typing import Literal

from engine.base.frozen import dataclass
from engine.base.spans import Span

Severity = Literal["error", "warning", "later"]
"""`later` marks a construct that checks but whose running comes with a later version: a dry-run
refuses it."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A replacement for a span; `safe` when it cannot change what the rule means."""

    span: Span
    text: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains the first."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: `code` is a row of CODES, `message` is lower case without a final stop."""

    code: str
    span: Span
    message: str
    help: str
    severity: Severity = "error"
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None


class RuleErrors(Exception):
    """Rule text that cannot be run, with every diagnostic found in it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{d.span}: {d.code} {d.message}" for d in self.diagnostics))


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort by file, place and code, dropping exact repeats."""
    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=lambda d: (d.span.file, d.span.start, d.code, d.message))
