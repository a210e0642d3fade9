"""Lines 11 to 14: sizes, positions, weights, books and money."""

import pytest

from engine.records.desk import CostRow
from semantics.make import (
    FREE,
    RATE,
    Bars,
    Given,
    fired,
    flat,
    limits,
    run,
    run_all,
    strategy,
    volumes,
)

BUY = "entry long up { when close == $10 size SIZE ORDER }"


def buy(size: str, order: str = "order market") -> str:
    return strategy(BUY.replace("SIZE", size).replace("ORDER", order))


SIZES = [
    ("10% of equity", "order market", 1.0, 1000),  # 10000 / 10
    ("$3_333", "order market", 1.0, 333),
    ("$3_333", "order market", 10.0, 330),
    ("$3_333", "order market", 0.01, 333.3),
    ("123 shares", "order market", 10.0, 120),
    ("$3_333", "order limit $9", 1.0, 370),  # 370.33: at the limit price
    ("$3_333", "order stop $11", 1.0, 333),  # at the close, not at the stop
    ("1% of equity / (close * 30%)", "order market", 1.0, 333),
]


@pytest.mark.parametrize(("size", "order", "lot", "shares"), SIZES)
def test_line_11_money_becomes_shares_at_the_close_or_the_limit(
    size: str, order: str, lot: float, shares: float
) -> None:
    case = run(buy(size, order), {"A": Bars(flat("10"), lot=lot)})
    assert [v[3] for v in case.verdicts] == [pytest.approx(shares)]


def test_line_11_fixed_at_the_deciding_close() -> None:
    """10000 / 10 = 1000 shares, whatever the open is."""
    assert run(buy("10% of equity"), flat("10 9.5 11")).fills == [(1, 1000, 9.5)]


def test_line_11_buying_power_cuts_at_the_fill_and_says_so() -> None:
    """10000 shares were asked at 10; at 10.5 the 100000 pay for 9523.8."""
    case = run(buy("100% of equity"), flat("10 10.5"))
    assert case.fills == [(1, 9523, 10.5)]
    assert case.history.fills[0].cut == 477
    assert case.lapses == [(1, 477, "no power")]
    assert any("cut short" in n for n in case.cell.notices)


def test_line_11_buying_power_of_two() -> None:
    case = run(buy("200% of equity"), flat("10 10"), costs=CostRow(interest=False, buying_power=2))
    assert case.fills == [(1, 20000, 10)]


@pytest.mark.parametrize(
    ("costs", "shares"),
    [
        (CostRow(per_share=0.01, interest=False), 9990),  # 100000 / 10.01 = 9990.0099
        (CostRow(commission=0.01, interest=False), 9900),  # 100000 / 10.1 = 9900.99
        (CostRow(per_order=15, interest=False), 9998),  # 99985 / 10
    ],
)
def test_line_11_buying_power_pays_for_the_commission_too(costs: CostRow, shares: float) -> None:
    assert run(buy("100% of equity"), flat("10 10"), costs=costs).fills == [(1, shares, 10)]


@pytest.mark.parametrize("size", ["$5", "0 shares", "-3 shares", "volume * 0"])
def test_line_11_zero_is_no_order_and_is_reported(size: str) -> None:
    case = run(buy(size), volumes("1 1"))
    assert case.outcomes == [(0, "zero"), (1, "zero")]
    assert case.count("zero") == 2
    assert case.fills == []
    assert case.ran.no_trade_reason == "up: fired on 2 of 2 bars: 2 rounded to no shares"


# ---------------------------------------------------------------- positions


def test_line_12_an_entry_while_one_is_open_or_working_is_ignored_and_counted() -> None:
    text = strategy("entry long up { when close >= $10 size 1 shares order limit $9 for gtc }")
    case = run(text, flat("10 10 8 10"))
    # decided at 0, working at 1, filled at the open of 2 (8), open at 3
    assert case.outcomes == [(0, "allowed"), (1, "ignored"), (3, "ignored")]
    assert case.count("ignored") == 2
    assert case.fills == [(2, 1, 8)]


def test_line_12_each_entry_has_its_own_position_and_stop() -> None:
    """First at 10 (stop 9), second at 20 (stop 18): at 17 the second alone is out."""
    text = strategy("""
      entry long one { when close == $10 size 1 shares order market }
      entry long two { when close == $20 size 2 shares order market }
      stop hard at position.entry_price * 90%""")
    case = run(text, flat("10 10 20 20 17 8"))
    assert case.fills == [(1, 1, 10), (3, 2, 20), (4, -2, 17), (5, -1, 8)]


def test_line_12_a_qualified_exit_leaves_the_other_alone() -> None:
    text = strategy("""
      entry long one { when close == $10 size 1 shares order market }
      entry long two { when close == $10 size 2 shares order market }
      exit out of two { when close > $10 order market }""")
    case = run(text, flat("10 11 12 13"))
    assert case.fills == [(1, 1, 11), (1, 2, 11), (2, -2, 12)]


def test_line_12_an_unqualified_exit_closes_each() -> None:
    text = strategy("""
      entry long one { when close == $10 size 1 shares order market }
      entry long two { when close == $10 size 2 shares order market }
      exit out { when close > $10 order market }""")
    case = run(text, flat("10 11 12 13"))
    assert case.fills == [(1, 1, 11), (1, 2, 11), (2, -1, 12), (2, -2, 12)]


def test_line_12_limits_see_sums() -> None:
    """Two entries of one strategy: the second's order finds a position of 5 shares."""
    text = strategy("""
      entry long one { when close == $10 size 5 shares order market }
      entry long two { when close == $12 size 5 shares order market }
    """) + limits("limit few on order deny when position.qty >= 5 shares")
    case = run(text, flat("10 11 12 13"))
    assert case.outcomes == [(0, "allowed"), (2, "denied")]


FLIP = """
  entry long up { when close == $10 size 100 shares order market }
  entry short down { when close == $12 size 50 shares order market }
"""


def test_line_12_an_opposite_entry_closes_the_others_first() -> None:
    case = run(strategy(FLIP), flat("10 11 12 13 14"))
    assert case.fills == [(1, 100, 11), (3, -100, 13), (3, -50, 13)]
    assert case.sources == ["entry", "reversal", "entry"]
    assert case.verdicts == [
        (0, "entry", "allowed", 100, 100),
        (2, "reversal", "allowed", 100, 100),
        (2, "entry", "allowed", 50, 50),
    ]


def test_line_12_exit_and_entry_of_a_reversal_are_judged_apart() -> None:
    text = strategy(FLIP) + limits("limit long_only on order deny when order.is_short")
    case = run(text, flat("10 11 12 13 14"))
    assert case.fills == [(1, 100, 11), (3, -100, 13)]
    assert case.outcomes == [(0, "allowed"), (2, "denied")]


def test_line_12_an_instrument_that_cannot_be_sold_short() -> None:
    case = run(strategy(FLIP), {"A": Bars(flat("10 11 12 13 14"), shortable=False)})
    assert case.fills == [(1, 100, 11), (3, -100, 13)]
    assert case.outcomes == [(0, "allowed"), (2, "not shortable")]


# ---------------------------------------------------------------- weights


def test_line_12_weight_is_rebalanced_daily_to_round_down() -> None:
    """50% of 100000 at 10: 5000. At 11 equity is 105000: 52500 / 11 = 4772.7, so 228 are sold, at
    12: cash 52736, equity 110000, 55000 / 12 = 4583.3, so 189 are sold. Bar 1 had nothing to do."""
    case = run(strategy("weight 50%"), flat("10 10 11 12 12"))
    assert case.fills == [(1, 5000, 10), (3, -228, 12), (4, -189, 12)]


@pytest.mark.parametrize(
    ("every", "bar"),
    [
        ("daily", 1),
        ("weekly", 5),  # decided on Friday 2019-01-11, bar 4
        ("monthly", 18),  # 5 + 5 + 4 sessions (holiday on the 21st), then 01-31 is bar 17
    ],
)
def test_line_12_rebalance_on_the_last_scheduled_session(every: str, bar: int) -> None:
    case = run(strategy(f"weight 50% rebalance {every}"), flat(" ".join(["10"] * 20)))
    assert case.fills == [(bar, 5000, 10)]


def test_line_12_an_na_weight_is_no_order_and_is_reported() -> None:
    """Volume is the weight's input: known, unknown, known."""
    text = strategy("weight if volume > 5 shares then 50% else 0%")
    case = run(text, "10 10 10 10 9\n10 10 10 10 -\n10 10 10 10 1\n10 10 10 10 1")
    assert case.outcomes == [(0, "allowed"), (1, "unsized"), (2, "allowed")]
    assert case.fills == [(1, 5000, 10), (3, -5000, 10)]


def test_line_12_a_sign_flip_is_an_exit_and_an_entry() -> None:
    text = strategy("weight if close > $10 then -50% else 50% rebalance daily")
    case = run(text, flat("10 10 20 20"))
    # 5000 at 10. At 20: equity 150000, -75000 / 20 = -3750.
    assert case.fills == [(1, 5000, 10), (3, -5000, 20), (3, -3750, 20)]
    assert case.verdicts[-2:] == [
        (2, "weight", "allowed", 5000, 5000),
        (2, "weight", "allowed", 3750, 3750),
    ]


# ---------------------------------------------------------------- where the open is not real


CLOSES = strategy("""
  entry long up { when close == $10 size 10 shares order market }
  exit late of up { when position.age >= 2 bars order market }
  stop hard at position.entry_price * 90%
""")


def test_line_12_close_only_fills_at_the_next_close() -> None:
    """Filled at the close of 1: age 0 there, 1 and 2 at the closes of 2 and 3, out at that of 4."""
    case = run(CLOSES, "10\n11\n11\n11\n12")
    assert case.fills == [(1, 10, 11), (4, -10, 12)]
    assert any("fills and stops at closes" in n for n in case.cell.notices)


def test_line_12_close_only_stops_trigger_and_fill_at_closes() -> None:
    """Stop at 9.9, close 8."""
    assert run(CLOSES, "10\n11\n8").fills == [(1, 10, 11), (2, -10, 8)]


@pytest.mark.parametrize("column", ["high", "low", "open"])
def test_line_12_close_only_has_no_other_prices(column: str) -> None:
    case = run(strategy(f"entry long up {{ when {column} > $1 size 1 shares }}"), "10\n11")
    assert (fired(case), case.count("undefined")) == ([], 2)
    assert case.ran.no_trade_reason == f"up: undefined 2 of 2 bars, {column} missing"


def test_line_12_where_only_the_open_is_false_ranges_feed_indicators() -> None:
    """Decided on the high of bar 1, filled at the close of bar 2; the low of bar 3 stops nothing,
    its close of 9 does (stop 9.9)."""
    text = strategy("""
      entry long up { when high == $12 size 10 shares order market }
      stop hard at position.entry_price * 90%""")
    bars = "10 10 10 10\n10 12 9 10\n10 12.5 10 11\n11 11 8 10.5\n10 10 8 9"
    case = run(text, {"A": Bars(bars, real_open=False)})
    assert case.fills == [(2, 10, 11), (4, -10, 9)]
    assert any("fills and stops at closes" in n for n in case.cell.notices)


# ---------------------------------------------------------------- books


TWO = strategy("entry long up { when close == $10 size 10% of equity order market }", "one")
TWO += strategy("entry short down { when close == $10 size 10% of equity order market }", "two")


def test_line_13_equity_is_the_books_and_books_do_not_net() -> None:
    """Capital 3 : 1 of 100000: 7500 and 2500 at 10."""
    case = run(TWO, flat("10 10 12"), capital={"one": 3, "two": 1})
    assert case.filled == [(1, "one", "A", 750, 10), (1, "two", "A", -250, 10)]
    assert case.history.gross[1] == 10_000
    assert [e[2] for e in case.history.book_equity] == [76_500, 24_500]
    assert case.equity[2] == 101_000


def test_line_13_portfolio_runs_beside_each_alone() -> None:
    found = run_all(TWO, flat("10 10 12"))
    assert list(found) == ["one", "two", "portfolio"]
    assert found["one"].fills == [(1, 1000, 10)]  # alone it has the whole account
    assert [q for _, q, _ in found["portfolio"].fills] == [500, -500]


ROOM = """
  limit cap on order SCOPE clip qty to (10% of equity - exposure.gross) / order.price
"""


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("scope firm", [1000, 0]),  # 10% of 100000 at 10, and the second finds it used
        ("scope strategy", [500, 500]),  # 10% of 50000 each
    ],
)
def test_line_13_inside_limits_equity_is_the_scopes(scope: str, granted: list[float]) -> None:
    text = TWO.replace("10% of equity", "50% of equity") + limits(ROOM.replace("SCOPE", scope))
    case = run(text, flat("10 11"))
    assert [v[4] for v in case.verdicts] == granted


@pytest.mark.parametrize(
    ("scope", "outcome"),
    [
        ("firm", "denied"),
        ("strategy", "allowed"),
    ],
)
def test_line_13_inside_limits_position_is_the_scopes(scope: str, outcome: str) -> None:
    """Strategy one holds 100 of A; two holds nothing and asks for 1."""
    text = strategy("entry long up { when close == $10 size 100 shares order market }", "one")
    text += strategy("entry long up { when close == $12 size 1 shares order market }", "two")
    text += limits(f"limit few on order scope {scope} deny when position.qty >= 100 shares")
    case = run(text, flat("10 11 12 13"))
    assert case.outcomes == [(0, "allowed"), (2, outcome)]


def test_line_13_two_strategies_in_one_symbol_exit_their_own() -> None:
    text = strategy(
        """
      entry long up { when close == $10 size 100 shares order market }
      exit out of up { when close == $12 order market }""",
        "one",
    )
    text += strategy("entry long up { when close == $10 size 70 shares order market }", "two")
    case = run(text, flat("10 11 12 13"))
    assert case.filled[-1] == (3, "one", "A", -100, 13)
    assert [b[0][-1] for b in case.history.position_qty] == [0, 70]


# ---------------------------------------------------------------- money


def rated(closes: str, rate: str) -> Given:
    """Bars from Friday 2019-01-11 with a 3-month yield known at the close of each."""
    return {"A": Bars(closes, first="2019-01-11"), RATE: Bars(rate, "2019-01-11", kind="rate")}


def test_line_14_interest_is_act_360_on_settled_cash() -> None:
    """Friday to Monday 3 days: 100000 x 3.6% x 3 / 360 = 30; then 10.003 -> 4 digits, on 100030.
    The 5000 spent at Monday's open settle on Wednesday, past the end."""
    text = strategy("entry long up { when close == $10 size 500 shares order market }")
    bars = rated(flat("10 10 10"), flat("0.036 0.036 0.036"))
    case = run(text, bars, costs=CostRow())
    assert list(case.history.interest) == [0, 30, 10.003]
    assert list(case.history.cash) == [100_000, 95_030, 95_040.003]


def test_line_14_without_a_published_yield_cash_earns_nothing_and_it_is_said() -> None:
    case = run(buy("1 shares"), flat("10 10 10"), costs=CostRow())
    assert list(case.history.interest) == [0, 0, 0]
    assert any("idle cash earns nothing" in n for n in case.cell.notices)


def test_line_14_an_unknown_borrow_rate_costs_nothing_and_it_is_said() -> None:
    case = run(strategy("entry short down { when close == $10 size 9 shares }"), flat("10 10 10"))
    assert list(case.history.borrow) == [0, 0, 0]
    assert "short positions paid no borrow where its rate is unknown" in case.cell.notices


def test_line_14_short_borrow() -> None:
    """1000 shares short: bar 2 pays 10000 x 3.6% / 360 = 1 on the last close of 10; over the
    weekend (bars 4 to 5) 3 x 1.2 on 12."""
    text = strategy("entry short down { when close == $9.9 size 1000 shares order market }")
    case = run(text, flat("9.9 10 10 12 12 12"), borrow=0.036)
    assert [round(b, 4) for b in case.history.borrow] == [0, 0, 1, 1, 1.2, 3.6]
    assert case.equity[-1] == 100_000 - 2000 - 6.8


COSTS = [
    (CostRow(per_share=0.01, interest=False), 10.0, 1.0, 0.0),
    (CostRow(per_order=5.0, interest=False), 10.0, 5.0, 0.0),
    (CostRow(commission=0.001, interest=False), 10.0, 1.0, 0.0),  # 10 bps of 1000
    (CostRow(slippage=0.001, interest=False), 10.01, 0.0, 1.0),  # 10 bps of 10
    (CostRow(spread=0.1, interest=False), 10.05, 0.0, 5.0),  # half of 0.10
    (CostRow(0.01, 5, 0.001, 0.001, 0.1, interest=False), 10.06, 7.006, 6.0),
]


@pytest.mark.parametrize(("costs", "price", "fee", "slip"), COSTS)
def test_line_14_costs_of_a_market_order(
    costs: CostRow, price: float, fee: float, slip: float
) -> None:
    case = run(buy("100 shares"), flat("10 10"), costs=costs)
    fill = case.history.fills[0]
    assert (fill.price, fill.fee, fill.slip) == pytest.approx((price, fee, slip))
    assert case.equity[1] == pytest.approx(100_000 - fee - slip)


def test_line_14_costs_worsen_sales_as_well() -> None:
    """Bought at 10.01, sold at 12 x 0.999 = 11.988, on the cent 11.98: gain 197."""
    text = strategy("""
      entry long up { when close == $10 size 100 shares order market }
      exit out of up { when close == $11 order market }""")
    case = run(text, "10 10 10 10\n10 11 10 11\n12 12 12 12", costs=CostRow(slippage=0.001))
    assert case.fills == [(1, 100, 10.01), (2, -100, 11.98)]
    assert case.equity[-1] == 100_197


def test_line_14_money_is_rounded_to_a_ten_thousandth_per_fill() -> None:
    """3 x 10.00004 = 30.00012 -> 30.0001."""
    case = run(buy("3 shares"), "10 10 10 10\n10.00004 10.00004 10 10")
    assert case.history.cash[1] == 99_969.9999


def test_line_14_a_market_order_fills_a_share_of_the_volume() -> None:
    """5% of 1000 is 50. What a day order could not fill ends with the day; an exit goes on."""
    text = strategy("""
      entry long up { when close == $10 size 80 shares order market }
      exit out of up { when close == $12 order market }""")
    bars = "10 10 10 10 1000\n10 10 10 11 1000\n11 12 11 12 400\n12 12 12 13 400\n"
    bars += "13 13 13 13 1000\n13 13 13 13 1000"
    case = run(text, bars, costs=CostRow(participation=0.05, interest=False))
    assert case.fills == [(1, 50, 10), (3, -20, 12), (4, -30, 13)]
    assert case.lapses == [(1, 30, "day over")]
    assert case.history.fills[0].cut == 30


def test_line_14_all_books_share_one_bars_volume() -> None:
    text = strategy("entry long up { when close == $10 size 40 shares }", "one")
    text += strategy("entry long up { when close == $10 size 40 shares }", "two")
    bars = "10 10 10 10 1000\n10 10 10 11 1000"
    case = run(text, bars, costs=CostRow(participation=0.05, interest=False))
    assert case.filled == [(1, "one", "A", 40, 10), (1, "two", "A", 10, 10)]


def test_line_14_fractions_where_the_lot_allows_them() -> None:
    case = run(buy("$1_234.56"), {"A": Bars(flat("10 10"), lot=0.001)}, costs=FREE)
    assert [q for _, q, _ in case.fills] == pytest.approx([123.456])
