"""Which operators look at more than the bar they stand on (floor 4)."""

from engine.check.typed import Apply, Typed
from engine.ops import BY_NAME


def keeps_memory(typed: Apply) -> bool:
    """Whether an operator looks at more than this bar."""
    op = BY_NAME[typed.op]
    return not op.across and (bool(op.state) or any(arg.kind == "const" for arg in op.args))


def remembers(typed: Typed) -> bool:
    """Whether a value on its own bars has a memory that could start afresh."""
    return isinstance(typed, Apply) and (keeps_memory(typed) or any(map(remembers, typed.args)))
