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
from engine.session.sides import MOST, Joined, Measured, Sides, of_cap, share, sides

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


# ---------------------------------------------------------------- several comparisons

NUMBER, TRUTH = Kind("number", RATIO), Kind("truth")
INPUTS = ("a", "b", "c")
IS = "is"
"""Three numbers that conditions compare, and a truth."""


def comparisons() -> st.SearchStrategy[Typed]:
    # Bounds between the numbers drawn: at the bound itself, `>` and `>=` share one share.
    bound = st.integers(0, 5).map(lambda n: Const(n + 0.5, NUMBER))
    value = st.sampled_from(INPUTS).map(lambda name: FieldRead(name, NUMBER))
    op = st.sampled_from(("gt", "ge", "lt", "le"))
    return st.builds(lambda o, v, b: Apply(o, (v, b), (), CLOCK, TRUTH), op, value, bound)


def conditions() -> st.SearchStrategy[Typed]:
    """Comparisons and a truth, joined by `and`, `or` and `not`."""
    leaf = comparisons() | st.just(FieldRead(IS, TRUTH))
    return st.recursive(
        leaf,
        lambda inner: (
            st.builds(
                lambda op, a, b: Apply(op, (a, b), (), CLOCK, TRUTH),
                st.sampled_from(("and", "or")),
                inner,
                inner,
            )
            | inner.map(lambda a: Apply("not", (a,), (), CLOCK, TRUTH))
        ),
        max_leaves=6,
    )


def truth(condition: Typed, world: dict[str, float | None]) -> bool | None:
    """The condition in three values, None for unknown; written from the language's tables."""
    if isinstance(condition, FieldRead):
        found = world[condition.name]
        return None if found is None else bool(found)
    assert isinstance(condition, Apply)
    if condition.op in ("gt", "ge", "lt", "le"):
        value, bound = world[condition.args[0].name], condition.args[1].value  # type: ignore[union-attr]
        return None if value is None else (value > bound) == (condition.op in ("gt", "ge"))
    said = [truth(part, world) for part in condition.args]
    if condition.op == "not":
        return None if said[0] is None else not said[0]
    decides = condition.op == "or"
    if decides in said:
        return decides
    return None if None in said else not decides


def measured(condition: Typed, world: dict[str, float | None]) -> float | None:
    """The share of a condition over one bar; None where it compares no numbers."""
    found = sides(condition)
    if found is None:
        return None
    told = {name: [told_of(part, world)] for name, part in found.parts.items()}
    return float(share(found, told, 1)[0])


def told_of(part: Typed, world: dict[str, float | None]) -> float:
    """A number as it is, a truth as the table of truths has it."""
    if part.kind == NUMBER:
        value = world[part.name]  # type: ignore[union-attr]
        return NAN if value is None else value
    said = truth(part, world)
    return 1.0 if said is None else 2.0 * said


WORLDS = st.fixed_dictionaries(
    {name: st.none() | st.integers(0, 6).map(float) for name in INPUTS}
    | {IS: st.sampled_from((None, 0.0, 1.0))}
)


@given(conditions(), WORLDS)
def test_it_is_one_or_more_exactly_where_the_condition_holds(
    condition: Typed, world: dict[str, float | None]
) -> None:
    found, holds = measured(condition, world), truth(condition, world)
    if found is None:
        return
    assert (found >= 1.0) == (holds is True)
    if holds is None:
        assert math.isnan(found), "what is unknown is a gap"
    if math.isnan(found):
        assert None in world.values()


@given(comparisons(), comparisons(), WORLDS)
def test_of_both_the_smaller_and_of_either_the_larger(
    one: Typed, other: Typed, world: dict[str, float | None]
) -> None:
    a, b = measured(one, world), measured(other, world)
    assert a is not None and b is not None
    if math.isnan(a) or math.isnan(b):
        return
    pair = (one, other)
    assert measured(Apply("and", pair, (), CLOCK, TRUTH), world) == min(a, b)
    assert measured(Apply("or", pair, (), CLOCK, TRUTH), world) == max(a, b)


@pytest.mark.parametrize(
    ("op", "a", "said", "wanted"),
    [
        ("and", 6.0, 1.0, 6 / 5),  # a truth that holds leaves the share of the rest
        ("and", 2.0, 1.0, 2 / 5),
        ("and", 6.0, 0.0, 0.0),
        ("and", None, 0.0, 0.0),  # it cannot act, whatever the unknown is
        ("and", 0.0, None, 0.0),
        ("and", 2.0, None, NAN),
        ("or", 2.0, 0.0, 2 / 5),
        ("or", 2.0, 1.0, 1.0),
        ("or", 6.0, 1.0, 6 / 5),
        ("or", 6.0, None, 6 / 5),  # it acts, whatever the unknown is
        ("or", 2.0, None, NAN),
    ],
)
def test_a_truth_beside_a_comparison_worked_by_hand(
    op: str, a: float | None, said: float | None, wanted: float
) -> None:
    above = Apply("gt", (FieldRead("a", NUMBER), Const(5.0, NUMBER)), (), CLOCK, TRUTH)
    condition = Apply(op, (above, FieldRead(IS, TRUTH)), (), CLOCK, TRUTH)
    found = measured(condition, {"a": a, "b": None, "c": None, IS: said})
    assert found == pytest.approx(wanted, nan_ok=True)


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


def compared(tmp_path: Path, condition: str) -> Measured | None:
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
    assert isinstance(found, Sides)
    assert (found.rises, list(found.parts)) == (rises, parts)


@pytest.mark.parametrize(
    "condition",
    [
        "order.is_short",
        "order.is_short and not market.shortable",
        "not (order.is_long or order.is_short)",
    ],
)
def test_what_compares_no_numbers_has_no_sides(tmp_path: Path, condition: str) -> None:
    assert compared(tmp_path, condition) is None


@pytest.mark.parametrize(
    ("condition", "every", "rises"),
    [
        ("order.price < $5 and cash > $9", True, [False, True]),
        ("order.price < $5 or cash > $9", False, [False, True]),
        ("not (order.price < $5 or cash > $9)", True, [True, False]),
        ("order.price between $1 to $5", True, [True, False]),
        ("not order.price between $1 to $5", False, [False, True]),
    ],
)
def test_what_several_comparisons_compare(
    tmp_path: Path, condition: str, every: bool, rises: list[bool]
) -> None:
    found = compared(tmp_path, condition)
    assert isinstance(found, Joined)
    assert found.every == every
    assert [one.rises for one in found.of if isinstance(one, Sides)] == rises


def test_what_compares_nothing_is_all_or_nothing_beside_what_does(tmp_path: Path) -> None:
    found = compared(tmp_path, "order.price < $5 and not order.is_long and not market.shortable")
    assert isinstance(found, Joined)
    assert [type(one).__name__ for one in found.of] == ["Joined", "Truth"]
    assert list(found.parts) == ["0.0.value", "0.1.truth", "1.truth"]


def test_the_numbers_of_for_n_bars_are_those_of_its_condition() -> None:
    truth = Kind("truth")
    above = Apply("gt", (EQUITY, Const(5.0, Kind("number", RATIO))), (), CLOCK, truth)
    lasting: Typed = Apply("lasting", (above,), (3.0,), CLOCK, truth)
    assert sides(lasting) == sides(above)
    assert sides(Apply("not", (lasting,), (), CLOCK, truth)) is None
    assert math.isnan(used(True, 1.0, 0.0))
