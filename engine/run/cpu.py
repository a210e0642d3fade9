"""Compiles emitted source with numba (floor 7): the same text, the same kernels, the same bits.

All kernels live in one module of compiled copies that is made once per process and compiled as far
as it is used; each rule file is a module of its own, kept in the cache folder by the hash of
everything it depends on. Never fastmath; division follows numpy's error model, so nothing raises.
"""

import math
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

from engine.emit.module import Module
from engine.graph.plan import Plan
from engine.run.cache import digest, is_whole, place, seal
from engine.run.instructions import by_pointers, with_fresh
from engine.run.kernels import made_of, named_kernels
from engine.run.late import Late
from engine.run.program import Layer, Program, nothing
from engine.run.python import execute

_FLAT = "float64[::1]"
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
    return f"sw_{digest(text, *made_of())}_njit"


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
    given |= named_kernels(module, compile_them=not whole)
    made = execute(text, name, given, str(path) if path else None)
    if path is None:
        return made, "the cache folder cannot be written: compiled without a cache"
    if not whole:
        seal(name)
    return made, ""


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
