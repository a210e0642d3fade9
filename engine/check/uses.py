"""`use "lib/x.rule"`: the files that a file builds on, read and parsed once each (floor 4)."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from engine.base.diagnostics import Diagnostic, Note
from engine.base.near import near
from engine.base.resources import rules_dir
from engine.base.spans import Source, Span, source
from engine.lang.ast import RuleFile, Use
from engine.lang.parse import parse

Read = Callable[[str, Span], Source | None]
"""read(path, span of the `use`): the text that the path names there, or None when there is none."""


def load_uses(file: RuleFile, read: Read) -> tuple[dict[str, RuleFile], list[Diagnostic]]:
    """Every file that `file` uses, however far down, by file name, and what was wrong with them."""
    found: dict[str, RuleFile] = {}
    out: list[Diagnostic] = []
    _follow(file, (file.file,), read, found, out)
    return found, out


def _follow(
    file: RuleFile,
    trail: tuple[str, ...],
    read: Read,
    found: dict[str, RuleFile],
    out: list[Diagnostic],
) -> None:
    for use in file.blocks:
        if not isinstance(use, Use):
            continue
        text = read(use.path, use.span)
        if text is None:
            out.append(_missing(use))
        elif text.file in trail:
            out.append(_cycle(use, trail, text.file))
        elif text.file not in found:
            parsed, problems = parse(text)
            found[text.file] = parsed
            out.extend(problems)
            _follow(parsed, (*trail, text.file), read, found, out)


def _missing(use: Use) -> Diagnostic:
    shipped = [f"lib/{p.name}" for p in sorted((rules_dir() / "lib").glob("*.rule"))]
    close = near(use.path, shipped)
    help = f'did you mean "{close}"?' if close else "paths start at this file, then at rules/"
    return Diagnostic("SW222", use.span, f"there is no file `{use.path}`", help)


@cache
def shipped_with(name: str) -> str | None:
    """The shipped library file that defines a function, as `use` names it."""
    start = f"define {name}("
    for path in sorted((rules_dir() / "lib").glob("*.rule")):
        if any(line.startswith(start) for line in path.read_text(encoding="utf-8").splitlines()):
            return f"lib/{path.name}"
    return None


def _cycle(use: Use, trail: tuple[str, ...], name: str) -> Diagnostic:
    ring = " -> ".join(f"`{Path(f).name}`" for f in (*trail[trail.index(name) :], name))
    notes = (Note(use.span, f"the ring is {ring}"),)
    message = f"`{use.path}` uses this file again"
    return Diagnostic(
        "SW223", use.span, message, "move what both need to a third file", notes=notes
    )


def read_near(path: str, span: Span) -> Source | None:
    """Read a used file beside the file that names it, else among the shipped rules."""
    for base in (Path(span.file).parent, rules_dir()):
        where = base / path
        try:
            return source(str(where), where.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ValueError):
            continue
    return None
