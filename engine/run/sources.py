"""Plain functions with all they call, as one text (floor 7).

numba cannot call a plain function from a compiled one, and reads globals when it compiles. So
kernels are copied, as written, into one text in which every function is compiled, and constants are
literals.
"""

import builtins
import inspect
import math
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

HEAD = "from __future__ import annotations\n"


def source_of(roots: Iterable[Any], decorator: str) -> str:
    """The text of these functions and everything they use, each under `decorator`."""
    found: dict[str, str] = {}
    for root in roots:
        _collect(root.__name__, root, decorator, found)
    return HEAD + "\n" + "\n\n".join(found.values()) + "\n"


def modules_of(modules: Iterable[ModuleType]) -> list[ModuleType]:
    """These modules of kernels, and those that they take functions from."""
    found = {m.__name__: m for m in modules}
    for module in list(found.values()):
        _gather(module, found)
    return list(found.values())


def _gather(module: ModuleType, found: dict[str, ModuleType]) -> None:
    for value in vars(module).values():
        if isinstance(value, FunctionType) and value.__module__ not in found:
            found[value.__module__] = sys.modules[value.__module__]
            _gather(found[value.__module__], found)


def texts_of(modules: Iterable[ModuleType]) -> list[str]:
    """The text of each of these modules of kernels, and the numbers that it can name: what is
    compiled of them changes only with these."""
    told = []
    for module in modules_of(modules):
        named = [v for v in vars(module).values() if isinstance(v, ModuleType)]
        told.append(Path(inspect.getfile(module)).read_text(encoding="utf-8"))
        told += [repr(_numbers(m)) for m in (module, *named)]
    return told


def _numbers(module: ModuleType) -> list[tuple[str, Any]]:
    kept = (bool, int, float, tuple)
    return sorted((k, v) for k, v in vars(module).items() if type(v) in kept)


def _collect(name: str, value: Any, decorator: str, found: dict[str, str]) -> None:
    text = _text(name, value, decorator, found)
    if found.setdefault(name, text) != text:
        raise ValueError(f"two kernels use the name {name} for different things")


def _text(name: str, value: Any, decorator: str, found: dict[str, str]) -> str:
    if isinstance(value, FunctionType):
        return _function(name, value, decorator, found)
    if isinstance(value, BuiltinFunctionType) and value.__module__ == "math":
        return f"from math import {value.__name__} as {name}"
    return f"{name} = {_literal(value)}"


def _function(name: str, value: FunctionType, decorator: str, found: dict[str, str]) -> str:
    own = value.__name__
    text = f"{decorator}\n{textwrap.dedent(inspect.getsource(value)).rstrip()}"
    if own not in found:
        found[own] = text  # recursion meets it
        del found[own]
        for used in _names(value.__code__):
            if used in value.__globals__ and used != own:
                _collect(used, value.__globals__[used], decorator, found)
    if name == own:
        return text
    _collect(own, value, decorator, found)
    return f"{name} = {own}"


def _names(code: CodeType) -> list[str]:
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    names = [*code.co_names, *(n for c in inner for n in _names(c))]
    return [n for n in dict.fromkeys(names) if not hasattr(builtins, n)]


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + "".join(f"{_literal(v)}, " for v in value) + ")"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"a kernel reads {value!r}, which is no number, tuple or function")
