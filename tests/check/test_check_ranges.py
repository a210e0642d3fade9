"""What is known beforehand of the numbers that limits read."""

import pytest
from checking import checked

from engine.fields import FIELDS
from engine.fields.sane import SIGNED

SIGNED_ONES = {
    "account.gain": "gain(today)",
    "account.settled_cash": "account.settled_cash",
    "trips.mean": "trips.mean",
    "risk.beta": "beta_exposure(SP500, 60 bars)",
}


def test_every_asked_field_of_either_sign_is_here() -> None:
    assert {f.name for f in FIELDS if f.asked and f.name in SIGNED} == set(SIGNED_ONES)


@pytest.mark.parametrize("name", SIGNED_ONES)
def test_what_may_be_below_zero_may_bind_there(name: str) -> None:
    word = SIGNED_ONES[name]
    low = "-1%" if name == "trips.mean" else "-$5"
    rows = f'rules 1\nlimits a {{ limit x on order deny when {word} < {low} because "x" }}'
    assert "SW603" not in [d.code for d in checked(rows)[1]]


def test_what_is_never_below_zero_cannot() -> None:
    rows = 'rules 1\nlimits a { limit x on order deny when lost(5d) < -$5 because "x" }'
    assert "SW603" in [d.code for d in checked(rows)[1]]
