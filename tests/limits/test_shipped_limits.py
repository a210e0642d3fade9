"""Every shipped limit is in the checklist, gives its reason, and is tried in a test beside it."""

from pathlib import Path

import pytest

from engine.base.resources import rules_dir
from engine.lang import ast
from engine.lang.parse import parse_file
from tools.build_docs import LABELS, label_of, shipped_limits
from tools.limit_rows import CONTROLS, ROWS

FILES = sorted((rules_dir() / "limits").glob("*.rule"))
HOUSE = "house"
ELSEWHERE = {
    "orders_per_minute",  # daily bars: no test of a rule file sends thirty orders at one close
    "repeats",  # a test sends each order from an entry of its own; see rules/knight.rule
    "stop_cluster",  # a test has no stops; tests/semantics/test_windows.py counts them
}
"""Shipped limits that a test beside them cannot bring to act."""


def tried(file: ast.RuleFile) -> set[str]:
    """The limits and switches that an expectation of the file names in action."""
    rows = [s for b in file.blocks if isinstance(b, ast.Test) for s in b.body]
    named = {r.rule for r in rows if isinstance(r, ast.Expected) and r.outcome in ACTING}
    return named | {r.by for r in rows if isinstance(r, ast.ExpectedVerdict) and r.by}


ACTING = ("denied", "clipped", "paused")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_limit_gives_its_reason_and_is_seen_acting(path: Path) -> None:
    file, _ = parse_file(path)
    for block in file.blocks:
        if isinstance(block, ast.LimitsBlock):
            rows = [s for s in block.body if isinstance(s, ast.Limit | ast.Switch)]
            assert [r.name for r in rows if not r.because] == []
            # one strategy on one stock has no desk and no fund
            wanted = {r.name for r in rows if r.scope not in ("desk", "asset class")}
            assert wanted - tried(file) - ELSEWHERE == set()


def test_every_shipped_limit_stands_in_the_checklist() -> None:
    listed = {name for row in ROWS for name in row.limits}
    shipped = {f"{b}.{x.name}" for b, rows in shipped_limits().items() for x in rows if b != HOUSE}
    assert shipped - listed == set()
    assert (listed | {n for c in CONTROLS for n in c.limits}) - shipped == set()


def test_what_is_declared_only_says_what_is_missing() -> None:
    labels = [label_of(row, shipped_limits()) for row in ROWS]
    assert set(labels) == set(LABELS)
    for row, label in zip(ROWS, labels, strict=True):
        assert row.missing or label != LABELS[2], row.asks
