"""Our cheap frozen dataclasses behave as those of the standard library."""

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from engine.base.spans import NOWHERE
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
