"""Printing a tree and parsing the text gives the tree back."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from engine.base.spans import source
from engine.lang import ast
from engine.lang.format import print_expr, print_file
from engine.lang.parse import parse_expr, parse_text
from tests.generators import bare, expressions, rule_files

GOOD = sorted((Path(__file__).parent.parent / "cases" / "parse" / "good").glob("*.rule"))
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
@given(expressions())
def test_expressions_print_and_parse_back(expr: ast.Expr) -> None:
    text = print_expr(expr)
    again, problems = parse_expr(source("x", text))
    assert problems == [], text
    assert bare(again) == bare(expr), text


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(rule_files())
def test_files_print_and_parse_back(file: ast.RuleFile) -> None:
    text = print_file(file)
    again, problems = parse_text("x", text)
    assert problems == [], text
    assert bare(again) == bare(file), text
    assert print_file(again) == text


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_files_parse_and_print(path: Path) -> None:
    file, problems = parse_text(path.name, path.read_text(encoding="utf-8"))
    assert problems == []
    text = print_file(file)
    again, _ = parse_text(path.name, text)
    assert bare(again) == bare(file)


def test_there_are_good_files() -> None:
    assert len(GOOD) >= 14
