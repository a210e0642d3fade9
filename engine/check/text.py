"""Expressions as text, and as trees to walk, for messages, `why` and the funnel (floor 4)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.lang.ast import (
    Back,
    Between,
    Binary,
    Call,
    Compare,
    Cross,
    Expr,
    Field,
    IfElse,
    Is,
    IsIn,
    Lasting,
    Literal,
    Logic,
    Name,
    Of,
    OnClock,
    Quoted,
    SinceEntry,
    Unary,
    Within,
)
from engine.lang.format import print_expr

DEEPEST = 100
"""How deep expressions may nest; deeper ones are refused before anything recurses into them."""


def show(expr: Expr) -> str:
    """The text of an expression, as the formatter writes it."""
    return "…" if depth(expr) > DEEPEST else print_expr(expr)


def grouped(expr: Expr) -> str:
    """The text of an expression, in parentheses unless it stands by itself beside any operator."""
    alone = isinstance(expr, Literal | Name | Quoted | Call | Field | Back)
    return show(expr) if alone else f"({show(expr)})"


def depth(expr: Expr) -> int:
    """How many levels of expressions stand inside one another; counted without recursion."""
    level, deepest = [expr], 0
    while level and deepest <= DEEPEST:
        deepest += 1
        level = [child for at in level for child in children(at)]
    return deepest


_INSIDE: Mapping[type, Callable[[Any], tuple[Expr, ...]]] = {
    Call: lambda e: e.args,
    Logic: lambda e: e.items,
    Field: lambda e: (e.base,),
    **dict.fromkeys((Back, Unary, Is, IsIn, OnClock, SinceEntry), lambda e: (e.value,)),
    **dict.fromkeys((Binary, Compare, Cross, Of), lambda e: (e.left, e.right)),
    Within: lambda e: (e.value, e.tolerance, e.centre),
    Between: lambda e: (e.value, e.low, e.high),
    Lasting: lambda e: (e.condition, e.count),
    IfElse: lambda e: (e.condition, e.then, e.other),
}


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside one."""
    inside = _INSIDE.get(type(expr))
    return () if inside is None else inside(expr)


def walk(expr: Expr, dotted: bool = True) -> Iterator[Expr]:
    """An expression and everything inside it, from left to right; `dotted` enters `a.b` too."""
    todo = [expr]
    while todo:
        at = todo.pop()
        yield at
        if dotted or not isinstance(at, Field):
            todo.extend(reversed(children(at)))
