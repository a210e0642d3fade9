"""Line 22: the tick stays in force. Orders go away from the market, worsened fills against us."""

import pytest

from engine.records.desk import CostRow
from semantics.make import FREE, Bars, flat, limits, run, strategy

SLIPS = CostRow(slippage=0.001, interest=False)
QUARTERS = "100 100 100 100\n"


def quarters(text: str) -> Bars:
    """Bars of a symbol that trades in quarters."""
    return Bars(text, tick=0.25)


@pytest.mark.parametrize(
    ("side", "order", "bar", "fills"),
    [
        # a buy limit at 98.3 works at 98.25, a sell limit at 101.6 at 101.75
        ("long", "limit $98.3", "100 100 98.25 99", [(1, 10, 98.25)]),
        ("long", "limit $98.3", "100 100 98.3 99", []),
        ("short", "limit $101.6", "100 101.75 99 100", [(1, -10, 101.75)]),
        ("short", "limit $101.6", "100 101.6 99 100", []),
        # a buy stop at 101.6 works at 101.75, a sell stop at 98.3 at 98.25
        ("long", "stop $101.6", "100 101.75 99 100", [(1, 10, 101.75)]),
        ("long", "stop $101.6", "100 101.6 99 100", []),
        ("short", "stop $98.3", "100 100 98.25 99", [(1, -10, 98.25)]),
        ("short", "stop $98.3", "100 100 98.3 99", []),
    ],
)
def test_line_22_entries_go_to_the_tick_away_from_the_market(
    side: str, order: str, bar: str, fills: list[tuple[int, float, float]]
) -> None:
    text = strategy(f"entry {side} up {{ when close == $100 size 10 shares order {order} }}")
    assert run(text, quarters(QUARTERS + bar)).fills == fills


@pytest.mark.parametrize(
    ("side", "level", "bar", "price"),
    [
        ("long", "stop hard at $95.6", "100 100 95.4 99", 95.5),
        ("long", "target far at $104.6", "100 104.75 100 104", 104.75),
        ("short", "stop hard at $104.6", "100 104.8 100 104", 104.75),
        ("short", "target far at $95.6", "100 100 95.5 99", 95.5),
    ],
)
def test_line_22_levels_go_to_the_tick_away_from_the_market(
    side: str, level: str, bar: str, price: float
) -> None:
    text = strategy(
        f"entry {side} up {{ when close == $100 size 10 shares order market }}\n{level}"
    )
    case = run(text, quarters(QUARTERS + QUARTERS.replace("100\n", "99\n") + bar))
    assert [f[2] for f in case.fills] == [100, price]


def test_line_22_a_trail_tightens_tick_by_tick() -> None:
    """98% of 110 is 107.8, on the quarter 107.75; of 110.2 107.996, the same tick."""
    text = strategy("""
      entry long up { when close == $100 size 10 shares order market }
      trail off at close * 98%""")
    bars = QUARTERS + "100 101 100 101\n109 110 109 110\n110 111 109 110.2\n109 109 107.8 109"
    assert len(run(text, quarters(bars)).fills) == 1
    assert run(text, quarters(bars.replace("107.8 ", "107.75 "))).fills[1] == (4, -10, 107.75)


def test_line_22_a_shorts_trail_goes_up_to_the_tick() -> None:
    """102% of 90 is 91.8, bought back at 92."""
    text = strategy("""
      entry short down { when close == $100 size 10 shares order market }
      trail off at close * 102%""")
    bars = QUARTERS + "100 100 90 90\n90 91.9 89 90\n90 92 89 90"
    assert run(text, quarters(bars)).fills == [(1, -10, 100), (3, 10, 92)]


def test_line_22_an_exit_order_goes_to_the_tick() -> None:
    text = strategy("""
      entry long up { when close == $100 size 10 shares order market }
      exit out of up { when close == $99 order limit $101.6 }""")
    bars = QUARTERS + "100 100 99 99\n"
    assert len(run(text, quarters(bars + "100 101.6 100 101")).fills) == 1
    assert run(text, quarters(bars + "100 101.75 100 101")).fills[1] == (2, -10, 101.75)


def test_line_22_limits_see_the_stop_that_works() -> None:
    """Stop at 95.6 works at 95.5: 100 - 95.5 = 4.5 a share, 450 allow 100 shares; 4.4 allowed
    102."""
    text = strategy("""
      entry long up { when close == $100 size 500 shares order market }
      stop hard at $95.6""")
    rows = limits("limit loss on entry clip qty to $450 / order.stop_distance")
    case = run(text + rows, quarters(flat("100 100")))
    assert case.fills == [(1, 100, 100)]
    assert case.history.round_trips[0].planned_loss == 450


def test_line_22_slippage_ends_on_the_tick_against_the_trader() -> None:
    """100 + 10 bps is 100.1, on the quarter 100.25; 101 - 10 bps is 100.899, 100.75. The tick's
    part is slippage: 0.25 a share each."""
    text = strategy("""
      entry long up { when close == $100 size 10 shares order market }
      exit out of up { when close == $101 order market }""")
    case = run(text, quarters(flat("100 100 101 101")), costs=SLIPS)
    assert case.fills == [(1, 10, 100.25), (3, -10, 100.75)]
    assert list(case.history.slippage) == [0, 2.5, 0, 2.5]


@pytest.mark.parametrize("costs", [FREE, SLIPS])
def test_line_22_a_limit_order_fills_at_its_own_price(costs: CostRow) -> None:
    text = strategy("entry long up { when close == $100 size 10 shares order limit $98.3 }")
    case = run(text, quarters(QUARTERS + "100 100 98 99"), costs=costs)
    assert case.fills == [(1, 10, 98.25)]


def test_line_22_a_price_that_traded_is_a_price() -> None:
    """The open of 100.1 lies on no quarter and is paid as it is; a gap through a stop likewise."""
    text = strategy("""
      entry long up { when close == $100 size 10 shares order market }
      stop hard at $95.6""")
    case = run(text, quarters(QUARTERS + "100.1 101 100 101\n94.9 95 94 95"))
    assert case.fills == [(1, 10, 100.1), (2, -10, 94.9)]


def test_line_22_without_a_tick_prices_go_to_the_millionth() -> None:
    text = strategy(
        "entry long up { when close == $100 size 10 shares order limit close * 98.31% }"
    )
    case = run(text, Bars(QUARTERS + "100 100 98 99", tick=0.0), costs=SLIPS)
    assert case.fills == [(1, 10, 98.31)]
    text = strategy("entry long up { when close == $100 size 10 shares order market }")
    case = run(text, Bars(flat("100 100.003"), tick=0.0), costs=SLIPS)
    assert case.fills == [(1, 10, 100.103003)]
