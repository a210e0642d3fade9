"""Diagnostics as people and programs read them (floor 3)."""

from collections.abc import Mapping
from typing import Any

from engine.base.diagnostics import Diagnostic, Severity
from engine.base.spans import Source, Span

_COLORS: dict[Severity, str] = {"error": "31;1", "warning": "33;1", "later": "36;1"}
_WIDTH = 100
_GAP = 6


def _paint(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


def _excerpt(line: str, column: int) -> tuple[str, int]:
    """The part of a line that holds the column, and the column inside that part."""
    shown = "".join(c if c.isprintable() else " " for c in line)
    if len(shown) <= _WIDTH:
        kept = shown.lstrip()
        return kept.rstrip(), column - (len(shown) - len(kept))
    start = max(0, column - 1 - _WIDTH // 2)
    part = shown[start : start + _WIDTH]
    left = "…" if start else ""
    right = "…" if start + _WIDTH < len(shown) else ""
    return f"{left}{part}{right}", column - start + len(left)


def _place(span: Span, sources: Mapping[str, Source], color: bool) -> list[str]:
    """The line `file:line:col  text` and a line of carets below the span."""
    place = f"{span.file}:{span.line}:{span.column}"
    source = sources.get(span.file)
    if source is None or span.line > len(source.starts):
        return [f"  {place}"]
    text, column = _excerpt(source.line(span.line), span.column)
    if not text:
        return [f"  {place}"]
    end = span.end_column if span.end_line == span.line else span.column + _WIDTH
    width = max(1, min(end - span.column, len(text) - column + 1))
    margin = " " * (2 + len(place) + 2 + max(0, column - 1))
    return [f"  {place}  {text}", margin + _paint("^" * width, "32;1", color)]


def render(diagnostic: Diagnostic, sources: Mapping[str, Source], color: bool = False) -> str:
    """A diagnostic as lines of text: title, place with the source line, notes, help.

    `sources` maps file names to their texts; a file it lacks is shown by its place alone.
    """
    head = f"{diagnostic.severity}[{diagnostic.code}]"
    lines = [f"{_paint(head, _COLORS[diagnostic.severity], color)}: {diagnostic.message}"]
    lines += _place(diagnostic.span, sources, color)
    for note in diagnostic.notes:
        lines.append(f"  note: {note.message}")
        lines += _place(note.span, sources, color)
    lines.append(_help(diagnostic, color))
    return "\n".join(lines)


def _help(diagnostic: Diagnostic, color: bool) -> str:
    kind = ""
    if diagnostic.fix is not None:
        kind = "  [safe fix]" if diagnostic.fix.safe else "  [unsafe fix]"
    more = f"more: seawall check --explain {diagnostic.code}"
    return f"  {_paint('help', '36', color)}: {diagnostic.help}{kind}{' ' * _GAP}{more}"


def _span(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "start": span.start,
        "end": span.end,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain JSON values; `fix` is null when there is none."""
    fix = diagnostic.fix
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "span": _span(diagnostic.span),
        "notes": [{"message": note.message, "span": _span(note.span)} for note in diagnostic.notes],
        "fix": None
        if fix is None
        else {"span": _span(fix.span), "text": fix.text, "safe": fix.safe},
    }
