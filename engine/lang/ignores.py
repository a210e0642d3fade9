"""Waivers in comments: `# seawall: ignore SW501 reason` (floor 3)."""

import re

from engine.base.diagnostics import Diagnostic
from engine.base.frozen import dataclass
from engine.base.spans import Source, Span
from engine.lang.scan import Scan, Token, scan

_WAIVER = r"#\s*seawall:\s*(?P<verb>\w*)\s*(?P<code>SW\d{3}\b)?[\s:,]*(?P<why>.*)"


@dataclass(frozen=True, slots=True)
class Ignore:
    """A waiver of one code on one line: the comment's own, or the next if it stands alone."""

    code: str
    reason: str
    line: int
    span: Span


def _read(source: Source, comment: Token, tokens: list[Token]) -> Ignore | Diagnostic | None:
    match = re.match(_WAIVER, comment.text) if "seawall:" in comment.text else None
    if match is None:
        return None
    span = source.span(comment.start, comment.start + len(comment.text.rstrip()))
    if match["verb"] != "ignore" or match["code"] is None or not match["why"].strip():
        help = "write `# seawall: ignore SW501` and then the reason"
        return Diagnostic("SW136", span, "a waiver names one code and gives a reason", help)
    line = span.line
    if comment.leads:
        below = next((token for token in tokens if token.start > comment.start), None)
        line = source.position(below.start)[0] if below is not None else line
    return Ignore(match["code"], match["why"].strip(), line, span)


def _all(source: Source, scanned: Scan) -> list[Ignore | Diagnostic]:
    found = (_read(source, comment, scanned.tokens) for comment in scanned.comments)
    return [item for item in found if item is not None]


def ignores(source: Source) -> list[Ignore]:
    """Every well-formed waiver of a text; malformed ones are SW136 diagnostics of `parse`."""
    return [item for item in _all(source, scan(source)) if isinstance(item, Ignore)]


def malformed(source: Source, scanned: Scan) -> list[Diagnostic]:
    """What is wrong with the waivers of a scanned text."""
    return [item for item in _all(source, scanned) if isinstance(item, Diagnostic)]
