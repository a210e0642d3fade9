"""Stop-limit and trailing orders, orders for one moment, entries that add: text to fills."""

import pytest

from engine.records.desk import CostRow
from semantics.make import Bars, flat, limits, run, strategy

TEN = "entry long up { when close == $100 size 10 shares order ORDER }\n"
SHORT = TEN.replace("long", "short")
SIGNAL = "100 100 100 100\n"


# ---------------------------------------------------------------- stop-limit


@pytest.mark.parametrize(
    ("text", "bar", "fills"),
    [
        ("stop $102 limit $103", "100 102 99 101", [(1, 10, 102)]),  # touching is enough
        ("stop $102 limit $103", "100 101.99 99 101", []),
        ("stop $102 limit $103", "102.5 104 102 103", [(1, 10, 102.5)]),  # gap inside the limit
        ("stop $102 limit $103", "103 104 102 103", [(1, 10, 103)]),
        ("stop $102 limit $103", "104 105 103.01 104", []),  # gap past it, never back
        ("stop $102 limit $103", "104 105 99 104", [(1, 10, 103)]),  # gap past it, and back
        ("stop $102 limit $102", "100 105 99 104", [(1, 10, 102)]),
    ],
)
def test_a_stop_limit_entry(text: str, bar: str, fills: list[tuple[int, float, float]]) -> None:
    assert run(strategy(TEN.replace("ORDER", text)), SIGNAL + bar).fills == fills
    turned = " ".join(f"{200 - float(v):g}" for v in bar.split())
    o, h, low, c = turned.split()
    text = text.replace("$102", "$98").replace("$103", "$97").replace("limit $102", "limit $98")
    mirrored = [(b, -q, 200 - p) for b, q, p in fills]
    found = run(strategy(SHORT.replace("ORDER", text)), SIGNAL + f"{o} {low} {h} {c}").fills
    assert found == mirrored


def test_a_stop_limit_that_was_set_off_is_a_limit_order() -> None:
    """Gap past the limit on bar 1: on bar 2 it fills as any limit order, far below its stop."""
    text = strategy(TEN.replace("ORDER", "stop $102 limit $103 for gtc"))
    case = run(text, SIGNAL + "104 105 103.5 104\n98 99 97 98")
    assert case.fills == [(2, 10, 98)]


def test_a_stop_limit_entry_is_stopped_out_on_its_bar() -> None:
    text = strategy(TEN.replace("ORDER", "stop $102 limit $103") + "stop hard at $98")
    assert run(text, SIGNAL + "100 103 97 99").fills == [(1, 10, 102), (1, -10, 98)]


def test_a_limit_better_than_its_stop_is_unsized() -> None:
    case = run(strategy(TEN.replace("ORDER", "stop $102 limit $101")), SIGNAL + "102 103 101 102")
    assert case.outcomes == [(0, "unsized")]


def test_a_stop_limit_is_sized_and_judged_at_its_limit() -> None:
    """$1000 at 125 is 8 shares; the limit sees order.price 125."""
    text = strategy("entry long up { when close == $100 size $1_000 order stop $110 limit $125 }")
    text += limits("limit dear on order deny when order.price != $125")
    assert run(text, SIGNAL + "110 111 109 110").fills == [(1, 8, 110)]


def test_slippage_never_passes_the_limit() -> None:
    slips = CostRow(slippage=0.02, interest=False)
    case = run(
        strategy(TEN.replace("ORDER", "stop $102 limit $103")),
        SIGNAL + "100 104 99 101",
        costs=slips,
    )
    assert case.fills == [(1, 10, 103)]


EXIT = "entry long up { when close == $100 size 10 shares order market }\n"


@pytest.mark.parametrize(
    ("order", "bar", "fills"),
    [
        ("stop $95 limit $94", "100 101 94.5 99", [(2, -10, 95)]),
        ("stop $95 limit $94", "94.5 95 93 94", [(2, -10, 94.5)]),
        ("stop $95 limit $94", "90 91 89 90", []),
        ("stop $95 limit $94", "90 94 89 93", [(2, -10, 94)]),
    ],
)
def test_a_stop_limit_exit(order: str, bar: str, fills: list[tuple[int, float, float]]) -> None:
    text = strategy(EXIT + f"exit out {{ when position.age == 1 bar order {order} }}")
    case = run(text, SIGNAL + f"100 101 99 101\n{bar}")
    assert case.fills == [(1, 10, 100), *fills]


def test_a_stop_acts_where_a_stop_limit_exit_could_not() -> None:
    """Open 90 is past the limit of 94; the stop of 92 was jumped as well and fills at the open."""
    text = strategy(
        EXIT + "exit out { when position.age == 1 bar order stop $95 limit $94 }\nstop hard at $92"
    )
    case = run(text, SIGNAL + "100 101 99 101\n90 91 89 90")
    assert case.fills == [(1, 10, 100), (2, -10, 90)]


def test_what_volume_kept_from_a_stop_limit_exit_waits_at_its_limit() -> None:
    text = strategy(
        EXIT + "exit out { when position.age == 1 bar order stop $95 limit $94 for gtc }"
    )
    bars = "100 100 100 100 900\n100 101 99 101 900\n100 101 94 94 60\n93 93.5 92 93 900\n"
    case = run(text, bars + "93 94 92 93 900", costs=CostRow(participation=0.1, interest=False))
    assert case.fills == [(1, 10, 100), (2, -6, 95), (4, -4, 94)]


# ---------------------------------------------------------------- trailing


def test_a_trailing_exit_follows_closes_not_highs() -> None:
    """98% of 110, not of the high of 120; later lower closes leave it."""
    text = strategy(EXIT + "exit out { when position.age == 1 bar order trailing 2% for gtc }")
    bars = "100 101 100 101\n102 120 101 110\n109 110 108 108\n108 109 107 107.9"
    assert run(text, SIGNAL + bars).fills == [(1, 10, 100), (4, -10, 107.8)]


def test_a_trailing_amount_is_taken_when_it_is_decided() -> None:
    """The range of the deciding bar, 4: stop 101 - 4 = 97, then 103 - 4 = 99; the later range of
    1 does not matter."""
    text = strategy(
        EXIT + "exit out { when position.age == 1 bar order trailing high - low for gtc }"
    )
    bars = "100 102 98 101\n103 103.5 102.5 103\n103 103 99.5 100\n100 100 99 99"
    assert run(text, SIGNAL + bars).fills == [(1, 10, 100), (4, -10, 99)]


def test_a_trailing_short_entry_rises_with_the_close() -> None:
    """Sell stop 98 after 100, 102.9 after 105."""
    text = strategy(SHORT.replace("ORDER", "trailing 2% for gtc"))
    assert run(text, SIGNAL + "101 106 99 105\n105 105 102 103").fills == [(2, -10, 102.9)]


def test_a_trailing_order_that_began_to_fill_stands() -> None:
    text = strategy(TEN.replace("ORDER", "trailing $2 for gtc"))
    bars = "100 100 100 100 900\n100 102 90 90 60\n90 92 90 91 900\n91 102 91 101 900"
    case = run(text, bars, costs=CostRow(participation=0.1, interest=False))
    assert case.fills == [(1, 6, 102), (3, 4, 102)]


@pytest.mark.parametrize("trail", ["0%", "close * 0", "100%", "(close / close[1])"])
def test_a_trail_that_leaves_no_price_is_unsized(trail: str) -> None:
    text = strategy(SHORT.replace("ORDER", f"trailing {trail} for gtc"))
    case = run(text, SIGNAL + SIGNAL + "99 100 1 50")
    assert {outcome for _, outcome in case.outcomes} == {"unsized"}


def test_a_trailing_order_without_a_bar_stays_where_it_is() -> None:
    text = strategy(TEN.replace("ORDER", "trailing $2 for gtc"))
    assert run(text, SIGNAL + ".\n100 101 90 90\n.\n91 93 91 92").fills == [(4, 10, 92)]


# ---------------------------------------------------------------- one moment


def test_ioc_at_market_takes_what_the_bar_gives() -> None:
    text = strategy(TEN.replace("ORDER", "market for ioc"))
    bars = "100 100 100 100 900\n100 101 99 101 60\n100 101 99 101 900"
    case = run(text, bars, costs=CostRow(participation=0.1, interest=False))
    assert case.fills == [(1, 6, 100)]
    assert case.lapses == [(1, 4, "day over")]


@pytest.mark.parametrize("tif", ["ioc", "opg", "cls"])
def test_an_exit_for_one_moment_may_be_sent_again(tif: str) -> None:
    text = strategy(EXIT + f"exit out {{ when close > $100 order limit $102 for {tif} }}")
    case = run(text, SIGNAL + "100 101 99 101\n101 103 100 101\n103 103 102 103")
    assert case.fills == [(1, 10, 100), (3, -10, 103)]
    assert case.lapses == [(2, 10, "day over")]


def test_a_stop_comes_before_an_exit_at_the_close() -> None:
    text = strategy(
        EXIT + "exit out { when position.age == 1 bar order market for cls }\nstop hard at $95"
    )
    assert run(text, SIGNAL + "100 101 99 100\n100 101 94 99").fills[1:] == [(2, -10, 95)]


def test_at_the_close_exits_free_money_before_entries() -> None:
    text = strategy("""
      entry long up { when close > $15 size 100% of equity order market for cls }
      exit out of up { when close < $15 order market for cls }""")
    case = run(text, {"A": flat("10 10 20 20"), "B": flat("20 20 10 10")})
    assert [(b, s, q) for b, _, s, q, _ in case.filled] == [
        (1, "B", 5000),
        (3, "B", -5000),
        (3, "A", 2500),
    ]


def test_an_entry_at_the_close_is_safe_from_its_own_bar() -> None:
    """The low of bar 1 is under the stop, but before the fill; bar 2 meets it."""
    text = strategy(TEN.replace("ORDER", "market for cls") + "stop hard at $95")
    assert run(text, SIGNAL + "100 101 90 100\n99 100 94 99").fills == [(1, 10, 100), (2, -10, 95)]


def test_an_entry_at_the_close_has_a_protection_price() -> None:
    case = run(strategy(TEN.replace("ORDER", "market for cls")), SIGNAL + "100 115 100 115")
    assert case.lapses == [(1, 10, "protected")]


def test_orders_for_a_moment_wait_for_the_symbols_next_bar() -> None:
    text = strategy(TEN.replace("ORDER", "market for opg"))
    assert run(text, SIGNAL + ".\n101 102 100 101").fills == [(2, 10, 101)]


def test_a_false_open_is_no_opening_auction() -> None:
    text = strategy(TEN.replace("ORDER", "market for opg"))
    case = run(text, Bars(SIGNAL + "100 101 99 100", real_open=False))
    assert case.lapses == [(1, 10, "no open")]


# ---------------------------------------------------------------- adding


PYRAMID = """
  entry long first { when close == $100 size 10 shares order market }
  entry long more add 2 times { when close > position.last_entry_price size 5 shares ORDER }
"""
RISING = flat("100 100 101 102 103 104")


def adding(order: str = "order market", more: str = "") -> str:
    return strategy(PYRAMID.replace("ORDER", order) + more)


def test_adds_come_one_at_a_time_and_no_more_than_said() -> None:
    """Fires at 101, 103 and 105, each a bar after the last one filled; the third is too many."""
    case = run(adding(), flat("100 100 101 102 103 104 105 106"))
    assert case.fills == [(1, 10, 100), (3, 5, 102), (5, 5, 104)]
    assert case.count("fired", 1) == 4
    assert (case.count("filled", 1), case.count("ignored", 1)) == (2, 2)


def test_an_add_without_a_position_does_nothing() -> None:
    text = strategy("""
      entry long first { when close == $50 size 10 shares order market }
      entry long more add 2 times { when close >= $100 size 5 shares order market }""")
    case = run(text, RISING)
    assert case.fills == []
    assert case.count("ignored", 1) == 6


def test_an_add_alone_opens_and_adds_to_itself() -> None:
    text = strategy("entry long up add 2 times { when close >= $100 size 5 shares order market }")
    case = run(text, RISING)
    assert [q for _, q, _ in case.fills] == [5, 5, 5]
    assert len(case.history.round_trips) == 1


def test_adds_begin_again_with_the_next_position() -> None:
    text = adding(more="exit out { when close == $103 order market }")
    case = run(text, flat("100 100 101 102 103 100 100 101 102"))
    assert [q for _, q, _ in case.fills] == [10, 5, -15, 10, 5]


def test_a_stop_stays_and_closes_all() -> None:
    """Stop 5 under the first fill, 95; the add at 101 does not move it. Planned: 10 x 5 + 5 x 6."""
    text = adding(more="stop hard at position.entry_price - $5")
    case = run(text, flat("100 100 101 101") + "\n101 101 94 95")
    assert case.fills == [(1, 10, 100), (3, 5, 101), (4, -15, 95)]
    assert case.history.round_trips[0].planned_loss == 80


def test_limits_see_the_distance_of_an_add_to_the_stop_that_works() -> None:
    """$50 / (101 - 95) = 8 shares, where a stop of its own would be 5 away: 10."""
    text = adding(more="stop hard at position.entry_price - $5").replace("5 shares", "20 shares")
    case = run(text + limits("limit loss on entry clip qty to $50 / order.stop_distance"), RISING)
    assert case.fills[:2] == [(1, 10, 100), (3, 8, 102)]


def test_an_add_at_a_limit_ends_when_its_position_is_closed() -> None:
    """The add waits at 90; the stop at 95 closes the position first, and the add with it."""
    text = adding("order limit $90 for gtc", "stop hard at position.entry_price - $5")
    case = run(text, flat("100 100 101 101") + "\n100 100 89 90\n89 91 88 90")
    assert case.fills == [(1, 10, 100), (4, -10, 95)]
    assert (4, 5, "closed") in case.lapses


def test_a_resting_exit_that_fills_ends_the_add_too() -> None:
    text = adding(
        "order limit $90 for gtc", "exit far { when close == $100 order limit $120 for gtc }"
    )
    case = run(text, flat("100 100 101 102") + "\n120 121 119 120\n90 90 89 90")
    assert case.fills == [(1, 10, 100), (4, -10, 120)]


def test_an_add_is_ignored_while_its_position_is_being_closed() -> None:
    text = adding(more="exit out { when close == $101 order market }")
    case = run(text, flat("100 100 101 102"))
    assert case.fills == [(1, 10, 100), (3, -10, 102)]
    assert case.lapses == []


def test_an_opposite_entry_ends_what_adds() -> None:
    text = adding(
        "order limit $90 for gtc", "entry short down { when close == $102 size 1 shares }"
    )
    case = run(text, flat("100 100 101 102 103 89"))
    assert case.fills == [(1, 10, 100), (4, -10, 103), (4, -1, 103)]
    assert (3, 5, "superseded") in case.lapses


def test_since_entry_and_age_go_on_through_an_add() -> None:
    text = adding(
        more="exit out { when position.age == 4 bars order market }\n"
        "trail off at peak(close) since entry - $50"
    )
    case = run(text, flat("100 100 101 102 103 104 105"))
    assert case.fills[-1][0] == 5


def test_a_working_add_counts_in_exposure_and_not_as_a_position() -> None:
    text = adding("order limit $90 for gtc")
    rows = limits("limit one on order deny when account.positions > 1")
    assert (2, "allowed") in run(text + rows, RISING).outcomes


def test_what_a_rebalance_replaces_of_a_sale_has_ended_too() -> None:
    """Half of 100,000 at 20 is 2,500. At 10 a tenth of 75,000 is 750: 100 of the sale's 1,750 fill,
    and the next rebalance sells what is then too much: 2,400 less 750. The rest fills at once."""
    text = strategy("""
      weight if close > $15 then 50% else 10%
      rebalance daily""")
    bars = "20 20 20 20 90000\n20 20 10 10 90000\n10 10 10 10 1000\n10 10 10 10 90000"
    case = run(text, bars, costs=CostRow(participation=0.1, interest=False))
    assert case.fills == [(1, 2500, 20), (2, -100, 10), (3, -1650, 10)]
    assert case.lapses == [(2, 1650, "superseded")]


def test_an_exit_of_all_ends_what_is_left_of_a_smaller_sale() -> None:
    text = strategy("""
      weight if close > $15 then 50% else 10%
      rebalance daily""")
    text += limits('flatten out { enter when account.bars >= 2 bars resume by hand "desk" }')
    bars = "20 20 20 20 90000\n20 20 10 10 90000\n10 10 10 10 1000\n10 10 10 10 90000"
    case = run(text, bars, costs=CostRow(participation=0.1, interest=False))
    assert case.fills == [(1, 2500, 20), (2, -100, 10), (3, -2400, 10)]
    assert case.lapses == [(2, 1650, "superseded")]


def test_a_replaced_sale_is_counted_as_cancelled() -> None:
    """At 8 the weight wants more than is held: it ends the sale, and that is the first to end."""
    text = strategy("""
      weight if close between $9 to $11 then 10% else 50%
      rebalance daily""")
    text += limits("limit hasty on order deny when cancels(9 bars) >= 1")
    bars = "20 20 20 20 90000\n20 20 10 10 90000\n10 10 8 8 1000"
    case = run(text, bars, costs=CostRow(participation=0.1, interest=False))
    assert case.lapses == [(2, 1650, "superseded")]
    assert case.outcomes == [(0, "allowed"), (1, "allowed"), (2, "denied")]
