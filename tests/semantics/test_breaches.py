"""How long a limit took from being passed to acting, and how far beyond it the run went: worked by
hand."""

import pytest

from semantics.make import Bars, Case, flat, limits, run, strategy

BUY = strategy("entry long up { when close == $10 size 1000 shares order market }")


def only(case: Case):  # type: ignore[no-untyped-def]
    (breach,) = case.ran.breaches
    return breach


def days(case: Case, *told: str | None) -> list[int | None]:
    """The bars of these closes."""
    every = [case.desk.tape.told(k) for k in range(case.history.bars)]
    return [None if t is None else every.index(t) for t in told]


def test_a_halt_acts_at_the_close_that_breaches_it_and_the_fall_goes_on() -> None:
    """1000 bought at 10 of 10,000. At 8.4 the equity is 8,400, below 85% of 10,000; at 7.6 it is
    7,600: 2,400 of the 1,500 allowed, 60% more."""
    rows = 'halt h { enter when equity <= 85% of peak(equity) resume by hand "x" allow exits }'
    case = run(BUY + limits(rows), flat("10 10 9 8.4 7.6 8"), cash=10_000)
    found = only(case)
    assert days(case, found.breached, found.acted, found.worst_on) == [3, 3, 4]
    assert (found.bars, found.seconds, found.left, found.flat) == (0, None, None, None)
    assert (found.value, found.bound) == (7_600, 8_500)
    assert round(found.overshoot, 12) == 0.6
    assert (found.limit, found.code) == ("lim.h", "lim.h.entered")
    assert (found.severity, found.cause, found.group) == ("critical", "condition", None)


def test_for_three_bars_acts_two_bars_after_the_breach() -> None:
    """Equity is below 9,500 from bar 2 on; the third such close is bar 4; it is over at bar 6."""
    rows = "pause p { enter when equity < $9_500 for 3 bars resume when equity > $9_600 }"
    case = run(BUY + limits(rows), flat("10 10 9.4 9 9.2 9.3 9.7 9.7"), cash=10_000)
    found = only(case)
    assert days(case, found.breached, found.acted, found.left, found.worst_on) == [2, 4, 6, 3]
    assert found.bars == 2
    assert (found.value, found.bound) == (9_000, 9_500)
    assert round(found.overshoot, 12) == round(9_500 / 9_000 - 1, 12)
    assert found.severity == "warning"


def test_two_breaches_do_not_reach_back_into_one_another() -> None:
    rows = "pause p { enter when equity < $9_500 for 2 bars resume when equity > $9_600 }"
    case = run(BUY + limits(rows), flat("10 10 9.4 9.4 9.7 9.4 9.4"), cash=10_000)
    one, two = case.ran.breaches
    assert days(case, one.breached, one.acted, one.left) == [2, 3, 4]
    assert days(case, two.breached, two.acted, two.left) == [5, 6, None]


def test_a_flatten_is_flat_a_bar_after_it_acted() -> None:
    rows = "flatten f { enter when equity <= $9_000 resume after 5d }"
    case = run(BUY + limits(rows), flat("10 10 8.8 8.7 8.7"), cash=10_000)
    found = only(case)
    assert days(case, found.breached, found.acted, found.flat) == [2, 2, 3]


def test_a_flatten_that_cannot_sell_is_not_flat() -> None:
    """There is no bar after the one on which it acted."""
    rows = "flatten f { enter when equity <= $9_000 resume after 5d }"
    case = run(BUY + limits(rows), flat("10 10 8.8"), cash=10_000)
    assert only(case).flat is None


def test_what_is_unknown_is_told_as_such() -> None:
    text = 'data vix : pts = "F" stale after 2 bars\n'
    text += "pause p { enter when vix > 30 pts resume when vix < 25 pts }"
    feed = Bars("20\n20\n20", first="2019-01-09", kind="volatility")
    case = run(BUY + limits(text), {"A": flat("10 10 10 10 10"), "F": feed}, universe=["A"])
    found = only(case)
    assert (found.cause, found.bars) == ("unknown", 0)
    assert days(case, found.breached, found.left) == [0, 2]
    assert (found.value, found.overshoot) == (None, None)


def test_of_several_comparisons_the_one_that_acts_tells_the_overshoot() -> None:
    """9,500 of 9,400: the drawdown of 6% is far from 90%. No pair of numbers tells of both."""
    rows = "pause p { enter when equity < $9_500 or drawdown > 90% resume after 2d }"
    found = only(run(BUY + limits(rows), flat("10 10 9.4 9.8 9.8"), cash=10_000))
    assert (found.bars, found.value, found.bound) == (0, None, None)
    assert found.overshoot == pytest.approx(9_500 / 9_400 - 1)


def test_a_condition_that_compares_nothing_has_no_overshoot() -> None:
    rows = "pause p { enter when drawdown crosses above 5% resume after 2d }"
    found = only(run(BUY + limits(rows), flat("10 10 9.4 9.8 9.8"), cash=10_000))
    assert (found.bars, found.value, found.overshoot) == (0, None, None)


def test_each_group_breaches_for_itself() -> None:
    rows = "pause p scope symbol { enter when pnl.today < -$400 resume after 2d }"
    case = run(BUY + limits(rows), flat("10 10 9.4"), cash=10_000)
    assert only(case).group == "A"


# ---------------------------------------------------------------- planned losses


STOPPED = strategy(
    "entry long up { when close == $10 size 100 shares order market }\n"
    "stop hard at position.entry_price * 95%"
)


def test_a_gap_through_a_stop_goes_beyond_its_plan() -> None:
    """Bought at 10 with a stop at 9.50: 50 planned. It opens at 9.20: 80 lost, 60% beyond."""
    bars = "10 10 10 10 1e6\n10 10 10 10 1e6\n9.2 9.2 9.1 9.1 1e6"
    (plan,) = run(STOPPED + limits(""), bars).ran.plans
    assert (plan.entry, plan.trades, plan.beyond, plan.bars) == ("up", 1, 1, 0)
    assert (round(plan.overshoot or 0, 12), round(plan.money, 9), plan.symbol) == (0.6, 30, "A")


def test_a_stop_that_is_hit_inside_a_bar_keeps_its_plan() -> None:
    bars = "10 10 10 10 1e6\n10 10 10 10 1e6\n9.8 9.8 9.1 9.3 1e6"
    (plan,) = run(STOPPED + limits(""), bars).ran.plans
    assert (plan.trades, plan.beyond, plan.overshoot, plan.money) == (1, 0, 0, 0)
    assert (plan.symbol, plan.acted, plan.bars) == (None, None, None)


def test_the_worst_of_several_trades_is_told() -> None:
    """A gap to 9.40 loses 60, one to 9.20 loses 80 of the 50 planned each."""
    prices = ("10", "10", "9.4", "10", "10", "9.2", "9.2")
    bars = "\n".join(f"{p} {p} {p} {p} 1e6" for p in prices)
    case = run(STOPPED, bars)
    (plan,) = case.ran.plans
    assert (plan.trades, plan.beyond, round(plan.money, 9)) == (2, 2, 30)
    assert plan.acted == case.desk.tape.told(5)


def test_a_position_that_cannot_leave_counts_its_bars_beyond_the_plan() -> None:
    """The stop is hit on closes alone: 9.40 is the close that passes it, and the one that fills."""
    (plan,) = run(STOPPED, "10\n10\n9.4\n9.3").ran.plans
    assert (plan.beyond, plan.bars, round(plan.money, 9)) == (1, 0, 10)
