"""Kernels of the gate node (floor 5): a value that exists only while a position is open."""

from math import nan


def gate(qty: float, value: float) -> float:
    """The value while shares are held, na while flat."""
    return value if qty != 0.0 else nan


def gate_truth(qty: float, value: int) -> int:
    """The truth value while shares are held, unknown while flat."""
    return value if qty != 0.0 else 1
