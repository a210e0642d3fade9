"""What rules see: own bars, other symbols, slower clocks, feeds with their lag and patience."""

import numpy as np

from engine.check.typed import CLOCK, SELF, Column, Frame, Kind
from engine.session.inputs import World, align, column, has_column, published, slower
from engine.session.lists import Copy, Listed
from engine.session.market import NUMBER
from session.make import line, series

VIX = {"kind": "volatility", "tradable": False, "available": 1}


def same(found: object, wanted: list[float]) -> bool:
    return bool(np.array_equal(np.asarray(found), np.asarray(wanted), equal_nan=True))


N = float("nan")


def test_a_session_without_a_bar_is_na_and_never_filled() -> None:
    held = series("2020-03-02", [10, 11, 12], skip=["2020-03-03"])
    bars = align(held, line("2020-03-02", "2020-03-05").days)
    assert same(bars.has, [1, 0, 1, 1])
    assert same(bars.close, [10, N, 11, 12])
    assert same(bars.open, [9.5, N, 10.5, 11.5])


def test_an_open_that_nobody_traded_at_is_na_to_rules() -> None:
    held = series("2020-03-02", [10, 11])
    held = type(held)(
        held.symbol, held.instrument, held.days, held.open, held.high, held.low, held.close,
        held.volume, np.array([True, False]), held.has_range, held.flagged,
    )  # fmt: skip
    bars = align(held, line("2020-03-02", "2020-03-03").days)
    assert same(bars.open, [9.5, N])
    assert same(bars.high, [11, 12])
    assert same(bars.at_close, [0, 1])


def test_weeks_are_built_from_own_bars_and_the_first_part_week_is_left_out() -> None:
    held = series("2020-03-04", [10, 11, 12, 13, 14, 15, 16, 17])  # begins on a Wednesday
    found = slower(held, line("2020-03-02", "2020-03-13"), "1w")
    assert same(found.has, [0] * 9 + [1])
    assert found.open[9] == 12.5
    assert found.high[9] == 18
    assert found.low[9] == 12
    assert found.close[9] == 17
    assert found.volume[9] == 5_000_000


def test_an_unfinished_week_shows_nothing() -> None:
    held = series("2020-03-02", [10, 11, 12, 13])
    found = slower(held, line("2020-03-02", "2020-03-05"), "1w")
    assert same(found.has, [0, 0, 0, 0])


def test_a_feed_is_seen_after_its_lag_and_held_until_stale() -> None:
    held = series("2020-03-02", [20, 21, 22], symbol="VIX", **VIX)
    found = published(held, line("2020-03-02", "2020-03-10"), stale=2)
    assert same(found, [N, 20, 21, 22, 22, 22, N])
    forever = published(held, line("2020-03-02", "2020-03-10"), stale=0)
    assert same(forever, [N, 20, 21, 22, 22, 22, 22])


def test_a_feed_value_from_before_the_timeline_keeps_its_age() -> None:
    held = series("2020-03-02", [20], symbol="VIX", **VIX)
    found = published(held, line("2020-03-04", "2020-03-06"), stale=2)
    assert same(found, [20, 20, N])


def test_a_value_published_on_a_closed_day_is_seen_at_the_next_session() -> None:
    held = series("2020-03-02", [20], symbol="UST3M", kind="rate", available=1)
    sunday = type(held)(
        held.symbol, held.instrument, held.days - 1, *(getattr(held, n) for n in (
            "open", "high", "low", "close", "volume", "real_open", "has_range", "flagged")),
    )  # fmt: skip
    assert same(published(sunday, line("2020-03-02", "2020-03-03"), 0), [20, 20])


def test_naming_a_feed_as_a_symbol_does_not_beat_its_lag() -> None:
    held = series("2020-03-02", [20, 21, 22], symbol="VIX", **VIX)
    world = World(line("2020-03-02", "2020-03-05"), {"VIX": held})
    assert same(column(world, None, Column("close", Frame("VIX"), NUMBER)), [N, 20, 21, 22])


def test_frames_step_where_their_bars_are() -> None:
    mine = series("2020-03-02", [10, 11, 12, 13, 14])
    other = series("2020-03-02", [1, 2, 3, 4], symbol="BBB", skip=["2020-03-04"])
    world = World(line("2020-03-02", "2020-03-06"), {"AAA": mine, "BBB": other})
    assert same(has_column(world, "AAA", SELF), [1, 1, 1, 1, 1])
    assert same(has_column(world, "AAA", Frame("BBB")), [1, 1, 0, 1, 1])
    assert same(has_column(world, "AAA", CLOCK), [1, 1, 1, 1, 1])
    assert same(has_column(world, "AAA", Frame("*", "1w")), [0, 0, 0, 0, 1])
    assert same(has_column(world, None, SELF), [0, 0, 0, 0, 0])


def test_lists_are_truth_columns_of_symbols_or_dates() -> None:
    days = line("2020-03-02", "2020-03-04")
    lists = {
        "bad": Listed("bad", (Copy(frozenset({"AAA"})),), of_days=False),
        "fomc": Listed("fomc", (Copy(frozenset({int(days.days[1])})),), of_days=True),
    }
    world = World(days, {"AAA": series("2020-03-02", [1, 2, 3])}, lists)
    truth = Kind("truth")
    assert same(column(world, "AAA", Column("list:bad", SELF, truth)), [2, 2, 2])
    assert same(column(world, "CCC", Column("list:bad", SELF, truth)), [0, 0, 0])
    assert same(column(world, "AAA", Column("list:fomc", SELF, truth)), [0, 2, 0])


def test_no_column_looks_past_its_session() -> None:
    """Changing every later bar changes nothing at or before a session, for every kind of column."""
    days = line("2020-03-02", "2020-04-30")
    rng = np.random.default_rng(3)
    close = 100 + rng.normal(size=120).cumsum()
    wanted = [
        Column("close", SELF, NUMBER),
        Column("high", Frame(None, "1w"), NUMBER),
        Column("volume", Frame(None, "1mo"), NUMBER),
        Column("close", Frame("VIX"), NUMBER),
        Column("feed:VIX", CLOCK, NUMBER, 2),
        Column("close", Frame("VIX", "1w"), NUMBER),
    ]
    for cut in (5, 11, 20, 33):
        changed = close.copy()
        at = 30 + cut  # the series begin 30 sessions before the window
        changed[at + 1 :] = rng.permutation(changed[at + 1 :]) + 7
        feed = close.copy()
        feed[at:] = feed[at:] + 9  # the value of the session itself is not yet published
        first, second = _world(days, close, close), _world(days, changed, feed)
        for c in wanted:
            a, b = column(first, "AAA", c)[: cut + 1], column(second, "AAA", c)[: cut + 1]
            assert same(a, b.tolist()), (cut, c)


def _world(days: object, own: object, feed: object) -> World:
    start = "2020-01-16"
    held = {
        "AAA": series(start, own),  # type: ignore[arg-type]
        "VIX": series(start, feed, symbol="VIX", **VIX),  # type: ignore[arg-type]
    }
    assert int(held["AAA"].days[30]) == int(days.days[0])  # type: ignore[attr-defined]
    return World(days, held)  # type: ignore[arg-type]
