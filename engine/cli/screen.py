"""What the terminal at hand can show (floor 11): width, colour, and characters beyond ASCII.

Whatever a stream cannot encode is written plainly instead of failing: a report is worth more than
its dashes.
"""

from __future__ import annotations

import codecs
import os
import sys
from typing import TYPE_CHECKING

from engine.report.glyphs import PASS, PLAIN, Screen

if TYPE_CHECKING:
    from typing import TextIO

NARROWEST, WIDEST = 32, 120


def prepare_streams() -> None:
    """Let both streams degrade to plain characters where their encoding lacks one."""
    codecs.register_error("seawall-plain", _plainly)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="seawall-plain")


def screen(color: str = "auto", stream: TextIO | None = None) -> Screen:
    """What the stream (standard output unless given) can show."""
    out = stream if stream is not None else sys.stdout
    return Screen(
        width=min(max(columns(out), NARROWEST), WIDEST),
        unicode=_takes_unicode(out),
        color=wants_color(color, out),
    )


def wants_color(choice: str, stream: TextIO | None) -> bool:
    """Whether to colour: as asked, else on a terminal unless NO_COLOR is set or it is dumb."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is looking; a closed stream is nobody."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def columns(stream: TextIO | None) -> int:
    """COLUMNS when set, else the terminal's own width, else 80."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked):
        return int(asked)
    try:
        return (os.get_terminal_size(stream.fileno()).columns or 80) if stream else 80
    except (OSError, ValueError):
        return 80


def _takes_unicode(stream: TextIO | None) -> bool:
    try:
        PASS.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _plainly(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    lost = problem.object[problem.start : problem.end]
    return "".join(PLAIN.get(c, "?") for c in lost), problem.end
