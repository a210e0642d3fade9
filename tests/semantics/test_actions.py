"""Splits and dividends of raw prices: what the account books and what rules see."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.records.desk import CostRow
from engine.session.actions import restated
from semantics.make import Bars, flat, run, series, strategy

IN = "entry long up { when close == $100 size 10 shares order market }"
SHORT = "entry short down { when close == $100 size 10 shares order market }"


def acts(text: str, *actions: str, **more: Any) -> Bars:
    """Bars at one price each, one action a bar."""
    return Bars(flat(text), actions=actions, **more)


def test_who_is_short_pays_the_dividend() -> None:
    case = run(strategy(SHORT), acts("100 100 98 98", "", "", "2 dividend", ""))
    assert case.held == [0, -10, -10, -10]
    assert case.history.dividends == [0, 0, -20, 0]
    assert case.equity == [100_000, 100_000, 100_000, 100_000]  # 10 x 2 fell, 20 paid


def test_who_buys_on_the_day_gets_none_and_who_sells_on_it_does() -> None:
    out = "exit out of up { when position.age == 1 bar order market }"
    case = run(strategy(IN + out), acts("100 98 98", "", "2 dividend", "2 dividend"))
    assert case.fills == [(1, 10, 98), (2, -10, 98)]
    assert case.history.dividends == [0, 0, 20]


def test_a_dividend_earns_interest_as_settled_cash() -> None:
    text = strategy(IN)
    costs = CostRow(interest=True)
    bars = {"A": acts("100 100 100 100", "", "", "2 dividend", ""), "UST3M": _rate(4)}
    plain = {"A": Bars(flat("100 100 100 100")), "UST3M": _rate(4)}
    paid = run(text, bars, costs=costs).history.interest
    none = run(text, plain, costs=costs).history.interest
    assert paid[:3] == none[:3]
    assert paid[3] - none[3] == pytest.approx(20 * 0.36 / 360, abs=2e-4)


def _rate(count: int) -> Bars:
    return Bars(flat(" ".join(["0.36"] * count)), kind="rate")


def test_a_reverse_split_pays_out_what_makes_no_share() -> None:
    """10 shares become 2.5: two, and half a share at 400."""
    case = run(strategy(IN), acts("100 100 400 420", "", "", "1:4 split", ""))
    assert case.held == [0, 10, 2, 2]
    assert case.equity == [100_000, 100_000, 100_000, 100_040]
    (trip,) = case.history.round_trips
    assert (trip.qty, trip.entry_price, trip.closed) == (2.5, 400, False)
    assert trip.pnl == pytest.approx(40)


def test_a_reverse_split_that_leaves_nothing_closes_the_position_and_ends_orders() -> None:
    more = "entry long low { when close == $100 size 9 shares order limit $50 for gtc }"
    case = run(strategy(IN + more), acts("100 100 2000 2000", "", "", "1:20 split", ""))
    assert case.held == [0, 10, 0, 0]
    assert case.equity == [100_000] * 4
    assert case.lapses == [(2, 9, "split away")]
    (trip,) = case.history.round_trips
    assert trip.closed and trip.pnl == 0


def test_an_order_over_a_split_buys_new_shares_with_its_own_stop() -> None:
    """Decided on 10 shares at 100 with a stop of close * 90%; two for one before it fills."""
    text = strategy(IN + " stop hard at close * 90%")
    bars = """
        100 100 100 100
        50 51 49 50
        50 50 44 46
    """
    case = run(text, Bars(bars, actions=("", "2 split", "")))
    assert case.fills == [(1, 20, 50), (2, -20, 45)]


def test_orders_that_wait_move_with_the_split() -> None:
    orders = """
        entry long a { when close == $100 size 10 shares order stop $130 limit $140 for gtc }
        entry long b { when close == $100 size 10 shares order trailing $12 for gtc }
    """
    bars = """
        100 100 100 100
        100 100 100 100
        50 50 50 50
        50 57 50 55
        60 66 60 66
    """
    case = run(strategy(orders), Bars(bars, actions=("", "", "2 split", "", "")))
    # the trailing stop of 112 becomes 56, the stop of 130 becomes 65
    assert case.fills == [(3, 20, 56), (4, 20, 65)]


def test_a_trail_stays_and_tightens_in_new_shares() -> None:
    text = strategy(IN + " trail off at peak(high) since entry - $6")
    bars = """
        100 100 100 100
        100 120 100 120
        60 61 58 60
        60 66 60 66
        66 66 58 59
    """
    case = run(text, Bars(bars, actions=("", "", "2 split", "", "")))
    # 120 - 6 = 114 becomes 57, which 58 does not meet; then 66 - 6 = 60
    assert case.fills == [(1, 10, 100), (4, -20, 60)]


def test_averages_run_over_a_split_as_if_there_was_none() -> None:
    text = strategy("entry long up { when close < sma(close, 3 bars) size 1 shares order market }")
    case = run(text, acts("100 100 100 50 50 50", "", "", "", "2 split", "", ""))
    assert case.count("fired") == 0 and case.count("undefined") == 2
    assert run(text, Bars(flat("100 100 100 50 50 50"))).count("fired") == 2


def test_another_symbol_is_read_in_its_shares_of_the_day() -> None:
    text = strategy(
        "entry long up { when close of B < lowest(close, 3 bars) of B size 1 shares order market }"
        "entry long dn { when roc(close, 1 bars) of B < -10% size 1 shares order market }"
    )
    bars = {
        "A": Bars(flat("10 10 10 10 10")),
        "B": acts("90 90 90 30 30", "", "", "", "3 split", ""),
    }
    assert run(text, bars, universe=["A"]).count("fired", 1) == 0


def test_volume_is_counted_in_shares_of_the_day() -> None:
    text = strategy("entry long up { when adv(2 bars) == 300 shares size 1 shares order market }")
    bars = "\n".join(["10 10 10 10 100", "10 10 10 10 100", "5 5 5 5 400", "5 5 5 5 200"])
    case = run(text, Bars(bars, actions=("", "", "2 split", "")))
    assert case.count("fired") == 2  # (200 + 400) / 2 and (400 + 200) / 2


def test_value_at_risk_sees_no_loss_in_a_split() -> None:
    limits = """
    limits firm "f" { limit var on order deny when value_at_risk(99%, 3 bars) > 20% of equity }
    """
    rule = "entry long up { when close == $50 size 1000 shares order market }"
    prices = "100 100 100 100 50 50 50"
    case = run(limits + strategy(rule), acts(prices, *[""] * 4, "2 split", "", ""), first=3)
    assert case.fills and not case.said
    fell = run(limits + strategy(rule), Bars(flat(prices)), first=3)
    assert fell.said


def test_the_run_says_what_it_booked() -> None:
    case = run(strategy(IN), acts("100 100 50 49", "", "", "2 split", "1 dividend"))
    said = " ".join(case.cell.notices)
    assert "A: raw prices, with 1 split and 1 dividend booked in this window" in said
    assert "dividends left out" not in said


# ---------------------------------------------------------------- against adjusted prices

RULE = """
    entry long up { when close crosses above sma(close, 5 bars) size 40% of equity order market }
    entry long low { when rsi(close, 3 bars) < 30 size 20% of equity order limit close * 99% }
    exit out { when close crosses below sma(close, 8 bars) order market }
"""
LEVELS = "stop hard at position.entry_price * 93%  target far at position.entry_price * 112%"


def walk(seed: int, splits: dict[int, float]) -> tuple[Bars, Bars]:
    """The same market in raw prices with its splits, and adjusted to its last day."""
    rng = random.Random(seed)
    price, rows = 100.0, []
    for _ in range(90):
        first = price * rng.uniform(0.98, 1.02)
        price = first * rng.uniform(0.95, 1.055)
        top, low = (
            f(first, price) * rng.uniform(*r) for f, r in ((max, (1, 1.02)), (min, (0.98, 1)))
        )
        rows.append([first, top, low, price])
    raw, now = [], 1.0
    for k in reversed(range(90)):
        raw.append([v * now for v in rows[k]])
        now *= splits.get(k, 1.0)
    actions = tuple(f"{splits[k]!r} split" if k in splits else "" for k in range(90))
    both = ["\n".join(" ".join(map(repr, r)) for r in x) for x in (raw[::-1], rows)]
    more: Any = {"lot": 0.0, "tick": 0.0}
    return Bars(both[0], actions=actions, **more), Bars(both[1], **more)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_raw_prices_with_splits_come_to_what_adjusted_prices_come_to(seed: int) -> None:
    """Without lots and ticks a split is another way to write the same money; limits go to the
    millionth, which is more of a lower price."""
    rng = random.Random(seed)
    splits = {rng.randrange(2, 89): rng.choice([2.0, 4.0, 0.5, 0.1, 1.5]) for _ in range(4)}
    raw, adjusted = walk(seed, splits)
    ours, theirs = (run(strategy(RULE + LEVELS), bars) for bars in (raw, adjusted))
    assert len(ours.fills) == len(theirs.fills) > 3
    assert ours.equity == pytest.approx(theirs.equity, abs=1.0)
    assert [f[0] for f in ours.fills] == [f[0] for f in theirs.fills]


def test_a_later_split_changes_nothing_seen_before_it() -> None:
    early, _ = walk(5, {30: 2.0})
    late, _ = walk(5, {30: 2.0, 60: 4.0})
    scaled: Any = [
        " ".join(repr(float(v) / 4) for v in line.split()) for line in late.text.splitlines()[:60]
    ]
    cut = Bars(
        "\n".join([*scaled, *late.text.splitlines()[60:]]), actions=late.actions, lot=0, tick=0
    )
    one, other = (run(strategy(RULE + LEVELS), bars) for bars in (early, cut))
    assert one.fills and [f for f in one.fills if f[0] < 60] == [
        f for f in other.fills if f[0] < 60
    ]
    assert one.equity[:60] == other.equity[:60]


def test_restating_is_exact_and_ends_at_its_day() -> None:
    held = series("A", acts("100 100 50 25", "", "", "2 split", "2:1 split"))
    days = held.days.tolist()
    assert restated(held, days[1]).close.tolist() == [100, 100, 50, 25]
    assert restated(held, days[2]).close.tolist() == [50, 50, 50, 25]
    assert restated(held, days[3]).close.tolist() == [25, 25, 25, 25]
    again = restated(restated(held, days[3]), days[3])
    assert np.array_equal(again.close, [25, 25, 25, 25])
