"""What compiled code writes as an instruction or less, where plain Python calls (floor 7).

Inside compiled code a list is where it begins and nothing more: an array in full is seven numbers,
and each read of one a test whether the place counts from its end. That is most of what a compiler
was given to read, and it held back what it made. No place that emitted text writes is negative.
`fetch` and `pointer_to` stand in `fills`, with what they do for the account of a lane.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any


def ahead_plain(values: Any, first: int) -> Any:
    """What lies from a place on."""
    return values[first:]


@cache
def ahead_compiled() -> Any:
    """The same in compiled code, of an array or of where one begins. The place must lie inside;
    what comes back keeps nothing alive."""
    from numba.core import types
    from numba.extending import intrinsic

    pointer: Any = types.CPointer

    def made(typing: Any, values: Any, first: Any) -> Any:
        is_array = isinstance(values, types.Array)

        def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            begin = args[0]
            if is_array:
                begin = context.make_array(values)(context, builder, begin).data
            return builder.gep(begin, [args[1]])

        return (pointer(values.dtype) if is_array else values)(values, types.int64), lower

    return intrinsic(made)


@cache
def keep_compiled() -> Any:
    """Nothing: an array that is named here lives until here."""
    from numba.core import types
    from numba.extending import intrinsic

    def keep(typing: Any, values: Any) -> Any:
        def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return context.get_dummy_value()

        return types.void(values), lower

    return intrinsic(keep)


def njit_once(*types: Any, **options: Any) -> Any:
    """`numba.njit`, which compiles once for all numbers that are written out. numba would compile a
    function anew for each."""
    from numba import njit
    from numba.core.types import unliteral

    def made(function: Any) -> Any:
        compiled = njit(*types, **options)(function)
        plainly = compiled.compile

        def compile_it(given: Any) -> Any:
            is_tuple = isinstance(given, tuple)
            return plainly(tuple(map(unliteral, given)) if is_tuple else given)

        compiled.compile = compile_it
        return compiled

    return made


FRESH = re.compile(r"^    fresh = (zeros\(\d+\))\n((?:    .*\n)+)", re.MULTILINE)


def with_fresh(text: str) -> str:
    """The text of a module in which a function's fresh list lives to its end, handed on by where
    it begins."""
    return FRESH.sub(r"    held = \1\n    fresh = ahead(held, 0)\n\2    keep(held)\n", text)


def by_pointers(text: str, function: str, lists: Iterable[str]) -> str:
    """The text of a module in which a function takes these of its lists by where they begin."""
    head = re.search(rf"^def {function}\(.*\):\n", text, re.MULTILINE)
    if head is None:
        return text
    lines = "".join(f"    {name} = ahead({name}, 0)\n" for name in lists)
    return text[: head.end()] + lines + text[head.end() :]


def written(fetch: Any, pointer_to: Any) -> Any:
    """`fills.lane.fetch` and `fills.lane_layout.pointer_to`, as compiled code writes them."""
    return _fetch(), _pointer_to()


def _fetch() -> Any:
    """LLVM language reference, llvm.prefetch."""
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    def fetch(typing: Any, values: Any, place: Any) -> Any:
        def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            whole, byte = ir.IntType(32), ir.IntType(8).as_pointer()
            kind = ir.FunctionType(ir.VoidType(), [byte, whole, whole, whole])
            declare: Any = cgutils.get_or_insert_function
            call = declare(builder.module, kind, "llvm.prefetch.p0")
            data = context.make_array(values)(context, builder, args[0]).data
            to_read, near, of_data = whole(0), whole(3), whole(1)
            cell = builder.bitcast(builder.gep(data, [args[1]]), byte)
            builder.call(call, [cell, to_read, near, of_data])
            return context.get_dummy_value()

        return types.void(values, place), lower

    return intrinsic(fetch)


def _pointer_to() -> Any:
    """Why: an array handed over whole goes through memory, and is read there before it arrives."""
    from numba.core import types
    from numba.extending import intrinsic

    pointer: Any = types.CPointer

    def pointer_to(typing: Any, values: Any) -> Any:
        def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return context.make_array(values)(context, builder, args[0]).data

        return pointer(types.float64)(values), lower

    return intrinsic(pointer_to)
