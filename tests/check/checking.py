"""Rule text through parse, load and check, as the command line does it; for this folder's tests."""

from collections.abc import Mapping

from engine.base.diagnostics import Diagnostic
from engine.base.spans import Source, Span, source
from engine.check import apply_ignores, check_file, check_scenario_names, load_uses, read_near
from engine.check.typed import CheckedFile
from engine.lang.ignores import ignores
from engine.lang.parse import parse
from engine.records.catalogue import load_catalogue

FILE = "demo.rule"


def read(path: str, span: Span, text: str = "") -> Source | None:
    """`use "demo.rule"` is the file itself; everything else lies among the shipped rules."""
    return source(FILE, text) if path == FILE else read_near(path, span)


def checked(
    text: str, params: Mapping[str, float] | None = None, strict: bool = False
) -> tuple[CheckedFile, list[Diagnostic]]:
    """What a text means, and every finding of parsing, loading and checking."""
    where = source(FILE, text)
    file, problems = parse(where)
    used, more = load_uses(file, lambda path, span: read(path, span, text))
    problems = [*problems, *more]
    meant, found = check_file(
        file, used, load_catalogue(), params or {}, strict=strict, problems=problems
    )
    names = [
        d for s in meant.scenarios for d in check_scenario_names(s, meant.strategies, meant.limits)
    ]
    return meant, apply_ignores([*problems, *found, *names], ignores(where))


def found(text: str, **more: object) -> list[Diagnostic]:
    """The findings alone."""
    return checked(text, **more)[1]  # type: ignore[arg-type]


def codes(text: str, **more: object) -> list[str]:
    """The codes of the findings, in order of place."""
    return [d.code for d in found(text, **more)]
