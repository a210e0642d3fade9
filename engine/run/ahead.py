"""Views into arrays without a test of where they begin (floor 7).

A slice in compiled code is held against the ends of its array, in some hundred instructions that a
compiler must take away again for each of the many columns that a loop reads.
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
