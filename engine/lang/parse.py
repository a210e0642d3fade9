"""Rule text to syntax tree: the only door into the language (floor 3).

Each statement is parsed alone: a mistake gives one diagnostic and the rest of the file stands.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.base.diagnostics import Diagnostic, Fix, in_order
from engine.base.spans import Source, Span
from engine.base.spans import source as make_source
from engine.lang import ast
from engine.lang.assemble import Part, assemble
from engine.lang.build import ACTIONS
from engine.lang.building import Building
from engine.lang.chunks import (
    Brace,
    balance,
    opens_statement,
    split_blocks,
    split_body,
    split_statements,
)
from engine.lang.drive import Failure, parse_tokens
from engine.lang.ignores import Ignore, ignores, malformed
from engine.lang.lexical import lexical
from engine.lang.mistakes import Stop, known_mistake
from engine.lang.scan import WORD, Token, scan
from engine.lang.statements import BLOCKS, BODIES, NESTED
from engine.lang.syntax import begins_anew, explain, misplaced

__all__ = [
    "VERSION", "Ignore", "decode", "ignores", "parse", "parse_expr", "parse_file", "parse_literal",
    "parse_text",
]  # fmt: skip

VERSION = 1
"""The language version that a `rules` header may name."""

MAX_CHARACTERS = 2_000_000


class _Reading:
    """One file on its way through the parser."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []

    def span(self, tokens: Sequence[Token]) -> Span:
        return self.source.span(tokens[0].start, tokens[-1].end)

    def say(self, diagnostic: Diagnostic) -> None:
        self.diagnostics.append(diagnostic)

    @property
    def error_count(self) -> int:
        return sum(d.severity == "error" for d in self.diagnostics)


def parse(source: Source) -> tuple[ast.RuleFile, list[Diagnostic]]:
    """Parse a whole rule file; never raises, every mistake is a diagnostic, in order of place."""
    refused = _unreadable(source)
    if refused is not None:
        return ast.RuleFile(source.file, VERSION, ()), [refused]
    reading = _Reading(source)
    scanned = scan(source)
    preamble, blocks = split_blocks(scanned.tokens)
    version = _header(reading, preamble, blocks)
    found = [_block(reading, tokens) for tokens in blocks]
    reading.diagnostics.extend(malformed(source, scanned))
    kept = tuple(block for block in found if block is not None)
    return ast.RuleFile(source.file, version, kept), in_order(reading.diagnostics)


def parse_text(file: str, text: str) -> tuple[ast.RuleFile, list[Diagnostic]]:
    """Parse rule text under a file name; a byte order mark is dropped."""
    return parse(make_source(file, text.removeprefix("\ufeff")))


def parse_file(path: Path) -> tuple[ast.RuleFile, list[Diagnostic]]:
    """Read and parse a rule file; bytes that are not UTF-8 are SW101. Raises OSError."""
    text, problem = decode(str(path), path.read_bytes())
    if problem is not None:
        return ast.RuleFile(str(path), VERSION, ()), [problem]
    return parse(text)


def parse_expr(source: Source) -> tuple[ast.Expr | None, list[Diagnostic]]:
    """Parse a text that holds one expression."""
    return _alone("expr", source)


def parse_literal(source: Source) -> tuple[ast.Literal | None, list[Diagnostic]]:
    """Parse a text that holds one literal such as `-10%` or `20 bars`."""
    return _alone("signed", source)


def decode(file: str, data: bytes) -> tuple[Source, Diagnostic | None]:
    """Bytes to source; the second value reports bytes that are not UTF-8."""
    try:
        return make_source(file, data.decode("utf-8").removeprefix("\ufeff")), None
    except UnicodeDecodeError as error:
        source = make_source(file, data[: error.start].decode("utf-8").removeprefix("\ufeff"))
        end = len(source.text)
        message = f"byte 0x{data[error.start]:02X} is not UTF-8"
        help = "save the file as UTF-8"
        return source, Diagnostic("SW101", source.span(end, end), message, help)


def _unreadable(source: Source) -> Diagnostic | None:
    nul = source.text.find("\0")
    if nul >= 0:
        help = "save the file as plain UTF-8 text"
        return Diagnostic(
            "SW101", source.span(nul, nul + 1), "the file holds a NUL character", help
        )
    if len(source.text) > MAX_CHARACTERS:
        message = f"the file is longer than {MAX_CHARACTERS:_} characters"
        return Diagnostic("SW101", source.span(0, 0), message, "split it into several rule files")
    return None


def _alone(start: str, source: Source) -> tuple[Any, list[Diagnostic]]:
    refused = _unreadable(source)
    if refused is not None:
        return None, [refused]
    tokens = scan(source).tokens
    if not tokens:
        end = len(source.text)
        help = "write one, such as `sma(close, 20 bars)`"
        return None, [Diagnostic("SW105", source.span(end, end), "there is no expression", help)]
    reading = _Reading(source)
    value = _parse(reading, start, tokens, None)
    return value, in_order(reading.diagnostics)


def _header(reading: _Reading, tokens: Sequence[Token], blocks: list[Sequence[Token]]) -> int:
    if not tokens:
        first = blocks[0][0].start if blocks else 0
        span = reading.source.span(first, first)
        fix = Fix(reading.source.span(0, 0), f"rules {VERSION}\n", safe=True)
        help = f"begin the file with `rules {VERSION}`"
        message = f"the header `rules {VERSION}` is missing" if blocks else "the file is empty"
        reading.say(Diagnostic("SW102", span, message, help, fix=fix))
        return VERSION
    if tokens[0].text != "rules":
        return _bad_header(reading, tokens)
    value = _parse(reading, "header", tokens, "file")
    if value is not None and value.text != str(VERSION):
        span = reading.source.span(value.start, value.end)
        message = f"language version `{value.text}` is not known"
        help = f"this seawall reads version {VERSION}; write `rules {VERSION}`"
        reading.say(Diagnostic("SW103", span, message, help))
    return VERSION


def _bad_header(reading: _Reading, tokens: Sequence[Token]) -> int:
    is_block = len(tokens) > 1 and (tokens[1].kind == WORD or tokens[1].kind == "STRING")
    if is_block:
        reading.say(misplaced(reading.source, tokens, "file"))
        return VERSION
    message = f"the file begins with `{tokens[0].text[:40]}`, not with its header"
    help = f"begin the file with `rules {VERSION}`"
    reading.say(Diagnostic("SW102", reading.span(tokens[:1]), message, help))
    return VERSION


def _parse(reading: _Reading, start: str, tokens: Sequence[Token], kind: str | None) -> Any:
    """The value of one statement, or None after reporting why there is none."""
    problem = lexical(reading.source, tokens)
    if problem is not None:
        reading.say(problem)
        return None
    building = Building(reading.source)
    result = parse_tokens(start, tokens, ACTIONS, building)
    if not isinstance(result, Failure):
        reading.diagnostics.extend(building.problems)
        return result.value
    stop = Stop(reading.source, tokens, result)
    found = known_mistake(stop)
    if found is None and kind not in (None, "head") and begins_anew(stop, kind):
        reading.say(misplaced(reading.source, tokens[result.place :], kind))
        building = Building(reading.source)
        again = parse_tokens(start, tokens[: result.place], ACTIONS, building)
        return None if isinstance(again, Failure) else again.value
    if kind == "head" and result.is_complete and stop.at() is not None:
        found = found or _bodiless(reading, tokens[0], tokens[result.place])
    reading.say(found or explain(stop))
    return None


def _bodiless(reading: _Reading, word: Token, at: Token) -> Diagnostic:
    message = f"`{word.text}` has no body"
    help = "open it with `{` and close it with `}`"
    return Diagnostic("SW108", reading.span([at]), message, help)


def _block(reading: _Reading, tokens: Sequence[Token]) -> ast.Block | None:
    word = tokens[0].text
    if word not in BODIES:
        plain: ast.Block | None = _parse(reading, BLOCKS[word], tokens, "file")
        return plain
    balanced, brace = balance(tokens, word)
    if brace is not None:
        reading.say(_brace(reading, word, brace))
    is_reported = brace is not None
    block: ast.Block | None = _braced(reading, BLOCKS[word], balanced, word, "file", is_reported)
    return block


def _brace(reading: _Reading, word: str, brace: Brace) -> Diagnostic:
    span = reading.span([brace.token])
    if brace.is_missing:
        message = "this brace is never closed"
        return Diagnostic("SW108", span, message, "add `}` after the last statement inside")
    message = f"one `}}` too many in this `{word}`"
    return Diagnostic("SW109", span, message, "remove it, or add the `{` that it should close")


def _braced(
    reading: _Reading,
    start: str,
    tokens: Sequence[Token],
    kind: str,
    outside: str,
    is_reported: bool,
) -> Any:
    """A head with a body in braces; None when its head did not parse."""
    body = split_body(tokens, kind)
    before = reading.error_count
    head = _parse(reading, start, body.head, None if body.is_open else "head")
    if head is not None and not body.is_open and not is_reported:
        reading.say(_bodiless(reading, tokens[0], body.head[-1]))
        is_reported = True
    parts = _statements(reading, body.inner, kind)
    if body.rest and not is_reported:
        reading.say(_misplaced_rest(reading, body.rest, outside))
    if head is None:
        return None
    value, problems = assemble(head, parts, reading.span(tokens))
    if reading.error_count == before:
        reading.diagnostics.extend(problems)
    return value


def _misplaced_rest(reading: _Reading, rest: Sequence[Token], outside: str) -> Diagnostic:
    """Report what follows a closing brace and begins nothing."""
    if rest[0].kind == "RBRACE":
        help = "remove it, or add the `{` that it should close"
        return Diagnostic("SW109", reading.span(rest[:1]), "this brace closes nothing", help)
    return misplaced(reading.source, rest, outside)


def _statements(reading: _Reading, tokens: Sequence[Token], kind: str) -> list[Part]:
    parts = []
    for chunk in split_statements(tokens, kind):
        if not opens_statement(chunk, 0, kind):
            reading.say(_misplaced_rest(reading, chunk, kind))
            continue
        word = chunk[0].text
        start = BODIES[kind][word]
        if word in NESTED:
            value = _braced(reading, start, chunk, NESTED[word], kind, False)
        else:
            value = _parse(reading, start, chunk, kind)
        if value is not None:
            parts.append(Part(word, reading.span(chunk[:1]), value))
    return parts
