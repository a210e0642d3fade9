"""Operators along whole columns, compiled (floor 7): one function an operator, whatever its window.

Why: many windows of one operator share one machine code, made once an installation.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from engine.emit.columns import HEAD, emit_column
from engine.emit.names import kernel_name
from engine.ops import BY_NAME
from engine.ops.dense import DENSE_BY_NAME, Dense
from engine.run.instructions import ahead_compiled, ahead_plain
from engine.run.kernels import kernel_of
from engine.run.lanes_cached import (
    PLAIN,
    as_it_stands,
    cached,
    is_ready,
    kernel_module,
    module_name,
    plain_kernels,
)
from engine.run.lanes_module import FLOATS, INTS, tell

TYPES = f"void(int64, {INTS}, {FLOATS}, {INTS}, {FLOATS}, {INTS}, {FLOATS})"
NJIT = f'@njit("{TYPES}", error_model="numpy", nogil=True, cache=CACHE, _nrt=False)\n'
ENTRY = "def columns("
Fill = Callable[..., None]
"""columns(end, warm, ins, at, consts, y, spare); see emit.columns."""


def load_columns(
    names: Iterable[str], compiled: bool = True, told: Callable[[str], None] = tell
) -> dict[str, Fill]:
    """The columns of each of these operators; `told` hears of a compile before it begins."""
    found = sorted(set(names))
    if not compiled:
        return {name: _plain(name) for name in found}
    missing = [n for n in found if not is_ready(module_name(_text(n), 1), _text(n))]
    if missing:
        told(f"compiling {', '.join(missing)} to machine code (kept for the next run)")
    return {name: _compiled(name) for name in found}


@cache
def _text(name: str) -> str:
    form = DENSE_BY_NAME.get(name)
    text = emit_column(BY_NAME[name], form)
    text = text.replace(HEAD, f"{PLAIN}\n{HEAD}").replace(ENTRY, NJIT + ENTRY)
    return f"# {name} along columns, written by seawall\n{text}"


@cache
def _compiled(name: str) -> Fill:
    from numba import njit

    op, text = BY_NAME[name], _text(name)
    compile_it = not is_ready(module_name(text, 1), text)
    given = {"njit": njit, kernel_name(name): kernel_of(op, compile_it)}
    given["ahead"] = ahead_compiled()
    kernels = vars(kernel_module(1))
    given |= {call.__name__: kernels[call.__name__] for call in _calls(DENSE_BY_NAME.get(name))}
    made: Fill = cached(text, 1, given)[0].columns
    return made


@cache
def _plain(name: str) -> Fill:
    form = DENSE_BY_NAME.get(name)
    given = {kernel_name(name): BY_NAME[name].kernel, "ahead": ahead_plain}
    given |= {call.__name__: plain_kernels(1)[call.__name__] for call in _calls(form)}
    made: Fill = as_it_stands(_text(name), given).columns
    return made


def _calls(form: Dense | None) -> list[Any]:
    calls = () if form is None else (form.chain, form.flat)
    return [call for call in calls if call is not None]
