"""Golden cases: tests/cases/check/*.txt, each a rule file, `---` and what checking it finds.

Cases stand between lines of `=====`. UPDATE_CASES=1 rewrites them.
"""

import os
from pathlib import Path

import pytest
from checking import found

from engine.base.diagnostics import Diagnostic

FOLDER = Path(__file__).parent.parent / "cases" / "check"
SPLIT = "=====\n"
FILES = sorted(FOLDER.glob("*.txt"))


def _line(d: Diagnostic) -> str:
    mark = {"error": "", "warning": "warning ", "later": "later "}[d.severity]
    fix = "" if d.fix is None else f" [{'safe' if d.fix.safe else 'unsafe'} fix `{d.fix.text}`]"
    notes = "".join(f"\n    {n.span.line}:{n.span.column} {n.message}" for n in d.notes)
    return f"{d.span.line}:{d.span.column} {mark}{d.code} {d.message} | {d.help}{fix}{notes}\n"


def _result(text: str) -> str:
    return "".join(map(_line, found(text)))


def _cases(path: Path) -> list[tuple[str, str]]:
    parts = path.read_text(encoding="utf-8").split(SPLIT)
    return [(case.partition("---\n")[0], case.partition("---\n")[2]) for case in parts]


def _rewrite(path: Path) -> None:
    shown = [f"{text}---\n{_result(text)}" for text, _ in _cases(path)]
    path.write_text(SPLIT.join(shown), encoding="utf-8")


if os.environ.get("UPDATE_CASES"):
    for file in FILES:
        _rewrite(file)

CASES = [(path, *case) for path in FILES for case in _cases(path)]


def _name(value: object) -> str:
    return value.stem if isinstance(value, Path) else ""


@pytest.mark.parametrize(("path", "text", "expected"), CASES, ids=_name)
def test_case(path: Path, text: str, expected: str) -> None:
    assert _result(text) == expected
