"""Cuts the tokens of a file into statements, so that one mistake never hides the next (floor 3).

A block opens at a block word, a statement at a statement word of the body it stands in. Braces are
paired inside each block; where they do not pair, the statement words tell which one is missing.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.lang.scan import WORD, Token
from engine.lang.statements import BLOCKS, BODIES, NESTED, SOFT
from engine.lang.tables import load

Tokens = Sequence[Token]

_TAKES_NAME = frozenset(["long", "short", "spread"])
_ENDS_STATEMENT = frozenset(["na", "stale", "deny", "skip", "entry"])
_OPENERS = frozenset(
    [
        "LPAR",
        "LSQB",
        "COMMA",
        "EQUAL",
        "DOT",
        "PLUS",
        "MINUS",
        "STAR",
        "SLASH",
        "CMP",
        "RANGE",
        "COLON",
    ]
)
_OPERATOR_WORDS = frozenset(
    [
        "and",
        "or",
        "crosses",
        "within",
        "between",
        "is",
        "for",
        "of",
        "on",
        "since",
        "then",
        "else",
        "leads",
        "above",
        "below",
    ]
)


class Body(NamedTuple):
    """A head, the tokens between its braces, what follows them, and whether a `{` stood there."""

    head: Tokens
    inner: Tokens
    rest: Tokens
    is_open: bool


class Brace(NamedTuple):
    """What is wrong with the braces of a block: a brace that is never closed, or one too many."""

    token: Token
    is_missing: bool


def split_blocks(tokens: Tokens) -> tuple[Tokens, list[Tokens]]:
    """The tokens before the first block, and those of each block."""
    cuts = []
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind == WORD and token.text in BLOCKS and _opens_block(tokens, index, depth):
            cuts.append(index)
            depth = 0
        depth += (token.kind == "LBRACE") - (token.kind == "RBRACE")
    edges = [*cuts, len(tokens)]
    return tokens[: edges[0]], [tokens[a:b] for a, b in pairwise(edges)]


def _opens_block(tokens: Tokens, index: int, depth: int) -> bool:
    token = tokens[index]
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if before is not None and before.text in (".", "on", "scope"):
        return False
    if depth <= 0 and (token.leads or before is None or before.kind in ("RBRACE", "STRING")):
        return True
    if after is None or not (_is_name(after) or after.kind in ("STRING", "BAD")):
        return depth <= 0 and _can_end(tokens, index - 1)
    if token.text == "test" and after.kind == WORD:
        return False
    return token.leads or _can_end(tokens, index - 1)


def _is_name(token: Token) -> bool:
    return token.kind in (WORD, "TIMES") and token.text not in load().reserved


def _can_end(tokens: Tokens, index: int) -> bool:
    """Whether a statement could be over with this token."""
    if index < 0:
        return True
    token = tokens[index]
    if token.kind != WORD:
        return token.kind not in _OPENERS
    if token.text == "entry":
        return index > 0 and tokens[index - 1].text == "since"
    if token.text in _TAKES_NAME:
        return not (index > 0 and tokens[index - 1].text == "entry")
    return token.text not in load().reserved or token.text in _ENDS_STATEMENT


def opens_statement(tokens: Tokens, index: int, kind: str) -> bool:
    """Whether the word at `index` begins a statement of a body of this kind."""
    token = tokens[index]
    if token.kind != WORD or token.text not in BODIES[kind]:
        return False
    before = tokens[index - 1].text if index else ""
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if before == "." or (after is not None and after.kind == "DOT"):
        return False
    if before in ("on", "scope", "since") or (
        before == "order" and token.text in ("stop", "limit")
    ):
        return False
    if token.text == "size" and index >= 2 and tokens[index - 2].text in ("buy", "sell"):
        return False
    if token.text in SOFT and after is not None and not _soft_opens(token, after):
        return False
    return token.leads or _can_end(tokens, index - 1)


def _soft_opens(token: Token, after: Token) -> bool:
    if after.kind == WORD:
        return after.text not in _OPERATOR_WORDS
    return token.leads and after.kind not in _OPENERS | {"RPAR", "RSQB"}


def split_statements(tokens: Tokens, kind: str) -> list[Tokens]:
    """The tokens of each statement of a body; the first may be what stands before any word."""
    cuts = [0]
    depth = 0
    for index, token in enumerate(tokens):
        if depth == 0 and index and opens_statement(tokens, index, kind):
            cuts.append(index)
        depth += (token.kind == "LBRACE") - (token.kind == "RBRACE")
    edges = [*cuts, len(tokens)]
    return [tokens[a:b] for a, b in pairwise(edges) if b > a]


def split_body(tokens: Tokens, kind: str) -> Body:
    """Part head and body of a braced statement or block."""
    opened = next((i for i, t in enumerate(tokens) if t.kind == "LBRACE"), None)
    stop = _first_statement(tokens, kind)
    if opened is None or stop < opened:
        return _unopened(tokens, stop)
    depth = 0
    for index in range(opened, len(tokens)):
        depth += (tokens[index].kind == "LBRACE") - (tokens[index].kind == "RBRACE")
        if depth == 0:
            inner, rest = tokens[opened + 1 : index], tokens[index + 1 :]
            return Body(tokens[:opened], inner, rest, is_open=True)
    return Body(tokens[:opened], tokens[opened + 1 :], (), is_open=True)


def _first_statement(tokens: Tokens, kind: str) -> int:
    """Where the first line begins that a statement of the body opens."""
    found = (
        i for i in range(1, len(tokens)) if tokens[i].leads and opens_statement(tokens, i, kind)
    )
    return next(found, len(tokens))


def _unopened(tokens: Tokens, stop: int) -> Body:
    """A head without its `{`: the body is what follows, without the brace that would close it."""
    head = tokens[:stop]
    inner = tokens[stop:]
    depth = 0
    for index, token in enumerate(inner):
        depth += (token.kind == "LBRACE") - (token.kind == "RBRACE")
        if depth < 0:
            return Body(head, inner[:index], inner[index + 1 :], is_open=False)
    return Body(head, inner, (), is_open=False)


def balance(tokens: Tokens, kind: str) -> tuple[Tokens, Brace | None]:
    """The tokens of a block with its braces paired, and the first brace that had no partner.

    A missing brace is supplied where a statement of the outer body begins a line; a brace too many
    is dropped where it would close the block early.
    """
    opened = sum(token.kind == "LBRACE" for token in tokens)
    closed = sum(token.kind == "RBRACE" for token in tokens)
    if opened == closed:
        return tokens, None
    if opened < closed:
        return _without_extra(tokens, kind)
    return _with_missing(tokens, kind)


def _without_extra(tokens: Tokens, kind: str) -> tuple[Tokens, Brace | None]:
    excess = sum((t.kind == "RBRACE") - (t.kind == "LBRACE") for t in tokens)
    opened = next((i for i, t in enumerate(tokens) if t.kind == "LBRACE"), len(tokens))
    if opened == len(tokens) or _first_statement(tokens, kind) < opened:
        return tokens, None
    kept: list[Token] = []
    stray: Token | None = None
    depth = 0
    for token in tokens:
        if token.kind == "RBRACE" and depth <= 1 and excess:
            excess -= 1
            stray = stray or token
            continue
        depth += (token.kind == "LBRACE") - (token.kind == "RBRACE")
        kept.append(token)
    return kept, None if stray is None else Brace(stray, is_missing=False)


def _with_missing(tokens: Tokens, kind: str) -> tuple[Tokens, Brace]:
    kept: list[Token] = []
    stack: list[tuple[Token, str]] = []
    word = ""
    culprit: Token | None = None
    for index, token in enumerate(tokens):
        inside = stack[-1][1] if stack else kind
        if len(stack) > 1 and token.leads and _belongs_outside(tokens, index, stack):
            unclosed, _ = stack.pop()
            culprit = culprit or unclosed
            kept.append(Token("RBRACE", "", token.start, token.start, False))
            inside = stack[-1][1]
        if inside in BODIES and opens_statement(tokens, index, inside):
            word = token.text
        if token.kind == "LBRACE":
            stack.append((token, kind if not stack else NESTED.get(word, "")))
        elif token.kind == "RBRACE" and stack:
            stack.pop()
        kept.append(token)
    if culprit is None:
        culprit = stack[-1][0]
    return kept, Brace(culprit, is_missing=True)


def _belongs_outside(tokens: Tokens, index: int, stack: list[tuple[Token, str]]) -> bool:
    inner, outer = stack[-1][1], stack[-2][1]
    if outer not in BODIES or not opens_statement(tokens, index, outer):
        return False
    return inner not in BODIES or tokens[index].text not in BODIES[inner]
