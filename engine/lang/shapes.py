"""Checks a YAML tree against a table of keys, and turns it into plain values (floor 3)."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.base.diagnostics import Diagnostic, Fix
from engine.base.frozen import dataclass
from engine.base.near import near
from engine.base.spans import Span, source
from engine.lang import setup_keys as keys
from engine.lang.ast import Literal
from engine.lang.parse import parse_literal
from engine.lang.read import Items, Pairs, Scalar, Tree


@dataclass(frozen=True, slots=True)
class Values:
    """A checked record: values by key, and the span of each."""

    span: Span
    values: Mapping[str, Any]
    spans: Mapping[str, Span]


class Checking:
    """The folder that paths start from, and what was found wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Diagnostic] = []

    def say(self, code: str, span: Span, message: str, help: str, fix: Fix | None = None) -> None:
        """Note an error."""
        self.problems.append(Diagnostic(code, span, message, help, fix=fix))


def _kind(tree: Tree) -> str:
    if isinstance(tree, Items):
        return "a list"
    if isinstance(tree, Pairs):
        return "a mapping"
    names = {type(None): "nothing", bool: "true or false", str: "a text"}
    return names.get(type(tree.value), "a number")


def _wrong(c: Checking, tree: Tree, wanted: str) -> None:
    help = f"write {wanted}"
    if isinstance(tree, Scalar) and isinstance(tree.value, (bool, int, float)) and "text" in wanted:
        help = f'put it in quotes: `"{tree.text}"`'
    c.say("SW812", tree.span, f"this is {_kind(tree)}, where {wanted} belongs", help)


def _text(c: Checking, tree: Tree, shape: keys.Text) -> str | Path | None:
    if not isinstance(tree, Scalar) or not isinstance(tree.value, str) or not tree.value:
        _wrong(c, tree, "a text")
        return None
    if shape.choices and tree.value not in shape.choices:
        close = near(tree.value, shape.choices)
        known = " or ".join(f"`{choice}`" for choice in shape.choices)
        fix = None if close is None else Fix(tree.span, close, safe=False)
        help = f"write {known}" if close is None else f"did you mean `{close}`?"
        c.say("SW812", tree.span, f"`{tree.value}` is not one of {known}", help, fix)
        return None
    return _file(c, tree) if shape.is_file else tree.value


def _file(c: Checking, tree: Scalar) -> Path:
    path = c.folder / tree.text
    try:
        is_there = path.is_file()
    except (OSError, ValueError):
        is_there = False
    if not is_there:
        close = _beside(path)
        help = f"did you mean `{close}`? " if close else ""
        help += f"paths start from {c.folder.as_posix()}/"
        c.say("SW815", tree.span, f"file `{tree.text}` does not exist", help)
    return path


def _beside(path: Path) -> str | None:
    """The file of the same kind, in the same folder, that a missing one resembles."""
    try:
        names = [p.name for p in path.parent.glob(f"*{path.suffix}")]
    except (OSError, ValueError):
        return None
    return near(path.name, names)


def _bounded(
    c: Checking, span: Span, value: float, low: float | None, high: float | None
) -> float | None:
    if not math.isfinite(value):
        c.say("SW812", span, "this number is not finite", "write a plain number")
        return None
    if low is not None and value < low:
        c.say("SW813", span, f"{value:g} is below {low:g}", f"write {low:g} or more")
        return None
    if high is not None and value > high:
        c.say("SW813", span, f"{value:g} is above {high:g}", f"write {high:g} or less")
        return None
    return value


def _number(c: Checking, tree: Tree, shape: keys.Number) -> float | None:
    if not isinstance(tree, Scalar) or not _is_number(tree.value):
        _wrong(c, tree, "a number")
        return None
    return _bounded(c, tree.span, _float(tree.value), shape.low, shape.high)


def _positive(c: Checking, tree: Tree, _: keys.Positive) -> float | None:
    value = _number(c, tree, keys.Number())
    if value == 0:
        c.say("SW813", tree.span, "this number must be above 0", "write a number above 0")
        return None
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _version(c: Checking, tree: Tree, shape: keys.Version) -> int | None:
    known = isinstance(tree, Scalar) and _is_number(tree.value) and tree.value == shape.known
    if not known:
        message = "this version of the file's form is not known"
        c.say("SW812", tree.span, message, f"write `version: {shape.known}`")
        return None
    return shape.known


def _literal(tree: Tree) -> Literal | None:
    """The literal that a scalar writes, with the scalar's span; None when it writes none."""
    if not isinstance(tree, Scalar) or isinstance(tree.value, bool) or tree.value is None:
        return None
    if not isinstance(tree.value, str):
        value = _float(tree.value)
        return (
            Literal(tree.span, "number", value, None, tree.text) if math.isfinite(value) else None
        )
    found, problems = parse_literal(source(tree.span.file, tree.text))
    if found is None or problems or "\n" in tree.text or tree.text != tree.text.strip():
        return None
    return Literal(tree.span, found.kind, found.value, found.unit, found.text)


def _param(c: Checking, tree: Tree, _: keys.Param) -> Literal | None:
    literal = _literal(tree)
    if literal is None:
        shown = f"`{tree.text}`" if isinstance(tree, Scalar) else _kind(tree)
        help = "write a number, a percentage or a number with a unit, such as `20 bars`"
        c.say("SW816", tree.span, f"{shown} is no value for a param", help)
    return literal


def _amount(c: Checking, tree: Tree, _: keys.Amount) -> float | None:
    literal = _literal(tree)
    if literal is None or literal.kind not in ("number", "money"):
        _wrong(c, tree, "an amount such as `1000000` or `$1_000_000`")
        return None
    return _bounded(c, tree.span, literal.value, 0.0, None)


def _ratio(c: Checking, tree: Tree, shape: keys.Ratio) -> float | None:
    literal = _literal(tree)
    is_plain = isinstance(tree, Scalar) and _is_number(tree.value)
    if literal is None or not (is_plain or literal.kind == "percent"):
        _wrong(c, tree, "a share such as `0.1` or `10%`")
        return None
    return _bounded(c, tree.span, literal.value, 0.0, shape.high)


def _flag(c: Checking, tree: Tree, _: keys.Flag) -> bool | None:
    if isinstance(tree, Scalar) and isinstance(tree.value, bool):
        return tree.value
    c.say("SW812", tree.span, f"this is {_kind(tree)}, not a yes or no", "write `true` or `false`")
    return None


def _free(c: Checking, tree: Tree, _: keys.Free) -> Pairs | None:
    if isinstance(tree, Pairs):
        return tree
    _wrong(c, tree, "a mapping")
    return None


def _many(c: Checking, tree: Tree, shape: keys.Many) -> tuple[Any, ...]:
    if isinstance(tree, Items):
        return tuple(check_shape(c, item, shape.item) for item in tree.items)
    _wrong(c, tree, "a list")
    return ()


def _named(c: Checking, tree: Tree, shape: keys.Named) -> Mapping[str, Any]:
    if isinstance(tree, Pairs):
        found = {key.text: check_shape(c, value, shape.item) for key, value in tree.pairs}
        return MappingProxyType(found)
    _wrong(c, tree, "a mapping")
    return MappingProxyType({})


def _either(c: Checking, tree: Tree, shape: keys.Either) -> Any:
    return check_shape(c, tree, shape.text if isinstance(tree, Scalar) else shape.other)


def _record(c: Checking, tree: Tree, shape: keys.Record) -> Values | None:
    if not isinstance(tree, Pairs):
        _wrong(c, tree, "a mapping")
        return None
    values: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    for key, value in tree.pairs:
        row = shape.keys.get(key.text)
        if row is None:
            _unknown(c, key, shape)
            continue
        values[key.text] = check_shape(c, value, row.shape)
        spans[key.text] = value.span
    for name, row in shape.keys.items():
        if row.is_required and name not in spans:
            help = f"add `{name}`: {row.doc}"
            place = _start(tree.span)
            c.say("SW811", place, f"key `{name}` is missing", help)
    for one, other in shape.apart:
        if one in spans and other in spans:
            message = f"`{one}` and `{other}` cannot stand together"
            c.say("SW817", spans[other], message, f"keep `{one}` or `{other}`")
    return Values(tree.span, values, spans)


def _start(span: Span) -> Span:
    """The place where a long span begins."""
    start, line, column = span.start, span.line, span.column
    return Span(span.file, start, start, line, column, line, column)


def _unknown(c: Checking, key: Scalar, shape: keys.Record) -> None:
    close = near(key.text, shape.keys)
    known = ", ".join(f"`{name}`" for name in shape.keys)
    help = f"known here: {known}" if close is None else f"did you mean `{close}`?"
    fix = None if close is None else Fix(key.span, close, safe=False)
    c.say("SW810", key.span, f"key `{key.text}` is not known here", help, fix)


_SHAPES: dict[type, Callable[[Checking, Tree, Any], Any]] = {
    keys.Text: _text,
    keys.Number: _number,
    keys.Positive: _positive,
    keys.Version: _version,
    keys.Amount: _amount,
    keys.Ratio: _ratio,
    keys.Flag: _flag,
    keys.Param: _param,
    keys.Free: _free,
    keys.Many: _many,
    keys.Named: _named,
    keys.Either: _either,
    keys.Record: _record,
}


def check_shape(checking: Checking, tree: Tree, shape: keys.Shape) -> Any:
    """The value of a tree by its shape; what does not fit is reported and comes out as None."""
    return _SHAPES[type(shape)](checking, tree, shape)
