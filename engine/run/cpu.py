"""Compiles emitted source with numba (floor 7): the same text, the same kernels, the same bits.

All kernels live in one module of compiled copies that is made once per process and compiled as far
as it is used; each rule file is a module of its own, kept in the cache folder by the hash of
everything it depends on. Never fastmath; division follows numpy's error model, so nothing raises.
"""

import math
import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.metadata import version
from types import ModuleType
from typing import Any

from engine.emit.module import Module
from engine.graph.gate import gate, gate_truth
from engine.graph.node import wants
from engine.graph.plan import Plan
from engine.ops import BY_NAME, ROWS
from engine.ops.spec import Op
from engine.run.cache import digest, is_whole, place, seal
from engine.run.instructions import ahead_compiled, by_pointers, keep_compiled, with_fresh
from engine.run.late import Late
from engine.run.program import Layer, Program, nothing
from engine.run.python import execute
from engine.run.sources import source_of, texts_of

KERNEL = (
    '@njit(error_model="numpy", nogil=True, forceinline=True, '
    "no_cpython_wrapper=True, no_cfunc_wrapper=True)"
)
"""Kernels are called from compiled functions only: wrappers would cost compile time for nothing."""
_FLAT = "float64[::1]"
_CELLS = "CPointer(float64)"
_BOOK = f"void({', '.join([_FLAT, 'int64'] * 4)})"
SIGNATURES = {
    "run": f"void(int64, float64[:, ::1], float64[:, ::1], {_FLAT}, {_FLAT})",
    "step": f"void({', '.join([_FLAT] * 4)})",
    "across": f"void(int64, int64, float64[:, ::1], float64[:, ::1], {_FLAT})",
    "rule": _BOOK,
    "stops": _BOOK,
    "decide": _BOOK,
}
LISTS = {
    "run": ("out", "buf"),
    "step": ("x", "has", "st", "out"),
    **dict.fromkeys(("rule", "stops", "decide"), ("row", "fields", "cells", "out")),
}
"""The flat lists that each function takes by where they begin, and hands to kernels so."""
LATE = ("step",)
"""Compiled when first called; the others on loading."""


@cache
def kernel_text() -> str:
    """The source of every kernel with all it calls."""
    return source_of([gate, gate_truth, *(op.kernel for op in ROWS)], KERNEL)


@cache
def kernel_module() -> ModuleType:
    """Compiled copies of all kernels (each is compiled when first used)."""
    from numba import njit

    return execute(kernel_text(), "sw_kernels", {"njit": njit})


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
    made = getattr(kernel_module(), function)
    if compile_it and not made.overloads:
        made.compile(types)
        made.disable_compile()
    return made


def kernel_of(op: Op, compile_it: bool) -> Any:
    """An operator's kernel, compiled where `compile_it` says that it will be called."""
    return _kernel(op.kernel.__name__, signature(op), compile_it)


def module_text(text: str) -> str:
    """The emitted text with the decorators that compile it, its lists by where they begin."""
    text = with_fresh(text)
    for function, lists in LISTS.items():
        text = by_pointers(text, function, lists)
    for function, signature in SIGNATURES.items():
        eager = f'"{signature}", ' if function not in LATE else ""
        head = f'@njit({eager}error_model="numpy", nogil=True, cache=CACHE)\n'
        text = text.replace(f"def {function}(", f"{head}def {function}(")
    return text


def module_name(text: str) -> str:
    """The module's name: the hash of its text, the kernels and the versions that compile them."""
    python = sys.version.split()[0]
    made = digest(text, *_kernels_told(), version("numba"), version("llvmlite"), python)
    return f"sw_{made}_njit"


@cache
def _kernels_told() -> tuple[str, ...]:
    """All that `kernel_text` is made of, without making it."""
    homes = {sys.modules[op.kernel.__module__] for op in ROWS} | {sys.modules[gate.__module__]}
    return (KERNEL, *texts_of(sorted(homes, key=lambda m: m.__name__)))


def is_cached(module: Module) -> bool:
    """Whether machine code for this module lies ready in the cache folder."""
    text = module_text(module.text)
    return is_whole(module_name(text), text)


def load(plan: Plan, module: Module) -> Program:
    """A compiled program, from the cache when it is there and whole."""
    text = module_text(module.text)
    made, notice = compiled(text, module)
    return Program(
        plan=plan,
        layout=module.layout,
        runner="njit",
        market=_market(plan, module, made.run),
        step=made.step,
        rule=made.rule,
        stops=getattr(made, "stops", nothing),
        decide=getattr(made, "decide", nothing),
        source=module.text,
        notice=notice,
    )


def late(plan: Plan, module: Module) -> Program:
    """The same program, each function loaded out of the cache when it is first called."""
    part = partial(_part, module)
    run = part("run")
    return Program(
        plan=plan,
        layout=module.layout,
        runner="njit",
        market=Late(lambda: _market(plan, module, run.made())),
        step=part("step"),
        rule=part("rule"),
        stops=part("stops"),
        decide=part("decide"),
        source=module.text,
    )


def _part(module: Module, name: str) -> Any:
    if f"def {name}(" not in module.text:
        return nothing
    return Late(lambda: getattr(compiled(module_text(module.text), module)[0], name))


def load_layer(plan: Plan, module: Module) -> Layer:
    """A compiled layer, from the cache when it is there and whole."""
    made, _ = compiled(module_text(module.text), module)
    market = _market(plan, module, made.run)
    width = module.layout.row_width
    return Layer(plan, width, market, made.step, _across(made.across), _table, module.text)


def late_layer(plan: Plan, module: Module) -> Layer:
    """The same layer, each function loaded out of the cache when it is first called."""
    run, across = _part(module, "run"), _part(module, "across")
    market = Late(lambda: _market(plan, module, run.made()))
    compares = Late(lambda: _across(across.made()))
    width, step = module.layout.row_width, _part(module, "step")
    return Layer(plan, width, market, step, compares, _table, module.text)


def _table(columns: int, length: int) -> Any:
    import numpy as np

    return np.empty((columns, length))


def _across(run: Callable[..., None]) -> Callable[[int, int, Any, Any, Any], None]:
    import numpy as np

    def across(n: int, m: int, x: Any, out: Any, spare: Any) -> None:
        run(n, m, x, out, np.asarray(spare))

    return across


def compiled(text: str, module: Module) -> tuple[ModuleType, str]:
    """Compile a module's text, or take it from the cache; with a notice when there is no cache."""
    from numba import njit

    name = module_name(text)
    if name in sys.modules:
        return sys.modules[name], ""
    path = place(name, text)
    given = {"njit": njit, "CACHE": path is not None, "nan": math.nan, "inf": math.inf}
    whole = path is not None and is_whole(name, text)
    given_kernels = kernels(module, compile_them=not whole)
    made = execute(text, name, {**given, **given_kernels}, str(path) if path else None)
    if path is None:
        return made, "the cache folder cannot be written: compiled without a cache"
    if not whole:
        seal(name)
    return made, ""


def kernels(module: Module, compile_them: bool) -> dict[str, Any]:
    own: dict[str, Any] = {}
    for text, name in module.kernels:
        own[text] = kernel_of(BY_NAME[name], compile_them)
    own["gate"] = _kernel("gate", "(float64, float64)", compile_them)
    own["gate_truth"] = _kernel("gate_truth", "(float64, int64)", compile_them)
    own |= {"zeros": _zeros(), "ahead": ahead_compiled(), "keep": keep_compiled()}
    return own


@cache
def _zeros() -> Any:
    import numpy as np
    from numba import njit

    return njit(lambda count: np.zeros(count))


def _market(plan: Plan, module: Module, run: Callable[..., None]) -> Callable[[Any, Any, int], Any]:
    import numpy as np

    width = module.layout.row_width
    buffer = np.array(plan.buffer, dtype=np.float64)

    def table(columns: Sequence[Any], n: int) -> Any:
        made = np.empty((len(columns), n))
        for k, column in enumerate(columns):
            made[k] = column
        return made

    def market(inputs: Sequence[Any], has: Sequence[Any], n: int) -> Any:
        out = np.empty(n * width)
        run(n, table(inputs, n), table(has, n), out, buffer.copy())
        return out

    return market
