"""Frozen, slotted dataclasses that are cheap to define (floor 0).

`dataclasses` compiles six methods of source text for each class; for the hundred classes of the
syntax tree and of checked files that took a third of every start, against a few milliseconds with
the shared methods below. What comes out is a dataclass all the same: `fields`, `replace`, `match`,
comparing, hashing, copying and pickling work as ever. Defaults are plain values, no factories.
"""

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import Any

_set = object.__setattr__


def _init(self: Any, *args: Any, **named: Any) -> None:
    names = self.__match_args__
    if named or len(args) != len(names):
        args = _filled(self, names, args, named)
    for name, value in zip(names, args, strict=True):
        _set(self, name, value)


def _filled(self: Any, names: tuple[str, ...], args: Any, named: Any) -> tuple[Any, ...]:
    """Every field's value, in order; TypeError when one is missing, doubled or unknown."""
    given = dict(zip(names, args, strict=False)) | named
    whole = self.__usual__ | given
    if len(given) != len(args) + len(named) or whole.keys() != set(names):
        raise TypeError(f"{type(self).__name__} takes exactly {', '.join(names)}")
    return tuple(whole[name] for name in names)


def _eq(self: Any, other: Any) -> bool:
    if type(self) is not type(other):
        return NotImplemented  # type: ignore[no-any-return]
    return self is other or bool(self.__values__(self) == self.__values__(other))


def _hash(self: Any) -> int:
    return hash((type(self), self.__values__(self)))


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _reduce(self: Any) -> tuple[type, tuple[Any, ...]]:
    return type(self), tuple(getattr(self, name) for name in self.__match_args__)


def _refuse(self: Any, name: str, value: object = None) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")


def dataclass(*, frozen: bool, slots: bool) -> Callable[[type], type]:
    """Stands in for `dataclasses.dataclass(frozen=True, slots=True)`; both must be asked for."""
    assert frozen and slots, "this is the frozen, slotted kind only"

    def make(cls: Any) -> type:
        cls.__init__, cls.__repr__, cls.__reduce__ = _init, _repr, _reduce
        cls.__eq__, cls.__hash__ = _eq, _hash
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
        own = dataclasses.fields(made)
        assert all(f.default_factory is dataclasses.MISSING for f in own), "no factories here"
        made.__usual__ = {f.name: f.default for f in own if f.default is not dataclasses.MISSING}
        made.__values__ = attrgetter(*(made.__match_args__ or ("__match_args__",)))
        made.__setattr__ = made.__delattr__ = _refuse
        result: type = made
        return result

    return make
