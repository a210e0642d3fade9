"""Our cheap frozen dataclasses behave as those of the standard library."""

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from engine.base.frozen import dataclass, replace
from engine.base.spans import NOWHERE, source
from engine.check.typed import Column, Frame, Kind
from engine.lang import ast


def test_behaviour() -> None:
    name = ast.Name(NOWHERE, "x")
    assert name == ast.Name(span=NOWHERE, name="x")
    assert name != ast.Name(NOWHERE, "y")
    other: object = ast.Quoted(NOWHERE, "x")
    assert name != other
    assert hash(name) == hash(ast.Name(NOWHERE, "x"))
    assert repr(name).startswith("Name(span=Span(")
    assert dataclasses.replace(name, name="z").name == "z"
    assert [f.name for f in dataclasses.fields(name)] == ["span", "name"]
    assert pickle.loads(pickle.dumps(name)) == copy.deepcopy(name) == name
    assert not hasattr(name, "__dict__")
    match name:
        case ast.Name(_, found):
            assert found == "x"


def test_refusals() -> None:
    make: Any = ast.Name
    name: Any = make(NOWHERE, "x")
    with pytest.raises(dataclasses.FrozenInstanceError):
        name.name = "y"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del name.name
    for args in ((), (NOWHERE,), (NOWHERE, "x", 1)):
        with pytest.raises(TypeError):
            make(*args)
    with pytest.raises(TypeError):
        make(NOWHERE, "x", other=1)
    with pytest.raises(TypeError):
        make(NOWHERE, "x", name="y")


def test_defaults() -> None:
    column = Column("close", Frame(), Kind("number"))
    assert column.stale == 0
    assert column == Column("close", Frame(None), Kind("number"), 0)
    assert hash(column) == hash(Column(name="close", frame=Frame(), kind=Kind("number"), stale=0))
    assert dataclasses.replace(column, stale=2) == Column("close", Frame(), Kind("number"), stale=2)
    assert [f.default for f in dataclasses.fields(Frame)] == [None, None]
    assert pickle.loads(pickle.dumps(column)) == copy.copy(column) == column
    make: Any = Column
    for named in ({}, {"frame": Frame()}, {"frame": Frame(), "kind": Kind("truth"), "x": 1}):
        with pytest.raises(TypeError, match="Column takes exactly"):
            make("close", **named)


def test_without_slots() -> None:
    text = source("f", "a\nb")
    assert text == source("f", "a\nb") and hash(text) == hash(source("f", "a\nb"))
    assert text != source("g", "a\nb")
    assert pickle.loads(pickle.dumps(text)) == copy.deepcopy(text) == text
    assert [f.name for f in dataclasses.fields(text)] == ["file", "text", "starts"]
    changing: Any = text
    with pytest.raises(dataclasses.FrozenInstanceError):
        changing.text = "c"
    with pytest.raises(TypeError, match="Source takes exactly"):
        type(changing)("f", "a")


def test_our_replace_is_that_of_the_standard_library() -> None:
    column = Column("close", Frame(), Kind("number"), stale=3)
    for changes in ({}, {"name": "open"}, {"stale": 1, "frame": Frame("SPY")}):
        assert replace(column, **changes) == dataclasses.replace(column, **changes)
    wrong: Any = {"unknown": 1}
    with pytest.raises(TypeError):
        replace(column, **wrong)


def test_the_fields_are_those_of_the_standard_library() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Theirs:
        """One."""

        a: int
        b: str = "x"

        def twice(self) -> int:
            return 2 * self.a

    @dataclass(frozen=True, slots=True)
    class Ours:
        """One."""

        a: int
        b: str = "x"

        def twice(self) -> int:
            return 2 * self.a

    assert repr(dataclasses.fields(Ours)) == repr(dataclasses.fields(Theirs))
    assert dataclasses.asdict(Ours(1)) == dataclasses.asdict(Theirs(1)) == {"a": 1, "b": "x"}
    assert repr(Ours(1)).replace("Ours", "Theirs") == repr(Theirs(1))
    assert Ours(3).twice() == 6 and Ours.__doc__ == "One." and dataclasses.is_dataclass(Ours)
