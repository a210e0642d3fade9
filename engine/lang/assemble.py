"""Puts the statements of a body into their head: `when`, `size`, … into an entry (floor 3)."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.base.diagnostics import Diagnostic, Note
from engine.base.frozen import replace
from engine.base.spans import Span
from engine.lang import ast


class Part(NamedTuple):
    """One statement of a body: its word, where the word stands, and its value."""

    word: str
    span: Span
    value: Any


Parts = Sequence[Part]


def _one(parts: Parts, word: str, problems: list[Diagnostic]) -> Any:
    """The value of a statement that may stand once; a second one is reported."""
    found = [part for part in parts if part.word == word]
    for extra in found[1:]:
        note = Note(found[0].span, "the first stands here")
        help = "keep one of the two"
        message = f"`{word}` is written twice"
        problems.append(Diagnostic("SW114", extra.span, message, help, notes=(note,)))
    return found[0].value if found else None


def _needed(head: Any, value: Any, what: str, problems: list[Diagnostic]) -> None:
    """Report a part that has to stand in the body of `head`."""
    if value is None:
        problems.append(
            Diagnostic(
                "SW113",
                head.span,
                f"`{head.name}` has no `{what}`",
                f"add `{what}` and a condition: nothing happens without one",
            )
        )


def _entry(head: ast.Entry, parts: Parts, problems: list[Diagnostic]) -> ast.Entry:
    entry = replace(
        head,
        when=_one(parts, "when", problems),
        size=_one(parts, "size", problems),
        order=_one(parts, "order", problems),
        because=_one(parts, "because", problems),
        levels=tuple(part.value for part in parts if isinstance(part.value, ast.Level)),
        legs=tuple(part.value for part in parts if isinstance(part.value, ast.LegOrder)),
    )
    _needed(head, entry.when, "when", problems)
    return entry


def _exit(head: ast.Exit, parts: Parts, problems: list[Diagnostic]) -> ast.Exit:
    exit_ = replace(
        head,
        when=_one(parts, "when", problems),
        size=_one(parts, "size", problems),
        order=_one(parts, "order", problems),
        because=_one(parts, "because", problems),
    )
    _needed(head, exit_.when, "when", problems)
    return exit_


def _latch(head: ast.Latch, parts: Parts, problems: list[Diagnostic]) -> ast.Latch:
    set_when = _one(parts, "set", problems)
    clear_when = _one(parts, "clear", problems)
    _needed(head, set_when, "set when", problems)
    return replace(head, set_when=set_when or head.set_when, clear_when=clear_when)


def _switch(head: ast.Switch, parts: Parts, problems: list[Diagnostic]) -> ast.Switch:
    resumes = [
        part._replace(word=part.value[0].replace("_", " "), value=part.value[1])
        for part in parts
        if part.word == "resume"
    ]
    switch = replace(
        head,
        enter=_one(parts, "enter", problems),
        resume_when=_one(resumes, "resume when", problems),
        resume_after=_one(resumes, "resume after", problems),
        resume_hand=_one(resumes, "resume hand", problems),
        allow_exits=bool(_one(parts, "allow", problems)),
        because=_one(parts, "because", problems),
    )
    _needed(head, switch.enter, "enter when", problems)
    return switch


_FILL: dict[type, Callable[[Any, Parts, list[Diagnostic]], Any]] = {
    ast.Entry: _entry,
    ast.Exit: _exit,
    ast.Latch: _latch,
    ast.Switch: _switch,
}


def assemble(head: Any, parts: Parts, span: Span) -> tuple[Any, list[Diagnostic]]:
    """A head with its body in it, spanning both, and what is missing or written twice."""
    problems: list[Diagnostic] = []
    fill = _FILL.get(type(head))
    if fill is None:
        return replace(head, span=span, body=tuple(part.value for part in parts)), problems
    return replace(fill(head, parts, problems), span=span), problems
