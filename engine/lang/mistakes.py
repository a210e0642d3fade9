"""Mistakes people really make in expressions and statements, each with its own code (floor 3).

Every function here looks at where the parser stopped and answers with a diagnostic, or None.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.base.diagnostics import Diagnostic, Fix
from engine.base.spans import Source
from engine.lang.drive import MAX_DEPTH, Failure
from engine.lang.scan import WORD, Token
from engine.lang.statements import BLOCKS, homes
from engine.lang.tables import load


class Stop(NamedTuple):
    """Where parsing stopped, and in what."""

    source: Source
    tokens: Sequence[Token]
    failure: Failure

    def at(self, offset: int = 0) -> Token | None:
        """The token `offset` places from the failure, or None outside the statement."""
        index = self.failure.place + offset
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def text(self, offset: int = 0) -> str:
        """Its text, empty outside the statement."""
        token = self.at(offset)
        return "" if token is None else token.text


def _report(
    stop: Stop,
    token: Token,
    code: str,
    message: str,
    help: str,
    fix: Fix | None = None,
) -> Diagnostic:
    span = stop.source.span(token.start, token.end)
    return Diagnostic(code, span, message, help, fix=fix)


def _deep(stop: Stop) -> Diagnostic | None:
    token = stop.at()
    if not stop.failure.is_deep or token is None:
        return None
    message = f"expression nests deeper than {MAX_DEPTH} levels"
    return _report(stop, token, "SW115", message, "name its parts with `let`")


def _chained(stop: Stop) -> Diagnostic | None:
    token = stop.at()
    if token is None or token.kind != "CMP":
        return None
    first = _earlier_comparison(stop)
    if first is None:
        return None
    left = _operand(stop, first - 1, -1)
    middle = (stop.tokens[first + 1].start, stop.tokens[stop.failure.place - 1].end)
    right = _operand(stop, stop.failure.place + 1, 1)
    fix = None
    help = "write `x between low to high`, or join two comparisons with `and`"
    signs = {stop.tokens[first].text[0], token.text[0]}
    if left and right and len(signs) == 1 and signs <= {"<", ">"}:
        low, high = (left, right) if "<" in signs else (right, left)
        text = stop.source.text
        new = f"{text[slice(*middle)]} between {text[slice(*low)]} to {text[slice(*high)]}"
        fix = Fix(stop.source.span(left[0], right[1]), new, safe=False)
        help = f"write `{new}`"
    return _report(stop, token, "SW120", "comparisons cannot be chained", help, fix)


def _earlier_comparison(stop: Stop) -> int | None:
    depth = 0
    for index in range(stop.failure.place - 1, -1, -1):
        token = stop.tokens[index]
        depth += (token.kind in ("RPAR", "RSQB")) - (token.kind in ("LPAR", "LSQB"))
        if depth < 0 or (depth == 0 and token.text in ("and", "or", "not", "when", "=", ",")):
            return None
        if depth == 0 and token.kind == "CMP":
            return index
    return None


def _operand(stop: Stop, index: int, step: int) -> tuple[int, int] | None:
    """Offsets of the operand that starts (or, going left, ends) at `index`."""
    edge = start = index
    depth = 0
    closing, opening = ("RPAR", "LPAR") if step < 0 else ("LPAR", "RPAR")
    while 0 <= index < len(stop.tokens):
        token = stop.tokens[index]
        depth += (token.kind == closing) - (token.kind == opening)
        is_word = token.kind == WORD and token.text in load().reserved and token.text != "of"
        if depth < 0 or (depth == 0 and (is_word or token.kind in ("CMP", "EQUAL", "COMMA"))):
            break
        edge = index
        index += step
    else:
        index = edge + step
    if index == start:
        return None
    low, high = sorted((start, edge))
    return stop.tokens[low].start, stop.tokens[high].end


def _na_compared(stop: Stop) -> Diagnostic | None:
    token, sign = stop.at(), stop.at(-1)
    if token is None or sign is None or sign.kind != "CMP" or token.text not in ("na", "stale"):
        return None
    message = f"nothing compares with `{token.text}`, not even itself"
    if sign.text != "==":
        help = f"write `x is {token.text}`, or `not x is {token.text}`"
        return _report(stop, token, "SW121", message, help)
    fix = Fix(stop.source.span(sign.start, token.end), f"is {token.text}", safe=False)
    return _report(stop, token, "SW121", message, f"write `is {token.text}`", fix)


def _is_not(stop: Stop) -> Diagnostic | None:
    token = stop.at()
    if token is None or token.text != "not" or stop.text(-1) != "is":
        return None
    help = "put `not` in front: `not x is na`"
    return _report(stop, token, "SW139", "`is not` is no operator", help)


def _mixed_logic(stop: Stop) -> Diagnostic | None:
    token = stop.at()
    if token is None or token.text not in ("and", "or"):
        return None
    other = "or" if token.text == "and" else "and"
    if other.upper() not in stop.failure.expected:
        return None
    message = "`and` and `or` are mixed without parentheses"
    help = "put parentheses round the part that belongs together, as in `a and (b or c)`"
    return _report(stop, token, "SW123", message, help)


def _history(stop: Stop) -> Diagnostic | None:
    token = stop.at()
    if token is None or "LSQB" not in (k.kind for k in stop.tokens[: stop.failure.place]):
        return None
    before = stop.at(-1)
    if before is not None and before.kind == "LSQB":
        if token.kind == "MINUS":
            help = "count back with a positive number: `x[1]` is one bar ago"
            return _report(stop, token, "SW124", "the future cannot be read", help)
        help = "write a plain number such as `x[1]`; for a variable span use a window function"
        return _report(stop, token, "SW125", "history takes a literal number of bars", help)
    opener = stop.at(-2)
    if "RSQB" in stop.failure.expected and opener is not None and opener.kind == "LSQB":
        help = "write a plain number such as `x[1]`, without a unit"
        return _report(stop, token, "SW125", "history takes a literal number of bars", help)
    return None


def _single_equals(stop: Stop) -> Diagnostic | None:
    token = stop.at()
    if token is None or token.kind != "EQUAL" or "CMP" not in stop.failure.expected:
        return None
    after = stop.at(1)
    if after is not None and after.text in ("<", ">") and after.start == token.end:
        meant, span = f"{after.text}=", stop.source.span(token.start, after.end)
        message, fix = f"`={after.text}` is no comparison", Fix(span, meant, safe=True)
        return Diagnostic("SW126", span, message, f"write `{meant}`", fix=fix)
    fix = Fix(stop.source.span(token.start, token.end), "==", safe=True)
    return _report(stop, token, "SW126", "`=` gives a name, it does not compare", "write `==`", fix)


def _named_count(stop: Stop) -> Diagnostic | None:
    token, name = stop.at(), stop.at(-1)
    if token is None or name is None or token.kind != WORD or stop.text(-2) != "for":
        return None
    if name.kind != WORD or token.text.rstrip("s") != "bar":
        return None
    fix = Fix(stop.source.span(name.start, token.end), name.text, safe=True)
    message = f"`{name.text}` carries its own unit"
    return _report(stop, token, "SW137", message, f"write `for {name.text}`", fix)


def _dotted_symbol(stop: Stop) -> Diagnostic | None:
    token, name = stop.at(), stop.at(-1)
    if token is None or name is None or (stop.text(-3) != "leg" and stop.tokens[0].text != "leg"):
        return None
    if token.kind not in ("DOT", "SLASH", "MINUS") or name.kind != WORD:
        return None
    message = f"a symbol with `{token.text}` in it needs quotes"
    return _report(stop, token, "SW128", message, "write it as in `'BRK.B'`")


def _reserved(stop: Stop) -> Diagnostic | None:
    token = stop.at()
    if token is None or token.kind != WORD or token.text not in load().reserved:
        return None
    opens = bool(homes(token.text)) or token.text in BLOCKS
    is_naming = "NAME" in stop.failure.expected and "NUMBER" not in stop.failure.expected
    if not is_naming and not (opens and "NAME" in stop.failure.expected):
        return None
    fix = Fix(stop.source.span(token.start, token.end), f"{token.text}_", safe=False)
    message = f"`{token.text}` is a word of the language and cannot be a name"
    return _report(stop, token, "SW110", message, "choose another name", fix)


def _missing_when(stop: Stop) -> Diagnostic | None:
    token = stop.at()
    if token is None or stop.failure.expected != {"WHEN"}:
        return None
    fix = Fix(stop.source.span(token.start, token.start), "when ", safe=True)
    message = f"`when` is missing before `{token.text}`"
    return _report(stop, token, "SW113", message, "write `when` and then the condition", fix)


MISTAKES: tuple[Callable[[Stop], Diagnostic | None], ...] = (
    _deep,
    _chained,
    _na_compared,
    _is_not,
    _mixed_logic,
    _history,
    _single_equals,
    _named_count,
    _dotted_symbol,
    _missing_when,
    _reserved,
)
"""Tried in order; the first that knows the mistake speaks."""


def known_mistake(stop: Stop) -> Diagnostic | None:
    """The diagnostic of a mistake we know, or None."""
    return next((found for rule in MISTAKES if (found := rule(stop)) is not None), None)
