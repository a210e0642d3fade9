"""Floor 5: checked expressions as one interned graph, simplified, staged and planned.

Knows ops, fields and typed values; knows nothing of source text, runners or data.
"""
