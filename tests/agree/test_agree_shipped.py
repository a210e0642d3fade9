"""Every shipped strategy and limits block: all plain runners agree, and its bounds are small."""

from pathlib import Path

import pytest

from engine.base.resources import rules_dir
from engine.check import check_file, load_uses, read_near
from engine.check.typed import CheckedFile
from engine.compile import load_plan, plan_limits, plan_strategy
from engine.lang.parse import parse_file
from engine.records.catalogue import load_catalogue
from tests.agree.decisions import decisions, market_table, stepped_table

FILES = sorted(p for p in rules_dir().glob("**/*.rule") if p.parent.name != "lib")


def checked(path: Path) -> CheckedFile:
    file, problems = parse_file(path)
    used, more = load_uses(file, read_near)
    checked, found = check_file(file, used, load_catalogue())
    assert [d for d in (*problems, *more, *found) if d.severity == "error"] == []
    return checked


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_shipped_rules_agree(path: Path) -> None:
    file = checked(path)
    plans = [plan_strategy(s) for s in file.strategies] + [plan_limits(x) for x in file.limits]
    for plan in plans:
        walk, python = load_plan(plan, "walk"), load_plan(plan, "python")
        table = market_table(walk, 1, 300)
        assert market_table(python, 1, 300) == table
        assert stepped_table(python, 1, 300, resume_at=150) == table
        assert decisions(python, 1, 300) == decisions(walk, 1, 300)
        assert plan.state_bytes < 100_000
