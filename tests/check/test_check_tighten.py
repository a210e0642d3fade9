"""Inner limits against outer ones of the same name: tighter, idle, or left to the run."""

from pathlib import Path

import pytest
from checking import checked

from engine.check.tighten import compare, nested
from engine.cli.checking import Checked, check_paths


@pytest.mark.parametrize(
    ("inner", "outer", "proof"),
    [
        ("clip qty to 5% of adv(20 bars)", "clip qty to 10% of adv(20 bars)", "tighter"),
        ("clip qty to 20% of adv(20 bars)", "clip qty to 10% of adv(20 bars)", "idle"),
        ("clip qty to 10% of adv(20 bars)", "clip qty to 10% of adv(20 bars)", "tighter"),
        ("clip qty to 5% of adv(10 bars)", "clip qty to 10% of adv(20 bars)", "at run time"),
        ("clip qty to 100 shares", "clip qty to 200 shares", "tighter"),
        ("clip qty to 300 shares", "clip qty to 200 shares", "idle"),
        ("clip qty to 100 shares", "clip qty to 10% of adv(20 bars)", "at run time"),
        ("deny when positions.count >= 5", "deny when positions.count >= 12", "tighter"),
        ("deny when positions.count >= 20", "deny when positions.count >= 12", "idle"),
        ("deny when order.qty < 10", "deny when order.qty < 5", "tighter"),
        ("deny when order.qty < 2", "deny when order.qty < 5", "idle"),
        ("deny when order.qty > 5", "deny when order.qty < 5", "at run time"),
        ("deny when order.qty > 5", "clip qty to 5 shares", "at run time"),
        ("deny when order.is_short", "deny when order.is_short", "tighter"),
    ],
)
def test_what_is_proved(inner: str, outer: str, proof: str) -> None:
    text = (
        f"rules 1\nlimits a {{ limit x on order {inner} }}\nlimits b {{ limit x on order {outer} }}"
    )
    file, _ = checked(text)
    ours, theirs = (block.limits[0] for block in file.limits)
    assert compare(ours, theirs) == proof


def test_a_limit_on_fewer_orders_is_not_proved_tighter() -> None:
    text = "rules 1\nlimits a {{ limit x on {0} clip qty to 1 shares }}\n"
    text += "limits b {{ limit x on {1} clip qty to 2 shares }}"
    for on, proof in (("entry", "at run time"), ("order", "tighter")):
        file, _ = checked(text.format(on, "entry" if on == "order" else "order"))
        assert compare(*(block.limits[0] for block in file.limits)) == proof


# ---------------------------------------------------------------- scopes


def proofs(outer: str, inner: str, own: str = "") -> dict[str, str]:
    """What is proved of each inner limit `x`, by the block that holds it."""
    text = f"rules 1\nlimits a {{ limit x {outer} }}\nlimits b {{ limit x {inner} }}"
    file, _ = checked(text)
    a, b = file.limits
    found = nested([a], [b]) if own else nested([a, b], [])
    return {n.inner.block: n.proof for n in found}


SCOPED = [
    ("on order", "on order scope desk", "clip qty to 5 shares", "clip qty to 4 shares", "tighter"),
    ("on order", "on order scope desk", "clip qty to 5 shares", "clip qty to 6 shares", "idle"),
    ("on order", "on order scope symbol AAPL", "clip qty to 10% of adv(20 bars)",
     "clip qty to 20% of adv(20 bars)", "idle"),
    ("on order", "on order scope strategy", "deny when order.price < $5",
     "deny when order.price < $2", "idle"),
    # what is read differs from scope to scope: a desk's equity is not the firm's
    ("on order", "on order scope desk", "clip qty to 5% of equity / order.price",
     "clip qty to 4% of equity / order.price", "at run time"),
    ("on order", "on order scope desk", "deny when drawdown > 10%", "deny when drawdown > 20%",
     "at run time"),
    # a part has no more than the whole
    ("on order", "on order scope desk", "deny when positions.count >= 12",
     "deny when positions.count >= 20", "idle"),
    ("on order", "on order scope desk", "deny when positions.count >= 12",
     "deny when positions.count >= 5", "at run time"),
    ("on order", "on order scope symbol", "deny when exposure.gross > $5_000",
     "deny when exposure.gross > $6_000", "idle"),
    ("on order", "on order scope symbol", "deny when exposure.net > $5_000",
     "deny when exposure.net > $6_000", "at run time"),
    ("on order", "on order scope strategy", "deny when orders(week) > 4",
     "deny when orders(week) > 9", "idle"),
    ("on order", "on order scope strategy", "deny when orders(week) > 4",
     "deny when orders(5d) > 9", "at run time"),
    ("on order scope asset class", "on order scope symbol", "deny when exposure.gross > $5_000",
     "deny when exposure.gross > $6_000", "idle"),
    ("on order scope strategy", "on order scope symbol", "deny when exposure.gross > $5_000",
     "deny when exposure.gross > $6_000", "at run time"),
    # not every order of the inner one is an order of the outer one
    ("on order scope desk", "on order scope strategy", "clip qty to 5 shares",
     "clip qty to 6 shares", "at run time"),
    ("on order scope asset class etf", "on order scope symbol", "clip qty to 5 shares",
     "clip qty to 6 shares", "at run time"),
    ("on entry", "on order scope desk", "deny when positions.count >= 12",
     "deny when positions.count >= 20", "at run time"),
]  # fmt: skip


@pytest.mark.parametrize(("outer", "inner", "a", "b", "proof"), SCOPED)
def test_what_is_proved_across_scopes(outer: str, inner: str, a: str, b: str, proof: str) -> None:
    assert proofs(f"{outer} {a}", f"{inner} {b}") == {"b": proof}


def test_rows_of_one_scope_are_not_inside_each_other() -> None:
    assert proofs("on order clip qty to 5 shares", "on order clip qty to 6 shares") == {}


def test_a_strategys_own_rows_lie_inside_the_firms() -> None:
    row = "on order clip qty to {} shares"
    assert proofs(row.format(5), row.format(6), "own") == {"b": "idle"}
    money = "on order clip qty to {}% of equity / order.price"
    assert proofs(money.format(5), money.format(4), "own") == {"b": "at run time"}
    book = "on order scope strategy clip qty to {}% of equity / order.price"
    assert proofs(book.format(5), money.format(4), "own") == {"b": "tighter"}
    assert proofs(book.format(5), money.format(6), "own") == {"b": "idle"}


# ---------------------------------------------------------------- checking a set-up


def setup(place: Path, firm: str, own: str) -> Checked:
    """A set-up in which one strategy brings limits of its own."""
    (place / "s.rule").write_text(
        "rules 1\nstrategy s { clock 1d on xnys\n"
        "  entry long up { when close > sma(close, 5 bars) size 1 shares order market }\n"
        "  exit out of up { when close < sma(close, 5 bars) order market }\n"
        "  stop hard at position.entry_price * 90%\n}\n"
    )
    (place / "firm.rule").write_text(f"rules 1\nlimits firm {{\n  {firm}\n}}\n")
    (place / "own.rule").write_text(f"rules 1\nlimits own {{\n  {own}\n}}\n")
    (place / "strategies.yaml").write_text(
        "version: 1\nlimits: [firm.rule]\nstrategies:\n"
        "  - {name: s, rules: s.rule, universe: [SP500], capital: 1, limits: [own.rule]}\n"
    )
    return check_paths([place / "strategies.yaml"])


def test_a_looser_own_limit_is_an_error_with_both_places(tmp_path: Path) -> None:
    row = "limit x on order clip qty to {} shares"
    (found,) = setup(tmp_path, row.format(5), row.format(6)).diagnostics
    assert (found.code, found.severity) == ("SW608", "error")
    assert found.span.file.endswith("own.rule") and found.span.line == 3
    assert found.message == "`own.x` is looser than `firm.x` and never binds before it"
    assert found.notes[0].span.file.endswith("firm.rule")


def test_what_only_a_run_can_compare_is_said(tmp_path: Path) -> None:
    row = "limit x on order clip qty to {}% of equity / order.price"
    found = setup(tmp_path, row.format(5), row.format(6))
    assert found.diagnostics == []
    assert found.compared == ["own.x against firm.x"]


def test_a_tighter_own_limit_is_silent(tmp_path: Path) -> None:
    row = "limit x on order clip qty to {} shares"
    found = setup(tmp_path, row.format(5), row.format(5))
    assert (found.diagnostics, found.compared) == ([], [])
