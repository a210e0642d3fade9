"""Corners where two lines of the law meet."""

import pytest

from engine.records.catalogue import load_catalogue
from engine.records.desk import CostRow
from engine.session.summary import run_row
from semantics.make import Bars, Given, fired, flat, limits, probe, run, strategy

LONG = "entry long up { when close == $100 size 80 shares order market }\n"
HAND = 'resume by hand "desk" allow exits'


def scenario(body: str, last: str) -> str:
    return f'scenario "case" {{\n replay 2019-01-07 .. {last}\n{body}\n}}'


# ---------------------------------------------------------------- exits meet stops (8, 9, 17)


def test_line_08_an_exit_order_and_a_gapped_stop_sell_once() -> None:
    text = strategy(
        LONG
        + """
      exit out of up { when close == $99 order market }
      stop hard at position.entry_price - $5"""
    )
    case = run(text, flat("100 99 90 90"))
    assert case.fills == [(1, 80, 99), (2, -80, 90)]
    assert case.sources == ["entry", "exit"]


def test_line_09_the_nearest_of_two_stops() -> None:
    text = strategy(
        LONG
        + """
      stop far at position.entry_price - $8
      stop near at position.entry_price - $5"""
    )
    assert run(text, "100 100 100 100\n100 100 90 100").fills == [(1, 80, 100), (1, -80, 95)]


@pytest.mark.parametrize(
    ("order", "bar", "fills"),
    [
        # decided at the close of 1, bar 2 as given, then 100 flat
        ("limit $105", "101 106 99 101", [(2, -80, 105)]),
        ("limit $105", "107 107 106 106", [(2, -80, 107)]),
        ("limit $105", "101 104 99 101", []),
        ("stop $97", "101 102 96 98", [(2, -80, 97)]),
        ("stop $97", "96 102 95 98", [(2, -80, 96)]),
        ("limit $105", "101 106 94 101", [(2, -80, 95)]),  # with the stop touched: the stop
    ],
)
def test_line_09_exit_orders(order: str, bar: str, fills: list[tuple[int, float, float]]) -> None:
    text = strategy(
        LONG
        + f"""
      exit out of up {{ when position.age == 1 bars order {order} }}
      stop hard at position.entry_price - $5"""
    )
    case = run(text, f"100 100 100 100\n100 101 99 101\n{bar}\n100 100 100 100")
    assert case.fills == [(1, 80, 100), *fills]


def test_line_09_what_volume_keeps_from_a_stop_goes_on_at_market() -> None:
    """80 shares; 50 fill at 95 on bar 2, the rest at the open of 3, above the stop or not."""
    text = strategy(LONG + "stop hard at position.entry_price - $5")
    bars = "100 100 100 100 9000\n100 100 99 100 9000\n100 100 94 96 500\n97 98 96 97 9000"
    case = run(text, bars, costs=CostRow(participation=0.1, interest=False))
    assert case.fills == [(1, 80, 100), (2, -50, 95), (3, -30, 97)]


def test_line_14_a_fee_per_order_is_charged_once() -> None:
    text = strategy("entry long up { when close == $100 size 80 shares order market for gtc }")
    bars = "100 100 100 100 300\n" + "100 100 100 101 300\n" * 3
    case = run(text, bars, costs=CostRow(per_order=5, participation=0.1, interest=False))
    assert [q for _, q, _ in case.fills] == [30, 30, 20]
    assert sum(case.history.fees) == 5


def test_line_09_a_stop_cancels_the_rest_of_its_entry() -> None:
    """30 of 80 filled on bar 1; stopped on bar 2 after another 30; the last 20 never come."""
    text = strategy("""entry long up { when close == $100 size 80 shares order market for gtc }
      stop hard at position.entry_price - $5""")
    bars = "100 100 100 100 9000\n100 100 99 101 300\n100 100 94 96 900\n101 101 101 101 9000"
    case = run(text, bars, costs=CostRow(participation=0.1, interest=False))
    assert sum(q for _, q, _ in case.fills) == 0
    assert case.fills[0] == (1, 30, 100)
    assert case.held[-1] == 0


# ---------------------------------------------------------------- closes only (10, 12)


@pytest.mark.parametrize(
    ("order", "closes", "fills"),
    [
        ("limit $95", "100 96 94", []),  # a day order: bar 1 closed above
        ("limit $95", "100 94", [(1, 80, 94)]),
        ("stop $105", "100 107", [(1, 80, 107)]),
        ("stop $105", "100 104 107", []),
    ],
)
def test_line_12_close_only_orders(
    order: str, closes: str, fills: list[tuple[int, float, float]]
) -> None:
    text = strategy(LONG.replace("market", order))
    assert run(text, "\n".join(closes.split())).fills == fills


def test_line_10_a_trail_on_closes_acts_from_the_close_after() -> None:
    """Filled at the close of 1 (100): trail 95. Close 110: trail 105. Close 104: out at 104."""
    text = strategy(LONG + "trail t at peak(close) since entry - $5")
    assert run(text, "100\n100\n110\n104").fills == [(1, 80, 100), (3, -80, 104)]


# ---------------------------------------------------------------- opposite entries (12)


def test_line_12_an_opposite_entry_supersedes_a_working_one() -> None:
    text = strategy("""
      entry long up { when close == $100 size 1 shares order limit $90 for gtc }
      entry short down { when close == $99 size 1 shares order market }""")
    case = run(text, flat("100 99 98 89"))
    assert case.lapses == [(1, 1, "superseded")]
    assert case.fills == [(2, -1, 98)]


def test_line_12_a_sign_flip_under_a_pause_only_exits() -> None:
    text = strategy("weight if close == $11 then -50% else 50%")
    rows = limits(f"pause p {{ enter when account.bars >= 2 bars {HAND} }}")
    case = run(text + rows, flat("10 10 11 11 11"))
    assert case.fills == [(1, 5000, 10), (3, -5000, 11)]


def test_line_08_rebalances_come_before_entries_of_any_strategy() -> None:
    text = strategy("entry long up { when close == $10 size 1 shares order market }", "one")
    text += strategy("weight 50%", "two")
    case = run(text, flat("10 11"))
    assert [(v[0], v[1]) for v in case.verdicts][:2] == [(0, "weight"), (0, "entry")]


def test_line_15_a_weight_is_clipped_by_caps_on_orders() -> None:
    text = strategy("weight 50%") + limits("limit cap on order clip qty to 1000 shares")
    case = run(text, flat("10 10 10"))
    assert case.fills == [(1, 1000, 10), (2, 1000, 10)]


# ---------------------------------------------------------------- scopes (13, 15)


def test_line_15_working_entries_count_as_positions() -> None:
    text = strategy("entry long up { when close == $10 size 1 shares order limit $5 for gtc }")
    text += limits("limit few on order deny when positions.count >= 1")
    case = run(text, {"A": flat("10 11"), "B": flat("10 11")})
    assert [v[2] for v in case.verdicts] == ["allowed", "denied"]


def test_line_15_a_flatten_of_a_strategys_scope_leaves_the_others_alone() -> None:
    """Short loses 1000 of 50000 at the close of 2, 2%."""
    text = strategy("entry short down { when close == $10 size 1000 shares }", "one")
    text += strategy("entry long up { when close == $10 size 1000 shares }", "two")
    text += limits(f"flatten f scope strategy {{ enter when pnl.today <= -2% of equity {HAND} }}")
    case = run(text, flat("10 10 11 11 11"))
    assert case.filled == [
        (1, "one", "A", -1000, 10),
        (1, "two", "A", 1000, 10),
        (3, "one", "A", 1000, 11),
    ]


def test_line_23_buying_power_is_the_smaller_of_book_and_account() -> None:
    """25000 of book two buy 2500 at 10, whatever the account has."""
    text = strategy("entry long up { when close == $99 size 1 shares }", "one")
    text += strategy("entry long up { when close == $10 size 4000 shares }", "two")
    case = run(text, flat("10 10"), capital={"one": 3, "two": 1})
    assert case.filled == [(1, "two", "A", 2500, 10)]


# ---------------------------------------------------------------- halts (19)

TWO_HALTS = limits(f"""
  halt a {{ enter when equity <= 90% of peak(equity) {HAND} }}
  halt b {{ enter when equity <= 75% of peak(equity) {HAND} }}
""")
ALL = strategy("entry long up { when close == $10 size 10_000 shares order market }")


def test_line_15_flatten_does_not_wait_for_a_resting_exit() -> None:
    """An exit rests at 120 from bar 2; the flatten of bar 2's close sells at the open of 3."""
    text = strategy(LONG + "exit out of up { when close == $99 order limit $120 for gtc }")
    rows = limits(f"flatten f {{ enter when account.bars == 2 bars {HAND} }}")
    case = run(text + rows, flat("100 99 98 97"))
    assert case.fills == [(1, 80, 99), (3, -80, 97)]


def test_line_19_the_peak_restarts_at_that_halts_resume_only() -> None:
    """All in at 10. 8.8: a halts. Resumed at bar 3 with 88. 7.4: b has 74 <= 75% of 100."""
    text = ALL + TWO_HALTS + scenario('resume a at bar 3 by "desk"', "2019-01-11")
    case = run(text, flat("10 10 8.8 8.8 7.4"))
    assert (4, "b", True) in case.switched


LOSING = limits(f"""
  halt a {{ enter when equity <= 90% of peak(equity) {HAND} }}
  pause p {{ enter when pnl.today <= -$1 for 3 bars {HAND} }}
""")
FALLING = "10 10 10 10\n10 11 10 11\n" + flat("8.8 8.7 8.6")


def test_line_07_for_counts_account_values_as_well() -> None:
    """Losses at 2, 3 and 4 after a gain at 1; at 0 the loss is false, so nothing is unknown."""
    case = run(ALL + LOSING, FALLING)
    assert case.switched == [(2, "a", True), (4, "p", True)]


def test_line_19_a_halts_resume_leaves_a_pauses_memory_alone() -> None:
    """As above: that a was resumed at 3 leaves the three losses known (2: true, 1: unknown)."""
    case = run(ALL + LOSING + scenario('resume a at bar 3 by "desk"', "2019-01-11"), FALLING)
    last = case.history.switch_events[-1]
    assert (last.bar, last.entered, last.value) == (4, True, 2)


def test_line_19_stops_act_through_a_halt() -> None:
    text = strategy(LONG + "stop hard at position.entry_price - $5")
    rows = limits(f"halt h {{ enter when account.bars >= 1 bars {HAND} }}")
    assert run(text + rows, flat("100 100 94")).fills == [(1, 80, 100), (2, -80, 94)]


# ---------------------------------------------------------------- clocks and symbols (2, 6)


def test_line_02_a_bar_back_of_another_symbol_is_its_own_bar() -> None:
    """B: 6 . 7 8. Its bar before 7 is 6, before 8 is 7."""
    bars = {"A": flat("10 10 10 10"), "B": flat("6 . 7 8")}
    assert fired(run(probe("close[1] of B == $6"), bars, universe=["A"])) == [2]
    assert fired(run(probe("close[1] of B == $7"), bars, universe=["A"])) == [3]


def test_line_02_a_bar_back_of_a_sample_is_ones_own_bar() -> None:
    bars = {"A": flat("10 10 10 10"), "B": flat("6 . 7 8")}
    case = run(probe("(close of B)[1] > $0"), bars, universe=["A"])
    assert (fired(case), case.count("undefined")) == ([1, 3], 2)


def test_line_06_a_week_sums_and_spans() -> None:
    bars = "\n".join(f"10 {10 + k} {9 - k} 10 100" for k in range(5))
    text = "high on 1w == $14 and low on 1w == $5 and volume on 1w == 500 shares"
    assert fired(run(probe(text), bars)) == [4]


def test_line_06_a_week_whose_last_session_the_symbol_lost() -> None:
    """No bar on Friday 01-11: the week is complete there, known at Monday's close at the latest."""
    case = run(probe("close on 1w == $13"), flat("10 11 12 13 . 15 16"))
    assert fired(case) == [5, 6]


def test_line_23_a_symbol_without_warm_up_is_left_out() -> None:
    late = Bars(flat("10 10"), first="2019-01-09")
    text = strategy("entry long up { when sma(close, 3 bars) > $1 size 1 shares order market }")
    case = run(text, {"A": flat("10 10 10 10"), "B": late}, first=2)
    assert case.cell.symbols == ("A",)
    assert any(n.startswith("B left out: 0 of 2 warm-up bars") for n in case.cell.notices)


def test_line_05_warm_up_feeds_memory_and_never_trades() -> None:
    """The mean needs two sessions more, so session 0 sets the latch before the account starts at
    session 2; what fired at session 1 is nobody's order. Warm-up bars are not counted."""
    latch = "latch hot { set when close > $12 clear when close < $5 }"
    case = run(probe("hot and sma(close, 3 bars) < $12", latch), flat("13 11 11 11"), first=2)
    assert (fired(case), case.count("bars")) == ([0, 1], 2)
    assert case.fills == [(1, 1, 11)]


def test_line_13_books_borrow_and_earn_apart() -> None:
    """One's short pays 1 a day; two pays nothing."""
    text = strategy("entry short down { when close == $10 size 1000 shares }", "one")
    text += strategy("entry long up { when close == $10 size 1000 shares }", "two")
    case = run(text, flat("10 10 10"), borrow=0.036)
    assert [e[2] for e in case.history.book_equity] == [49_999, 50_000]


# ---------------------------------------------------------------- more of 3, 6, 10, 16, 18


@pytest.mark.parametrize("symbol", ["VIX", "UST3M", "UST10Y"])
def test_line_03_shipped_feeds_are_a_session_late(symbol: str) -> None:
    found = load_catalogue().symbol(symbol)
    assert found is not None
    assert found.available == 1


@pytest.mark.parametrize("value", ["close of F on 1w", "fear on 1w"])
def test_line_03_a_late_feed_is_late_on_a_slower_clock_too(value: str) -> None:
    """Friday's 40 is known on Monday: the week that Friday's decision sees ends at Thursday's 20,
    or is unknown; it is never 40."""
    feed = Bars(flat("20 20 20 20 40 20 20"), kind="volatility", available=1)
    bars: Given = {"A": flat("10 10 10 10 10 10 10"), "F": feed}
    data = 'data fear : pts = "F" daily stale after 2 bars' if "fear" in value else ""
    assert 4 not in fired(run(probe(f"{value} > 30 pts", data), bars, universe=["A"]))


def test_line_10_since_entry_in_an_exit() -> None:
    """Bar 1 closes at 90: the peak of closes since entry is 90, then 95; 85 is 10% under it."""
    text = strategy(
        LONG
        + """
      exit back of up { when close <= 90% of peak(close) since entry order market }"""
    )
    text = text.replace("90% of peak(close) since entry", "(peak(close) since entry) * 90%")
    bars = "100 100 100 100\n100 100 90 90\n91 95 90 95\n90 90 86 86\n86 86 85 85\n80 80 80 80"
    assert run(text, bars).fills == [(1, 80, 100), (5, -80, 80)]


def test_line_10_levels_inside_an_entry_are_its_own() -> None:
    text = strategy("""
      entry long one {
        when close == $100 size 1 shares order market
        stop near at position.entry_price - $2
      }
      entry long two { when close == $100 size 2 shares order market }""")
    assert run(text, flat("100 100 97")).fills == [(1, 1, 100), (1, 2, 100), (2, -1, 97)]


def test_line_16_skips_are_counted_in_the_summary() -> None:
    row = 'limit adv_cap on order clip qty to 10% of adv(2 bars) else skip because "no volume"'
    case = run(strategy(LONG) + limits(row), flat("100 100 100"))
    assert run_row(case.cell)["skipped"] == 1


def test_line_18_the_summary_shows_the_worst_overshoot() -> None:
    """80 shares planned to lose 400; the gap to 80 costs 1600: 1200 more, 1.2% of 100000."""
    text = strategy(LONG + "stop hard at position.entry_price - $5")
    case = run(text, flat("100 100 80"))
    assert run_row(case.cell)["worst_overshoot"] == pytest.approx(0.012)


def test_line_08_a_pause_of_this_close_blocks_this_closes_orders() -> None:
    """Pauses are phase 4, orders phase 5."""
    rows = limits(f"pause p {{ enter when account.bars >= 0 bars {HAND} }}")
    case = run(strategy(LONG) + rows, flat("100 100"))
    assert case.outcomes[0] == (0, "blocked")


def test_line_15_flatten_beats_an_exit_of_the_same_close() -> None:
    """Both want out at the close of 1; one sale, and it is flatten's."""
    text = strategy(LONG + "exit out of up { when close == $99 order limit $120 for gtc }")
    rows = limits(f"flatten f {{ enter when account.bars == 1 bars {HAND} }}")
    case = run(text + rows, flat("100 99 98"))
    assert case.fills == [(1, 80, 99), (2, -80, 98)]
    assert case.sources == ["entry", "flatten"]


def test_line_19_a_switch_that_cannot_be_known_blocks_until_it_can() -> None:
    """A halt that watches a feed: unknown blocks entries, it does not halt for good."""
    feed = 'data fear : pts = "F" daily stale after 2 bars\n'
    rows = limits(f"{feed}halt h {{ enter when fear > 30 pts {HAND} }}")
    text = strategy("entry long up { when close > $1 size 1 shares order limit $0.5 }")
    bars: Given = {"A": flat("10 10 10"), "F": Bars(flat(". 20 20"), kind="volatility")}
    case = run(text + rows, bars, universe=["A"])
    assert [v[2] for v in case.verdicts] == ["blocked", "allowed", "allowed"]
