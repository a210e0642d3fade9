"""Lines 8 to 10: what happens inside a bar, in which order and at which price."""

import pytest

from engine.records.desk import CostRow
from semantics.make import FREE, Case, flat, limits, run, strategy

SIGNAL = "100 101 99 100 1000\n"  # every entry below is decided at bar 0: close is $100
ENTRY = "entry long up { when close == $100 size 10 shares ORDER }"
BRACKET = """
  stop hard at position.entry_price * 95%
  target two at position.entry_price * 110%
"""


def bracket(order: str, *bars: str) -> Case:
    """An entry decided at bar 0, its stop 5% below and its target 10% above."""
    text = strategy(ENTRY.replace("ORDER", order) + BRACKET)
    return run(text, SIGNAL + "\n".join(f"{b} 1000" for b in bars))


def test_line_08_exits_free_money_before_entries_at_the_same_open() -> None:
    """B holds everything and is left at the open at which A is bought with everything."""
    text = strategy("""
      entry long up { when close > $15 size 100% of equity order market }
      exit out of up { when close < $15 order market }""")
    bars = {"A": flat("10 10 20 20"), "B": flat("20 20 10 10")}
    case = run(text, bars)
    # B: 100000 / 20 = 5000 at bar 1. At bar 2 it closes at 10: equity 50000, A at 20: 2500.
    assert case.filled == [
        (1, "s", "B", 5000, 20),
        (3, "s", "B", -5000, 10),
        (3, "s", "A", 2500, 20),
    ]


def test_line_08_each_entry_sees_open_orders_at_worst_case() -> None:
    """80% and 80% of 100000 at 10: 8000 shares, then room for 2000."""
    text = strategy("""
      entry long a { when close == $10 size 80% of equity order market }
      entry long b { when close == $10 size 80% of equity order market }
    """) + limits("limit cap on order clip qty to (100% of equity - exposure.gross) / order.price")
    case = run(text, flat("10 11"))
    assert case.verdicts == [
        (0, "entry", "allowed", 8000, 8000),
        (0, "entry", "clipped", 8000, 2000),
    ]


def test_line_08_entries_in_order_of_strategy_rule_symbol() -> None:
    body = """
      entry long x { when close == $10 size 1 shares order market }
      entry long y { when close == $10 size 2 shares order market }"""
    text = strategy(body, "one") + strategy(body.replace("1 sh", "3 sh").replace("2 sh", "4 sh"))
    case = run(text, {"A": flat("10 11"), "B": flat("10 11")})
    assert [v.asked for v in case.history.verdicts] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert [v.symbol for v in case.history.verdicts] == [0, 1] * 4
    assert [v.book for v in case.history.verdicts] == [0] * 4 + [1] * 4
    assert [q for _, q, _ in case.fills] == [1, 1, 2, 2, 3, 3, 4, 4]


# bars after the signal, and every fill: (bar, shares, price)
MARKET = [
    ("a gap through the stop fills at the open", ["100 101 99 100", "90 91 89 90"], (2, 90)),
    ("the stop inside the bar", ["100 101 99 100", "99 99 94 98"], (2, 95)),
    ("the stop acts on the entry bar", ["100 101 94 100"], (1, 95)),
    ("the target acts on the entry bar after an open fill", ["100 111 99 105"], (1, 110)),
    ("both touched on the entry bar: the stop", ["100 111 94 105"], (1, 95)),
    ("both touched later: the stop", ["100 101 99 100", "100 111 94 105"], (2, 95)),
    ("a gap above the target fills at the open", ["100 101 99 100", "115 116 114 115"], (2, 115)),
    ("one cent short is not", ["100 101 99 100", "100 109.99 95.01 101"], None),
]


@pytest.mark.parametrize(("bars", "out"), [m[1:] for m in MARKET], ids=[m[0] for m in MARKET])
def test_line_09_market_entry(bars: list[str], out: tuple[int, float] | None) -> None:
    case = bracket("order market", *bars)
    exits = [] if out is None else [(out[0], -10, out[1])]
    assert case.fills == [(1, 10, 100), *exits]


@pytest.mark.parametrize(("bar", "price"), [("100 110 99 101", 110), ("100 101 95 99", 95)])
def test_line_09_touching_is_enough(bar: str, price: float) -> None:
    text = strategy(
        ENTRY.replace("ORDER", "order market")
        + """
      stop hard at position.entry_price - $5
      target two at position.entry_price + $10"""
    )
    assert run(text, SIGNAL + f"100 101 99 101\n{bar}").fills == [(1, 10, 100), (2, -10, price)]


LIMIT = [
    # a limit of 98 reached inside the bar: stop 93.1, target 107.8 from the next bar on
    ("no target on the entry bar", ["100 111 97 105"], [(1, 10, 98)]),
    (
        "the target on the bar after",
        ["100 111 97 105", "105 112 104 105"],
        [(1, 10, 98), (2, -10, 107.8)],
    ),
    ("the stop on the entry bar", ["100 101 93 95"], [(1, 10, 98), (1, -10, 93.1)]),
    # opened at 97, better than the limit: stop 92.15, target 106.7, both at once
    ("the target after a fill at the open", ["97 108 96 100"], [(1, 10, 97), (1, -10, 106.7)]),
    ("a gap below the limit fills at the open", ["97 98 96 97"], [(1, 10, 97)]),
    ("not reached", ["100 101 98.01 100"], []),
]


@pytest.mark.parametrize(("bars", "fills"), [x[1:] for x in LIMIT], ids=[x[0] for x in LIMIT])
def test_line_09_limit_entry(bars: list[str], fills: list[tuple[int, float, float]]) -> None:
    assert bracket("order limit $98", *bars).fills == fills


STOPS = [
    # a buy stop at 102: stop 96.9, target 112.2
    ("reached", ["100 105 99 104"], [(1, 10, 102)]),
    ("with its own stop in one bar", ["100 105 95 104"], [(1, 10, 102), (1, -10, 96.9)]),
    ("a gap above fills at the open", ["104 106 103 104"], [(1, 10, 104)]),
    ("no target on the entry bar", ["100 115 99 104"], [(1, 10, 102)]),
    ("not reached", ["100 101.99 99 100"], []),
]


@pytest.mark.parametrize(("bars", "fills"), [x[1:] for x in STOPS], ids=[x[0] for x in STOPS])
def test_line_09_buy_stop_entry(bars: list[str], fills: list[tuple[int, float, float]]) -> None:
    assert bracket("order stop $102", *bars).fills == fills


SHORT = [
    ("a gap through the stop", ["100 101 99 100", "108 109 107 108"], (2, 108)),
    ("the stop on the entry bar", ["100 106 99 100"], (1, 105)),
    ("both touched: the stop", ["100 101 99 100", "100 106 89 95"], (2, 105)),
    ("the target", ["100 101 99 100", "100 101 89 95"], (2, 90)),
    ("a gap below the target", ["100 101 99 100", "85 86 84 85"], (2, 85)),
]


@pytest.mark.parametrize(("bars", "out"), [x[1:] for x in SHORT], ids=[x[0] for x in SHORT])
def test_line_09_short_entry(bars: list[str], out: tuple[int, float]) -> None:
    text = strategy("""
      entry short down { when close == $100 size 10 shares order market }
      stop hard at position.entry_price * 105%
      target two at position.entry_price * 90%""")
    case = run(text, SIGNAL + "\n".join(bars))
    assert case.fills[:2] == [(1, -10, 100), (out[0], 10, out[1])]


def test_line_10_a_stop_is_frozen_from_signal_bar_and_entry_price() -> None:
    """The signal bar ranged $2, the entry bar $4: the stop is 100 - 2 = 98, and stays."""
    text = strategy(
        ENTRY.replace("ORDER", "order market") + "\n  stop hard at\n"
        "  position.entry_price - (high - low)"
    )
    case = run(text, SIGNAL + "100 102.5 98.5 101\n101 101 98.01 100\n100 100 97 98")
    assert case.fills[:2] == [(1, 10, 100), (3, -10, 98)]


def test_line_10_an_order_keeps_the_row_it_was_decided_on() -> None:
    """A good-till-cancelled limit of bar 0 (range 2) fills at bar 2 after a bar that ranged 6."""
    text = strategy(
        ENTRY.replace("ORDER", "order limit $95 for gtc") + "\n  stop hard at\n"
        "  position.entry_price - (high - low)"
    )
    case = run(text, SIGNAL + "101 104 98 101\n98 99 94 96\n96 97 92 93")
    assert case.fills == [(2, 10, 95), (3, -10, 93)]  # 95 - 2, touched at bar 3 only


def test_line_10_a_trail_only_tightens_and_acts_from_the_next_bar() -> None:
    text = strategy(ENTRY.replace("ORDER", "order market") + "\n  trail t at close - $5")
    bars = [
        "100 101 80 101",  # entry bar: no trail yet, the low of 80 does nothing; then 96
        "101 110 97 109",  # 104
        "109 109 105 106",  # would be 101: stays 104
        "106 107 103 104",  # 104 touched
    ]
    assert run(text, SIGNAL + "\n".join(bars)).fills == [(1, 10, 100), (4, -10, 104)]


def test_line_10_since_entry_starts_at_the_entry_bars_close() -> None:
    """Bar 0 was high at 150 before the entry: the peak knows 104 alone, so the trail is 99."""
    text = strategy(
        ENTRY.replace("ORDER", "order market") + "\n  trail t at peak(high) since entry - $5"
    )
    bars = "100 150 99 100\n100 104 99 103\n103 103 98 100"
    assert run(text, bars).fills == [(1, 10, 100), (2, -10, 99)]


def test_line_10_since_entry_starts_afresh_with_each_position() -> None:
    """First trip peaks at 120. The second one's peak is 101, its trail 96."""
    text = strategy(
        ENTRY.replace("ORDER", "order market") + "\n  trail t at peak(high) since entry - $5"
    )
    bars = (
        SIGNAL + "100 120 99 119\n119 119 110 111\n111 111 111 100\n"
        "100 101 99 99\n99 99 97 97\n97 97 95 95"
    )
    case = run(text, bars)
    assert case.fills == [(1, 10, 100), (2, -10, 115), (4, 10, 100), (6, -10, 96)]


def test_line_10_age_counts_closes_after_the_fill() -> None:
    """Filled at the open of 1: age 1 at its close, 2 at the next, so out at the open of 3."""
    text = strategy(
        ENTRY.replace("ORDER", "order market")
        + """
      exit out of up { when position.age >= 2 bars order market }"""
    )
    assert run(text, flat("100 101 102 103")).fills == [(1, 10, 101), (3, -10, 103)]


@pytest.mark.parametrize(
    ("order", "stop", "shares"),
    [
        ("order market", "position.entry_price - $2", 500),  # 1000 / 2
        ("order limit $98", "position.entry_price * 90%", 102),  # 1000 / 9.8 = 102.04
        ("order stop $105", "position.entry_price - (high - low)", 500),  # range 2
    ],
)
def test_line_10_stop_distance_takes_the_order_price_as_entry(
    order: str, stop: str, shares: float
) -> None:
    text = strategy(f"""
      entry long up {{ when close == $100 size 800 shares {order} }}
      stop hard at {stop}
    """) + limits("limit risk on entry clip qty to $1000 / order.stop_distance")
    case = run(text, SIGNAL)
    assert case.verdicts == [(0, "entry", "clipped", 800, shares)]


def test_line_10_entry_price_is_average_cost() -> None:
    """A tenth of 1000 shares fills each bar: 100 at 10, 11 and 12, on average 11."""
    text = strategy("""
      entry long up { when close == $9 size 300 shares order market for gtc }
      exit out of up { when position.entry_price == $11 order market }""")
    bars = "9 9 9 9 1000\n" + "\n".join(f"{p} {p} {p} {p} 1000" for p in ("9.5", "9.6", "9.7", 9.8))
    text = text.replace("== $11", "between $9.599 to $9.601 and position.qty == 300 shares")
    case = run(text, bars, costs=CostRow(interest=False, participation=0.1))
    assert case.fills[:3] == [(1, 100, 9.5), (2, 100, 9.6), (3, 100, 9.7)]
    assert case.fills[3:] == [(4, -100, 9.8)]  # exits are capped by volume as well


def test_line_10_a_gtc_order_waits_and_a_day_order_does_not() -> None:
    for tif, fills in (("gtc", [(3, 10, 95)]), ("day", [])):
        text = strategy(ENTRY.replace("ORDER", f"order limit $95 for {tif}"))
        case = run(text, SIGNAL + "101 101 99 101\n101 101 99 101\n99 99 94 96", costs=FREE)
        assert case.fills == fills
        assert case.lapses == ([(1, 10, "day over")] if tif == "day" else [])
        assert case.count("expired") == (1 if tif == "day" else 0)


def test_line_09_a_level_of_110_percent_of_100_is_touched_at_110() -> None:
    """In binary floats 100 * 110% is 110.00000000000001; a level is rounded to the millionth."""
    case = bracket("order market", "100 110 99 105", "105 106 104 105")
    assert case.fills == [(1, 10, 100), (1, -10, 110)]
