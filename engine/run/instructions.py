"""Two functions of a lane's account that are one instruction where they are compiled (floor 7).

What they do for the account, and what they are in plain Python, stands in `fills`.
"""

from typing import Any


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
