"""Text to tokens, by the terminals of the compiled grammar (floor 3).

The scanner knows no context: a word is a WORD, and the parser decides, by what it expects there,
whether `weekly` is the keyword or a name. One match takes a token with the space before it.
"""

import re
from functools import cache
from typing import NamedTuple

from engine.base.spans import Source
from engine.lang.tables import load

WORD = "WORD"
BAD = "BAD"
SPACE = "SPACE"
_UNCLOSED = r"\"[^\r\n]*|'[^'\r\n \t(){},]*"


class Token(NamedTuple):
    """One token: `kind` is a terminal, WORD or BAD; `leads` when first on its line."""

    kind: str
    text: str
    start: int
    end: int
    leads: bool


class Scan(NamedTuple):
    """Tokens in order, and comments apart."""

    tokens: list[Token]
    comments: list[Token]


@cache
def _master() -> tuple[re.Pattern[str], dict[str, str]]:
    tables = load()
    skipped = {"NAME", "FIELD", "UNIT", SPACE}
    ranked = sorted(
        (
            (rank, name, text)
            for name, (text, rank) in tables.patterns.items()
            if name not in skipped
        ),
        key=lambda row: (-row[0], row[1]),
    )
    longest = sorted(tables.marks, key=lambda mark: (-len(mark), mark))
    parts = [f"(?P<{name}>{text})" for _, name, text in ranked]
    parts.append(f"(?P<{WORD}>{tables.patterns['FIELD'][0]})")
    parts.append("(?P<MARK>" + "|".join(map(re.escape, longest)) + ")")
    parts.append(f"(?P<{BAD}>{_UNCLOSED}|&&|\\|\\||.)")
    space = tables.patterns[SPACE][0]
    return re.compile(f"({space})?(?:{'|'.join(parts)})?", re.DOTALL), tables.marks


def scan(source: Source) -> Scan:
    """Every token and comment of a text; what is no token comes out as BAD, never as an error."""
    pattern, marks = _master()
    text = source.text
    tokens: list[Token] = []
    comments: list[Token] = []
    leads = True
    at = 0
    while found := pattern.match(text, at):
        after, end = found.end(1), found.end()
        if after > at:
            leads = leads or text.find("\n", at, after) >= 0
            at = after
        kind, said = found.lastgroup, text[at:end]
        if kind is None:
            break
        if kind == BAD and len(said) > 1:
            said = _unclosed(source, at, said)
            end = at + len(said)
        if kind == "COMMENT":
            comments.append(Token(kind, said, at, end, leads))
        else:
            kind = marks[said] if kind == "MARK" else kind
            tokens.append(Token(kind, said, at, end, leads))
            leads = False
        at = end
    return Scan(tokens, comments)


def _unclosed(source: Source, at: int, text: str) -> str:
    """An unclosed string, without the braces that close a body opened on the same line."""
    opened = source.text.rfind("{", source.text.rfind("\n", 0, at) + 1, at)
    return text if opened < 0 else text.rstrip("} \t") or text[0]
