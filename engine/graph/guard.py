"""Limits read every number through a guard (floor 5): what cannot be is unknown, and so denies.

The guard is `if x between low to high then x else na`, in operators that the language has, so that
whatever runs a graph runs it too. engine.fields.sane is the table of what can be.
"""

from math import nan

from engine.check.typed import Column, FieldRead
from engine.fields import BY_NAME
from engine.fields.sane import BOUNDS, COLUMNS, FIELDS_SANE, Sane
from engine.graph.node import Builder, Node

CALENDAR, LIVE = "calendar:", "live:"


def guarded(builder: Builder, node: int, read: Column | FieldRead) -> int:
    """The node of an input as limits see it."""
    sane = sane_of(read)
    if sane is None:
        return node
    low, high = (builder.add(Node("const", value=x)) for x in BOUNDS[sane])
    frame = builder.nodes[node].frame
    can_be = builder.add(Node("op", "between", (node, low, high), frame=frame, truth=True))
    unknown = builder.add(Node("const", value=nan))
    return builder.add(Node("op", "if", (can_be, node, unknown), frame=frame))


def sane_of(read: Column | FieldRead) -> Sane | None:
    """What an input can be; None for truth values, which have an unknown of their own, and for
    what the calendar answers."""
    if read.kind.name == "truth" or (isinstance(read, Column) and read.name.startswith(CALENDAR)):
        return None
    if isinstance(read, FieldRead):
        spec = BY_NAME[read.name]
        return None if spec.calendar else FIELDS_SANE[spec.name]
    if read.name.startswith(LIVE):
        return FIELDS_SANE[read.name.removeprefix(LIVE)]
    return COLUMNS.get(read.kind.unit, "any")
