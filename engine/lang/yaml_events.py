"""YAML to a tree with places, through PyYAML's events (floor 3), with a diagnostic for every
surprise."""

from collections.abc import Iterator
from typing import Any

import yaml

from engine.base.diagnostics import Diagnostic, Note
from engine.base.spans import Source, Span
from engine.lang.yaml_tree import MAX_DEPTH, Items, Pairs, Scalar, Tree, core_scalar


class _Open:
    """A sequence or mapping whose end has not come yet."""

    def __init__(self, start: int, is_mapping: bool) -> None:
        self.start = start
        self.is_mapping = is_mapping
        self.children: list[Tree] = []


class _Refused(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


def read_events(source: Source, nothing: Tree) -> tuple[Tree, list[Diagnostic]]:
    """The tree of a text and its problems; `nothing` stands in for what cannot be read."""
    problems: list[Diagnostic] = []
    try:
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
