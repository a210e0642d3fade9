"""Written values are the nearest floats."""

from fractions import Fraction

import pytest

from engine.base.spans import source
from engine.lang.ast import Literal
from engine.lang.parse import parse_expr


@pytest.mark.parametrize("text", ["99.9%", "0.1%", "7%", "23.66", "$100.10", "0.07%", "108%"])
def test_a_literal_is_the_float_nearest_to_its_text(text: str) -> None:
    tree, problems = parse_expr(source("x", text))
    assert not problems
    assert isinstance(tree, Literal)
    digits = Fraction(text.strip("$%"))
    assert tree.value == float(digits / 100 if text.endswith("%") else digits)
