"""The account loop compiled (floor 7): its kernels gathered into one generated module for numba.

numba does not see changes in imported functions, so everything the loop calls is copied as written
into one file named by its hash; `at.NAME` becomes at_NAME with its value above. numba is imported
here only when a compiled run is asked for.
"""

import ast
import inspect
import math
import re
import sys
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from engine.fills import layout as at
from engine.fills import phases
from engine.fills.phases import replay
from engine.run.cache import digest, folder, is_sealed, place, seal, source
from engine.run.late import Late
from engine.run.player import Player
from engine.run.python import execute
from engine.run.sources import texts_of

COMPILED_SIGNATURE = (
    "void(float64[::1], int64, float64[::1], int64, float64[::1], int64, float64[::1], int64)"
)
"""What a desk's functions must be in a compiled run: `numba.njit(COMPILED_SIGNATURE)` dispatchers
or `numba.cfunc(COMPILED_SIGNATURE)` functions. fields, cells and out arrive as one array with
three offsets."""

ENTRY = """

@entry((at_Ints, at_Floats, at_Floats, at_Floats, at_Ints, at_Ints, int64, int64))
def replay_flat(n, s, tape, cells, ends, addresses, first_bar, end_bar):
    rows = List.empty_list(at_Floats)
    first = 0
    for end in ends:
        rows.append(cells[first:end])
        first = end
    calls = List.empty_list(call)
    for address in addresses:
        calls.append(call_at(address))
    return replay(Run(n, s, tape, rows, calls), first_bar, end_bar)
"""
"""What Python calls: it makes both lists out of flat arrays. A typed list that Python fills costs a
compile in every process, for every function put into it."""

INNER = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
TYPES = {"int": "int64", "float": "float64", "bool": "boolean"}
SKIPPED = {"range", "int", "float", "bool", "len", "abs", "tuple"}


class _Bundle:
    """Names found so far, in an order in which each comes after what it uses."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.text: dict[str, str] = {}

    def add(self, name: str, value: Any) -> None:
        """Take in a function with all it uses, or a constant."""
        if name in self.values:
            if self.values[name] is not value and self.values[name] != value:
                raise ValueError(f"two things are called {name} in the kernels")
            return
        self.values[name] = value
        if isinstance(value, FunctionType):
            self.text[name] = self._function(name, value)
        elif isinstance(value, BuiltinFunctionType) and value.__module__ == "math":
            self.text[name] = f"from math import {name}"
        else:
            self.text[name] = f"{name} = {_literal(name, value)}"

    def _function(self, name: str, function: FunctionType) -> str:
        if function.__name__ != name:
            raise ValueError(f"{function.__name__} is imported as {name}: a kernel has one name")
        text, tree = _sources(inspect.getfile(function))[name]
        modules = self._uses(tree, function)
        for module in modules:
            text = re.sub(rf"\b{module}\.(?=\w)", f"{module}_", text)
        return text

    def _uses(self, tree: ast.FunctionDef, function: FunctionType) -> set[str]:
        modules = set()
        for node in (x for part in tree.body for x in ast.walk(part)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = function.__globals__.get(node.value.id)
                if isinstance(owner, ModuleType):
                    modules.add(node.value.id)
                    self.add(f"{node.value.id}_{node.attr}", getattr(owner, node.attr))
            elif isinstance(node, ast.Name) and node.id in function.__globals__:
                value = function.__globals__[node.id]
                if not isinstance(value, ModuleType) and node.id not in SKIPPED:
                    self.add(node.id, value)
        return modules


@cache
def _sources(file: str) -> dict[str, tuple[str, ast.FunctionDef]]:
    """Every function at the top of a file: its text and what it parses to."""
    text = Path(file).read_text(encoding="utf-8")
    lines, body = text.splitlines(keepends=True), ast.parse(text).body
    found = [x for x in body if isinstance(x, ast.FunctionDef)]
    return {x.name: ("".join(lines[x.lineno - 1 : x.end_lineno]), x) for x in found}


def _literal(name: str, value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"a kernel reads {name}, which is no number and no function")


def bundle(entry: FunctionType) -> str:
    """One module's text: `entry` with everything it needs, compiled."""
    gathered = _Bundle()
    gathered.add(entry.__name__, entry)
    parts = []
    for name, text in gathered.text.items():
        is_function = isinstance(gathered.values[name], FunctionType)
        if not is_function:
            parts.append(text)
            continue
        takes = "w.rows" in text or "w.calls" in text
        types = _types(text)
        parts.append(f"\n\n@kernel({types}, nrt={takes})\n{text.rstrip()}")
    return "from __future__ import annotations\n" + "\n".join(parts) + "\n"


def _types(text: str) -> str:
    """The types of a kernel's arguments, from its annotations."""
    tree = ast.parse(text).body[0]
    assert isinstance(tree, ast.FunctionDef)
    named = [ast.unparse(a.annotation).replace(".", "_") for a in tree.args.args if a.annotation]
    return "(" + "".join(f"{TYPES.get(name, name)}, " for name in named) + ")"


def _given(is_cached: bool, is_whole: bool) -> dict[str, Any]:
    """What the generated module calls by name: decorators, and the types in annotations.

    Each kernel is compiled once, for the types it is annotated with, before what calls it; not at
    all when the whole loop lies in the cache. `nrt`: reference counts, which arrays passed down do
    not need; what takes a row or a function out of a list cannot do without.
    """
    import numba

    njit: Any = numba.njit
    types: Any = numba.types

    def kernel(signature: Any, nrt: bool) -> Any:
        if is_whole:
            return lambda function: function
        return njit(signature, **INNER, _nrt=nrt)

    def entry(signature: Any) -> Any:
        return njit(signature, error_model="numpy", cache=is_cached, _nrt=True)

    ints, floats, call = types.int64[::1], types.float64[::1], call_type()
    members = (ints, floats, floats, types.ListType(floats), types.ListType(call))
    return {
        "kernel": kernel,
        "entry": entry,
        "int64": types.int64,
        "float64": types.float64,
        "boolean": types.boolean,
        "at_Ints": ints,
        "at_Floats": floats,
        "at_Run": types.NamedTuple(members, at.Run),
        "Run": at.Run,
        "List": numba.typed.List,
        "call": call,
        "call_at": call_at(call),
    }


@cache
def call_type() -> Any:
    from numba import types

    return types.FunctionType(types.void(*[types.float64[::1], types.int64] * 4))


def call_at(call: Any) -> Any:
    """Compiled: the function whose C entry lies at an address."""
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    def made(typing: Any, address: Any) -> Any:
        def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            struct: Any = cgutils.create_struct_proxy
            function = struct(call)(context, builder)
            function.c_addr = builder.inttoptr(args[0], context.get_value_type(types.voidptr))
            return function._getvalue()

        return call(types.int64), lower

    return intrinsic(made)


@cache
def compiled_replay() -> Callable[..., int]:
    """The compiled account loop, from the cache folder when it lies there."""
    made = _cached() if is_cached() else None
    return made or _fresh()


def is_cached() -> bool:
    """Whether machine code of the account loop lies ready in the cache folder."""
    return is_sealed(_name())


def _name() -> str:
    """The account's module: the hash of all that it is made of."""
    own = Path(__file__).read_text(encoding="utf-8")
    versions = (version("numba"), version("llvmlite"), sys.version)
    return f"sw_{digest(own, *texts_of([phases]), *versions)}_account"


def _cached() -> Callable[..., int] | None:
    """The loop as it lies in the cache; None where it was made for another processor, for which
    nothing can be compiled without its kernels."""
    from numba.core.errors import NumbaError

    name = _name()
    path = str(folder() / f"{name}.py")
    try:
        made: Callable[..., int] = execute(source(name), name, _given(True, True), path).replay_flat
    except NumbaError:
        return None
    return made


def _fresh() -> Callable[..., int]:
    """The loop, compiled and kept."""
    name, text = _name(), bundle(replay) + ENTRY  # type: ignore[arg-type]
    path = place(name, text)
    module = execute(text, name, _given(path is not None, False), str(path) if path else None)
    if path:
        seal(name)
    made: Callable[..., int] = module.replay_flat
    return made


def compiled_player(rows: Sequence[Any], calls: list[Any]) -> Callable[[list[float]], Player]:
    """A player of any tape on flat arrays, compiled."""
    import numpy as np

    loop = compiled_replay()
    cells = np.concatenate([np.empty(0), *rows])
    ends = np.cumsum([len(row) for row in rows], dtype=np.int64)
    addresses = np.array([_address(call) for call in calls], dtype=np.int64)

    def player(tape: list[float]) -> Player:
        flat = np.array(tape, dtype=np.float64)

        def play(n: list[int], s: Any, first: int, end: int) -> int:
            numbers = np.array(n, dtype=np.int64)
            return loop(numbers, s, flat, cells, ends, addresses, first, end)

        return Player(np.zeros, play, lambda s: array("d", s.tobytes()))

    return player


def _address(call: Any) -> int:
    """Where a compiled function's C entry lies; see COMPILED_SIGNATURE."""
    call = call.made() if isinstance(call, Late) else call
    if hasattr(call, "address"):  # numba.cfunc
        return int(call.address)
    made = call.get_compile_result(call_type().signature)
    return int(made.library.get_pointer_to_function(made.fndesc.llvm_cfunc_wrapper_name))
