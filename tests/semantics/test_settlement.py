"""Line 14: interest is paid on settled cash, at 3.6%: a ten-thousandth a day."""

import pytest

from engine.base.dates import iso, parse_day
from engine.records.account import FROM_ENTRY
from engine.records.desk import CostRow
from semantics.make import RATE, Bars, Case, flat, limits, run, sessions_from, strategy

PAID = CostRow()
TUESDAY = "2019-01-08"
"""Nine sessions from here: 3 days to Friday, then 11 to 14, 15 .. 18."""


def rated(closes: str, first: str = TUESDAY) -> dict[str, Bars | str]:
    """Bars from a day on, with a 3-month yield of 3.6% known at each close."""
    rates = flat(" ".join("0.036" for _ in closes.split()))
    return {"A": Bars(flat(closes), first), RATE: Bars(rates, first, kind="rate")}


def a_day(case: Case) -> list[float]:
    """Interest per calendar day, in units of one on 10,000."""
    days = case.desk.tape.days
    return [
        round(paid / (days[t] - days[t - 1]), 2) if t else 0.0
        for t, paid in enumerate(case.history.interest)
    ]


ROUND = strategy("""
  entry long up { when close == $10 size 5000 shares order market }
  exit out of up { when close == $11 order market }""")


def test_line_14_money_leaves_and_arrives_at_settlement() -> None:
    """50,000 leave on bar 1, settled at the close of 3; 60,000 arrive on bar 3, settled at 5."""
    case = run(ROUND, rated("10 10 11 12 12 12 12 12"), costs=PAID)
    assert [f[:2] for f in case.fills] == [(1, 5000), (3, -5000)]
    assert a_day(case)[1:] == pytest.approx([10, 10, 10, 5, 5, 11, 11], abs=0.02)


@pytest.mark.parametrize(
    ("day", "cycle"),
    [
        ("1994-03-08", 5),
        ("1995-06-06", 5),
        ("1995-06-07", 3),
        ("2017-09-01", 3),
        ("2017-09-05", 2),
        ("2024-05-24", 2),
        ("2024-05-28", 1),
        ("2025-02-04", 1),
    ],
)
def test_line_14_the_cycle_is_that_of_the_trade_day(day: str, cycle: int) -> None:
    """Decided a session before, bought on `day`: 50,000 leave after so many sessions more."""
    before = [d for d in sessions_from("1990-01-02", 9000) if d < parse_day(day)][-1]
    text = strategy("entry long up { when close == $10 size 5000 shares order market }")
    case = run(text, rated("10 10 10 10 10 10 10 10 10", iso(before)), costs=PAID)
    assert case.fills == [(1, 5000, 10)]
    left = next(t for t, paid in enumerate(a_day(case)) if t and paid < 6)
    assert left == 1 + cycle + 1


def test_line_14_short_proceeds_earn_nothing_while_the_short_is_open() -> None:
    """5000 sold short at 10, bought back at 8 on bar 4: the gain of 10,000 settles at 6."""
    text = strategy("""
      entry short down { when close == $10 size 5000 shares order market }
      exit out of down { when close == $8 order market }""")
    case = run(text, rated("10 9 9 8 8 8 8 8 8"), costs=PAID)
    assert case.fills == [(1, -5000, 9), (4, 5000, 8)]
    assert a_day(case)[1:] == pytest.approx([10, 10, 10, 10, 10, 10, 10.5, 10.5], abs=0.02)


def test_line_14_borrowed_money_pays_from_settlement_on() -> None:
    """Twice the equity: 200,000 are spent on bar 1, and 100,000 borrowed from the close of 3."""
    text = strategy("entry long up { when close == $10 size 200% of equity order market }")
    case = run(text, rated("10 10 10 10 10 10"), costs=CostRow(buying_power=2.0))
    assert a_day(case)[1:] == pytest.approx([10, 10, 10, -10, -10], abs=0.1)


def test_line_14_books_settle_apart() -> None:
    """Each has 50,000; one spends 40,000, the other sells short for 40,000."""
    text = strategy("entry long up { when close == $10 size 4000 shares order market }", "one")
    text += strategy("entry short down { when close == $10 size 4000 shares order market }", "two")
    case = run(text, rated("10 10 10 10 10 10"), costs=PAID)
    assert a_day(case)[1:] == pytest.approx([10, 10, 10, 6, 6], abs=0.02)


SOLD = """
  entry long up { when close == $10 size 5000 shares order market }
  exit out of up { when close == $11 order market }
  entry long ask { when close > $1 size 999_999 shares order limit $1 for ioc }"""


def asked(case: Case) -> list[float]:
    """What was granted to the order that never fills, close by close."""
    return [v.granted for v in case.history.verdicts if v.rule == 1 and v.source == FROM_ENTRY]


def test_a_limit_sees_the_cash_of_trades_that_have_settled() -> None:
    """50,000 leave on bar 1, settled at the close of 3; 60,000 arrive on bar 3, settled at 5."""
    rows = limits("limit paid on entry clip qty to account.settled_cash / order.price")
    case = run(strategy(SOLD) + rows, rated("10 10 11 12 12 12 12"))
    assert [f[:2] for f in case.fills] == [(1, 5000), (3, -5000)]
    assert asked(case) == [100_000, 100_000, 100_000, 50_000, 50_000, 110_000, 110_000]


def test_what_a_short_sale_brought_in_is_not_settled_cash() -> None:
    """5,000 sold short at 10 and bought at 12: the 10,000 lost leave when that settles."""
    text = SOLD.replace("entry long", "entry short").replace("limit $1 ", "limit $1000 ")
    rows = limits("limit paid on entry clip qty to account.settled_cash / order.price")
    case = run(strategy(text) + rows, rated("10 10 11 12 12 12 12"))
    assert asked(case) == [100] * 5 + [90] * 2
