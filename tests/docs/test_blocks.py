"""Every `rule` block in the README and the docs checks without an error, and its tests pass."""

import re
from pathlib import Path

import pytest

from engine.base.spans import source
from engine.check import check_file, load_uses, read_near
from engine.lang.parse import parse
from engine.records.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(p for p in (ROOT / "docs").glob("*.md") if p.stem != "diagnostics"),
]
BLOCKS = [
    pytest.param(text, id=f"{page.name}-{k}")
    for page in PAGES
    for k, text in enumerate(re.findall(r"```rule\n(.*?)```", page.read_text(), re.DOTALL))
]


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 8


@pytest.mark.parametrize("text", BLOCKS)
def test_block_checks(text: str) -> None:
    file, problems = parse(source("block.rule", text))
    used, more = load_uses(file, read_near)
    _, found = check_file(file, used, load_catalogue())
    errors = [d for d in (*problems, *more, *found) if d.severity != "warning"]
    assert not errors, [f"{d.span}: {d.code} {d.message}" for d in errors]


@pytest.mark.parametrize("text", [b for b in BLOCKS if 'test "' in str(b.values[0])])
def test_block_tests_pass(text: str, tmp_path: Path) -> None:
    from engine.session.rule_tests import run_tests

    path = tmp_path / "block.rule"
    path.write_text(text)
    results = run_tests(path, ())
    assert results
    assert all(r.passed for r in results), results
