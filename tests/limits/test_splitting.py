"""Orders in parts: what many small ones come to, under limits that count and those that do not."""

import re
from itertools import groupby
from random import Random

import pytest

from engine.records.account import FROM_ENTRY, Verdict
from limits.worlds import NAN, Played, World, play, random_costs, random_series, random_vix

PARTS = (1, 2, 5, 12)


def world(parts: int, rows: str, seed: int, bars: int = 60) -> World:
    """One book that wants 6,000 shares of each of two symbols on every bar, in so many orders."""
    rng = Random(seed)
    size = 6_000 // parts
    orders = "\n".join(
        f"  entry long e{k} {{ when close > $1 size {size} shares order market }}"
        for k in range(parts)
    )
    exits = "  exit out { when position.age >= 3 bars order market }"
    text = f"strategy s {{\n  clock 1d on xnys\n{orders}\n{exits}\n}}\n"
    series = {n: random_series(rng, n, bars, True) for n in ("AAA", "BBB")}
    series["VIX"] = random_vix(rng, bars)
    limits = f"limits house {{\n{rows}\n}}\n"
    return World(bars, limits, (text,), ("",), series, 1_000_000.0, random_costs(rng), NAN)


def granted(played: Played) -> list[Verdict]:
    """The orders that were sent, in order; each adds risk."""
    return [v for v in played.history.verdicts if v.source == FROM_ENTRY and v.granted > 0.0]


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("seed", range(3))
def test_parts_come_to_no_more_than_limits_on_what_is_held_leave(seed: int, parts: int) -> None:
    """Caps on a symbol's value, on a position's shares and on gross exposure."""
    rows = """  limit one on order clip qty to (8% of equity - market.symbol_value) / order.price
      limit held on position clip qty to 2_500 shares
      limit all on order clip qty to (12% of equity - exposure.gross) / order.price"""
    played = play(world(parts, rows, seed))
    told = played.history
    found = 0
    for bar, verdicts in groupby(granted(played), lambda v: v.bar):
        equity, sent = told.equity[bar], list(verdicts)
        held = {s: told.position_qty[0][s][bar] for s in (0, 1)}
        close = {s: played.desk.tape.close[s][bar] for s in (0, 1)}
        for symbol in (0, 1):
            mine = [v for v in sent if v.symbol == symbol]
            if mine and close[symbol] == close[symbol]:
                found += 1
                shares = held[symbol] + sum(v.granted for v in mine)
                value = held[symbol] * close[symbol] + sum(v.granted * v.price for v in mine)
                assert shares <= 2_500, (bar, symbol)
                assert value <= 0.08 * equity + 0.01, (bar, symbol)
        assert sum(v.granted * v.price for v in sent) <= 0.12 * equity + 0.01, bar
    assert found > 5


def test_a_cap_on_one_order_alone_is_met_by_each_part() -> None:
    """Its limit by nature, as docs/limits.md says: 12 parts of 500 pass where 6,000 get 1,000."""
    rows = "  limit few on order clip qty to 1_000 shares"
    whole, parts = (sum(v.granted for v in granted(play(world(n, rows, 1)))
                        if v.bar == 0 and v.symbol == 0) for n in (1, 12))  # fmt: skip
    assert (whole, parts) == (1_000, 6_000)


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("window", ["60s", "3 bars", "today"])
def test_with_a_count_in_a_window_a_cap_on_one_order_is_a_cap_on_all(
    window: str, parts: int
) -> None:
    """At most 4 orders in a window, at most 700 shares each: 2,800 in any window, exits counted."""
    calm = f"limit calm on order deny when orders({window}) >= 4"
    rows = f"  limit few on order clip qty to 700 shares\n  {calm}"
    played = play(world(parts, rows, 2))
    bars = int(re.match(r"\d+", window)[0]) if window == "3 bars" else 1  # type: ignore[index]
    sent = granted(played)
    assert len(sent) > 10
    for last in range(played.history.bars):
        inside = [v for v in sent if last - bars < v.bar <= last]
        assert sum(v.granted for v in inside) <= 2_800 and len(inside) <= 4
