"""Golden cases: tests/cases/parse/*.txt, each an input, `---` and what comes of it.

Cases stand between lines of `=====`. A file whose name begins with `tree` holds expressions and
their trees, the others whole rule files and their diagnostics. UPDATE_CASES=1 rewrites them.
"""

import os
from pathlib import Path

import pytest

from engine.base.spans import source
from engine.lang import ast
from engine.lang.parse import parse_expr, parse_text
from tests.generators import bare

FOLDER = Path(__file__).parent.parent / "cases" / "parse"
SPLIT = "=====\n"


def tree(value: object) -> str:
    """A tree on one line: `(Kind part part)`, literals and names as written."""
    if isinstance(value, ast.Literal):
        return value.text
    if isinstance(value, ast.Name):
        return value.name
    return _plain(bare(value))


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        if value and value[0] == "Literal":
            return f"`{value[-1]}`"
        if value and value[0] == "Name":
            return str(value[1])
        return "(" + " ".join(map(_plain, value)) + ")"
    return str(value)


def _result(path: Path, text: str) -> str:
    if path.stem.startswith("tree"):
        expr, problems = parse_expr(source("case", text.rstrip("\n")))
        shown = [] if expr is None else [tree(expr)]
    else:
        shown, problems = [], parse_text("case", text)[1]
    lines = [f"{d.span.line}:{d.span.column} {d.code} {d.message} | {d.help}" for d in problems]
    return "".join(f"{line}\n" for line in [*shown, *lines])


def _cases(path: Path) -> list[tuple[str, str]]:
    parts = path.read_text(encoding="utf-8").split(SPLIT)
    return [(case.partition("---\n")[0], case.partition("---\n")[2]) for case in parts]


def _rewrite(path: Path) -> None:
    shown = [f"{text}---\n{_result(path, text)}" for text, _ in _cases(path)]
    path.write_text(SPLIT.join(shown), encoding="utf-8")


FILES = sorted(FOLDER.glob("*.txt"))
if os.environ.get("UPDATE_CASES"):
    for file in FILES:
        _rewrite(file)

CASES = [(path, *case) for path in FILES for case in _cases(path)]


def _name(value: object) -> str:
    return value.stem if isinstance(value, Path) else ""


@pytest.mark.parametrize(("path", "text", "expected"), CASES, ids=_name)
def test_case(path: Path, text: str, expected: str) -> None:
    assert _result(path, text) == expected


def test_there_are_cases() -> None:
    assert len(CASES) > 60
