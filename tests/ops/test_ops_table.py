"""The table itself: complete, consistent, importable without numpy, and kernels free of libm."""

import ast
import doctest
import inspect
import pkgutil
import subprocess
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

import engine.ops
from engine.base.units import UNITS
from engine.ops import ACROSS, BY_NAME, OPS, ROWS
from engine.ops.spec import Op

CALLS = {"abs", "sqrt", "range", "int", "float"}
RESULTS = {"truth", "u", "u*v", "u/v", "root(u)", *UNITS}
COLUMNS = {"open", "high", "low", "close", "volume"}


def modules() -> list[types.ModuleType]:
    found = pkgutil.iter_modules(engine.ops.__path__)
    return [import_module(f"engine.ops.{m.name}") for m in found]


def test_every_row_of_every_file_is_in_the_tuple() -> None:
    rows = {v.name for m in modules() for v in vars(m).values() if isinstance(v, Op)}
    assert rows == set(BY_NAME)


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(ROWS)
    assert len({op.kernel.__name__ for op in ROWS}) == len(ROWS)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_rows_are_consistent(op: Op) -> None:
    letters = {a.unit for a in op.args} - set(UNITS)
    assert letters <= {"u", "v"}
    assert op.result in RESULTS and set(op.columns) <= COLUMNS
    assert op.title and op.example and op.formula and op.source
    taken = [a for a in op.args if a.kind != "const"] + list(op.columns)
    low = tuple(a.low for a in op.args if a.kind == "const")
    given = len(taken) + len(low) + op.index + 3 * bool(op.reach(low)) + 2 * bool(op.scratch(low))
    assert len(inspect.signature(op.kernel).parameters) == given + len(op.state)
    assert len(inspect.signature(op.series).parameters) == len(taken) + len(low)
    assert all(type(s) is float for s in op.state)
    high = tuple(a.high for a in op.args if a.kind == "const")
    assert op.reach(high) >= 0 and op.scratch(high) >= 0 and op.cost(high) > 0
    assert bool(op.reach(low)) == bool(op.reach(high))
    assert bool(op.scratch(low)) == bool(op.scratch(high))


def used(function: Callable[..., Any], seen: set[Callable[..., Any]]) -> Iterator[ast.AST]:
    """Every syntax node of the function and of the seawall functions it reaches."""
    if function in seen:
        return
    seen.add(function)
    yield from ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function))))
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, types.FunctionType):
            yield from used(value, seen)


@pytest.mark.parametrize("op", ACROSS, ids=lambda op: op.name)
def test_rows_that_compare_symbols_are_consistent(op: Op) -> None:
    assert op.across and not (op.columns or op.state or op.index or op.symbol)
    assert {a.unit for a in op.args} - set(UNITS) <= {"u"} and op.result in RESULTS
    assert op.title and op.example and op.formula and op.source
    assert len(inspect.signature(op.kernel).parameters) == len(op.args) + 4
    assert len(inspect.signature(op.series).parameters) == len(op.args)
    assert op.cost(tuple(a.high for a in op.args if a.kind == "const")) > 0


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_kernels_use_only_exact_arithmetic(op: Op) -> None:
    seen: set[Callable[..., Any]] = set()
    for node in used(op.kernel, seen):
        powers = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
        assert not powers or isinstance(node.left, ast.Constant)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            assert node.func.id in CALLS | function_names()


def function_names() -> set[str]:
    return {n for m in modules() for n, v in vars(m).items() if isinstance(v, types.FunctionType)}


def test_importing_the_table_loads_neither_numpy_nor_numba() -> None:
    code = "import sys, engine.ops; print({'numpy', 'numba'} & set(sys.modules))"
    got = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert got.stdout.strip() == "set()"


def test_examples_in_the_docs_hold() -> None:
    op_files = {inspect.getfile(op.series) for op in OPS}
    for module in modules():
        got = doctest.testmod(module)
        assert got.failed == 0
        if module.__file__ in op_files:
            assert got.attempted, f"{module.__name__} has no example"
            assert all(head in (module.__doc__ or "") for head in ("What:", "Why:", "Reference:"))
