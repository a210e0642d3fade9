"""Operators along a block, compiled (floor 7): lanes call them by address.

Why: an operator without a form for dense bars takes a compiler half a second, in every loop that it
is written into. So it is compiled once an installation, and a loop of whatever rule is a table.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from engine.emit.along import HEAD, SERIES_AT, emit_along
from engine.emit.names import kernel_name
from engine.ops import BY_NAME
from engine.run import kernels
from engine.run.instructions import ahead_compiled, ahead_plain
from engine.run.lanes_cached import (
    INLINE,
    as_it_stands,
    cached,
    is_ready,
    kernel_module,
    module_name,
    plain_kernels,
)
from engine.run.python import execute

_INTS, _FLOATS = "CPointer(int64)", "CPointer(float64)"
ALONG = f"void({', '.join([*['int64'] * 5, _INTS, _FLOATS, _FLOATS, _INTS, _FLOATS, _FLOATS])})"
NJIT = f'@njit("{ALONG}", no_cpython_wrapper=True, error_model="numpy", nogil=True, cache=CACHE,'
Along = Callable[..., None]
"""along(bars, lanes, t, skip, x, row, reals, ins, at, buf, st); see emit.along."""
CALLS = ("truth_read", "truth_held")


def load_along(names: Iterable[str], compiled: bool = True) -> list[Along]:
    """The operators' kernels along a block, in order; compiled where they do not lie ready."""
    made = _compiled if compiled else _plain
    return [made(name) for name in names]


def missing(names: Iterable[str]) -> list[str]:
    """Those of these operators that are still to be compiled."""
    return [n for n in names if not is_ready(module_name(_text(n), 1), _text(n))]


@cache
def _text(name: str) -> str:
    text = emit_along(name).replace(HEAD, f"{NJIT} _nrt=False)\n{HEAD}")
    told = SERIES_AT.replace("\n", "\n# ")
    return f"# {name} along a block, written by seawall; it calls\n# {told}\n\n{text}"


@cache
def _compiled(name: str) -> Along:
    """Kernels are put in before numba looks for types: it compiles nothing of them twice."""
    from numba import njit

    given = {"njit": njit, "ahead": ahead_compiled(), "series_at": _series_at()}
    given |= {call: vars(kernel_module(1))[call] for call in CALLS}
    own = getattr(kernels.kernel_module(), BY_NAME[name].kernel.__name__)
    given[kernel_name(name)] = njit(inline="always", error_model="numpy")(own.py_func)
    made: Along = cached(_text(name), 1, given)[0].along
    return made


@cache
def _series_at() -> Any:
    from numba import njit

    text = f"{INLINE}\n{SERIES_AT}"
    return execute(text, "sw_series_at", {"njit": njit, "ahead": ahead_compiled()}).series_at


@cache
def _plain(name: str) -> Along:
    given = {kernel_name(name): BY_NAME[name].kernel, "ahead": ahead_plain}
    given |= {call: plain_kernels(1)[call] for call in CALLS}
    given["series_at"] = as_it_stands(SERIES_AT, {"ahead": ahead_plain}).series_at
    made: Along = as_it_stands(_text(name), given).along
    return made
