"""Mistakes that show in the tokens alone, before any parsing (floor 3)."""

import re
from collections.abc import Sequence

from engine.base.diagnostics import Diagnostic, Fix
from engine.base.spans import Source
from engine.lang.scan import BAD, WORD, Token

_FOREIGN = {"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}
_EXPONENT = r"[eE]([0-9]+)?"
_CAPITALS = r"[A-Z][A-Z0-9]*"
_SUSPECT = frozenset([BAD, "NUMBER", "MONEY", "DOT", "SLASH", "EQUAL"])
"""What every mistake here begins with, besides the word `of`."""
_ADVICE = {
    ";": "statements need no separator; remove it",
    "^": "a symbol that is no plain word needs quotes, as in `'^GSPC'`; for a power use `*`",
    "@": "prices after `at` follow the word, as in `stop hard at 95`",
    "\u201c": 'use the straight quote `"`',
    "\u201d": 'use the straight quote `"`',
    "\u2018": "use the straight quote `'`",
    "\u2019": "use the straight quote `'`",
    "\u2212": "use the plain minus sign `-`",
    "\u00a0": "replace this no-break space by a plain one",
}


def lexical(source: Source, tokens: Sequence[Token]) -> Diagnostic | None:
    """The first mistake among tokens that no grammar could mend, or None."""
    for index, token in enumerate(tokens):
        if token.kind not in _SUSPECT and token.text != "of":
            continue
        found = (
            _bad(source, tokens, index)
            or _exponent(source, tokens, index)
            or _fraction(source, tokens, index)
            or _grouping(source, tokens, index)
            or _symbol(source, tokens, index)
        )
        if found is not None:
            return found
        if token.text == "/" and _touching(tokens, index) and tokens[index + 1].text == "/":
            span = source.span(token.start, token.end + 1)
            help = "comments start with `#`"
            return Diagnostic("SW127", span, "`//` does not start a comment here", help)
    return None


def _touching(tokens: Sequence[Token], index: int) -> bool:
    """Whether another token follows without a space."""
    return index + 1 < len(tokens) and tokens[index + 1].start == tokens[index].end


def _bad(source: Source, tokens: Sequence[Token], index: int) -> Diagnostic | None:
    token = tokens[index]
    if token.kind != BAD:
        return None
    span = source.span(token.start, token.end)
    if token.text[0] in "\"'":
        help = f"close it with `{token.text[0]}` on the same line"
        return Diagnostic("SW111", span, "this text is never closed", help)
    if token.text in _FOREIGN:
        word = _FOREIGN[token.text]
        fix = Fix(span, f"{word} ", safe=True) if word == "not" else Fix(span, word, safe=True)
        message = f"`{token.text}` is no operator here"
        return Diagnostic("SW127", span, message, f"write `{word}`", fix=fix)
    if token.text == "%":
        return _percent(source, tokens, index)
    shown = token.text if token.text.isprintable() else f"U+{ord(token.text):04X}"
    help = _ADVICE.get(token.text, "remove it, or put it in quotes if it is part of a text")
    return Diagnostic("SW112", span, f"`{shown}` has no meaning here", help)


def _percent(source: Source, tokens: Sequence[Token], index: int) -> Diagnostic:
    span = source.span(tokens[index].start, tokens[index].end)
    before = tokens[index - 1] if index else None
    message = "a percent sign stands right after a number"
    if before is not None and before.kind == "NUMBER":
        joined = source.span(before.start, tokens[index].end)
        fix = Fix(joined, f"{before.text}%", safe=True)
        return Diagnostic("SW129", span, message, f"write `{before.text}%`", fix=fix)
    help = "write a percentage such as `10%`; a name may hold one: `param aim = 10%`"
    return Diagnostic("SW129", span, message, help)


def _exponent(source: Source, tokens: Sequence[Token], index: int) -> Diagnostic | None:
    if tokens[index].kind not in ("NUMBER", "MONEY") or not _touching(tokens, index):
        return None
    after = tokens[index + 1]
    match = re.fullmatch(_EXPONENT, after.text) if after.kind == WORD else None
    if match is None:
        return None
    end = after.end
    digits = match.group(1)
    if digits is None:
        if not (_touching(tokens, index + 1) and tokens[index + 2].kind in ("MINUS", "PLUS")):
            return None
        end = tokens[index + 3].end if _touching(tokens, index + 2) else tokens[index + 2].end
    span = source.span(tokens[index].start, end)
    text = source.text[span.start : span.end]
    plain = _plain(tokens[index].text, digits)
    help = f"write `{plain}`" if plain else "write the number out, as in `1_000` or `0.001`"
    fix = Fix(span, plain, safe=True) if plain else None
    return Diagnostic("SW122", span, f"`{text}` is no number here", help, fix=fix)


def _plain(number: str, digits: str | None) -> str | None:
    if digits is None or len(digits) > 2 or int(digits) > 12:
        return None
    from decimal import Decimal

    sign = "$" if number.startswith("$") else ""
    value = Decimal(number.lstrip("$").replace("_", "")) * 10 ** int(digits)
    whole = value == value.to_integral_value()
    return sign + (f"{int(value):_}" if whole else f"{value.normalize():f}")


def _fraction(source: Source, tokens: Sequence[Token], index: int) -> Diagnostic | None:
    token = tokens[index]
    follows = index > 0 and _touching(tokens, index - 1)
    if token.kind != "DOT" or follows or not _touching(tokens, index):
        return None
    after = tokens[index + 1]
    if after.kind not in ("NUMBER", "PERCENT"):
        return None
    span = source.span(token.start, after.end)
    fix = Fix(span, f"0.{after.text}", safe=True)
    return Diagnostic("SW131", span, "a number starts with a digit", f"write `{fix.text}`", fix=fix)


def _grouping(source: Source, tokens: Sequence[Token], index: int) -> Diagnostic | None:
    if tokens[index].kind != "MONEY" or not _touching(tokens, index):
        return None
    if tokens[index + 1].kind != "COMMA" or not _touching(tokens, index + 1):
        return None
    after = tokens[index + 2]
    if after.kind != "NUMBER" or len(after.text.split(".")[0]) != 3:
        return None
    span = source.span(tokens[index].start, after.end)
    fix = Fix(span, f"{tokens[index].text}_{after.text}", safe=False)
    help = f"write `{fix.text}`: thousands are grouped with `_`"
    return Diagnostic("SW131", span, "a comma ends a number", help, fix=fix)


def _symbol(source: Source, tokens: Sequence[Token], index: int) -> Diagnostic | None:
    if tokens[index].text not in ("of", "=") or index + 3 >= len(tokens):
        return None
    first, mark, last = tokens[index + 1 : index + 4]
    if not (_touching(tokens, index + 1) and _touching(tokens, index + 2)):
        return None
    is_symbol = re.fullmatch(_CAPITALS, first.text) and re.fullmatch(_CAPITALS, last.text)
    if not is_symbol or mark.kind not in ("DOT", "SLASH", "MINUS"):
        return None
    if tokens[index].text == "=" and mark.kind != "DOT":
        return None
    span = source.span(first.start, last.end)
    text = source.text[span.start : span.end]
    fix = Fix(span, f"'{text}'", safe=False)
    return Diagnostic("SW128", span, f"symbol `{text}` needs quotes", f"write `'{text}'`", fix=fix)
