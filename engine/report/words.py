"""Numbers and lists as a reader expects them (floor 10): one decimal, true minus signs."""

import math
from collections.abc import Iterable, Sequence

from engine.report.glyphs import MINUS, NONE

TIE = "\N{NO-BREAK SPACE}"
"""Keeps two words on one line; printed as a blank."""


def percent(ratio: float | None, decimals: int = 1) -> str:
    """A ratio as a percentage with its sign only when negative: −11.2%."""
    body = number(None if ratio is None else ratio * 100, decimals)
    return body if body == NONE else body + "%"


def number(value: float | None, decimals: int = 1) -> str:
    """A number with thousands separators and a true minus sign; a dash when there is none."""
    if value is None or math.isnan(value):
        return NONE
    text = f"{abs(value):,.{decimals}f}"
    negative = value < 0 and text.strip("0.,") != ""
    return MINUS + text if negative else text


def exact(value: float) -> str:
    """A number with as many decimals as it needs, up to six significant digits."""
    if math.isnan(value):
        return "na"
    if math.isinf(value):
        return "infinite"
    decimals = 0 if value == int(value) else max(0, 5 - _magnitude(value))
    text = number(value, min(decimals, 8))
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: float, decimals: int = 2) -> str:
    """An amount or a price in dollars: $1,234.50, −$0.25; more decimals below a cent."""
    if math.isnan(value):
        return "na"
    digits = 4 if 0 < abs(value) < 1 else decimals
    text = number(abs(value), digits)
    return f"{MINUS if value < 0 else ''}${text}"


def points(ratio: float) -> str:
    """A difference of two percentages, without a sign: 6.1 points."""
    text = number(abs(ratio) * 100)
    return f"{text} point" if text == "1.0" else f"{text} points"


def count(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun: `1 bar`, `1,204 bars`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listing(items: Sequence[str], most: int | None = None) -> str:
    """`a`, `a and b`, `a, b and c`, or `a, b and 3 more`."""
    shown = list(items)
    if most is not None and len(shown) > most:
        shown = [*shown[:most], f"{len(items) - most} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def ended(ratio: float) -> str:
    """A return as a verb: `ended 11.2% down`, `ended 0.4% up`, `ended even`."""
    text = number(abs(ratio) * 100)
    if text == "0.0":
        return "ended even"
    return f"ended {text}% {'down' if ratio < 0 else 'up'}"


def wrap(text: str, width: int, first: str = "", rest: str | None = None) -> str:
    """A paragraph no wider than `width`, except where one word alone is wider."""
    following = " " * len(first) if rest is None else rest
    from textwrap import fill

    filled = fill(
        text,
        width=max(width, len(following) + 16),
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(TIE, " ")


def paragraphs(blocks: Iterable[str]) -> str:
    """Blocks of text with an empty line between them, empty ones left out."""
    return "\n\n".join(b for b in blocks if b)


def _magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0
