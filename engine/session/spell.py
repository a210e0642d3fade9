"""Checked values as a person would write them (floor 9): `why` shows every value beside its text.

The text is rebuilt from the checked tree, so lets appear by name and params as their numbers.
"""

from collections.abc import Mapping

from engine.base.units import BARS, MONEY, PRICE, RATIO, Unit
from engine.check.typed import Apply, Column, Const, FieldRead, Fold, Frame, Sample, Typed
from engine.ops import BY_NAME

Names = Mapping[Typed, str]
"""Values that the text gives a name: lets, and the conditions of rules."""

_WORDS = {"lt": "<", "gt": ">", "le": "<=", "ge": ">=", "eq": "==", "ne": "!="}
_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", **_WORDS, "and": "and", "or": "or"}
_CROSS = {"cross_above": "crosses above", "cross_below": "crosses below"}


def spell(value: Typed, names: Names) -> str:
    """The text of a value; one that has a name is its name."""
    return names.get(value) or spell_out(value, names)


def spell_out(value: Typed, names: Names) -> str:
    """The text of what a value is made of, whatever its own name."""
    if isinstance(value, Const):
        return literal(value.value, value.kind.unit, value.kind.name == "truth")
    if isinstance(value, Column):
        kind, _, name = value.name.partition(":")
        return (
            name
            if kind in ("feed", "list", "live", "calendar", "event")
            else value.name + _where(value.frame)
        )
    if isinstance(value, FieldRead):
        return value.name if value.arg is None else f"{value.name}({value.arg})"
    if isinstance(value, Sample):
        return spell(value.value, names) + _clock(value.value)
    if isinstance(value, Fold):
        return f"{_wrapped(value.value, names)} since entry"
    return _apply(value, names)


def _apply(v: Apply, names: Names) -> str:
    if v.op in _INFIX or v.op in _CROSS:
        word = f" {_INFIX.get(v.op) or _CROSS[v.op]} "
        return word.join(_wrapped(a, names) for a in v.args)
    first = _wrapped(v.args[0], names) if v.args else ""
    if v.op == "not":
        return f"not {first}"
    if v.op == "neg":
        return f"-{first}"
    if v.op in ("back", "back_truth"):
        return f"{first}[{v.consts[0]:g}]"
    if v.op == "lasting":
        return f"{first} for {v.consts[0]:g} bars"
    if v.op in ("is_na", "is_unknown"):
        return f"{first} is na"
    if v.op in ("if", "if_truth"):
        c, a, b = (spell(x, names) for x in v.args)
        return f"if {c} then {a} else {b}"
    return f"{v.op}({', '.join(_call_args(v, names))}){_symbol(v.frame)}"


def _call_args(v: Apply, names: Names) -> list[str]:
    texts = [spell(a, names) for a in v.args]
    specs = [a for a in BY_NAME[v.op].args if a.kind == "const"]
    for spec, const in zip(specs, v.consts, strict=False):
        texts.append(f"{const:g} bars" if spec.unit == "bars" else f"{const:g}")
    return texts


def _wrapped(value: Typed, names: Names) -> str:
    text = spell(value, names)
    is_infix = isinstance(value, Apply) and value.op in _INFIX and value not in names
    return f"({text})" if is_infix else text


def _where(frame: Frame) -> str:
    return _symbol(frame)


def _symbol(frame: Frame) -> str:
    return "" if frame.symbol in (None, "*") else f" of {frame.symbol}"


def _clock(value: Typed) -> str:
    frame = value.frame if isinstance(value, Apply | Column | Sample) else None
    return f" on {frame.clock}" if frame is not None and frame.clock else ""


def literal(value: float, unit: Unit, is_truth: bool = False) -> str:
    """A number with its unit, as rule text writes it."""
    if is_truth:
        return ("false", "unknown", "true")[int(value)]
    if value != value:
        return "na"
    if unit == BARS:
        return f"{value:g} bars"
    if unit in (MONEY, PRICE):
        return f"${value:,.10g}"
    return f"{value:.10g}" if unit == RATIO else f"{value:.10g} {unit}"
