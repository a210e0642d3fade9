"""`test` blocks: what fires, what is silent, what cannot be known."""

from pathlib import Path

import pytest

from engine.base.errors import UserError
from engine.base.resources import rules_dir
from engine.session.rule_tests import run_tests
from replays.own import rules_file

RULES = """
strategy plain {
  clock 1d on xnys
  data fear : pts = "VIX" daily stale after 2 bars
  entry long up {
    when close > close[1] and fear < 30 pts
    size 1% of equity / (high - low)
    order market
  }
  entry short down { when close < close[1] size 10 shares order market }
  exit late of up { when position.age >= 2 bars order market }
  exit back of down { when close > close[1] order market }
  stop hard of up at position.entry_price - $50
}
"""


def outcome(tmp_path: Path, test: str) -> list[tuple[int, str, str, str]]:
    """What the only test missed: bar, rule, expected, actual."""
    file = rules_file(tmp_path, RULES + 'test "it" of plain {\n' + test + "\n}\n")
    (result,) = run_tests(file)
    assert result.passed is (not result.missed)
    return [(m.bar, m.rule, m.expected, m.actual) for m in result.missed]


GIVEN = "given close = $10, $11, $12, $11, $12\ngiven fear = 20 pts x5\n"
RANGE = "given high = $13 x5\ngiven low = $9 x5\n"


def test_outcomes_are_told_apart(tmp_path: Path) -> None:
    expect = "expect undefined up at bar 0\nexpect fires up at bar 1..2\nexpect silent up at bar 3"
    assert outcome(tmp_path, GIVEN + expect) == []


def test_sized_asks_for_an_order_too(tmp_path: Path) -> None:
    assert outcome(tmp_path, GIVEN + RANGE + "expect sized up at bar 1") == []
    assert outcome(tmp_path, GIVEN + "expect sized up at bar 1") == [(1, "up", "sized", "fires")]
    assert outcome(tmp_path, GIVEN + RANGE + "expect fires up at bar 1") == []


def test_a_failing_test_says_what_happened_on_each_bar(tmp_path: Path) -> None:
    assert outcome(tmp_path, GIVEN + "expect silent up at bar 0..2") == [
        (0, "up", "silent", "undefined"),
        (1, "up", "silent", "fires"),
        (2, "up", "silent", "fires"),
    ]


def test_entries_of_one_strategy_are_kept_apart(tmp_path: Path) -> None:
    expect = (
        "expect silent down at bar 1..2\nexpect sized down at bar 3\nexpect silent down at bar 4"
    )
    assert outcome(tmp_path, GIVEN + expect) == []


def test_exits_see_the_position_that_the_account_holds(tmp_path: Path) -> None:
    # decided on bar 1, filled at the close of bar 2 (no opens given): its age is 2 on bar 4
    rising = GIVEN.replace("$11, $12\ngiven", "$13, $14\ngiven")
    text = rising + RANGE + "expect undefined late at bar 0..1\nexpect silent late at bar 3\n"
    assert outcome(tmp_path, text + "expect fires late at bar 4") == []


def test_an_opposite_entry_closes_the_position_that_an_exit_reads(tmp_path: Path) -> None:
    # bar 3 falls: `down` closes the long at the close of bar 4, where `late` has nothing to read
    text = GIVEN + RANGE + "expect undefined late at bar 4"
    assert outcome(tmp_path, text) == []


def test_columns_that_are_not_given_are_na(tmp_path: Path) -> None:
    assert outcome(tmp_path, "given close = $10, $11\nexpect undefined up at bar 1") == []


def test_an_na_inside_a_column_is_no_bar_or_no_value(tmp_path: Path) -> None:
    text = "given close = $10, $11, $12\ngiven fear = 20 pts, na, 20 pts\n"
    assert outcome(tmp_path, text + "expect fires up at bar 1..2") == []  # held for two bars


def test_tests_are_chosen_by_title_or_strategy(tmp_path: Path) -> None:
    two = 'test "one" of plain {\ngiven close = $1\nexpect undefined up at bar 0\n}\n'
    file = rules_file(tmp_path, RULES + two + two.replace("one", "two"))
    assert [r.title for r in run_tests(file)] == ["one", "two"]
    assert [r.title for r in run_tests(file, ["two"])] == ["two"]
    assert len(run_tests(file, ["plain"])) == 2
    with pytest.raises(UserError, match="no test `tow`"):
        run_tests(file, ["tow"])


@pytest.mark.parametrize("file", sorted(rules_dir().glob("*.rule")), ids=lambda p: p.stem)
def test_shipped_rules_pass_their_own_tests(file: Path) -> None:
    assert [r for r in run_tests(file) if not r.passed] == []
