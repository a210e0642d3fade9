"""Findings that are not shown: waived in a comment, or mere echoes of a parse error (floor 4)."""

from collections.abc import Iterable, Sequence

from engine.base.diagnostics import Diagnostic, Fix, in_order
from engine.base.spans import Span
from engine.lang.ast import Block, LimitsBlock, RuleFile, Scenario, Strategy, Test
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


def without_echoes(
    file: RuleFile, problems: Iterable[Diagnostic], found: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """The findings in order, less those that may only echo a parse or loading error.

    An error inside a block can be echoed there, and in tests and scenarios, which speak of other
    blocks; one outside every block (a `use`, `define` or `list`) can be echoed anywhere. An unknown
    function never echoes a statement inside a block."""
    errors = [p.span for p in problems if p.severity == "error"]
    homes = [_home(file, span) for span in errors]
    reach = {id(home) for home in homes}

    def is_echo(d: Diagnostic) -> bool:
        if d.code not in ECHOES or not errors:
            return False
        if None in homes or d.span.file != file.file:
            return True
        home = _home(file, d.span)
        return d.code != "SW211" and (id(home) in reach or isinstance(home, Test | Scenario))

    return in_order(d for d in found if not is_echo(d))


def _home(file: RuleFile, span: Span) -> Block | None:
    """The strategy, limits, scenario or test that a place lies in; None outside of them."""
    if span.file != file.file:
        return None
    inside = (b for b in file.blocks if b.span.start <= span.start < b.span.end)
    return next(
        (b for b in inside if isinstance(b, Strategy | LimitsBlock | Scenario | Test)), None
    )
