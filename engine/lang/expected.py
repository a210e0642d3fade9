"""Says in words what the grammar would have accepted; users see no terminal names (floor 3)."""

from collections.abc import Collection

from engine.lang.drive import END
from engine.lang.tables import load

_NAMES = {
    "NAME": "a name",
    "FIELD": "a field name",
    "UNIT": "a unit such as `bars`",
    "NUMBER": "a whole number",
    "STRING": 'a text in `"` quotes',
    "SYMBOL": "a symbol in `'` quotes",
    "DATE": "a date such as `2020-03-16`",
    "CLOCKTIME": "a time such as `15:55`",
    "DURATION": "a period such as `1d`",
    "PERCENT": "a percentage such as `10%`",
    "MONEY": "an amount such as `$100`",
    "TIMES": "a multiple such as `x5`",
    "CMP": "a comparison",
}
_VALUE = frozenset(
    [
        "NAME",
        "NUMBER",
        "PERCENT",
        "MONEY",
        "DURATION",
        "DATE",
        "CLOCKTIME",
        "SYMBOL",
        "LPAR",
        "MINUS",
        "NOT",
        "IF",
    ]
)
_LITERAL = frozenset(["NUMBER", "PERCENT", "MONEY", "DURATION", "DATE", "CLOCKTIME", "MINUS"])
_OPERATOR = frozenset(
    [
        "PLUS",
        "MINUS",
        "STAR",
        "SLASH",
        "CMP",
        "CROSSES",
        "WITHIN",
        "BETWEEN",
        "IS",
        "FOR",
        "AND",
        "OR",
        "OF",
        "ON",
        "SINCE",
        "LSQB",
        "DOT",
        "LPAR",
    ]
)
_MOST = 6


def expected(kinds: Collection[str]) -> list[str]:
    """Phrases for a set of terminals, operands and operators each summed up in one."""
    left = set(kinds)
    phrases: list[str] = []
    if {"NUMBER", "NAME", "LPAR"} <= left:
        phrases.append("a value")
        left -= _VALUE
    elif {"NUMBER", "PERCENT", "MONEY"} <= left:
        phrases.append("a number, amount or percentage")
        left -= _LITERAL
    if {"PLUS", "STAR"} <= left:
        phrases.append("an operator")
        left -= _OPERATOR | {"UNIT"}
    return phrases + [_phrase(kind) for kind in sorted(left - {END}, key=_rank)]


def _rank(kind: str) -> tuple[bool, str]:
    return kind not in _NAMES, kind


def _phrase(kind: str) -> str:
    if kind in _NAMES:
        return _NAMES[kind]
    tables = load()
    texts = {name: text for text, name in (tables.words | tables.marks).items()}
    return f"`{texts[kind]}`" if kind in texts else "`..`"


def sentence(kinds: Collection[str]) -> str:
    """`expected a, b or c`, or what to do where nothing more may stand."""
    phrases = expected(kinds)
    if not phrases:
        return "the statement is complete before this; remove it or begin a new statement"
    shown = phrases[:_MOST]
    joined = " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    more = ", among others" if len(phrases) > _MOST else ""
    ending = ", or nothing more" if END in kinds else ""
    return f"expected {joined}{more}{ending}"
