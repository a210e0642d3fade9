"""Fills: the hand-written kernels that turn decided orders into executions and money (floor 2).

Scalar functions on floats and flat sequences, so that one text runs on plain Python lists and,
bundled, under numba. `phases.replay` is the account loop; `layout` says where each number lies.
"""
