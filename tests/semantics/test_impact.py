"""Volume impact: what a fill's size adds to its slippage, against an own reckoning in decimals."""

from decimal import Decimal, localcontext
from math import isnan

import pytest
from fills.changed import doubled
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fills.cost import impact
from engine.records.desk import CostRow
from engine.run.account import run_trunk
from engine.run.branch import dearer_tape
from engine.run.laying import flat_tape
from semantics.make import Case, run, strategy

CALM = [100 + (k % 2) for k in range(30)]
BUY = """entry long up { when close == $103 size SIZE order ORDER }
  exit out of up { when position.age == 1 bar  order market }"""


def bars(closes: list[float], volumes: list[str]) -> str:
    """Bars whose four prices are one, with volumes."""
    return "\n".join(f"{c} {c} {c} {c} {v}" for c, v in zip(closes, volumes, strict=True))


CLOSES = [*CALM[:27], 103, 100, 100, 100]
VOLUMES = [str(1000 + 10 * k) for k in range(len(CLOSES))]


def play(
    size: str = "40 shares", order: str = "market", coefficient: float = 0.5, **more: float
) -> Case:
    text = strategy(BUY.replace("SIZE", size).replace("ORDER", order))
    costs = CostRow(impact=coefficient, interest=False, **more)
    return run(text, bars(CLOSES, VOLUMES), costs=costs)


def expected(t: int, qty: int, coefficient: str) -> Decimal:
    """coefficient x sigma x root of (shares / volume), over the 20 bars before bar t."""
    with localcontext(prec=40):
        closes = [Decimal(c) for c in CLOSES]
        returns = [(closes[k] / closes[k - 1]).ln() for k in range(t - 20, t)]
        mean = sum(returns) / 20
        sigma = (sum((r - mean) ** 2 for r in returns) / 20).sqrt()
        volume = sum(Decimal(v) for v in VOLUMES[t - 20 : t]) / 20
        return Decimal(coefficient) * sigma * (Decimal(qty) / volume).sqrt()


def on_cent(price: Decimal, up: bool) -> float:
    cents = (price * 100).to_integral_value("ROUND_CEILING" if up else "ROUND_FLOOR")
    return float(cents / 100)


def test_a_fill_pays_the_root_of_its_share_of_the_volume() -> None:
    case = play()
    paid = on_cent(100 * (1 + expected(28, 40, "0.5")), up=True)
    got = on_cent(100 * (1 - expected(29, 40, "0.5")), up=False)
    assert case.fills == [(28, 40, paid), (29, -40, got)]
    assert paid > 100.05 and got < 99.95
    assert case.history.slippage[28] == pytest.approx(40 * (paid - 100), abs=1e-3)


def test_it_adds_to_slippage() -> None:
    paid = on_cent(100 * (1 + Decimal("0.001") + expected(28, 40, "0.5")), up=True)
    assert play(slippage=0.001).fills[0] == (28, 40, paid)


def test_without_a_coefficient_there_is_none() -> None:
    case = play(coefficient=0.0)
    assert [p for _, _, p in case.fills] == [100, 100]
    assert case.desk.tape.impact == ()


def test_a_limit_order_never_pays_past_its_limit() -> None:
    assert play(order="limit $100.01").fills[0] == (28, 40, 100.01)


def test_buying_power_pays_for_the_impact_too() -> None:
    """All of 4,000 at 100 before impact; what is bought with it must not cost more than 4,000."""
    text = strategy(BUY.replace("SIZE", "100% of equity").replace("ORDER", "market"))
    costs = CostRow(impact=2.0, interest=False)
    case = run(text, bars(CLOSES, VOLUMES), costs=costs, cash=4000.0)
    _, qty, price = case.fills[0]
    assert qty < 39 and qty * price <= 4000


def test_orders_of_one_bar_come_on_top_of_each_other() -> None:
    """Splitting an order over two strategies is no cheaper: the second pays for both."""
    body = BUY.replace("SIZE", "20 shares").replace("ORDER", "market")
    text = strategy(body, "one") + strategy(body, "two")
    case = run(text, bars(CLOSES, VOLUMES), costs=CostRow(impact=0.5, interest=False))
    first, second = case.filled[:2]
    assert first[-1] == on_cent(100 * (1 + expected(28, 20, "0.5")), up=True)
    assert second[-1] == on_cent(100 * (1 + expected(28, 40, "0.5")), up=True)


def test_unknown_volume_is_no_impact_and_is_said() -> None:
    text = strategy(BUY.replace("SIZE", "40 shares").replace("ORDER", "market"))
    costs = CostRow(impact=0.5, interest=False)
    case = run(text, bars(CLOSES, ["-"] * len(CLOSES)), costs=costs)
    assert case.fills[0] == (28, 40, 100)
    assert any("without impact" in n for n in case.cell.notices)


def test_too_few_bars_are_no_impact() -> None:
    text = strategy("entry long up { when close == $100 size 40 shares }")
    case = run(text, bars(CLOSES, VOLUMES), costs=CostRow(impact=0.5, interest=False))
    assert case.fills[0] == (1, 40, 101)
    known = [not isnan(v) for v in case.desk.tape.impact[0]]
    assert known == [False] * 21 + [True] * 10


def test_doubled_costs_double_it() -> None:
    desk = play().desk
    trunk = run_trunk(desk)
    assert repr(dearer_tape(desk, trunk.run.n, trunk.tape)) == repr(flat_tape(doubled(desk)))


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 0.01), st.integers(1, 10**7))
def test_more_shares_never_move_it_less(share: float, qty: int) -> None:
    assert 0 <= impact(share, qty) <= impact(share, qty + 1) <= 1
    assert impact(share, 4 * qty) == pytest.approx(min(1.0, 2 * share * qty**0.5))


def test_an_unknown_impact_is_none() -> None:
    assert impact(float("nan"), 100.0) == 0.0
