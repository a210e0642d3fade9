"""What YAML text holds, with places (floor 3): the values that reading it builds."""

import re

from engine.base.frozen import dataclass
from engine.base.spans import Span

MAX_DEPTH = 20

_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_BEGIN = frozenset("+-.0123456789")
_INT = r"[-+]?[0-9]+"
_BASED = r"0o[0-7]+|0x[0-9a-fA-F]+"
_FLOAT = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
_SPECIAL = r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: `value` by the core schema, `text` as written (without quotes)."""

    span: Span
    value: bool | int | float | str | None
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    span: Span
    items: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping with text keys, in the order of the file."""

    span: Span
    pairs: "tuple[tuple[Scalar, Tree], ...]"

    def get(self, key: str) -> "Tree | None":
        """The value under a key, or None."""
        return next((value for name, value in self.pairs if name.text == key), None)


Tree = Scalar | Items | Pairs


def core_scalar(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar by the YAML 1.2 core schema."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if text[0] not in _BEGIN or len(text) > 300:
        return text
    if re.fullmatch(_INT, text):
        return int(text)
    if re.fullmatch(_BASED, text):
        return int(text, 0)
    if re.fullmatch(_FLOAT, text):
        return float(text)
    if re.fullmatch(_SPECIAL, text):
        return float(text.lower().replace(".", ""))
    return text
