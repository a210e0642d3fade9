"""Inner limits against outer ones of the same name: tighter, idle, or left to the run."""

import pytest
from checking import checked

from engine.check.tighten import compare


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
