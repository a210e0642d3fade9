"""Asked fields: counts in windows, losses, repeats, gains of a period, exposure of a group."""

from collections import Counter

import pytest

from engine.fields import FIELDS
from engine.records.desk import CostRow
from engine.session.asks import KINDS, bars_of
from semantics.make import Bars, Case, flat, limits, run, run_all, strategy

# enters on every bar whose close is 10, leaves on every bar whose close is 11
FLIP = strategy("""  entry long up { when close == $10 size 100 shares order market }
  exit out of up { when close == $11 order market }""")


def denied(case: Case) -> list[int]:
    """Bars whose entry was denied."""
    return [bar for bar, outcome in case.outcomes if outcome == "denied"]


def sent(case: Case) -> list[int]:
    return [bar for bar, outcome in case.outcomes if outcome in ("allowed", "clipped")]


def test_every_asked_field_has_its_ask() -> None:
    assert set(KINDS) == {f.name for f in FIELDS if f.asked or f.intraday}
    assert len(set(KINDS.values())) == len(KINDS)


@pytest.mark.parametrize(
    ("window", "bars"),
    [("60s", 1), ("5m", 1), ("1h", 1), ("5d", 5), ("2w", 10), ("1mo", 21), ("20 bars", 20),
     ("1 bar", 1), ("1_000 bars", 1000)],
)  # fmt: skip
def test_windows_in_daily_bars(window: str, bars: int) -> None:
    assert bars_of(window) == bars


@pytest.mark.parametrize(
    ("window", "every", "bars"),
    [("60s", "5m", 1), ("300s", "5m", 1), ("301s", "5m", 2), ("30m", "5m", 6), ("1h", "5m", 12),
     ("1h", "1m", 60), ("1h", "390m", 1), ("1d", "5m", 78), ("2d", "1h", 14), ("1w", "30m", 65),
     ("1mo", "1h", 147), ("20 bars", "5m", 20)],
)  # fmt: skip
def test_windows_in_bars_of_minutes(window: str, every: str, bars: int) -> None:
    assert bars_of(window, every) == bars


def test_orders_in_a_window_count_entries_and_exits() -> None:
    """Enter 0, leave 1, enter 2, leave 3, enter 4, ...: two orders in each three bars."""
    text = FLIP + limits("limit rate on order deny when orders(3 bars) >= 3")
    case = run(text, flat("10 11 10 11 10 11 10"))
    # bars 0, 2: 0 and 2 orders before; bar 4: bars 2..4 hold 2; never 3
    assert denied(case) == []
    text = FLIP + limits("limit rate on order deny when orders(3 bars) >= 2")
    # bar 2: 0 and 1 were sent: denied. bar 4: nothing since 1: sent; 5 leaves; bar 6: denied
    case = run(text, flat("10 11 10 11 10 11 10"))
    assert (sent(case), denied(case)) == ([0, 4], [2, 6])


def test_a_second_is_this_close_alone() -> None:
    """Three symbols, one close: the third order of the minute is denied, on every bar anew."""
    text = strategy("entry long up { when close > $1 size 1 shares order limit $0.5 }")
    bars = {s: flat("10 10") for s in "ABC"}
    case = run(text + limits("limit rate on order deny when orders(60s) >= 2"), bars)
    assert case.outcomes == [(0, "allowed"), (0, "allowed"), (0, "denied"),
                             (1, "allowed"), (1, "allowed"), (1, "denied")]  # fmt: skip


def test_a_week_starts_anew_after_its_last_session() -> None:
    """Bars 0..4 are Monday to Friday, 5..9 the next week."""
    text = strategy("entry long up { when close > $1 size 1 shares order limit $0.5 }")
    case = run(text + limits("limit w on order deny when orders(week) >= 2"), flat("10 " * 8))
    assert sent(case) == [0, 1, 5, 6]
    case = run(text + limits("limit m on order deny when orders(month) >= 2"), flat("10 " * 8))
    assert sent(case) == [0, 1]
    case = run(text + limits("limit d on order deny when orders(today) >= 1"), flat("10 " * 3))
    assert sent(case) == [0, 1, 2]


def test_cancels_fills_and_denials() -> None:
    """Day orders at 0.5 expire on the next bar."""
    text = strategy("entry long up { when close > $1 size 1 shares order limit $0.5 }")
    case = run(text + limits("limit c on order deny when cancels(9 bars) >= 2"), flat("10 " * 5))
    # sent at 0, 1 (the order of 0 expired at 1), 2 (that of 1 at 2): two cancels seen at bar 2
    assert (sent(case), denied(case)) == ([0, 1], [2, 3, 4])
    case = run(text + limits("limit f on order deny when fills(9 bars) >= 1"), flat("10 " * 3))
    assert sent(case) == [0, 1, 2]
    rows = "limit no on order deny when order.qty < 5 shares\n"
    rows += "limit few on order deny when denials(9 bars) >= 2"
    case = run(text + limits(rows), flat("10 " * 4))
    assert Counter(case.said) == Counter(
        [(b, "no", "refused") for b in range(4)] + [(b, "few", "refused") for b in (2, 3)]
    )


# Bought at the open of 1, sold at the open of 3 at the price there.
TRIPS = "10 10 11 {0} 10 10 11 {1} 10 10 11 {2} 10 10"


def test_losses_in_a_row_and_in_a_window() -> None:
    """Each trip is bought at 10 and sold one bar after the close of 11."""
    bars = flat(TRIPS.format(9, 9, 12))
    text = FLIP + limits("limit streak on order deny when losses.consecutive >= 2")
    case = run(text, bars)
    assert [(t.last_bar, t.pnl) for t in case.history.round_trips][:2] == [(3, -100.0), (7, -100.0)]
    assert denied(case)[:2] == [8, 9]
    text = FLIP + limits("limit lost on order deny when lost(month) >= $150")
    assert denied(run(text, bars))[:2] == [8, 9]
    text = FLIP + limits("limit lost on order deny when lost(3 bars) >= $100")
    # the loss of bar 3 is in the window of bars 3, 4, 5
    assert denied(run(text, bars)) == [4, 5]  # so the second trip never was
    text = FLIP + limits("limit trips on order deny when losing_trips(3 bars) >= 1")
    assert denied(run(text, bars)) == [4, 5]  # so the second trip never was


def test_returns_of_closed_trips() -> None:
    """Bought at 10, sold at 9 and then 12: -10% and +20%, mean 5%, deviation 15%."""
    bars = flat(TRIPS.format(9, 12, 9))
    text = FLIP + limits("limit known on order deny when trips.closed >= 2")
    assert denied(run(text, bars))[:1] == [8]
    losing = 'limit losing on order deny when trips.mean < 0% else skip because "new"'
    text = FLIP + limits(losing)
    assert denied(run(text, bars))[:1] == [4]  # one is enough for a mean, none is not
    text = FLIP + limits("limit wild on order deny when trips.deviation > 14.1%")
    assert denied(run(text, bars))[:4] == [0, 1, 4, 5]  # na until two are closed, and na denies
    once = "limit wild on order deny when trips.closed >= 2 and trips.deviation > {0}"
    assert denied(run(FLIP + limits(once.format("14.9%")), bars))[:1] == [8]
    assert denied(run(FLIP + limits(once.format("15.1%")), bars))[:1] == []


def test_a_gain_ends_the_streak() -> None:
    text = FLIP + limits("limit streak on order deny when losses.consecutive >= 2")
    case = run(text, flat(TRIPS.format(9, 12, 9)))
    assert denied(case) == []


def test_stops_hit_cool_down() -> None:
    """The stop at 9 is hit on bar 2; nothing new for two bars after it."""
    text = strategy("""  entry long up { when close == $10 size 100 shares order market }
      stop hard at position.entry_price - $1""")
    rows = limits("limit cool on order deny when stops_hit(3 bars) >= 1")
    case = run(text + rows, flat("10 10 9 10 10 10"))
    assert (denied(case), sent(case)) == ([3, 4], [0, 5])


def test_a_stop_is_no_order_even_when_its_bar_could_not_fill_it() -> None:
    """The stop of bar 2 fills 10 of 100 shares, the rest goes on: one order was sent, on bar 0."""
    text = strategy("""  entry long up { when close == $10 size 100 shares order market }
      stop hard at position.entry_price - $1""")
    rows = limits("limit busy on order deny when orders(9 bars) >= 2")
    bars = "10 10 10 10 9000\n10 11 10 11 9000\n9 9 9 9 100\n9 9 9 9 9000\n10 10 10 10 9000"
    case = run(text + rows, bars, costs=CostRow(participation=0.1, interest=False))
    assert [f[:2] for f in case.fills] == [(1, 100), (2, -10), (3, -90)]
    assert (denied(case), sent(case)) == ([], [0, 4])


def test_repeats_are_of_one_entry_and_symbol() -> None:
    text = strategy("""  entry long up { when close > $1 size 1 shares order limit $0.5 }
      entry long too { when close > $1 size 1 shares order limit $0.6 }""")
    rows = limits("limit again on order deny when repeats(9 bars) >= 2")
    case = run(text + rows, {"A": flat("10 10 10"), "B": flat("10 10 10")})
    assert case.outcomes == [(b, "allowed") for b in (0, 1) for _ in range(4)] + [
        (2, "denied") for _ in range(4)
    ]


def test_duplicates_are_of_the_same_symbol_side_size_and_price() -> None:
    text = strategy("entry long up { when close > $1 size 1 shares order limit $0.5 }", "one")
    text += strategy("entry long up { when close > $1 size 1 shares order limit $0.5 }", "two")
    text += strategy("entry long up { when close > $1 size 2 shares order limit $0.5 }", "three")
    rows = limits("limit twin on order deny when duplicates(2 bars) >= 1")
    case = run_all(text + rows, flat("10"))["portfolio"]
    assert case.outcomes == [(0, "allowed"), (0, "denied"), (0, "allowed")]


def test_more_orders_than_are_remembered_deny() -> None:
    """A hundred symbols send a hundred orders a bar: on the third bar the log of 256 has lost some
    of the window, and what is not known is refused."""
    text = strategy("entry long up { when close > $1 size 1 shares order limit $0.5 }")
    bars = {f"S{k}": flat("10 10 10 10") for k in range(100)}
    rows = limits("limit twin on order deny when repeats(9 bars) >= 9")
    case = run(text + rows, bars)
    outcomes = Counter(case.outcomes)
    assert outcomes[0, "allowed"] == outcomes[1, "allowed"] == 100
    assert outcomes[2, "allowed"] == 57  # 257 orders sent: the oldest is gone
    assert outcomes[2, "denied"] == 43
    assert {said for *_, said in case.said} == {"unknown, denied"}


def test_gain_of_a_week_is_from_the_close_before_it() -> None:
    """1,000 shares bought at 10 (bar 1). Week two begins with bar 5, after a close at 12."""
    text = strategy("entry long up { when close == $10 size 1000 shares order market }")
    rows = "pause red { enter when gain(week) <= -$1_500 resume when gain(week) > -$1_500 }"
    case = run(text + limits(rows), flat("10 10 13 12 12 11 10 11 11 11 11"))
    # at the close of 6 it is 10 - 12 = -2,000 for the week; at 7 it is -1,000
    assert case.switched == [(6, "red", True), (7, "red", False)]
    rows = "pause red { enter when gain(today) <= -$900 resume when gain(today) > -$900 }"
    case = run(text + limits(rows), flat("10 10 13 12 12 11 10 11"))
    assert [x[0] for x in case.switched if x[2]] == [3, 5]


def test_exposure_of_the_orders_symbol_and_book() -> None:
    """20% of 100,000 in each symbol: one's 1,000 at 10 leave two 1,000; three finds nothing."""
    names = ("one", "two", "three")
    text = "".join(
        strategy("entry long up { when close == $10 size 1000 shares order market }", n)
        for n in names
    )
    room = "clip qty to (20% of equity - exposure(symbol)) / order.price"
    case = run_all(text + limits(f"limit c on order {room}"), flat("10 11"))["portfolio"]
    assert [v[4] for v in case.verdicts if v[1] == "entry"] == [1000, 1000, 0]
    room = "clip qty to (20% of equity - exposure(book)) / order.price"
    case = run_all(text + limits(f"limit c on order {room}"), flat("10 11"))["portfolio"]
    assert [v[4] for v in case.verdicts if v[1] == "entry"] == [1000, 1000, 1000]


def test_exposure_of_an_unknown_sector_denies() -> None:
    text = strategy("entry long up { when close == $10 size 1000 shares order market }")
    rows = limits("limit c on order deny when exposure(sector) > 25% of equity")
    case = run(text + rows, flat("10 11"))
    assert (case.outcomes, case.said) == ([(0, "denied")], [(0, "c", "unknown, denied")])


def test_a_limit_on_a_position_caps_what_is_held_and_ordered() -> None:
    """Two entries of 100 under a cap of 150: the second gets 50."""
    text = strategy("""  entry long up { when close == $10 size 100 shares order market }
      entry long too { when close == $10 size 100 shares order market }""")
    case = run(text + limits("limit big on position clip qty to 150 shares"), flat("10 11"))
    assert [v[4] for v in case.verdicts] == [100, 50]
    text = strategy("""  entry long up { when close == $10 size 100 shares order market }
      entry short down { when close == $11 size 200 shares order market }""")
    case = run(text + limits("limit big on position clip qty to 150 shares"), flat("10 11 11"))
    # going short, the long position is closed first: only the short side counts
    assert [(v[0], v[1], v[4]) for v in case.verdicts if v[1] == "entry"][:2] == [
        (0, "entry", 100),
        (1, "entry", 150),
    ]


def test_what_no_limit_asks_costs_nothing() -> None:
    case = run(FLIP + limits("limit c on order deny when close > $99"), flat("10 11"))
    assert all(not group.asks for group in case.desk.limit_sets)


WRONG = ("orders(toady) > 5", "orders(0.5 bars) > 5", "exposure(sectr) > $1", "gain(5d) < $1",
         "orders($5) > 5")  # fmt: skip


@pytest.mark.parametrize("row", WRONG)
def test_what_is_no_window_is_refused(row: str) -> None:
    with pytest.raises(AssertionError, match=r"SW208|SW206|SW131"):
        run(FLIP + limits(f"limit c on order deny when {row}"), flat("10 11"))


def test_counts_belong_to_the_scope() -> None:
    """Each symbol's own orders: neither sees the other's."""
    text = strategy("entry long up { when close > $1 size 1 shares order limit $0.5 }")
    bars = {"A": flat("10 10 10"), "B": Bars(flat("10 10 10"))}
    rows = limits("limit c on order scope symbol deny when orders(9 bars) >= 2")
    case = run(text + rows, bars)
    assert case.outcomes == [(0, "allowed"), (0, "allowed"), (1, "allowed"), (1, "allowed"),
                             (2, "denied"), (2, "denied")]  # fmt: skip


def test_a_pause_after_losses_in_a_row() -> None:
    """Two trips are lost by the open of bar 7: paused from its close on."""
    rows = "pause sore { enter when losses.consecutive >= 2 resume after 3 bars allow exits }"
    case = run(FLIP + limits(rows), flat(TRIPS.format(9, 9, 12)))
    assert case.switched == [(7, "sore", True)]
    assert [bar for bar, outcome in case.outcomes if outcome == "blocked"] == [8, 9, 12, 13]
