"""Line 16 for lists: one that is not known, or too old, denies; line 21: never known is no data."""

from pathlib import Path

import pytest

from semantics.make import Case, Given, fired, flat, limits, probe, run, strategy

RESTING = strategy("entry long up { when close > $1 size 1 shares order limit $1 }")
"""Orders at every close, and never fills."""
BARS = {"A": flat("10 10 10 10 10 10 10"), "B": flat("10 10 10 10 10 10 10")}
"""Monday 2019-01-07 to Tuesday 01-15."""
COPIES = "as of 2019-01-08\nA\nas of 2019-01-10\nB\n"


def case(folder: Path, text: str, stale: str, more: str = "", rest: str = "") -> Case:
    """What becomes of A's orders under a limit that looks into this list."""
    file = folder / "restricted.csv"
    file.write_text(text)
    rows = limits(f"limit listed on order deny when order.symbol is in restricted {more}")
    declared = f'list restricted : symbol = file "{file}" {stale}\n'
    given: Given = dict(BARS)
    return run(declared + RESTING + rows + rest, given, universe=["A"])


def outcomes(found: Case) -> list[str]:
    return [outcome for _, outcome in found.outcomes]


def test_line_16_a_list_older_than_its_patience_denies(tmp_path: Path) -> None:
    """Unknown on Monday; A is in from Tuesday, out from Thursday; Monday is two sessions on."""
    found = case(tmp_path, COPIES, "stale after 2 bars")
    denied = ["denied"] * 3
    assert outcomes(found) == [*denied, "allowed", "allowed", "allowed", "denied"]
    why = [said for _, _, said in found.said]
    assert why == ["unknown, denied", "refused", "refused", "unknown, denied"]
    assert any(
        n.startswith("restricted: the list is unknown on 2 of 7") for n in found.cell.notices
    )


def test_line_16_days_are_sessions(tmp_path: Path) -> None:
    one = case(tmp_path, COPIES, "stale after 1d")
    assert outcomes(one)[3:] == ["allowed", "allowed", "denied", "denied"]
    week = case(tmp_path, COPIES, "stale after 1w")
    assert outcomes(week)[3:] == ["allowed"] * 4


def test_line_16_without_patience_a_copy_counts_for_ever(tmp_path: Path) -> None:
    assert outcomes(case(tmp_path, COPIES, ""))[3:] == ["allowed"] * 4


def test_line_16_a_stale_list_may_be_skipped(tmp_path: Path) -> None:
    found = case(tmp_path, COPIES, "stale after 2 bars", 'else skip because "old list"')
    assert outcomes(found) == ["allowed", "denied", "denied", *["allowed"] * 4]


def test_line_21_a_list_that_never_was_is_no_data(tmp_path: Path) -> None:
    found = case(tmp_path, "as of 2024-01-02\nB\n", "stale after 2 bars")
    assert found.cell.ran is None
    assert any("lim.listed needs restricted" in n for n in found.cell.notices)
    rest = """scenario "case" {
      replay 2019-01-07 .. 2019-01-15
      waive lim.listed because "no list before 2024"
    }"""
    waived = case(tmp_path, "as of 2024-01-02\nB\n", "stale after 2 bars", rest=rest)
    assert outcomes(waived) == ["allowed"] * 7


def test_line_16_a_list_without_a_date_cannot_be_judged(tmp_path: Path) -> None:
    found = case(tmp_path, "B\n", "stale after 1d")
    assert outcomes(found) == ["allowed"] * 7
    assert "lists restricted are taken as they stand today" in found.cell.notices


@pytest.mark.parametrize(
    ("condition", "bars"),
    [("market.date is in meetings", [2, 3]), ("not market.date is in meetings", [1])],
)
def test_line_04_a_rule_that_looks_into_a_stale_list_is_undefined(
    tmp_path: Path, condition: str, bars: list[int]
) -> None:
    """Known from Tuesday to Thursday: a meeting on Wednesday and on Thursday."""
    file = tmp_path / "meetings.csv"
    file.write_text("as of 2019-01-08\n2019-01-09\n2019-01-10\n2019-01-14\n")
    declared = f'list meetings : date = file "{file}" stale after 2 bars\n'
    found = run(declared + probe(condition), flat("10 10 10 10 10 10 10"))
    assert fired(found) == bars
    assert found.count("undefined") == 4
