"""What compiled code writes as an instruction or less, where plain Python calls (floor 7).

`ahead` is a view without a test of where it begins: a slice is held against the ends of its array,
in some hundred instructions that a compiler must take away again for each column that a loop reads.
`fetch` and `pointer_to` stand in `fills`, with what they do for the account of a lane.
"""

from functools import cache
from typing import Any


def ahead_plain(values: Any, first: int) -> Any:
    """What lies from a place on."""
    return values[first:]


@cache
def ahead_compiled() -> Any:
    """The same in compiled code. The place must lie inside; the view keeps nothing alive."""
    from numba import types
    from numba.extending import intrinsic
    from numba.np.arrayobj import make_array, populate_array

    def made(typing: Any, values: Any, first: Any) -> Any:
        make: Any = make_array(values)  # type: ignore[no-untyped-call]

        def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            whole: Any = make(context, builder, args[0])
            view: Any = make(context, builder)
            populate_array(  # type: ignore[no-untyped-call]
                view,
                data=builder.gep(whole.data, [args[1]]),
                shape=[builder.sub(whole.nitems, args[1])],
                strides=[whole.itemsize],
                itemsize=whole.itemsize,
                meminfo=None,
            )
            return view._getvalue()

        return values(values, types.int64), lower

    return intrinsic(made)


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
