"""A strict reader of YAML: values with their places, and nothing that surprises (floor 3).

PyYAML alone keeps the last of two equal keys, reads NO as false, 12:30:00 as 45000 and 1e3 as text.
Here scalars follow the YAML 1.2 core schema, keys are unique, and anchors, aliases, merge keys,
tags and second documents are refused. The tree is built from parser events, so depth is bounded.
"""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from engine.base.diagnostics import Diagnostic, Note
from engine.base.spans import Source, Span
from engine.lang.parse import decode

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from engine.base.frozen import dataclass

MAX_DEPTH = 20
MAX_CHARACTERS = 1_000_000

_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: `value` by the core schema, `text` as written (without quotes)."""

    span: Span
    value: bool | int | float | str | None
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    span: Span
    items: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping with text keys, in the order of the file."""

    span: Span
    pairs: "tuple[tuple[Scalar, Tree], ...]"

    def get(self, key: str) -> "Tree | None":
        """The value under a key, or None."""
        return next((value for name, value in self.pairs if name.text == key), None)


Tree = Scalar | Items | Pairs


@dataclasses.dataclass
class _Open:
    """A sequence or mapping whose end has not come yet."""

    start: int
    is_mapping: bool
    children: list[Tree] = dataclasses.field(default_factory=list)


class _Refused(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


def core_scalar(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar by the YAML 1.2 core schema."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if len(text) > 300:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.lower().replace(".", ""))
    return text


def read_yaml(path: Path) -> tuple[Tree, list[Diagnostic]]:
    """Read a YAML file; with errors the tree is what could be read. Raises OSError."""
    source, problem = decode(str(path), path.read_bytes())
    if problem is not None:
        empty = Pairs(source.span(0, 0), ())
        return empty, [Diagnostic("SW801", problem.span, problem.message, problem.help)]
    return read_yaml_text(source)


def read_yaml_text(source: Source) -> tuple[Tree, list[Diagnostic]]:
    """Read YAML text; see `read_yaml`."""
    problems: list[Diagnostic] = []
    nothing: Tree = Pairs(source.span(0, 0), ())
    try:
        if len(source.text) > MAX_CHARACTERS:
            message = f"the file is longer than {MAX_CHARACTERS:_} characters"
            raise _refuse(source, 0, 0, "SW804", message, "split it")
        return _build(source, problems) or nothing, problems
    except _Refused as refused:
        return nothing, [*problems, refused.diagnostic]
    except yaml.YAMLError as error:
        return nothing, [*problems, _broken(source, error)]


def _refuse(source: Source, start: int, end: int, code: str, message: str, help: str) -> _Refused:
    return _Refused(Diagnostic(code, source.span(start, end), message, help))


def _broken(source: Source, error: yaml.YAMLError) -> Diagnostic:
    """PyYAML's own complaint, in our words where it is about tabs."""
    mark = getattr(error, "problem_mark", None)
    place = mark.index if mark is not None else getattr(error, "position", 0)
    start = max(0, min(int(place), len(source.text)))
    line = source.line(source.position(start)[0])
    if "\t" in line[: len(line) - len(line.lstrip())] or source.text[start : start + 1] == "\t":
        help = "indent with spaces"
        return Diagnostic("SW801", source.span(start, start), "YAML forbids tabs here", help)
    said = str(getattr(error, "problem", None) or getattr(error, "reason", "") or "unreadable")
    message = f"no valid YAML: {said.splitlines()[0].lower()}".replace("'", "`")
    help = "check indentation, colons and quotes on this line"
    return Diagnostic("SW801", source.span(start, start), message, help)


def _events(text: str) -> Iterator[Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


def _build(source: Source, problems: list[Diagnostic]) -> Tree | None:
    stack: list[_Open] = []
    root: Tree | None = None
    documents = 0
    for event in _events(source.text):
        start, end = event.start_mark.index, event.end_mark.index
        _check_event(source, event, start, end)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                help = "keep one document in a file"
                raise _refuse(source, start, end, "SW804", "a second document begins here", help)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(stack) >= MAX_DEPTH:
                message = f"values nest deeper than {MAX_DEPTH} levels"
                raise _refuse(source, start, end, "SW804", message, "flatten the file")
            stack.append(_Open(start, isinstance(event, yaml.MappingStartEvent)))
        else:
            tree = _tree(source, event, stack, problems)
            if tree is not None and stack:
                stack[-1].children.append(tree)
            elif tree is not None:
                root = tree
    return root


def _tree(
    source: Source, event: Any, stack: list[_Open], problems: list[Diagnostic]
) -> Tree | None:
    """The value that an event completes, if it completes one."""
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, yaml.ScalarEvent):
        value = core_scalar(event.value) if event.implicit[0] else event.value
        return Scalar(source.span(start, end), value, event.value)
    if isinstance(event, yaml.CollectionEndEvent):
        opened = stack.pop()
        return _close(source, opened, _trimmed(source, opened.start, end), problems)
    return None


def _trimmed(source: Source, start: int, end: int) -> Span:
    """A block collection's span without the blank lines and comments after it."""
    return source.span(start, start + len(source.text[start:end].rstrip()))


def _check_event(source: Source, event: Any, start: int, end: int) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        help = "write the value out where it is needed"
        raise _refuse(source, start, end, "SW803", "anchors and aliases are not read", help)
    if getattr(event, "tag", None) is not None and not isinstance(event, yaml.DocumentStartEvent):
        raise _refuse(source, start, end, "SW803", "tags are not read", "remove the tag")


def _close(source: Source, opened: _Open, span: Span, problems: list[Diagnostic]) -> Tree:
    if not opened.is_mapping:
        return Items(span, tuple(opened.children))
    pairs: dict[str, tuple[Scalar, Tree]] = {}
    for key, value in zip(opened.children[::2], opened.children[1::2], strict=True):
        if not isinstance(key, Scalar):
            help = "use a plain word as the key"
            problems.append(Diagnostic("SW805", key.span, "a key must be a text", help))
        elif key.text == "<<":
            help = "write the keys out where they are needed"
            problems.append(Diagnostic("SW803", key.span, "merge keys are not read", help))
        elif key.text in pairs:
            note = Note(pairs[key.text][0].span, "the first stands here")
            message = f"`{key.text}` is written twice"
            help = "keep one of the two"
            problems.append(Diagnostic("SW802", key.span, message, help, notes=(note,)))
        else:
            pairs[key.text] = (key, value)
    return Pairs(span, tuple(pairs.values()))
