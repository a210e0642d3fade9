"""What a typed expression reads (floor 9): feeds and columns, found by walking its tree."""

from collections.abc import Iterable, Iterator

from engine.check.shape import fields_in
from engine.check.typed import Apply, Column, FieldRead, Fold, Sample, Typed
from engine.ops import BY_NAME
from engine.session.asks import KINDS
from engine.session.happenings import called


def columns_read(value: Typed) -> Iterator[Column]:
    """Every column below a value, the ones that operators read by themselves included."""
    if isinstance(value, Column):
        yield value
    elif isinstance(value, Apply):
        for name in BY_NAME[value.op].columns:
            yield Column(name, value.frame, value.kind)
        for arg in value.args:
            yield from columns_read(arg)
    elif isinstance(value, Sample | Fold):
        yield from columns_read(value.value)


def feeds_read(value: Typed | None) -> frozenset[str]:
    """The feeds that a value needs."""
    return _read(value, "feed:")


def live_read(value: Typed | None) -> frozenset[str]:
    """The live inputs that a value needs."""
    return _read(value, "live:")


def lists_read(value: Typed | None) -> frozenset[str]:
    """The declared lists that a value looks into."""
    return _read(value, "list:") | {called(name)[1] for name in _read(value, "event:")}


def asked_read(values: Iterable[Typed | None]) -> frozenset[FieldRead]:
    """The fields that values need answered by the account loop."""
    read = (f for value in values if value is not None for f in fields_in(value))
    return frozenset(f for f in read if f.name in KINDS)


def _read(value: Typed | None, kind: str) -> frozenset[str]:
    if value is None:
        return frozenset()
    names = (c.name for c in columns_read(value))
    return frozenset(n.removeprefix(kind) for n in names if n.startswith(kind))
