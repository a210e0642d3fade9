"""Every diagnostic code of the checker: its bad example shows it, its good one does not."""

import re
from pathlib import Path

import pytest
from checking import codes, found

from engine.base.codes.data import DATA
from engine.base.codes.limits import LIMITS
from engine.base.codes.logic import LOGIC
from engine.base.codes.names import NAMES
from engine.base.codes.spec import Code
from engine.base.codes.tests import TESTS
from engine.base.codes.time import TIME

CHECK = Path(__file__).resolve().parents[2] / "engine" / "check"
ROWS = (*NAMES, *TIME, *DATA, *LOGIC, *LIMITS, *TESTS)
SETTINGS = {"SW224": {"params": {"speed": 1.0}}, "SW709": {"strict": True}}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_bad_shows_the_code_and_good_does_not(row: Code) -> None:
    settings = SETTINGS.get(row.id, {})
    assert row.id in codes(row.bad, **settings)
    good = found(row.good, **settings)
    assert [d for d in good if d.severity == "error" or d.code == row.id] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_bad_shows_little_else(row: Code) -> None:
    errors = [d for d in found(row.bad, **SETTINGS.get(row.id, {})) if d.severity == "error"]
    assert [d.code for d in errors if d.code != row.id] == []


def test_every_code_in_the_checker_has_a_row_and_every_row_is_used() -> None:
    text = "".join(p.read_text() for p in CHECK.glob("*.py"))
    assert set(re.findall(r'"(SW[2-7]\d\d)"', text)) - {"SW136"} == {row.id for row in ROWS}


def test_ids_are_unique_and_in_order() -> None:
    for family in (NAMES, TIME, DATA, LOGIC, LIMITS, TESTS):
        ids = [row.id for row in family]
        assert ids == sorted(set(ids))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_pages_are_whole_and_titles_follow_the_grammar(row: Code) -> None:
    assert row.title[0].islower() or row.title[0] == "`"
    assert not row.title.endswith(".")
    assert "\n\nWhy: " in row.page
    assert "\n\nFix: " in row.page


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_messages_follow_the_grammar(row: Code) -> None:
    for d in found(row.bad, **SETTINGS.get(row.id, {})):
        assert d.help
        assert not d.message.endswith(".")
        assert d.message[0] == "`" or d.message[0] == d.message[0].lower()
