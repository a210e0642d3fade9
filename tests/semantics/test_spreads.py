"""Spreads: legs that are judged, sent and filled together or not at all."""

import pytest

from engine.records.desk import CostRow
from engine.run.account import run_trunk
from semantics.make import Bars, Case, checked, flat, limits, run, series, strategy

PAIR = """
  leg a = A
  leg b = B
  entry spread wide {
    when close of a == $20
    sell a size 10 shares
    buy b size 20 shares
    ORDER
  }
  exit back of wide { when close of a < $15  order market }
"""


def pair(a: str, b: str, order: str = "order market", more: str = "", **how: object) -> Case:
    given = {"A": Bars(flat(a)), "B": Bars(flat(b))}
    return run(strategy(PAIR.replace("ORDER", order)) + more, given, **how)


def legs(case: Case) -> list[tuple[int, str, float, float]]:
    return [(bar, symbol, qty, price) for bar, _, symbol, qty, price in case.filled]


BOTH = [(1, "A", -10, 21), (1, "B", 20, 10)]


def test_legs_enter_and_leave_together() -> None:
    case = pair("20 21 14 13", "10 10 11 11")
    assert legs(case) == [*BOTH, (3, "A", 10, 13), (3, "B", -20, 11)]
    assert case.equity[-1] == 100_000 + 10 * (21 - 13) + 20 * (11 - 10)


@pytest.mark.parametrize("symbol", ["A", "B"])
def test_a_leg_that_is_denied_takes_the_other_with_it(symbol: str) -> None:
    """B sells long, A short: one limit each."""
    truth = "order.is_short" if symbol == "A" else "order.is_long"
    case = pair("20 21 22", "10 10 10", more=limits(f"limit no on order deny when {truth}"))
    assert case.fills == []
    assert sorted(v[2] for v in case.verdicts) == ["denied", "withdrawn"]
    assert [v[4] for v in case.verdicts] == [0, 0]
    assert case.count("sent") == 0 and case.count("denied") == 1
    assert max(case.history.gross) == 0


@pytest.mark.parametrize("cap", ["5 shares", "15 shares"])
def test_a_clip_of_one_leg_refuses_the_spread(cap: str) -> None:
    case = pair("20 21 22", "10 10 10", more=limits(f"limit few on order clip qty to {cap}"))
    assert case.fills == []
    assert "allowed" not in {v[2] for v in case.verdicts}


def test_the_second_leg_sees_the_first_as_sent() -> None:
    """200 of A and 200 of B: a cap of 350 on gross exposure leaves 150 for the second."""
    rows = limits("limit gross on order deny when account.gross + order.notional > $350")
    assert pair("20 21 22", "10 10 10", more=rows).fills == []
    assert legs(pair("20 21 22", "10 10 10", more=rows.replace("350", "400"))) == BOTH


def test_a_refused_spread_leaves_no_exposure_behind() -> None:
    """A second strategy's order in the same account is judged as if the first leg never was."""
    rows = limits("limit gross on order deny when account.gross + order.notional > $350")
    other = strategy("entry long up { when close == $10 size 30 shares }", "other")
    text = strategy(PAIR.replace("ORDER", "order market")) + other + rows
    case = run(text, {"A": flat("20 21 22"), "B": flat("10 10 10")}, universe=["B"])
    assert [f[1:4] for f in case.filled][:1] == [("other", "B", 30)]


def test_an_open_past_its_protection_ends_the_whole_spread() -> None:
    case = pair("20 21 22", "10 12 12")
    assert case.fills == []
    assert sorted(case.lapses) == [(1, 10, "protected"), (1, 20, "protected")]


def test_until_cancelled_a_spread_waits_for_an_open_that_suits() -> None:
    case = pair("20 21 22", "10 12 10", order="order market for gtc")
    assert legs(case) == [(2, "A", -10, 22), (2, "B", 20, 10)]


def test_a_leg_without_a_bar_keeps_the_other_waiting() -> None:
    assert legs(pair("20 21 20.5", "10 . 10")) == [(2, "A", -10, 20.5), (2, "B", 20, 10)]


def test_a_leg_without_a_bar_at_the_decision_has_no_size() -> None:
    case = pair("19 20 20", "10 . 10")
    assert case.outcomes == [(1, "unsized"), (1, "unsized"), (2, "allowed"), (2, "allowed")]


def test_volume_must_allow_all_of_it() -> None:
    a, b = "20 20 20 20 900\n21 21 21 21 900\n", "10 10 10 10 900\n10 10 10 10 150\n"
    case = run(
        strategy(PAIR.replace("ORDER", "order market")),
        {"A": a, "B": b},
        costs=CostRow(participation=0.1, interest=False),
    )
    assert case.fills == []
    assert sorted(case.lapses) == [(1, 10, "day over"), (1, 20, "day over")]


def test_buying_power_must_allow_all_of_it() -> None:
    """210 + 200 at the open: 409 are too little, 410 are enough."""
    assert pair("20 21 21", "10 10 10", cash=409.0).fills == []
    assert legs(pair("20 21 21", "10 10 10", cash=410.0)) == BOTH


def test_fees_count_against_buying_power() -> None:
    fee = CostRow(per_order=5, interest=False)
    assert pair("20 21 21", "10 10 10", cash=419.0, costs=fee).fills == []
    assert legs(pair("20 21 21", "10 10 10", cash=420.0, costs=fee)) == BOTH


def test_a_spread_that_is_open_is_ignored() -> None:
    case = pair("20 20 20", "10 10 10")
    assert [f[0] for f in case.fills] == [1, 1]
    assert (case.count("fired"), case.count("ignored")) == (3, 2)


def test_a_spread_with_a_leg_of_nothing_is_none() -> None:
    text = strategy(PAIR.replace("ORDER", "").replace("20 shares", "$5"))
    case = run(text, {"A": flat("20 20"), "B": flat("10 10")})
    assert {v[2] for v in case.verdicts} == {"zero"}


def test_a_symbol_that_cannot_be_sold_short_stops_the_spread() -> None:
    given = {"A": Bars(flat("20 20"), shortable=False), "B": Bars(flat("10 10"))}
    case = run(strategy(PAIR.replace("ORDER", "")), given)
    assert {v[2] for v in case.verdicts} == {"not shortable", "withdrawn"}


def test_age_and_profit_are_those_of_all_legs() -> None:
    """A up 1 costs 10, B up 2 brings 40: together 30."""
    text = strategy(PAIR.replace("ORDER", "").replace("close of a < $15", "position.pnl >= $30"))
    case = run(text, {"A": flat("20 20 21 21"), "B": flat("10 10 12 12")})
    assert [(f[0], f[2]) for f in legs(case)][2:] == [(3, 10), (3, -20)]


def test_a_pause_cancels_all_legs_and_flatten_closes_them() -> None:
    rows = limits("pause p { enter when account.bars >= 0 bars  resume after 9d }")
    assert pair("20 21 22", "10 10 10", more=rows).fills == []
    rows = limits('flatten f { enter when account.bars >= 2 bars  resume by hand "x" }')
    assert [q for _, _, q, _ in legs(pair("20 21 22 23", "10 10 10 10", more=rows))] == [
        *(-10, 20),
        *(10, -20),
    ]


@pytest.mark.parametrize("symbol", ["A", "B"])
def test_a_switch_on_one_legs_symbol_ends_the_whole_spread(symbol: str) -> None:
    """It waits for a bar of B; a leg alone would be another trade, and one that was ended none."""
    calm = f"pause p scope symbol {symbol} {{ enter when account.bars == 1 bars resume after 1d }}"
    case = pair("20 21 22 23", "10 . 10 10", "order market for gtc", limits(calm))
    assert case.fills == []
    assert sorted(case.lapses) == [(1, 10, "switched off"), (1, 20, "switched off")]
    assert max(case.history.gross[2:]) == 0


@pytest.mark.parametrize(("word", "side"), [("buy", 1), ("sell", -1)])
def test_a_spread_that_opposes_one_leg_ends_the_whole_other(word: str, side: int) -> None:
    """Both fire at one close. Buying both opposes the sale of A, selling both the purchase of B."""
    other = f"{word} a size 1 shares {word} b size 2 shares"
    text = PAIR.replace("ORDER", "order market for gtc")
    text += f"entry spread next {{ when close of a == $20 {other} order market }}"
    case = run(strategy(text), {"A": flat("20 21 22"), "B": flat("10 10 10")})
    assert legs(case) == [(1, "A", side, 21), (1, "B", 2 * side, 10)]
    assert sorted(case.lapses) == [(0, 10, "superseded"), (0, 20, "superseded")]


def test_a_split_that_leaves_nothing_of_a_leg_ends_the_whole_spread() -> None:
    text = strategy(PAIR.replace("ORDER", "order market for gtc"))
    a = Bars(flat("20 420 420 420"), actions=("", "1:20 split", "", ""))
    case = run(text, {"A": a, "B": Bars(flat("10 . 10 10"))})
    assert case.fills == []
    assert case.lapses == [(1, 10, "split away"), (1, 20, "split away")]


def test_two_spreads_of_one_strategy() -> None:
    body = (
        PAIR.replace("ORDER", "")
        + """
      entry spread narrow { when close of a == $10  buy a size 1 shares  sell b size 2 shares }"""
    )
    case = run(strategy(body), {"A": flat("20 20 10 10 10"), "B": flat("10 10 10 10 10")})
    assert [(f[0], f[1], f[2]) for f in legs(case)] == [
        *((1, "A", -10), (1, "B", 20)),
        *((3, "A", 10), (3, "B", -20)),
        *((3, "A", 1), (3, "B", -2)),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("ORDER", "order limit $5", "SW519"),
        ("ORDER", "order market for cls", "SW519"),
        ("buy b size 20 shares", "", "SW519"),
        ("leg b = B", "leg b = A", "SW519"),
        ("buy b", "buy c", "SW201"),
        ("exit back", "stop hard at position.entry_price * 90% exit back", "SW519"),
        ("exit back", "stop hard of wide at position.entry_price * 90% exit back", "SW519"),
        ("exit back", "target aim of a at position.entry_price * 90% exit back", "SW519"),
        ("exit back", "trail off of a at close * 110% exit back", "SW519"),
        ("exit back", "stop hard of c at position.entry_price * 90% exit back", "SW511"),
        ("exit back", "entry long up { when close > $1 size 1 shares } exit back", "SW519"),
        ("$15  order market", "$15  order limit $10", "SW519"),
        ("close of a < $15", "position.entry_price < $15", "SW519"),
        ("spread wide", "spread wide add 2 times", "SW519"),
    ],
)
def test_what_a_spread_cannot_be(old: str, new: str, code: str) -> None:
    text = PAIR.replace(old, new).replace("ORDER", "")
    held = {s: series(s, Bars(flat("20 20"))) for s in ("A", "B")}
    with pytest.raises(AssertionError, match=code):
        checked(strategy(text), held)


def test_a_withdrawn_leg_was_never_sent() -> None:
    """A is sold as if sent, then B is refused: no order counts, and the same pair is no repeat."""
    seen = "limit no on order deny when order.is_long\n"
    rows = limits(seen + "limit busy on order deny when orders(9 bars) >= 1")
    case = pair("20 20 20", "10 10 10", more=rows)
    told = [(bar, limit) for bar, limit, _ in case.said]
    assert told == [(b, name) for b in range(3) for name in ("no", "busy")]
    rows = limits(seen + "limit twice on order deny when repeats(9 bars) >= 1")
    case = pair("20 20 20", "10 10 10", more=rows)
    assert [(bar, limit) for bar, limit, _ in case.said] == [(b, "no") for b in range(3)]


def test_a_refused_spread_counts_one_denial_however_it_was_refused() -> None:
    """A clip of the second leg, and of the first: one denial each, in either kind of run."""
    for few in ("5 shares", "15 shares"):
        rows = limits(f"limit few on order clip qty to {few}\n"
                      "limit sore on order deny when denials(9 bars) >= 2")  # fmt: skip
        case = pair("20 20 20", "10 10 10", more=rows)
        assert [bar for bar, limit, _ in case.said if limit == "sore"] == [2]
        assert case.equity == run_trunk(case.desk).branch(0, lambda n, s: None)


# ---------------------------------------------------------------- stops of legs

UP = "stop up of a at position.entry_price * 110%\n"
DOWN = "stop down of b at position.entry_price * 90%\n"


def stopped(a: str, b: str, stops: str = UP, more: str = "", **how: object) -> Case:
    """A is sold at 21 (stop 23.1), B bought at 10 (stop 9), both on bar 1."""
    text = strategy(PAIR.replace("ORDER", "order market") + stops)
    return run(text + more, {"A": Bars(a), "B": Bars(b)}, **how)


def test_a_stop_of_one_leg_closes_the_others_on_their_next_bar() -> None:
    case = stopped(flat("20 21") + "\n21 23.5 20 22\n22 22 22 22", flat("10 10 9.5 9.4"))
    assert legs(case) == [*BOTH, (2, "A", 10, 23.1), (3, "B", -20, 9.4)]
    assert case.sources == ["entry", "entry", "level", "level"]
    assert case.equity[-1] == 100_000 + 10 * (21 - 23.1) + 20 * (9.4 - 10)


def test_a_gap_through_a_legs_stop_fills_at_its_open() -> None:
    case = stopped(flat("20 21 24 24"), flat("10 10 9.5 9.4"))
    assert legs(case)[2:] == [(2, "A", 10, 24), (3, "B", -20, 9.4)]


def test_a_legs_stop_acts_from_its_fill_on() -> None:
    case = stopped("20 20 20 20\n21 24 21 22\n22 22 22 22", flat("10 10 9.4"))
    assert legs(case)[2:] == [(1, "A", 10, 23.1), (2, "B", -20, 9.4)]


def test_the_other_leg_waits_for_a_bar_of_its_own() -> None:
    case = stopped(flat("20 21 24 24 24"), flat("10 10 9.5 . 9.4"))
    assert legs(case)[2:] == [(2, "A", 10, 24), (4, "B", -20, 9.4)]


def test_two_stops_in_one_bar_fill_each_at_its_own_price() -> None:
    """B's opens at 8.5, past its stop; A is met in the path of the same bar."""
    case = stopped(flat("20 21") + "\n21 24 21 22\n22 22 22 22", flat("10 10 8.5 8"), UP + DOWN)
    assert sorted(legs(case)[2:]) == [(2, "A", 10, 23.1), (2, "B", -20, 8.5)]


def test_the_other_leg_keeps_its_stop_until_it_is_out() -> None:
    case = stopped(flat("20 21 24 24"), flat("10 10 9.5 7"), UP + DOWN)
    assert legs(case)[2:] == [(2, "A", 10, 24), (3, "B", -20, 7)]


def test_an_exit_of_the_same_close_sells_nothing_twice() -> None:
    """A's stop at the open of 24; at the close of that bar the exit is true as well."""
    case = stopped("20 20 20 20\n21 21 21 21\n24 24 14 14\n14 14 14 14", flat("10 10 9.5 9.4"))
    assert legs(case)[2:] == [(2, "A", 10, 24), (3, "B", -20, 9.4)]


def test_volume_holds_a_stop_back_and_the_others_go_all_the_same() -> None:
    a = "20 20 20 20 900\n21 21 21 21 900\n24 24 24 24 40\n25 25 25 25 900\n"
    b = "10 10 10 10 900\n10 10 10 10 900\n9 9 9 9 900\n8 8 8 8 900\n"
    case = stopped(a, b, costs=CostRow(participation=0.1, interest=False))
    assert legs(case)[2:] == [(2, "A", 4, 24), (3, "A", 6, 25), (3, "B", -20, 8)]


def test_a_stop_of_one_leg_is_one_stop_hit() -> None:
    """A's stop at 24 closes B on bar 3; the spread would be sent again at the closes of 20."""
    rows = limits("limit few on order deny when stops_hit(9 bars) >= 1")
    a, b = flat("20 21 24 20 20 20"), flat("10 10 9 9 9 9")
    assert [bar for bar, _, _ in stopped(a, b, more=rows).said] == [3, 4, 5]
    assert stopped(a, b, more=rows.replace(">= 1", ">= 2")).said == []


def test_limits_see_how_far_each_leg_is_from_its_own_stop() -> None:
    """A: 10 shares, 2 from 22; B: 20 shares, 1 from 9. A plan of $20 each is enough, $19 is not."""
    rows = limits("limit loss on entry clip qty to $20 / order.stop_distance")
    assert legs(stopped(flat("20 21 21"), flat("10 10 10"), UP + DOWN, rows)) == BOTH
    assert stopped(flat("20 21 21"), flat("10 10 10"), UP, rows).fills == []
    less = rows.replace("$20", "$19")
    assert stopped(flat("20 21 21"), flat("10 10 10"), UP + DOWN, less).fills == []


def test_a_legs_stop_reads_the_bars_of_the_decision() -> None:
    """Twice B's range at the decision, 2 * 1.5, under its price of 10; A's bars differ."""
    stops = "stop down of b at position.entry_price - 2 * ((high - low) of b)"
    b = "10 10.5 9 10\n10 10.2 9.9 10\n10 10 7.5 8\n7 7 6 6.5\n6 6 6 6"
    case = stopped(flat("20 21 21 21 21"), b, stops)
    assert legs(case)[2:] == [(3, "B", -20, 7), (4, "A", 10, 21)]


def test_a_stop_inside_a_spread_is_of_that_spread_alone() -> None:
    body = """
  leg a = A
  leg b = B
  entry spread wide {
    when close of a == $20
    sell a size 10 shares
    buy b size 20 shares
    stop cut of a at position.entry_price * 110%
  }
  entry spread narrow { when close of a == $10  buy a size 1 shares  sell b size 2 shares }
  exit back { when close of a == $11  order market }
"""
    case = run(strategy(body), {"A": flat("20 20 23 10 10 30 11 11"), "B": flat("10 " * 8)})
    assert legs(case) == [
        *((1, "A", -10, 20), (1, "B", 20, 10), (2, "A", 10, 23), (3, "B", -20, 10)),
        *((4, "A", 1, 10), (4, "B", -2, 10), (7, "A", -1, 11), (7, "B", 2, 10)),
    ]
