"""Plain functions with all they call, as one text (floor 7).

numba cannot call a plain function from a compiled one, and reads globals when it compiles. So
kernels are copied, as written, into one text in which every function is compiled, and constants are
literals.
"""

import builtins
import inspect
import math
import textwrap
from collections.abc import Iterable
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any

HEAD = "from __future__ import annotations\n"


def source_of(roots: Iterable[Any], decorator: str) -> str:
    """The text of these functions and everything they use, each under `decorator`."""
    found: dict[str, str] = {}
    for root in roots:
        _collect(root.__name__, root, decorator, found)
    return HEAD + "\n" + "\n\n".join(found.values()) + "\n"


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
