"""Our cheap frozen dataclasses behave as those of the standard library."""

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from engine.base.spans import NOWHERE
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
