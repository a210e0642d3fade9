"""Findings that are not shown: waived in a comment, or mere echoes of a parse error (floor 4)."""

from collections.abc import Iterable, Sequence

from engine.base.diagnostics import Diagnostic, Fix, in_order
from engine.lang.ignores import Ignore


def apply_ignores(diagnostics: Iterable[Diagnostic], ignores: Sequence[Ignore]) -> list[Diagnostic]:
    """The findings that no waiver covers, with every waiver that covers none.

    Only warnings can be waived: an error or an unrun construct stays."""
    kept: list[Diagnostic] = []
    spent: set[Ignore] = set()
    for found in diagnostics:
        waiver = next((i for i in ignores if _covers(i, found)), None)
        if waiver is None:
            kept.append(found)
        else:
            spent.add(waiver)
    return in_order([*kept, *(_stale(i) for i in ignores if i not in spent)])


def _covers(waiver: Ignore, found: Diagnostic) -> bool:
    same = waiver.code == found.code and waiver.span.file == found.span.file
    return same and waiver.line == found.span.line and found.severity == "warning"


def _stale(waiver: Ignore) -> Diagnostic:
    message = f"nothing here is reported as {waiver.code}"
    help = "remove the comment; errors cannot be waived, only warnings"
    fix = Fix(waiver.span, "", True)
    return Diagnostic("SW515", waiver.span, message, help, "warning", (), fix)


ECHOES = frozenset(
    (
        *("SW201", "SW210", "SW211", "SW217", "SW224"),
        *("SW505", "SW508", "SW511", "SW513", "SW514"),
        *("SW601", "SW605", "SW701", "SW707"),
    )
)
"""Codes that may only mean that a statement did not parse, or that a used file is missing."""


def without_echoes(problems: Iterable[Diagnostic], found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings in order; without the echoes when parsing or loading had errors."""
    if any(p.severity == "error" for p in problems):
        found = [d for d in found if d.code not in ECHOES]
    return in_order(found)
