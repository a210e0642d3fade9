"""Texts that lanes call, compiled and kept, or as they stand (floor 7)."""

import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from inspect import getsource
from types import ModuleType
from typing import Any

import numpy as np

from engine.fills.lane import bit
from engine.fills.lane_layout import WIDE, keep_truth
from engine.ops.dense import DENSE, are_set, surely_above, truth_held, truth_read
from engine.run import instructions
from engine.run.cache import digest, is_whole, place, seal
from engine.run.instructions import njit_once
from engine.run.kernels import kernel_text
from engine.run.python import execute
from engine.run.sources import source_of

PLAIN = '@njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)'
INLINE = PLAIN.replace("_nrt", "forceinline=True, _nrt")


@cache
def lane_kernel_text(lanes: int) -> str:
    """What a strategy's functions call besides operators: dense kernels and the block's loop."""
    own = [call for row in DENSE for call in (row.chain, row.flat, row.rough) if call is not None]
    parts = [bit, keep_truth, truth_held, truth_read, surely_above, are_set, *own]
    return widened(source_of(parts, INLINE), lanes)


def widened(text: str, lanes: int) -> str:
    return text.replace(f"\nWIDE = {WIDE}\n", f"\nWIDE = {lanes}\n")


def module_name(text: str, lanes: int) -> str:
    """A module's name: the hash of its text and of all that compiles it."""
    made = (version("numba"), version("llvmlite"), sys.version.split()[0])
    called = (kernel_text(), lane_kernel_text(lanes), getsource(instructions))
    return f"sw_{digest(text, *called, *made)}_lanes"


def is_ready(name: str, text: str) -> bool:
    """Whether a module is loaded, or its machine code lies ready."""
    return name in sys.modules or is_whole(name, text)


@cache
def kernel_module(lanes: int) -> ModuleType:
    """What a strategy's functions call besides operators, compiled where they are called."""
    return execute(lane_kernel_text(lanes), f"sw_lane_kernels_{lanes}", {"njit": njit_once})


def cached(text: str, lanes: int, given: dict[str, Any]) -> tuple[ModuleType, str]:
    """Compile a text, or take it from the cache; with a notice when there is no cache."""
    name = module_name(text, lanes)
    if name in sys.modules:
        return sys.modules[name], ""
    path = place(name, text)
    whole = path is not None and is_whole(name, text)
    numbers = {
        "CACHE": path is not None,
        "NRT": "zeros(" in text,
        "nan": float("nan"),
        "inf": float("inf"),
    }
    made = execute(text, name, {**given, **numbers}, str(path) if path else None)
    if path is None:
        return made, "the cache folder cannot be written: compiled without a cache"
    if not whole:
        seal(name)
    return made, ""


NUMBERS = {"CACHE": False, "NRT": True, "nan": float("nan"), "inf": float("inf")}


def array_of(*numbers: float) -> Any:
    """A table of a strategy's text: whole numbers, or all of them floats."""
    return np.array(numbers, dtype=type(numbers[0]))


def tuple_of(*numbers: float) -> tuple[float, ...]:
    return numbers


def _itself(call: Any) -> Any:
    return call


def as_it_stands(text: str, given: dict[str, Any]) -> ModuleType:
    """A text of compiled functions as plain Python."""

    def njit(*types: Any, **options: Any) -> Callable[[Any], Any]:
        return _itself

    names = ("market_at", "call_at", "step_at", "along_at", "bars_at")
    itself = {"njit": njit, "written": tuple_of, **dict.fromkeys(names, _itself)}
    return execute(text, f"sw_{digest(text)}_plain_lanes", {**given, **itself, **NUMBERS})


@cache
def plain_kernels(lanes: int) -> dict[str, Any]:
    """What a strategy's functions call besides operators, as plain Python."""
    made = vars(as_it_stands(lane_kernel_text(lanes), {}))
    return {k: v for k, v in made.items() if not k.startswith("__")}
