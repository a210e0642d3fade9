"""Characters and colours of the terminal report, and what stands in for them (floor 10).

Every stand-in in a table is one character wide, so that columns stay aligned without Unicode.
"""

from typing import NamedTuple, TypeVar, cast

Value = TypeVar("Value")

PLAIN = {
    "\N{MINUS SIGN}": "-",
    "\N{CHECK MARK}": "P",
    "\N{BALLOT X}": "F",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{MIDDLE DOT}": ".",
    "\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-",
    "\N{FULL BLOCK}": "#",
    "\N{LIGHT SHADE}": ".",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{HORIZONTAL ELLIPSIS}": "~",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{BOX DRAWINGS LIGHT VERTICAL}": "|",
    "\N{BOX DRAWINGS LIGHT VERTICAL AND RIGHT}": "|",
    "\N{BOX DRAWINGS LIGHT UP AND RIGHT}": "`",
    "\N{REPLACEMENT CHARACTER}": "?",
}
"""What each character beyond ASCII becomes where the terminal cannot show it."""

MINUS, PASS, FAIL, NONE, ARROW, RULE = "−", "✓", "✗", "–", "→", "─"

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�") | {
    10: " ",
    9: " ",
}


def harmless(value: Value) -> Value:
    """Text from rule files and data without control characters, which could command a terminal.

    Lists, tuples, mappings and frozen values are gone through; other values stay as they are.
    """
    return cast(Value, _harmless(value))


def _harmless(value: object) -> object:
    if isinstance(value, str):
        return value.translate(_CONTROLS)
    if isinstance(value, list | tuple):
        return type(value)(_harmless(v) for v in value)
    if isinstance(value, dict):
        return {k: _harmless(v) for k, v in value.items()}
    names = getattr(value, "__dataclass_fields__", ())
    if not names:
        return value
    return type(value)(**{n: _harmless(getattr(value, n)) for n in names})


_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}


class Screen(NamedTuple):
    """What the terminal can show: columns of text, whether more than ASCII, whether colour."""

    width: int = 80
    unicode: bool = True
    color: bool = False

    def plain(self, text: str) -> str:
        """The text in characters that this terminal has."""
        return text if self.unicode else "".join(PLAIN.get(c, c) for c in text)

    def paint(self, text: str, *styles: str) -> str:
        """The text in a style, where colour is wanted; colour never carries meaning alone."""
        if not self.color or not text:
            return text
        codes = ";".join(_STYLES[s] for s in styles)
        return f"\x1b[{codes}m{text}\x1b[0m"
