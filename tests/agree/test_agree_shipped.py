"""Every shipped strategy and limits block: all plain runners agree, its bounds are small, nothing
looks ahead, and a later start comes to the same."""

from pathlib import Path

import pytest

from engine.base.resources import rules_dir
from engine.check import check_file, load_uses, read_near
from engine.check.typed import CheckedFile
from engine.compile import load_plan, plan_limits, plan_strategy
from engine.graph.plan import Plan
from engine.lang.parse import parse_file
from engine.records.catalogue import load_catalogue
from tests.agree import battery
from tests.agree.decisions import decisions, market_table, stepped_table

FILES = sorted(p for p in rules_dir().glob("**/*.rule") if p.parent.name != "lib")


def checked(path: Path) -> CheckedFile:
    file, problems = parse_file(path)
    used, more = load_uses(file, read_near)
    checked, found = check_file(file, used, load_catalogue())
    assert [d for d in (*problems, *more, *found) if d.severity == "error"] == []
    return checked


def plans_of(path: Path) -> list[Plan]:
    """Every strategy and limits block of a file."""
    file = checked(path)
    return [plan_strategy(s) for s in file.strategies] + [plan_limits(x) for x in file.limits]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_shipped_rules_do_not_look_ahead(path: Path) -> None:
    for plan in plans_of(path):
        for seed in (1, 2):
            battery.does_not_look_ahead(plan, seed, 120)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_shipped_rules_come_to_the_same_from_a_later_start(path: Path) -> None:
    compared = [battery.later_start_agrees(plan, 1, 1_200) for plan in plans_of(path)]
    assert all(compared[: len(checked(path).strategies)])


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_shipped_rules_agree(path: Path) -> None:
    for plan in plans_of(path):
        walk, python = load_plan(plan, "walk"), load_plan(plan, "python")
        table = market_table(walk, 1, 300)
        assert market_table(python, 1, 300) == table
        assert stepped_table(python, 1, 300, resume_at=150) == table
        assert decisions(python, 1, 300) == decisions(walk, 1, 300)
        assert plan.state_bytes < 100_000
