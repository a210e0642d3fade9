"""Lines 1 to 7: when a value is known, and what unknown means."""

import pytest

from engine.compile import compile_strategy
from semantics.make import Bars, Given, checked, fired, flat, probe, run, series, strategy, volumes


def test_line_01_decided_at_the_close_filled_at_the_next_open() -> None:
    case = run(
        strategy("entry long up { when close > $10 size 100 shares order market }"),
        """
        10 10 10 10
        10 12 10 11
        11.5 12 11 12
        """,
    )
    assert fired(case) == [1, 2]  # closes 11 and 12
    assert case.fills == [(2, 100, 11.5)]  # not 11, the close that decided


def test_line_01_an_order_of_the_last_bar_never_fills() -> None:
    case = run(probe("close > $10"), flat("10 11"))
    assert (fired(case), case.fills) == ([1], [])


def test_line_01_history_counts_bars_back() -> None:
    case = run(probe("close > close[2]"), flat("10 11 12 9"))
    assert case.count("undefined") == 2
    assert fired(case) == [2]  # 12 > 10; then 9 < 11


def test_line_02_a_lost_bar_is_not_a_step() -> None:
    """(10 + 11 + 12) / 3 = 11 at session 3: session 2 has no bar and does not count."""
    case = run(probe("sma(close, 3 bars) between $10.99 to $11.01"), flat("10 11 . 12 20"))
    assert fired(case) == [3]
    assert (case.count("bars"), case.count("undefined")) == (4, 2)


def test_line_02_no_bar_no_fill_no_order() -> None:
    """Decided at 1; session 2 has no bar, so the order fills at the open of 3."""
    case = run(probe("close > $10"), flat("10 11 . 12"))
    assert fired(case) == [1, 3]
    assert case.fills == [(3, 1, 12)]


def test_line_02_another_symbol_is_na_where_it_has_no_bar() -> None:
    bars: Given = {"A": flat("10 10 10"), "B": flat("6 . 6")}
    case = run(probe("close of B > $5"), bars, universe=["A"])
    assert (fired(case), case.count("undefined")) == ([0, 2], 1)


def test_line_02_a_feed_shows_its_last_value_until_it_is_stale() -> None:
    """One value at 0, stale after 2 bars: known at 0, 1, 2 and unknown at 3, 4."""
    bars: Given = {"A": flat("10 10 10 10 10"), "F": Bars(flat("20 . . . ."), kind="volatility")}
    text = probe("fear > 15 pts", 'data fear : pts = "F" daily stale after 2 bars')
    case = run(text, bars)
    assert (fired(case), case.count("undefined")) == ([0, 1, 2], 2)


def test_line_02_na_inside_a_window_makes_it_na() -> None:
    """Windows of two: (10) (10,na) (na,30) (30,40)=35 (40,50)=45."""
    case = run(probe("sma(volume, 2 bars) > 20 shares"), volumes("10 - 30 40 50"))
    assert (fired(case), case.count("undefined")) == ([3, 4], 3)


@pytest.mark.parametrize(
    ("average", "value"),
    [("ema", 25.0), ("wilder", 22.5)],  # seed (10+20)/2 = 15; +2/3 x 15, +1/2 x 15
)
def test_line_02_averages_with_memory_keep_it_over_na(average: str, value: float) -> None:
    text = probe(
        f"{average}(volume, 2 bars) between {value - 0.01} shares to {value + 0.01} shares"
    )
    case = run(text, volumes("10 20 - 30"))
    assert (fired(case), case.count("undefined")) == ([3], 2)  # bar 0 warms up, bar 2 is na


def test_line_02_division_by_zero_is_na() -> None:
    case = run(probe("close / (close - $10) > 1"), flat("10 11 10"))
    assert (fired(case), case.count("undefined")) == ([1], 2)


@pytest.mark.parametrize("how", ["data", "close of"])
def test_line_03_a_late_feed_is_seen_on_the_next_bar(how: str) -> None:
    """It closed at 40 on session 1 with a lag of one session: the decision of session 2 sees it."""
    feed = Bars(flat("10 40 10 10"), kind="volatility", available=1)
    bars: Given = {"A": flat("10 10 10 10"), "F": feed}
    text = probe("fear > 30 pts", 'data fear : pts = "F" daily stale after 2 bars')
    if how == "close of":
        text = probe("close of F > 30 pts")
    case = run(text, bars)
    assert (fired(case), case.count("undefined")) == ([2], 1)


KLEENE = [  # volume is na, close is 10
    ("close > $20 and volume > 5 shares", "false"),
    ("volume > 5 shares and close > $20", "false"),
    ("close > $5 and volume > 5 shares", "unknown"),
    ("close > $5 or volume > 5 shares", "true"),
    ("volume > 5 shares or close > $5", "true"),
    ("close > $20 or volume > 5 shares", "unknown"),
    ("not (volume > 5 shares)", "unknown"),
    ("volume is na", "true"),
    ("not (volume is na)", "false"),
    ("volume > 5 shares and volume < 5 shares", "unknown"),
]


@pytest.mark.parametrize(("condition", "outcome"), KLEENE)
def test_line_04_kleene(condition: str, outcome: str) -> None:
    case = run(probe(condition), flat("10"))
    found = "true" if fired(case) else "unknown" if case.count("undefined") else "false"
    assert found == outcome


def test_line_04_true_with_an_na_size_is_its_own_outcome() -> None:
    text = strategy("entry long up { when close > $5 size 1% of volume order market }")
    case = run(text, volumes("- 1000 -"))
    assert case.outcomes == [(0, "unsized"), (1, "allowed"), (2, "ignored")]
    assert (case.count("fired"), case.count("unsized"), case.count("sent")) == (3, 1, 1)
    assert case.fills == [(2, 10, 10)]


@pytest.mark.parametrize(
    ("value", "undefined"),
    [
        ("sma(close, 3 bars)", 2),
        ("ema(close, 3 bars)", 2),
        ("wilder(close, 3 bars)", 2),
        ("highest(high, 3 bars)", 2),
        ("change(close)", 1),
        ("atr(3 bars)", 3),
        ("sma(close, 3 bars)[2]", 4),
        ("sma(change(close), 3 bars)", 3),
    ],
)
def test_line_05_bars_before_the_first_value(value: str, undefined: int) -> None:
    case = run(probe(f"{value} >= $0"), flat("10 11 12 13 14 15"))
    assert case.count("undefined") == undefined
    assert fired(case) == list(range(undefined, 6))


def test_line_05_crosses_needs_one_bar_more() -> None:
    case = run(probe("close crosses above sma(close, 3 bars)"), flat("10 10 10 10 12"))
    assert (fired(case), case.count("undefined")) == ([4], 3)


def test_line_05_ema_is_seeded_by_the_mean_of_the_first() -> None:
    """(10 + 11 + 12) / 3 = 11, then 11 + 1/2 x (14 - 11) = 12.5."""
    case = run(probe("ema(close, 3 bars) between $12.499 to $12.501"), flat("10 11 12 14"))
    assert fired(case) == [3]


@pytest.mark.parametrize(
    ("value", "settled"), [("atr(14 bars)", 94), ("ema(close, 200 bars)", 691)]
)
def test_line_05_settled_is_when_the_seed_weighs_under_a_thousandth(
    value: str, settled: int
) -> None:
    """(13/14)^k and (199/201)^k fall under 0.1% at 94 and 691 bars."""
    held = {"A": series("A", Bars(flat("10")))}
    program = compile_strategy(checked(probe(f"{value} > $0"), held).strategies[0], "python")
    assert settled - 1 <= program.plan.settled_bars <= settled + 1


def test_line_05_too_little_history_labels_the_cell() -> None:
    text = probe("sma(close, 3 bars) > $1")
    assert run(text, flat("10 11 12 13"), first=2).cell.status == "ran"
    short = run(text, flat("10 11 12 13"), first=1)
    assert short.cell.status == "partial"
    assert "1 of 2 warm-up bars" in short.cell.notices[0]
    assert fired(short) == [1, 2]  # undefined at its first bar only


TWO_WEEKS = flat("10 11 12 13 14 15 16 17 18 19 20 21")


def test_line_06_fridays_decision_sees_the_week() -> None:
    case = run(probe("close on 1w > $13"), TWO_WEEKS)
    assert (fired(case), case.count("undefined")) == ([4, 5, 6, 7, 8, 9, 10, 11], 4)


def test_line_06_a_week_back_is_not_a_bar_back() -> None:
    """Weeks end at 14 (bar 4) and 19 (bar 9). On bar 10: a week back is 14, a bar back 19."""
    week = run(probe("(close[1] on 1w) == $14"), TWO_WEEKS)
    bar = run(probe("(close on 1w)[1] == $14"), TWO_WEEKS)
    assert (fired(week), week.count("undefined")) == ([9, 10, 11], 9)
    assert (fired(bar), bar.count("undefined")) == ([5, 6, 7, 8, 9], 5)


def test_line_06_a_week_with_a_holiday_ends_on_its_last_session() -> None:
    """Good Friday 2019-04-19: the week of Monday 04-15 is complete on Thursday, bar 3."""
    case = run(probe("close on 1w > $0"), Bars(flat("10 11 12 13 14"), first="2019-04-15"))
    assert fired(case) == [3, 4]


def test_line_06_an_unplanned_closing_does_not_complete_the_week_early() -> None:
    """On Monday 2001-09-10 Friday was still planned: the week completes on 09-17."""
    case = run(probe("close on 1w == $10"), Bars(flat("10 20 30"), first="2001-09-10"))
    assert (fired(case), case.count("undefined")) == ([1, 2], 1)


def test_line_06_a_month() -> None:
    """2019-01-28 .. 02-01: January completes on Thursday 01-31, bar 3."""
    bars = Bars(flat("9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 10 11 12 13 14 15"), first="2019-01-02")
    case = run(probe("close on 1mo > $0"), bars)
    assert fired(case) == [20, 21, 22]


def test_line_06_crosses_on_mixed_clocks_works_on_the_faster_bars() -> None:
    case = run(probe("close crosses above (close on 1w)"), flat("10 10 10 10 10 9 11 12 9 9"))
    assert fired(case) == [6]  # 9 to 11 over last week's 10


def test_line_07_crosses_below_from_equal() -> None:
    case = run(probe("close crosses below $10"), flat("10 9 8 11 10 9.5 10"))
    assert fired(case) == [1, 5]


@pytest.mark.parametrize(
    ("known", "fires", "undefined"),
    [
        ("6 6 6 6", [2, 3], 2),
        ("6 - 6 6 6 6", [4, 5], 4),  # na at 1 spoils bars 1, 2, 3
        ("3 6 6 6", [3], 0),  # false decides from the first bar on
        ("6 6 3 - 6 6 6", [6], 3),  # at 3 and 4 the false one at 2 decides; 5 has na
    ],
)
def test_line_07_for_three_bars(known: str, fires: list[int], undefined: int) -> None:
    case = run(probe("volume > 5 shares for 3 bars"), volumes(known))
    assert (fired(case), case.count("undefined")) == (fires, undefined)


def test_line_07_stdev_is_of_the_population() -> None:
    case = run(probe("stdev(close, 2 bars) between $0.999 to $1.001"), flat("10 12"))
    assert fired(case) == [1]  # a sample would say 1.414


def test_line_07_and_never_skips_state() -> None:
    """The latch is set at 1, where the other half is false already."""
    latch = "latch hot { set when close > $12 clear when close < $9 }"
    case = run(probe("close < $11 and hot", latch), flat("10 13 10 8 10"))
    assert fired(case) == [2]


def test_line_07_a_branch_not_taken_keeps_counting() -> None:
    text = probe("if close > $15 then bars_since(close > $12) >= 3 bars else close > $99")
    case = run(text, flat("13 10 10 10 16 13"))
    assert fired(case) == []  # at 4: 16 > 12 itself, 0 bars since
    text = probe("if volume > 5 shares then bars_since(close > $12) == 3 bars else close > $99")
    case = run(text, "13 13 13 13 1\n10 10 10 10 1\n10 10 10 10 1\n10 10 10 10 9")
    assert fired(case) == [3]
