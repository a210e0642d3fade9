"""Printing what was found in rule text (floor 11), for every verb that reads it."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.base.diagnostics import Diagnostic, in_order
from engine.base.spans import Source
from engine.cli.screen import screen
from engine.lang.parse import decode
from engine.lang.render import render, to_json


def print_findings(
    found: Sequence[Diagnostic],
    as_json: bool,
    color: str,
    files: Sequence[str] = (),
    sources: Mapping[str, Source] | None = None,
) -> None:
    """Print diagnostics in the order of the text: rendered, or as one JSON value.

    sources: the texts they speak of, read from their files when not given.
    """
    ordered = in_order(found)
    if as_json:
        rows = [to_json(d) for d in ordered]
        told = {"version": 1, "files": list(files), "diagnostics": rows}
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    print(rendered(ordered, sources or sources_of(ordered), color))


def rendered(found: Sequence[Diagnostic], sources: Mapping[str, Source], color: str) -> str:
    """Diagnostics with the lines they speak of, one blank line apart."""
    view = screen(color, sys.stdout)
    return "\n\n".join(view.plain(render(d, sources, view.color)) for d in found)


def sources_of(found: Sequence[Diagnostic]) -> dict[str, Source]:
    """The texts that diagnostics speak of, read again; a file that is gone has no lines to show."""
    names = {d.span.file for d in found} | {n.span.file for d in found for n in d.notes}
    return {n: text for n in sorted(names) if (text := _text(n)) is not None}


def _text(name: str) -> Source | None:
    try:
        return decode(name, Path(name).read_bytes())[0]
    except (OSError, ValueError):
        return None
