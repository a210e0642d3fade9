"""Why something happened, or did not, on one bar."""

from pathlib import Path

import pytest

from engine.base.dates import parse_day
from engine.base.errors import UserError
from engine.session.answers import WhyNode, WhyReport, WhyRule, WhySide
from engine.session.options import DryrunOptions
from engine.session.why import why
from replays.own import bars_file, rules_file

RULES = """
strategy plain "Buys when the close rises" {
  clock 1d on xnys
  let before = close[1]
  let enough = volume > 1_000 shares
  entry long up { when close > before and enough size 100 shares order market because "rose" }
  exit down of up { when close < before or position.age >= 3 bars order market }
  stop hard at position.entry_price - $5
  trail follow at peak(high) since entry - $4
}
limits mine {
  limit few on entry clip qty to 40 shares because "small"
  pause calm scope firm { enter when pnl.today <= -90% of equity resume when pnl.today >= $0 }
}
scenario "week" { replay 2020-03-03 .. 2020-03-10 }
"""
BARS = [
    (100.0, 101.0, 99.0, 100.0, 1e6),
    (100.0, 102.0, 99.5, 101.0, 1e6),
    (101.5, 104.0, 101.0, 103.0, 1e6),
    (103.0, 103.5, 100.5, 102.0, 1e6),
    (101.0, 101.5, 100.0, 100.5, 1e6),
    (100.5, 103.0, 100.0, 102.0, 500.0),
    (103.0, 103.0, 97.0, 97.5, 1e6),
]


@pytest.fixture
def options(tmp_path: Path) -> DryrunOptions:
    data = bars_file(tmp_path, "2020-03-02", BARS)
    return DryrunOptions(files=(rules_file(tmp_path, RULES),), data=data, symbol="OWN")


def ask(options: DryrunOptions, day: str, rule: str | None = None) -> WhyReport:
    return why("plain", rule, "OWN", parse_day(day), options)


def rule(report: WhyReport, name: str) -> WhyRule:
    return next(r for r in report.rules if r.name == name)


def flat(node: WhyNode | None) -> dict[str, object]:
    """Every value of a tree by its text (or the name of its let)."""
    if node is None:
        return {}
    own = {node.name or node.text: node.truth or node.value}
    return {**own, **{k: v for p in node.parts for k, v in flat(p).items()}}


def test_an_entry_that_fired_shows_its_values_and_the_verdict(options: DryrunOptions) -> None:
    report = ask(options, "2020-03-03")
    up = rule(report, "up")
    assert (up.was_judged, up.size, up.size_unit) == (True, 100.0, "share")
    assert flat(up.when) == {
        "close > before and enough": "true",
        "close > before": "true",
        "close": 101.0,
        "before": 100.0,
        "enough": "true",
        "volume": 1e6,
    }
    (verdict,) = report.verdicts
    assert (verdict["outcome"], verdict["asked"], verdict["granted"]) == ("clipped", 100, 40)
    few = next(x for x in report.limits if x.name == "mine.few")
    assert (few.said, few.value, few.because) == ("bound", 40.0, "small")
    assert report.crisis == "week"


def test_one_that_did_not_fire_shows_which_part_is_false(options: DryrunOptions) -> None:
    report = ask(options, "2020-03-09", "up")
    assert [r.name for r in report.rules] == ["up"]
    values = flat(rule(report, "up").when)
    assert values["close > before"] == "true"
    assert values["enough"] == "false"
    assert values["volume"] == 500.0
    assert report.verdicts == ()


def test_an_open_position_shows_its_exits_and_levels(options: DryrunOptions) -> None:
    report = ask(options, "2020-03-05")
    down = rule(report, "down")
    assert down.was_judged
    assert flat(down.when)["position.age"] == 2.0
    assert flat(down.when)["position.age >= 3 bars"] == "false"
    assert down.when is not None
    assert down.when.truth == "true"
    assert rule(report, "hard").price == pytest.approx(96.5, abs=0.1)
    assert rule(report, "follow").price == pytest.approx(100.0)
    assert report.account["position"] == 40.0


def test_exits_of_a_flat_book_are_not_judged(options: DryrunOptions) -> None:
    report = ask(options, "2020-03-03")
    assert not rule(report, "down").was_judged
    assert not rule(report, "hard").was_judged


PAST = """
strategy past {
  clock 1d on xnys
  param deep = -2.0 in -9.0 .. 0.0
  let level = $102
  let mean = sma(close, 2 bars)
  entry long over { when close crosses above mean size 1 shares order market }
  entry long early { when close[2] < level and close > $1 for 3 bars size 1 shares order market }
  entry long weekly { when (close crosses below $101) on 1w size 1 shares order market }
  entry long sunk { when close / close[1] - 3 crosses below deep size 1 shares order market }
}
limits none { limit few on order deny when positions.count >= 9 because "nine at once" }
scenario "week" { replay 2020-03-03 .. 2020-03-10 }
"""


@pytest.fixture
def past(tmp_path: Path) -> DryrunOptions:
    data = bars_file(tmp_path, "2020-03-02", BARS)
    return DryrunOptions(files=(rules_file(tmp_path, PAST),), data=data, symbol="OWN")


def when(options: DryrunOptions, day: str, name: str) -> WhyNode:
    report = why("past", name, "OWN", parse_day(day), options)
    found = rule(report, name).when
    assert found is not None
    return found


def test_a_cross_shows_both_sides_at_the_bar_before(past: DryrunOptions) -> None:
    node = when(past, "2020-03-09", "over")
    assert node.truth == "true"
    assert node.sides == (
        WhySide("close", "$/share", 100.5, 102.0),
        WhySide("mean", "$/share", 101.25, 101.25),
    )
    silent = when(past, "2020-03-04", "over")
    assert silent.truth == "false"  # it stood above the mean already
    assert [(s.before, s.now) for s in silent.sides] == [(101.0, 103.0), (100.5, 102.0)]
    first = when(past, "2020-03-03", "over")
    assert first.truth == "unknown"
    assert [s.before for s in first.sides] == [100.0, None]


def test_a_side_that_is_a_param_is_named_and_a_plain_number_is_not(past: DryrunOptions) -> None:
    assert [(s.text, s.now) for s in when(past, "2020-03-10", "sunk").sides] == [
        ("close / close[1] - 3", pytest.approx(97.5 / 102.0 - 3)),
        ("deep", -2.0),
    ]
    assert [s.text for s in when(past, "2020-03-10", "weekly").sides] == ["close"]


def test_a_cross_on_a_slower_clock_looks_back_on_that_clock(past: DryrunOptions) -> None:
    (side,) = when(past, "2020-03-10", "weekly").sides
    assert side.now == 100.5  # the close of Friday 6 March; the week before is not in the file
    assert side.before is None


def test_earlier_values_carry_their_date_and_lasting_ones_their_count(past: DryrunOptions) -> None:
    both = when(past, "2020-03-06", "early")
    early, lasted = both.parts
    assert [(p.text, p.value, p.of_date, p.parts) for p in early.parts[:1]] == [
        ("close[2]", 103.0, "2020-03-04", ())
    ]
    assert (lasted.truth, lasted.lasted) == ("true", (3, 3))
    begin = when(past, "2020-03-03", "early")
    assert begin.parts[0].parts[0].of_date == ""
    assert begin.parts[1].lasted == (2, 3)


def test_lets_and_switches_are_told(options: DryrunOptions) -> None:
    report = ask(options, "2020-03-04")
    assert {x.name: x.truth or x.value for x in report.lets} == {"before": 101.0, "enough": "true"}
    assert [(x.name, x.said) for x in report.limits if x.kind == "pause"] == [("mine.calm", "open")]


@pytest.mark.parametrize(
    ("day", "symbol", "name", "message"),
    [
        ("2020-03-08", "OWN", None, "is no session"),
        ("2020-03-03", "OTHER", None, "does not trade `OTHER`"),
        ("2020-03-03", "OWN", "upp", "has no rule `upp`"),
        ("2021-03-03", "OWN", None, "cannot be replayed"),
    ],
)
def test_what_cannot_be_asked_is_told(
    options: DryrunOptions, day: str, symbol: str, name: str | None, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        why("plain", name, symbol, parse_day(day), options)


def test_a_day_outside_every_crisis_is_replayed_from_before() -> None:
    report = why("sma_cross", None, "SP500", parse_day("2014-06-10"), _shipped())
    assert report.crisis == ""
    assert report.start < "2014-06-10"
    assert rule(report, "golden").when is not None


def _shipped() -> DryrunOptions:
    from engine.base.resources import rules_dir

    return DryrunOptions(files=(rules_dir() / "sma_cross.rule",))
