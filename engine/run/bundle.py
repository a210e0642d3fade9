"""The account loop compiled (floor 7): its kernels gathered into one generated module for numba.

numba does not see changes in imported functions, so everything the loop calls is copied as written into
one file named by its hash; `at.NAME` becomes at_NAME with its value above. numba is imported here only
when a compiled run is asked for.
"""

import ast
import inspect
import math
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from engine.fills import layout as at
from engine.fills.phases import replay
from engine.run.cache import digest, is_whole, place, seal
from engine.run.python import execute

COMPILED_SIGNATURE = (
    "void(float64[::1], int64, float64[::1], int64, float64[::1], int64, float64[::1], int64)"
)
"""What a desk's functions must be in a compiled run: `numba.njit(COMPILED_SIGNATURE)` dispatchers or
`numba.cfunc(COMPILED_SIGNATURE)` functions. fields, cells and out arrive as one array with three offsets."""

INNER = "@njit(error_model='numpy', no_cpython_wrapper=True, no_cfunc_wrapper=True{})"
BARE, COUNTED = ", _nrt=False", ", _nrt=True"
"""Without reference counts, which arrays passed down need not: halves the compile time. What takes a
row or a function out of a list cannot do without."""
ENTRY = "@njit(error_model='numpy', cache=CACHE, _nrt=True)"
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
        text = textwrap.dedent(inspect.getsource(function))
        tree = ast.parse(text).body[0]
        assert isinstance(tree, ast.FunctionDef)
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


def _literal(name: str, value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"a kernel reads {name}, which is no number and no function")


def bundle(entry: FunctionType) -> str:
    """One module's text: everything `entry` needs, compiled."""
    gathered = _Bundle()
    gathered.add(entry.__name__, entry)
    parts = []
    for name, text in gathered.text.items():
        is_function = isinstance(gathered.values[name], FunctionType)
        takes = "w.rows" in text or "w.calls" in text
        head = ENTRY if name == entry.__name__ else INNER.format(COUNTED if takes else BARE)
        parts.append(f"\n\n{head}\n{text.rstrip()}" if is_function else text)
    return "from __future__ import annotations\n" + "\n".join(parts) + "\n"


@cache
def compiled_replay() -> Callable[[at.Run], int]:
    """The compiled account loop, from the cache folder when it lies there."""
    from numba import njit

    text = bundle(replay)  # type: ignore[arg-type]
    name = f"sw_{digest(text, version('numba'), sys.version)}_account"
    path = place(name, text)
    given = {"njit": njit, "CACHE": path is not None}
    module = execute(text, name, given, str(path) if path else None)
    made: Callable[[at.Run], int] = module.replay
    return _sealing(made, name) if path and not is_whole(name, text) else made


def _sealing(run: Callable[[at.Run], int], name: str) -> Callable[[at.Run], int]:
    """Note the sums of the machine code once the first call has written it."""

    def first(w: at.Run) -> int:
        bars = run(w)
        seal(name)
        return bars

    return first


def replay_compiled(
    n: list[int], s: list[float], tape: list[float], rows: Sequence[Any], calls: Sequence[Any]
) -> tuple[int, list[float]]:
    """Run a laid-out desk compiled; how many bars were run, and the state it leaves."""
    import numpy as np

    state = np.array(s, dtype=np.float64)
    run = at.Run(
        np.array(n, dtype=np.int64),  # type: ignore[arg-type]
        state,  # type: ignore[arg-type]
        np.array(tape, dtype=np.float64),  # type: ignore[arg-type]
        _typed_rows(rows),
        _typed_calls(calls),
    )
    bars = compiled_replay()(run)
    left: list[float] = state.tolist()
    return bars, left


def _typed_rows(rows: Sequence[Any]) -> Any:
    import numpy as np
    from numba import types
    from numba.typed import List

    made = List.empty_list(types.float64[::1])
    for row in rows:
        made.append(np.ascontiguousarray(row, dtype=np.float64))
    return made


def _typed_calls(calls: Sequence[Any]) -> Any:
    from numba import types
    from numba.typed import List

    flat = types.float64[::1]
    signature = types.void(*[flat, types.int64] * 4)
    made = List.empty_list(types.FunctionType(signature))
    for call in calls:
        made.append(call)
    return made
