"""Instruments that lack data are left out and named, or label the cell."""

from engine.session.cover import cover, feed_gap
from session.make import line, series

WINDOW = ("2020-03-02", "2020-03-13")


def test_an_instrument_with_window_and_warm_up_is_whole() -> None:
    held = {"AAA": series("2020-02-03", [1.0] * 60)}
    found = cover(held, ["AAA"], line(*WINDOW), 19)
    assert (found.symbols, found.dropped, found.short) == (("AAA",), (), ())


def test_one_without_warm_up_is_left_out_when_another_is_whole() -> None:
    held = {
        "AAA": series("2020-02-03", [1.0] * 60),
        "BBB": series("2020-02-24", [1.0] * 60, symbol="BBB"),
    }
    found = cover(held, ["AAA", "BBB"], line(*WINDOW), 19)
    assert found.symbols == ("AAA",)
    assert found.dropped == ("BBB left out: 5 of 19 warm-up bars (data begin 2020-02-24)",)


def test_alone_it_trades_and_says_what_it_lacks() -> None:
    held = {"BBB": series("2020-02-24", [1.0] * 60, symbol="BBB")}
    found = cover(held, ["BBB"], line(*WINDOW), 19)
    assert found.symbols == ("BBB",)
    assert found.short == ("BBB: 5 of 19 warm-up bars (data begin 2020-02-24)",)


def test_data_that_end_inside_the_window_are_partial() -> None:
    held = {"AAA": series("2020-01-02", [1.0] * 45)}
    found = cover(held, ["AAA"], line(*WINDOW), 10)
    assert found.short == ("AAA: data end 2020-03-06, 5 of 10 sessions",)


def test_without_a_bar_in_the_window_there_is_nothing() -> None:
    held = {"AAA": series("2019-01-02", [1.0] * 20)}
    found = cover(held, ["AAA", "ZZZ"], line(*WINDOW), 10)
    assert found.symbols == ()
    assert found.dropped == (
        "AAA left out: data end 2019-01-30",
        "ZZZ left out: no data",
    )


def test_feed_gaps_tell_whole_from_part() -> None:
    days = line(*WINDOW)
    early = series("2020-03-09", [20.0] * 30, symbol="VIX", available=1)
    later = series("2021-01-04", [20.0] * 30, symbol="VIX", available=1)
    whole = series("2020-01-02", [20.0] * 90, symbol="VIX", available=1)
    assert feed_gap(whole, "VIX", days) == (True, "")
    assert feed_gap(early, "VIX", days) == (True, "VIX has no data before 2020-03-09")
    assert feed_gap(later, "VIX", days) == (False, "VIX has no data before 2021-01-04")
    assert feed_gap(None, "VIX", days) == (False, "VIX has no data")
