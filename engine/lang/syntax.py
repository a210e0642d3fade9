"""Turns a place where parsing stopped into one diagnostic (floor 3)."""

from collections.abc import Sequence

from engine.base.diagnostics import Diagnostic, Fix
from engine.base.near import near
from engine.base.spans import Source
from engine.lang.drive import Failure
from engine.lang.expected import sentence
from engine.lang.mistakes import Stop
from engine.lang.scan import WORD, Token
from engine.lang.statements import BLOCKS, BODIES, homes
from engine.lang.tables import load

_PLACES = {
    "strategy": "a `strategy`",
    "entry": "an `entry`",
    "exit": "an `exit`",
    "latch": "a `latch`",
    "limits": "`limits`",
    "switch": "a `pause`, `halt` or `flatten`",
    "scenario": "a `scenario`",
    "test": "a `test`",
}


def explain(stop: Stop) -> Diagnostic:
    """The plain report: what stands here, and what could."""
    token = stop.at()
    if token is not None:
        return _unexpected(stop, token, stop.failure)
    last = stop.tokens[-1]
    first = stop.tokens[0].text
    span = stop.source.span(last.start, last.end)
    where = f" after `{_short(last.text)}`" if len(stop.tokens) > 1 else ""
    subject = f"`{first}` stops" if first in load().reserved else "the text stops"
    return Diagnostic("SW105", span, f"{subject} too early{where}", sentence(stop.failure.expected))


def _unexpected(stop: Stop, token: Token, failure: Failure) -> Diagnostic:
    span = stop.source.span(token.start, token.end)
    help = sentence(failure.expected)
    fix = None
    close = _near_keyword(token, failure)
    if close is not None:
        help = f"did you mean `{close}`? {help}"
        fix = Fix(span, close, safe=False)
    return Diagnostic("SW104", span, f"`{_short(token.text)}` cannot stand here", help, fix=fix)


def _near_keyword(token: Token, failure: Failure) -> str | None:
    """A keyword that would fit here and looks like the word that stands here."""
    if token.kind != WORD:
        return None
    words = [text for text, kind in load().words.items() if kind in failure.expected]
    found = near(token.text, words)
    return found if found is not None and len(found) > 2 else None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"


def misplaced(source: Source, tokens: Sequence[Token], kind: str) -> Diagnostic:
    """A statement that this body does not know."""
    token = tokens[0]
    span = source.span(token.start, token.end)
    places = [_PLACES[home] for home in homes(token.text)]
    if places and kind not in homes(token.text):
        here = _PLACES.get(kind, "the top of a file")
        help = f"it belongs in {' or '.join(places[:3])}"
        return Diagnostic("SW107", span, f"`{token.text}` does not belong in {here}", help)
    known = list(BODIES.get(kind, BLOCKS))
    close = near(token.text, known) if token.kind == WORD else None
    fix = None if close is None else Fix(span, close, safe=False)
    help = f"did you mean `{close}`?" if close else "known here: " + ", ".join(map(_tick, known))
    return Diagnostic(
        "SW106", span, f"no statement begins with `{_short(token.text)}`", help, fix=fix
    )


def _tick(word: str) -> str:
    return f"`{word}`"


def begins_anew(stop: Stop, kind: str) -> bool:
    """Whether the statement is whole before the failure and another seems to begin there."""
    token = stop.at()
    if (
        token is None
        or token.kind != WORD
        or not stop.failure.is_complete
        or not stop.failure.place
    ):
        return False
    if homes(token.text) or token.text in BLOCKS:
        return True
    if token.leads:
        return token.text not in load().reserved
    after = stop.at(1)
    follows = after is not None and after.kind not in ("COMMA", "RPAR", "DOT")
    return follows and near(token.text, BODIES.get(kind, BLOCKS)) is not None
