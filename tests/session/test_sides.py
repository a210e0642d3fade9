"""The share of a limit that is used: its definition, worked by hand and held to the comparison."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from replays.own import rules_file

from engine.base.units import MONEY, RATIO
from engine.check.typed import CLOCK, Apply, Const, FieldRead, Kind, Typed
from engine.session.load import load_firm
from engine.session.options import DryrunOptions
from engine.session.sides import MOST, Sides, of_cap, share, sides

NAN = float("nan")
CASH = FieldRead("account.cash", Kind("number", MONEY))
EQUITY = FieldRead("account.equity", Kind("number", MONEY))


def used(rises: bool, value: float, bound: float, base: float | None = None) -> float:
    found = Sides(CASH, EQUITY, rises, None if base is None else CASH)
    told = {"value": [value], "bound": [bound]} | ({} if base is None else {"base": [base]})
    return float(share(found, told, 1)[0])


@pytest.mark.parametrize(
    ("rises", "value", "bound", "base", "wanted"),
    [
        (True, 24.0, 30.0, None, 0.8),  # VIX 24 against a pause above 30
        (True, 45.0, 30.0, None, 1.5),
        (True, -5.0, 30.0, None, 0.0),  # nothing of it is used
        (True, 5.0, 0.0, None, NAN),  # zero is no measure
        (True, 5.0, -1.0, None, NAN),
        (False, -1_000.0, -3_000.0, None, 1 / 3),  # a loss against the loss allowed
        (False, 2_000.0, -3_000.0, None, 0.0),  # a gain uses nothing of it
        (False, 90.0, 85.0, 100.0, 2 / 3),  # 10% below a peak, of 15% allowed
        (False, 100.0, 85.0, 100.0, 0.0),
        (False, 80.0, 85.0, 100.0, 4 / 3),
        (False, 10.0, 5.0, None, 0.5),  # a price of $10 where $5 is the least
        (False, 4.0, 5.0, None, 1.25),
        (False, 0.0, 5.0, None, MOST),
        (False, 0.001, 5.0, None, MOST),
        (True, NAN, 30.0, None, NAN),
        (True, 5.0, NAN, None, NAN),
        (False, NAN, 5.0, None, NAN),
        (False, 90.0, 85.0, NAN, NAN),
    ],
)
def test_shares_worked_by_hand(
    rises: bool, value: float, bound: float, base: float | None, wanted: float
) -> None:
    assert used(rises, value, bound, base) == pytest.approx(wanted, rel=1e-12, nan_ok=True)


def test_the_share_of_a_cap() -> None:
    asked, cap = [800.0, 1_200.0, 5.0, 5.0, 5.0], [1_000.0, 1_000.0, 0.0, -3.0, NAN]
    shares = of_cap(np.array(asked), np.array(cap)).tolist()
    assert shares == pytest.approx([0.8, 1.2, MOST, MOST, NAN], nan_ok=True)


SIZES = st.floats(1e-3, 1e6)


@given(st.booleans(), st.floats(-1e6, 1e6), SIZES, st.booleans())
def test_it_is_one_exactly_where_the_comparison_turns(
    rises: bool, value: float, size: float, is_loss: bool
) -> None:
    bound = -size if is_loss and not rises else size
    acts = value > bound if rises else value < bound
    found = used(rises, value, bound)
    assert found > 1.0 - 1e-12 if acts else found < 1.0 + 1e-12


@given(SIZES, st.floats(0.01, 0.99), st.floats(-1.0, 2.0))
def test_a_floor_that_is_a_share_of_something_is_used_up_at_it(
    base: float, part: float, at: float
) -> None:
    value, bound = at * base, part * base
    found = used(False, value, bound, base)
    assert found > 1.0 - 1e-9 if value < bound else found < 1.0 + 1e-9
    if at >= 1.0:
        assert found == 0.0


@given(st.booleans(), st.floats(0.0, 1e6), st.floats(0.0, 1e6), SIZES)
def test_nearer_is_never_less(rises: bool, one: float, other: float, bound: float) -> None:
    low, high = sorted((one, other))
    near, far = (high, low) if rises else (low, high)
    assert used(rises, near, bound) >= used(rises, far, bound)


# ---------------------------------------------------------------- reading conditions

HOUSE = """
limits t {{
  limit one on order deny when {} because "r"
}}
strategy s "s" {{
  clock 1d on xnys
  entry long up {{ when close > $0 size 1 shares order market because "r" }}
}}
"""


def compared(tmp_path: Path, condition: str) -> Sides | None:
    """The sides of a condition as the checker types it."""
    file = rules_file(tmp_path, HOUSE.format(condition))
    options = DryrunOptions(
        files=(file,), symbol="SP500", data=Path("SP500"), first=18_000, last=18_100
    )
    limits = load_firm(options).firm.limits
    assert limits
    return sides(limits[0].checked.limits[0].value)


@pytest.mark.parametrize(
    ("condition", "rises", "parts"),
    [
        ("order.notional > $5_000", True, ["value"]),
        ("order.notional >= 10% of equity", True, ["value", "bound"]),
        ("$5_000 < order.notional", True, ["value"]),
        ("not order.notional <= $5_000", True, ["value"]),
        ("order.price < $5", False, ["value"]),
        ("cash < 20% of equity", False, ["value", "bound", "base"]),
        ("not cash >= 20% of equity", False, ["value", "bound", "base"]),
        ("not order.price within 10% of last", True, ["value", "bound"]),
        ("order.price within 10% of last", False, ["value", "bound"]),
    ],
)
def test_what_a_condition_compares(
    tmp_path: Path, condition: str, rises: bool, parts: list[str]
) -> None:
    found = compared(tmp_path, condition)
    assert found is not None
    assert (found.rises, list(found.parts)) == (rises, parts)


@pytest.mark.parametrize(
    "condition",
    [
        "order.is_short",
        "order.is_long and order.price < $5",
        "order.price < $5 or order.price > $500",
        "order.price between $1 to $5",
    ],
)
def test_what_is_no_single_comparison_has_no_sides(tmp_path: Path, condition: str) -> None:
    assert compared(tmp_path, condition) is None


def test_the_numbers_of_for_n_bars_are_those_of_its_condition() -> None:
    truth = Kind("truth")
    above = Apply("gt", (EQUITY, Const(5.0, Kind("number", RATIO))), (), CLOCK, truth)
    lasting: Typed = Apply("lasting", (above,), (3.0,), CLOCK, truth)
    assert sides(lasting) == sides(above)
    assert sides(Apply("not", (lasting,), (), CLOCK, truth)) is None
    assert math.isnan(used(True, 1.0, 0.0))
