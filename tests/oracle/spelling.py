"""Going through an expression, and putting others in place of its names."""

from collections.abc import Mapping
from dataclasses import replace

from engine.lang import ast


def parts_of(e: ast.Expr) -> list[ast.Expr]:
    """The expressions inside an expression."""
    inside = [getattr(e, name) for name in e.__dataclass_fields__ if name != "span"]
    flat = [x for part in inside for x in (part if isinstance(part, tuple) else (part,))]
    return [x for x in flat if hasattr(x, "span")]


def put_in(e: ast.Expr, given: Mapping[str, ast.Expr]) -> ast.Expr:
    """An expression with others in place of names."""
    if isinstance(e, ast.Name):
        return given.get(e.name, e)
    changed: dict[str, object] = {}
    for name in e.__dataclass_fields__:
        part = getattr(e, name)
        if isinstance(part, tuple):
            changed[name] = tuple(put_in(x, given) for x in part)
        elif name != "span" and hasattr(part, "span"):
            changed[name] = put_in(part, given)
    return replace(e, **changed) if changed else e
