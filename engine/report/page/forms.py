"""Figures as text on the page (floor 10): one decimal for percents, true minus signs."""

from collections.abc import Callable, Mapping

from engine.report.glyphs import NONE
from engine.report.page.blocks import Fig, Form
from engine.report.words import exact, money, number, percent


def figure_text(fig: Fig) -> str:
    """A figure as a reader sees it; a dash when there is none."""
    if fig.value is None:
        return NONE
    return FORMS[fig.form](float(fig.value)) + fig.ends


def _whole(value: float) -> str:
    return number(value, 0)


FORMS: Mapping[Form, Callable[[float], str]] = {
    "percent": percent,
    "points": lambda value: number(value * 100),
    "money": lambda value: money(value, 0) if abs(value) >= 1 or not value else money(value),
    "price": money,
    "count": _whole,
    "shares": exact,
    "number": number,
    "ratio": lambda value: number(value, 2),
    "value": exact,
}
