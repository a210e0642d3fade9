"""Lists from files: copies by day, how long they count, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.base.dates import iso, parse_day
from engine.base.errors import UserError
from engine.base.spans import Span
from engine.check.typed import CheckedList
from engine.session.lists import Listed, list_column, list_gap, read_list
from session.make import line

Reader = Callable[..., Listed]

COPIES = """
symbol
as of 2020-03-03
AAA, since the merger
BBB  # a comment
As of 2020-03-05
BBB
"""


@pytest.fixture
def listed(tmp_path: Path) -> Reader:
    def read(text: str, stale: int = 0, type: str = "symbol") -> Listed:
        (tmp_path / "restricted.csv").write_text(text)
        span = Span(str(tmp_path / "case.rule"), 0, 1, 1, 1, 1, 2)
        return read_list(
            CheckedList("restricted", type, (), "restricted.csv", stale, span)  # type: ignore[arg-type]
        )

    return read


def column(
    found: Listed, symbol: str, first: str = "2020-03-02", last: str = "2020-03-11"
) -> list[int]:
    return list_column(found, symbol, line(first, last)).astype(int).tolist()


def test_a_bar_sees_the_last_copy_of_its_day_or_before(listed: Reader) -> None:
    """Monday to Wednesday of the next week; unknown before the first copy."""
    found = listed(COPIES)
    assert column(found, "AAA") == [1, 2, 2, 0, 0, 0, 0, 0]
    assert column(found, "BBB") == [1, 2, 2, 2, 2, 2, 2, 2]
    assert column(found, "CCC") == [1, 0, 0, 0, 0, 0, 0, 0]


def test_a_copy_counts_so_many_sessions(listed: Reader) -> None:
    """Of Thursday 03-05, two sessions: Friday and Monday 03-09."""
    assert column(listed(COPIES, 2), "BBB") == [1, 2, 2, 2, 2, 2, 1, 1]
    assert column(listed(COPIES, 1), "BBB") == [1, 2, 2, 2, 2, 1, 1, 1]


def test_a_copy_of_a_closed_day_is_as_old_as_the_session_before_it(listed: Reader) -> None:
    found = listed("as of 2020-03-07\nBBB", 1)
    assert column(found, "BBB") == [1, 1, 1, 1, 1, 2, 1, 1]


def test_a_copy_from_before_the_window_keeps_its_age(listed: Reader) -> None:
    assert column(listed(COPIES, 2), "BBB", "2020-03-09", "2020-03-10") == [2, 1]


def test_later_copies_change_nothing_before_them(listed: Reader) -> None:
    """What a bar sees does not depend on what is written under a later day."""
    before = column(listed("as of 2020-03-03\nAAA", 2), "AAA", last="2020-03-04")
    assert column(listed(COPIES, 2), "AAA", last="2020-03-04") == before


def test_a_list_without_a_date_is_taken_as_it_stands(listed: Reader) -> None:
    found = listed("AAA\nBBB", 1)
    assert not found.is_dated
    assert column(found, "AAA") == [2] * 8
    assert list_gap(found, line("2020-03-02", "2020-03-11")) == (True, "")


def test_days_have_copies_too(listed: Reader) -> None:
    text = "date\nas of 2020-03-03\n2020-03-04\n2020-03-06\nas of 2020-03-05\n2020-03-09"
    assert column(listed(text, type="date"), "AAA") == [1, 0, 2, 0, 0, 2, 0, 0]


def test_an_empty_copy_says_that_nobody_is_listed(listed: Reader) -> None:
    assert column(listed(COPIES + "as of 2020-03-06\n"), "BBB") == [1, 2, 2, 2, 0, 0, 0, 0]


def test_what_is_not_known_is_said(listed: Reader) -> None:
    days = line("2020-03-02", "2020-03-11")
    has_any, text = list_gap(listed(COPIES), days)
    assert has_any
    assert text == "the list is unknown on 1 of 8 bars, before its first copy (2020-03-03)"
    assert list_gap(listed(COPIES, 2), days) == (
        True,
        "the list is unknown on 3 of 8 bars, before its first copy (2020-03-03) or more than 2 "
        "sessions after a copy",
    )
    has_any, text = list_gap(listed("as of 2021-01-04\nAAA"), days)
    assert not has_any
    assert text.startswith("the list is unknown on 8 of 8 bars")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("AAA\nas of 2020-03-03\nBBB", "`AAA` stands before the first `as of` line"),
        ("as of 2020-03-05\nA\nas of 2020-03-03\nB", "comes after `as of 2020-03-05`"),
        ("as of 2020-03-05\nA\nas of 2020-03-05\nB", "comes after `as of 2020-03-05`"),
        ("as of last week\nA", "`last week` is no date"),
        ("as of 2020-02-30\nA", "`2020-02-30` is no date"),
    ],
)
def test_what_no_file_may_hold(listed: Reader, text: str, word: str) -> None:
    with pytest.raises(UserError) as caught:
        listed(text)
    assert word in caught.value.message
    assert "`restricted`" in caught.value.message


def test_the_age_is_counted_in_sessions_of_the_whole_calendar(listed: Reader) -> None:
    """A copy of 30 sessions before the window is 30 old on its first bar."""
    days = line("2020-03-02", "2020-03-02")
    old = days.sessions[int(days.sessions.searchsorted(parse_day("2020-03-02"))) - 30]
    text = f"as of {iso(int(old))}\nAAA"
    assert list_column(listed(text, 30), "AAA", days).tolist() == [2.0]
    assert list_column(listed(text, 29), "AAA", days).tolist() == [1.0]
