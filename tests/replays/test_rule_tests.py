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


PAIR = """
strategy pair {
  clock 1d on xnys
  leg a = AAPL
  leg b = MSFT
  entry spread wide {
    when close > close of b and volume > 5 shares
    buy b size 10 shares
    sell a size 1% of volume of a
  }
  entry spread thin { when close of a < $50  buy a size 1 shares  sell b size 2 shares }
  exit back of wide { when position.pnl >= $20 or position.age >= 9 bars  order market }
}
"""


def paired(tmp_path: Path, test: str) -> list[tuple[int, str, str, str]]:
    """What the only test of PAIR missed."""
    (result,) = run_tests(rules_file(tmp_path, PAIR + f'test "it" of pair {{\n{test}\n}}\n'))
    return [(m.bar, m.rule, m.expected, m.actual) for m in result.missed]


B = "given b.close = $100, $90, $100, $100\ngiven b.volume = 9 shares x4\n"


def test_a_spread_is_tested_on_the_bars_of_its_first_leg(tmp_path: Path) -> None:
    """B leads, as `wide` buys it first: bare `close` and `volume` are B's, never above itself."""
    text = B + "given a.close = $120 x4\n"
    assert paired(tmp_path, text + "expect silent wide at bar 0..3") == []
    thin = B.replace("9 shares x4", "9 shares, na, 5 shares x2")
    assert paired(tmp_path, thin + "expect fires wide at bar 0") == [(0, "wide", "fires", "silent")]


def test_spreads_are_asked_apart_and_sized_when_every_leg_is(tmp_path: Path) -> None:
    lead = B.replace("b.", "MSFT.")
    text = PAIR.replace("close > close of b", "close of a > close of b")
    given = lead + "given a.close = $120, $120, $40, na\ngiven a.volume = 500 shares, na, na, na\n"
    expect = """
  expect sized wide at bar 0
  expect fires wide at bar 1
  expect silent wide at bar 2
  expect sized thin at bar 2
  expect silent thin at bar 0..1
  expect undefined thin at bar 3"""
    (result,) = run_tests(
        rules_file(tmp_path, text + f'test "it" of pair {{\n{given}{expect}\n}}\n')
    )
    assert result.missed == ()
    wrong = expect.replace("fires wide at bar 1", "sized wide at bar 1")
    (result,) = run_tests(
        rules_file(tmp_path, text + f'test "it" of pair {{\n{given}{wrong}\n}}\n')
    )
    assert [(m.bar, m.actual) for m in result.missed] == [(1, "fires")]


def test_an_exit_of_a_spread_sees_the_position_of_all_its_legs(tmp_path: Path) -> None:
    """Decided on bar 0, filled at the closes of bar 1: 10 of B at 90, up 5 on bar 2 is $50."""
    text = PAIR.replace("close > close of b", "close of a > close of b")
    given = "given b.close = $100, $90, $95, $95\ngiven b.volume = 900 shares x4\n"
    given += "given a.close = $120 x4\ngiven a.volume = 500 shares x4\n"
    expect = (
        "expect undefined back at bar 0\nexpect silent back at bar 1\nexpect fires back at bar 2"
    )
    (result,) = run_tests(
        rules_file(tmp_path, text + f'test "it" of pair {{\n{given}{expect}\n}}\n')
    )
    assert result.missed == ()


def test_another_symbol_that_a_strategy_reads_is_given_by_its_name(tmp_path: Path) -> None:
    text = """
strategy led {
  clock 1d on xnys
  entry long up { when close of 'MSFT' > 2 * close size 1 shares }
}
test "it" of led {
  given close = $10, $10, $10
  given MSFT.close = $21, $20, na
  expect sized up at bar 0
  expect silent up at bar 1
  expect undefined up at bar 2
}
"""
    (result,) = run_tests(rules_file(tmp_path, text))
    assert result.missed == ()
