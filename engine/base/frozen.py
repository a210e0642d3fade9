"""Frozen dataclasses that are cheap to define (floor 0).

`dataclasses` compiles six methods of source text for each class, and importing it costs as much as
half of Python's own start; for the hundred classes of the syntax tree and of checked files that
took a third of every run of `check`. Here all classes share a few methods. What comes out is a
dataclass all the same: `fields`, `replace`, `match`, comparing, hashing, copying and pickling work
as ever, and type checkers see the standard library's. Defaults are plain values, no factories.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass, replace

__all__ = ["dataclass", "replace"]


def _init_slots(self: Any, *args: Any, **named: Any) -> None:
    setters = self.__setters__
    if named or len(args) != len(setters):
        args = _filled(self, args, named)
    for put, value in zip(setters, args):  # noqa: B905 - the lengths are known to be equal
        put(self, value)


def _init_dict(self: Any, *args: Any, **named: Any) -> None:
    self.__dict__.update(zip(self.__match_args__, _filled(self, args, named), strict=True))


def _filled(self: Any, args: Any, named: Any) -> tuple[Any, ...]:
    """Every field's value, in order; TypeError when one is missing, doubled or unknown."""
    names, usual = self.__match_args__, self.__usual__
    missing = len(names) - len(args)
    if not named and 0 <= missing <= len(usual):
        return (*args, *list(usual.values())[len(usual) - missing :])
    whole = {**usual, **dict(zip(names, args, strict=False)), **named}
    once = missing >= 0 and named.keys().isdisjoint(names[: len(args)])
    if not once or whole.keys() != set(names):
        raise TypeError(f"{type(self).__name__} takes exactly {', '.join(names)}")
    return tuple([whole[name] for name in names])


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
    return type(self), tuple([getattr(self, name) for name in self.__match_args__])


def _refuse(self: Any, name: str, value: object = None) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r}")


class _Fields:
    """`__dataclass_fields__` of a class, made when the standard library first asks for it."""

    def __get__(self, instance: object, owner: Any) -> dict[str, Any]:
        from dataclasses import field, make_dataclass

        rows = [
            (n, t, field(default=owner.__usual__[n]) if n in owner.__usual__ else field())
            for n, t in owner.__annotations__.items()
        ]
        made: dict[str, Any] = make_dataclass(owner.__name__, rows).__dataclass_fields__  # type: ignore[attr-defined]
        owner.__dataclass_fields__ = made
        return made


_SHARED = {
    "__eq__": _eq,
    "__hash__": _hash,
    "__repr__": _repr,
    "__reduce__": _reduce,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__dataclass_fields__": _Fields(),
}


def _dataclass(*, frozen: bool, slots: bool = False) -> Callable[[type], type]:
    """Stands in for `dataclasses.dataclass(frozen=True)`, with slots or without."""
    assert frozen, "this is the frozen kind only"

    def make(cls: Any) -> type:
        names = tuple(cls.__annotations__)
        usual = {n: cls.__dict__[n] for n in names if n in cls.__dict__}
        assert not any(type(v).__module__ == "dataclasses" for v in usual.values()), "plain values"
        own = {
            **_SHARED,
            "__match_args__": names,
            "__usual__": usual,
            "__values__": attrgetter(*(names or ("__match_args__",))),
        }
        return _slotted(cls, names, own) if slots else _marked(cls, own)

    return make


def _slotted(cls: Any, names: tuple[str, ...], own: dict[str, Any]) -> type:
    """The class anew, as slots can only be given at its making."""
    dropped = {*names, "__dict__", "__weakref__"}
    kept = {k: v for k, v in cls.__dict__.items() if k not in dropped}
    fresh = {"__init__": _init_slots, "__slots__": names, "__qualname__": cls.__qualname__}
    made: Any = type(cls)(cls.__name__, cls.__bases__, {**kept, **own, **fresh})
    made.__setters__ = tuple([made.__dict__[name].__set__ for name in names])
    result: type = made
    return result


def _marked(cls: Any, own: dict[str, Any]) -> type:
    for name, value in {**own, "__init__": _init_dict}.items():
        setattr(cls, name, value)
    made: type = cls
    return made


def _replace(value: Any, /, **changes: Any) -> Any:
    """Stands in for `dataclasses.replace`, for values of the kind made here."""
    kept = [changes.pop(n) if n in changes else getattr(value, n) for n in value.__match_args__]
    return type(value)(*kept, **changes)


if not TYPE_CHECKING:
    dataclass, replace = _dataclass, _replace
