"""Compiled copies of the operators' kernels (floor 7), kept in the cache folder beside the rules.

All lie in one module, and each is compiled when a rule first uses it: an operator that any rule has
used once costs the next one nothing.
"""

import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from inspect import getsource
from types import ModuleType
from typing import Any

from engine.emit.module import Module
from engine.graph.gate import gate, gate_truth
from engine.graph.node import wants
from engine.ops import BY_NAME, ROWS
from engine.ops.spec import Op
from engine.run import instructions
from engine.run.beside import beside
from engine.run.cache import clear_part, digest, is_sealed, place_parts, seal
from engine.run.instructions import ahead_compiled, keep_compiled, njit_once
from engine.run.python import execute
from engine.run.sources import source_of, texts_of

KERNEL = (
    '@njit(error_model="numpy", nogil=True, forceinline=True, '
    "no_cpython_wrapper=True, no_cfunc_wrapper=True)"
)
"""Kernels are called from compiled functions only: wrappers would cost compile time for nothing."""
KEPT = KERNEL.replace(")", ", cache=CACHE)")
"""An operator's kernel lies in the cache folder, with all it calls: the next rule that uses the
operator need not wait for it."""
LOOP = re.compile(r"^ +(for|while) ", re.MULTILINE)
_FLAT, _CELLS = "float64[::1]", "CPointer(float64)"
GATES = {"gate": "(float64, float64)", "gate_truth": "(float64, int64)"}
"""Beside the operators': what gates call, and its types."""


@cache
def kernel_text() -> str:
    """The source of every kernel with all it calls."""
    roots = [gate, gate_truth, *(op.kernel for op in ROWS)]
    text = source_of(roots, KERNEL)
    for name in {kernel.__name__ for kernel in roots}:
        text = text.replace(f"{KERNEL}\ndef {name}(", f"{KEPT}\ndef {name}(")
    return "".join(_inline(part) for part in re.split(r"^(?=@njit)", text, flags=re.MULTILINE))


def _inline(function: str) -> str:
    """A function's text; one that loops is called: in line it would be compiled wherever it is
    used, and the call is little of what it takes."""
    return function.replace("forceinline=True, ", "") if LOOP.search(function) else function


@cache
def kernel_module() -> ModuleType:
    """Compiled copies of all kernels (each is compiled, or taken from the cache folder, when first
    used)."""
    path = place_parts(kernels_name(), kernel_text())
    given = {"njit": njit_once, "CACHE": path is not None}
    return execute(kernel_text(), kernels_name(), given, str(path) if path else None)


@cache
def kernels_name() -> str:
    """The name of the module of all kernels: the hash of all that it is made of."""
    return f"sw_{digest(*made_of())}_kernels"


def signature(op: Op) -> str:
    """The types of an op's kernel. Left to itself numba would compile it anew for each literal."""
    if op.across:
        return _across_signature(op)
    needs = wants(op.name)
    series = ["int64" if a.kind == "truth" else "float64" for a in op.args if a.kind != "const"]
    consts = ["int64" if a.unit == "bars" else "float64" for a in op.args if a.kind == "const"]
    types = [*series, *["float64"] * len(op.columns), *consts]
    types += ["int64"] * needs.index + [_CELLS, "int64", "int64"] * needs.ring
    types += [_CELLS, "int64"] * needs.scratch + ["float64"] * needs.state
    return f"({', '.join(types)},)"


def _across_signature(op: Op) -> str:
    """The types of a kernel that compares symbols: its series are flat, truth or not."""
    consts = ["float64" for a in op.args if a.kind == "const"]
    series = [_FLAT] * (len(op.args) - len(consts))
    return f"({', '.join(['int64', *series, 'int64', *consts, _FLAT, _FLAT])},)"


def _kernel(function: str, types: str, compile_it: bool) -> Any:
    """A compiled kernel that takes exactly these types; compiled only where it will be called."""
    made, name = getattr(kernel_module(), function), kernels_name()
    if compile_it and not made.overloads:
        if place_parts(name, kernel_text()):
            clear_part(name, function)
        made.compile(types)
        made.disable_compile()
        seal(name, function)
    return made


def _kernels(wanted: Mapping[str, tuple[str, str]], compile_them: bool) -> dict[str, Any]:
    """Kernels by the names that a text has for them: each a function with its types."""
    return {name: _kernel(*what, compile_them) for name, what in wanted.items()}


def _wanted(op: Op) -> tuple[str, str]:
    return op.kernel.__name__, signature(op)


def is_kept(op: Op) -> bool:
    """Whether machine code of an operator's kernel is loaded, or lies ready."""
    name = op.kernel.__name__
    return bool(getattr(kernel_module(), name).overloads) or is_sealed(kernels_name(), name)


def kernel_of(op: Op, compile_it: bool) -> Any:
    """An operator's kernel, compiled where `compile_it` says that it will be called."""
    return _kernels({op.name: _wanted(op)}, compile_it)[op.name]


def named_kernels(module: Module, compile_them: bool) -> dict[str, Any]:
    """What the module's text calls by name, compiled where `compile_them` says so."""
    wanted = {text: _wanted(BY_NAME[name]) for text, name in module.kernels}
    wanted |= {name: (name, types) for name, types in GATES.items()}
    missing = [n for _, n in module.kernels if compile_them and not is_kept(BY_NAME[n])]
    with beside("kernel", missing):
        own = _kernels(wanted, compile_them)
    own |= {"zeros": _zeros(), "ahead": ahead_compiled(), "keep": keep_compiled()}
    return own


@cache
def _zeros() -> Any:
    import numpy as np
    from numba import njit

    return njit(lambda count: np.zeros(count))


@cache
def made_of() -> tuple[str, ...]:
    """All that machine code of kernels is made of, the text not yet put together."""
    homes = {sys.modules[op.kernel.__module__] for op in ROWS} | {sys.modules[gate.__module__]}
    told = texts_of(sorted(homes, key=lambda m: m.__name__))
    versions = (version("numba"), version("llvmlite"), sys.version.split()[0])
    return (KEPT, getsource(instructions), *told, *versions)
