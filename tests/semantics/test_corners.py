"""Corners where two lines of the law meet."""

import pytest
from semantics.make import NAN, Bars, fired, flat, limits, probe, run, strategy

from engine.records.desk import CostRow

LONG = "entry long up { when close == $100 size 80 shares order market }\n"
HAND = 'resume by hand "desk" allow exits'


def scenario(body: str, last: str) -> str:
    return f'scenario "case" {{\n replay 2019-01-07 .. {last}\n{body}\n}}'


# ---------------------------------------------------------------- exits meet stops (8, 9, 17)


def test_line_08_an_exit_order_and_a_gapped_stop_sell_once() -> None:
    text = strategy(LONG + """
      exit out of up { when close == $99 order market }
      stop hard at position.entry_price - $5""")
    case = run(text, flat("100 99 90 90"))
    assert case.fills == [(1, 80, 99), (2, -80, 90)]
    assert case.sources == ["entry", "exit"]


def test_line_09_the_nearest_of_two_stops() -> None:
    text = strategy(LONG + """
      stop far at position.entry_price - $8
      stop near at position.entry_price - $5""")
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
    text = strategy(LONG + f"""
      exit out of up {{ when position.age == 1 bars order {order} }}
      stop hard at position.entry_price - $5""")
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


@pytest.mark.xfail(
    strict=True, reason="law line 19: a halt's resume restarts the peaks of its whole block"
)
def test_line_19_the_peak_restarts_at_that_halts_resume_only() -> None:
    """All in at 10. 8.8: a halts. Resumed at bar 3 with 88. 7.4: b has 74 <= 75% of 100."""
    text = ALL + TWO_HALTS + scenario('resume a at bar 3 by "desk"', "2019-01-11")
    case = run(text, flat("10 10 8.8 8.8 7.4"))
    assert (4, "b", True) in case.switched


@pytest.mark.xfail(
    strict=True, reason="law line 19: a halt's resume restarts what pauses of its block remember"
)
def test_line_19_a_halts_resume_leaves_a_pauses_memory_alone() -> None:
    """`for 3 bars` counts bars 2, 3, 4 below 9, whatever is resumed at 3."""
    rows = limits(f"""
      halt a {{ enter when equity <= 90% of peak(equity) {HAND} }}
      pause p {{ enter when pnl.today <= $0 for 3 bars {HAND} }}""")
    text = ALL + rows + scenario('resume a at bar 3 by "desk"', "2019-01-11")
    case = run(text, flat("10 11 8.8 8.8 8.7").replace("11 11 11 11", "10 11 10 11"))
    assert (4, "p", True) in case.switched


def test_line_19_stops_act_through_a_halt() -> None:
    text = strategy(LONG + "stop hard at position.entry_price - $5")
    rows = limits(f"halt h {{ enter when account.bars >= 1 bars {HAND} }}")
    assert run(text + rows, flat("100 100 94")).fills == [(1, 80, 100), (2, -80, 94)]


# ---------------------------------------------------------------- clocks and symbols (2, 6)


@pytest.mark.parametrize(
    ("value", "fires"),
    [
        ("close[1] of B == $6", [2, 3]),  # B's bar before its last: 6 at sessions 2 and 3?
    ],
)
def test_line_02_a_bar_back_of_another_symbol_is_its_own_bar(value: str, fires: list[int]) -> None:
    """B: 6 . 7 8. Its bar before 7 is 6, before 8 is 7."""
    bars = {"A": flat("10 10 10 10"), "B": flat("6 . 7 8")}
    assert fired(run(probe(value), bars, universe=["A"])) == fires[:1]


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
    """The latch is set at session 0, before the account starts at 2; the entry of 1 is nobody's."""
    text = probe("hot and close < $12", "latch hot { set when close > $12 clear when close < $5 }")
    case = run(text, flat("13 11 11 11"), first=2)
    assert case.history.bars == 2
    assert fired(case) in ([0, 1], [])


def test_line_13_books_borrow_and_earn_apart() -> None:
    """One's short pays 1 a day; two pays nothing."""
    text = strategy("entry short down { when close == $10 size 1000 shares }", "one")
    text += strategy("entry long up { when close == $10 size 1000 shares }", "two")
    case = run(text, flat("10 10 10"), borrow=0.036)
    assert [e[2] for e in case.history.book_equity] == [49_999, 50_000]
    assert NAN not in case.equity
