"""The scalar kernels, each against numbers worked out by hand."""

import inspect
from decimal import Decimal
from math import inf, isnan, nan

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle.ticks import is_tie, on_tick

from engine.fills import cap, cost, price, size, trigger, verdict
from engine.fills.booking import average_cost, round_money
from engine.records.account import BOUND, PASSED, REFUSED, SKIPPED, UNKNOWN_DENIED
from engine.records.desk import CLIP, DENY


@pytest.mark.parametrize(
    ("amount", "booked"),
    [
        (1.00004, 1.0),
        (1.00005000001, 1.0001),
        (-1.00004, -1.0),
        (-1.00006, -1.0001),
        (0.0, 0.0),
        (2.5e15, 2.5e15),
    ],
)
def test_money_is_rounded_to_a_ten_thousandth(amount: float, booked: float) -> None:
    assert round_money(amount) == booked


def test_rounding_is_symmetric_and_keeps_na() -> None:
    assert round_money(-0.00005) == -round_money(0.00005) == -0.0001
    assert isnan(round_money(nan))


def test_lots_round_down() -> None:
    assert cap.round_lot(10.9, 1.0) == 10.0
    assert cap.round_lot(0.3, 0.1) == pytest.approx(0.3)  # 0.3 / 0.1 is 2.9999999999999996
    assert cap.round_lot(-5.0, 1.0) == 0.0
    assert cap.round_lot(nan, 1.0) == 0.0
    assert cap.round_lot(99.0, 100.0) == 0.0


def test_volume_room() -> None:
    assert cap.volume_room(1050.0, 0.1, 0.0, 1.0) == 105.0
    assert cap.volume_room(1050.0, 0.1, 100.0, 1.0) == 5.0
    assert cap.volume_room(nan, 0.1, 0.0, 1.0) == inf
    assert cap.volume_room(1000.0, 0.0, 0.0, 1.0) == inf


def test_touching_is_enough() -> None:
    assert trigger.touches_limit(1.0, 99.0, 99.0, 101.0)
    assert not trigger.touches_limit(1.0, 98.99, 99.0, 101.0)
    assert trigger.touches_limit(-1.0, 101.0, 99.0, 101.0)
    assert trigger.touches_stop(-1.0, 99.0, 99.0, 101.0)
    assert trigger.touches_stop(1.0, 101.0, 99.0, 101.0)
    assert not trigger.touches_stop(1.0, nan, 99.0, 101.0)


def test_prices_and_gaps() -> None:
    assert price.limit_price(1.0, 99.0, 97.0) == 97.0
    assert price.limit_price(-1.0, 99.0, 97.0) == 99.0
    assert price.stop_price(-1.0, 95.0, 90.0) == 90.0
    assert price.stop_price(1.0, 95.0, 97.0) == 97.0
    assert price.protection_price(1.0, 100.0, 0.0) == pytest.approx(110.0)
    # 10 bps of 100 and half of a 4 cent spread
    assert price.fill_price(1.0, 100.0, nan, 0.001, 0.04, 0.0) == pytest.approx(100.12)
    assert price.fill_price(-1.0, 100.0, nan, 0.001, 0.04, 0.0) == pytest.approx(99.88)
    assert price.fill_price(1.0, 100.0, 100.0, 0.001, 0.04, 0.0) == 100.0


CENT, NICKEL, QUARTER = 10_000.0, 50_000.0, 250_000.0
"""Ticks in millionths."""


@pytest.mark.parametrize(
    ("asked", "ticks", "down", "up"),
    [
        (100.003, CENT, 100.0, 100.01),
        (100.0100000001, CENT, 100.01, 100.01),  # what is left of computing 100.01
        (100.0099999999, CENT, 100.01, 100.01),
        (0.29, CENT, 0.29, 0.29),  # 0.29 / 0.01 is 28.999999999999996
        (1.1, NICKEL, 1.1, 1.1),
        (0.1 + 0.2, NICKEL, 0.3, 0.3),
        (100.3, QUARTER, 100.25, 100.5),
        (0.004, CENT, 0.004, 0.01),  # below the lowest tick it stays
        (100.1234567, 0.0, 100.123457, 100.123457),
        (100.1234567, 1.0, 100.123457, 100.123457),
        (0.0, CENT, 0.0, 0.0),
        (-3.333, CENT, -3.333, -3.333),
        (1e12, CENT, 1e12, 1e12),
        (inf, CENT, inf, inf),
    ],
)
def test_a_price_goes_to_the_next_tick(asked: float, ticks: float, down: float, up: float) -> None:
    assert (price.to_tick(asked, ticks, False), price.to_tick(asked, ticks, True)) == (down, up)
    assert isnan(price.to_tick(nan, ticks, True))


@settings(max_examples=400)
@given(st.floats(1e-3, 1e6), st.integers(1, 10**7), st.booleans())
def test_ticks_are_those_of_exact_decimals(asked: float, ticks: int, up: bool) -> None:
    assume(not is_tie(asked))
    found = price.to_tick(asked, float(ticks), up)
    assert found == float(on_tick(Decimal(asked), ticks, up))
    assert price.to_tick(found, float(ticks), up) == found


@pytest.mark.parametrize(
    ("side", "is_stop", "level"),
    [(1.0, False, 99.0), (-1.0, False, 99.5), (1.0, True, 99.5), (-1.0, True, 99.0)],
)
def test_orders_go_away_from_the_market(side: float, is_stop: bool, level: float) -> None:
    assert price.asked_price(side, is_stop, 99.3, 500_000.0) == level


def test_a_worsened_fill_goes_to_the_tick_against_the_trader() -> None:
    # 100 + 10 bps is 100.1, on the quarter 100.25; sold, 99.9 becomes 99.75
    assert price.fill_price(1.0, 100.0, nan, 0.001, 0.0, QUARTER) == 100.25
    assert price.fill_price(-1.0, 100.0, nan, 0.001, 0.0, QUARTER) == 99.75
    assert price.fill_price(1.0, 100.0, 100.0, 0.001, 0.0, QUARTER) == 100.0


def test_a_price_that_traded_is_a_price() -> None:
    assert price.fill_price(1.0, 100.123, nan, 0.0, 0.0, CENT) == 100.123
    assert price.fill_price(-1.0, 100.123, nan, 0.0, 0.0, CENT) == 100.123


def test_the_protection_price_is_on_the_tick_inside_its_share() -> None:
    # 110% of 33.33 is 36.663, 90% is 29.997
    assert price.protection_price(1.0, 33.33, CENT) == 36.66
    assert price.protection_price(-1.0, 33.33, CENT) == 30.0


def test_costs() -> None:
    # 200 shares at 50: 200 x 0.01 + 1 + 10,000 x 10 bps
    assert cost.commission(200.0, 50.0, 0.01, 1.0, 0.001, True) == 13.0
    assert cost.commission(200.0, 50.0, 0.01, 1.0, 0.001, False) == 12.0
    assert cost.accrued(100000.0, 0.036, 3.0) == pytest.approx(30.0)  # 100,000 x 3.6% x 3 / 360
    assert cost.accrued(100000.0, nan, 3.0) == 0.0


def test_average_cost() -> None:
    assert average_cost(100.0, 10.0, 50.0, 13.0) == 11.0


def test_sizes() -> None:
    assert size.shares_of(1000.0, True, 33.0, 1.0) == 30.0
    assert size.shares_of(12.7, False, 33.0, 1.0) == 12.0
    assert isnan(size.shares_of(nan, False, 33.0, 1.0))
    assert isnan(size.shares_of(inf, True, 33.0, 1.0))
    assert size.target_shares(-0.5, 1000.0, 33.0, 1.0) == -15.0
    assert size.target_shares(0.5, 1000.0, 33.0, 1.0) == 15.0


@pytest.mark.parametrize(
    ("action", "value", "skips", "said"),
    [
        (DENY, 0.0, False, PASSED),
        (DENY, 1.0, False, UNKNOWN_DENIED),
        (DENY, 1.0, True, SKIPPED),
        (DENY, 2.0, True, REFUSED),
        (CLIP, nan, False, UNKNOWN_DENIED),
        (CLIP, nan, True, SKIPPED),
        (CLIP, 1.0, False, BOUND),
        (CLIP, 10.0, False, PASSED),
        (CLIP, 9.99, False, BOUND),
    ],
)
def test_what_a_limit_says_to_ten_shares(action: int, value: float, skips: bool, said: int) -> None:
    assert verdict.said_by(action, value, skips, 10.0, 1.0) == said


def test_kernels_take_annotated_arguments() -> None:
    for module in (cap, cost, price, size, trigger, verdict):
        for function in (f for f in vars(module).values() if inspect.isfunction(f)):
            parameters = inspect.signature(function).parameters.values()
            assert all(p.annotation is not inspect.Parameter.empty for p in parameters)
