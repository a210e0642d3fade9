"""A strategy with every sub-expression of its conditions kept by name (floor 9), for `why`."""

from dataclasses import replace

from engine.base.spans import Span
from engine.check.typed import (
    Apply,
    CheckedLimits,
    CheckedStrategy,
    Column,
    Const,
    Fold,
    Named,
    Sample,
    Typed,
)
from engine.ops import BY_NAME
from engine.session.spell import Names, spell, spell_out

DEEPEST = 8
"""Levels of a tree that are shown; a reader can ask for a let by itself."""


def dissected(checked: CheckedStrategy) -> CheckedStrategy:
    """The same strategy, its conditions split into the values that they are made of."""
    names: dict[Typed, str] = {
        let.value: let.name for let in checked.lets if not isinstance(let.value, Const)
    }
    return replace(
        checked,
        entries=tuple(replace(e, when=_whole(e.when, names)) for e in checked.entries),
        exits=tuple(replace(x, when=_whole(x.when, names)) for x in checked.exits),
        hold=None if checked.hold is None else _picked(checked.hold, names),
    )


def _picked(hold: Named, names: Names) -> Named:
    """The score and condition of `hold` with what they are made of, and the place."""
    *parts, place = hold.parts
    return replace(hold, parts=(*(_whole(p, names) for p in parts), place))


def _whole(when: Named, names: Names) -> Named:
    """A condition: its own text on top, its values below."""
    return replace(when, parts=_parts(when.value, when.span, names, 1))


def _parts(value: Typed, span: Span, names: Names, depth: int) -> tuple[Named, ...]:
    if depth > DEEPEST:
        return ()
    inner = _inside(value)
    return tuple(_part(v, span, names, depth) for v in inner if not isinstance(v, Const))


def _part(value: Typed, span: Span, names: Names, depth: int) -> Named:
    text = spell_out(value, names) if value in names else spell(value, names)
    return Named("", text, value, span, _parts(value, span, names, depth + 1))


def _inside(value: Typed) -> tuple[Typed, ...]:
    """The series a value is made of; samples that carry it between frames are not shown, nor the
    columns that a window such as `sma(close, 20 bars)` names already, nor today's values below an
    earlier one."""
    if isinstance(value, Apply):
        if value.op in ("back", "back_truth"):
            return ()
        op = BY_NAME[value.op]
        inner = value.args[: sum(a.kind != "const" for a in op.args)]
        is_plain = op.callable and all(isinstance(v, Column | Const) for v in inner)
        return () if is_plain else inner
    if isinstance(value, Sample | Fold):
        return (value.value,) if isinstance(value, Fold) else _inside(value.value)
    return ()


def whys(checked: CheckedLimits) -> dict[str, tuple[str, str]]:
    """Text and reason of every limit and switch, by name."""
    found = {x.name: (x.text, x.because) for x in checked.limits}
    return found | {s.name: (s.text, s.because) for s in checked.switches}
