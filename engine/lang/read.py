"""A strict reader of YAML: values with their places, and nothing that surprises (floor 3).

PyYAML alone keeps the last of two equal keys, reads NO as false, 12:30:00 as 45000 and 1e3 as text.
Here scalars follow the YAML 1.2 core schema, keys are unique, and anchors, aliases, merge keys,
tags and second documents are refused. Depth is bounded.
"""

from pathlib import Path

from engine.base.diagnostics import Diagnostic
from engine.base.spans import Source
from engine.lang.parse import decode
from engine.lang.yaml_tree import Items, Pairs, Scalar, Tree

__all__ = ["Items", "Pairs", "Scalar", "Tree", "read_yaml", "read_yaml_text"]

MAX_CHARACTERS = 1_000_000


def read_yaml(path: Path) -> tuple[Tree, list[Diagnostic]]:
    """Read a YAML file; with errors the tree is what could be read. Raises OSError."""
    source, problem = decode(str(path), path.read_bytes())
    if problem is not None:
        empty = Pairs(source.span(0, 0), ())
        return empty, [Diagnostic("SW801", problem.span, problem.message, problem.help)]
    return read_yaml_text(source)


def read_yaml_text(source: Source) -> tuple[Tree, list[Diagnostic]]:
    """Read YAML text; see `read_yaml`."""
    nothing = Pairs(source.span(0, 0), ())
    if len(source.text) > MAX_CHARACTERS:
        message = f"the file is longer than {MAX_CHARACTERS:_} characters"
        return nothing, [Diagnostic("SW804", source.span(0, 0), message, "split it")]
    from engine.lang.yaml_events import read_events  # loads PyYAML, which rule files do not need

    return read_events(source, nothing)
