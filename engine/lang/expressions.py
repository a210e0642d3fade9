"""Parsed productions to expression nodes: one small function for each (floor 3)."""

from typing import Any

from engine.base.diagnostics import Diagnostic, Fix
from engine.lang import ast
from engine.lang.building import Building, day, duration, minutes, negated, number, unquoted, whole
from engine.lang.drive import Action
from engine.lang.scan import Token

At = tuple[int, int]
Kids = list[Any]


def _number(b: Building, at: At, kids: Kids) -> ast.Literal:
    digits, unit = kids
    value = number(b, digits)
    if unit is None:
        return ast.Literal(b.span(at), "number", value, None, digits.text)
    text = f"{digits.text} {unit.text}"
    return ast.Literal(b.span(at), "unit", value, unit.text, text)


def _percent(b: Building, at: At, kids: Kids) -> ast.Literal:
    return ast.Literal(b.span(at), "percent", number(b, kids[0]), None, kids[0].text)


def _money(b: Building, at: At, kids: Kids) -> ast.Literal:
    return ast.Literal(b.span(at), "money", number(b, kids[0]), None, kids[0].text)


def _duration(b: Building, at: At, kids: Kids) -> ast.Literal:
    count, letters = duration(b, kids[0])
    return ast.Literal(b.span(at), "duration", count, letters, kids[0].text)


def _date(b: Building, at: At, kids: Kids) -> ast.Literal:
    return ast.Literal(b.span(at), "date", float(day(b, kids[0])), None, kids[0].text)


def _time(b: Building, at: At, kids: Kids) -> ast.Literal:
    return ast.Literal(b.span(at), "time", float(minutes(b, kids[0])), None, kids[0].text)


def _negative(b: Building, at: At, kids: Kids) -> ast.Literal:
    return negated(b, at, kids[0])


def _variable(b: Building, at: At, kids: Kids) -> ast.Name:
    return ast.Name(b.span(at), kids[0].text)


def _quoted(b: Building, at: At, kids: Kids) -> ast.Quoted:
    return ast.Quoted(b.span(at), unquoted(kids[0]))


def _call(b: Building, at: At, kids: Kids) -> ast.Call:
    return ast.Call(b.span(at), kids[0].text, tuple(kids[1:]))


def _paren(_: Building, __: At, kids: Kids) -> ast.Expr:
    value: ast.Expr = kids[0]
    return value


def _field(b: Building, at: At, kids: Kids) -> ast.Field:
    return ast.Field(b.span(at), kids[0], kids[1].text)


def _back(b: Building, at: At, kids: Kids) -> ast.Back:
    token: Token = kids[1]
    return ast.Back(b.span(at), kids[0], whole(b, token))


def _of(b: Building, at: At, kids: Kids) -> ast.Of:
    return ast.Of(b.span(at), kids[0], kids[1])


def _on_clock(b: Building, at: At, kids: Kids) -> ast.OnClock:
    return ast.OnClock(b.span(at), kids[0], kids[1].text)


def _since_entry(b: Building, at: At, kids: Kids) -> ast.SinceEntry:
    return ast.SinceEntry(b.span(at), kids[0])


def _minus(b: Building, at: At, kids: Kids) -> ast.Unary:
    return ast.Unary(b.span(at), "-", kids[0])


def _negated(b: Building, at: At, kids: Kids) -> ast.Unary:
    value: ast.Expr = kids[0]
    if isinstance(value, ast.Lasting) and "(" not in b.source.text[at[0] : value.span.start]:
        inner = b.source.text[value.span.start : value.span.end]
        b.problems.append(
            Diagnostic(
                "SW130",
                b.span(at),
                "`not` here covers the whole `for`: it is true whenever the run is broken",
                "put parentheses round the part that you mean",
                severity="warning",
                fix=Fix(b.span(at), f"not ({inner})", safe=True),
            )
        )
    return ast.Unary(b.span(at), "not", value)


def _binary(op: Any) -> Action:
    def build(b: Building, at: At, kids: Kids) -> ast.Binary:
        return ast.Binary(b.span(at), op, kids[0], kids[1])

    return build


def _logic(op: Any) -> Action:
    def build(b: Building, at: At, kids: Kids) -> ast.Logic:
        return ast.Logic(b.span(at), op, tuple(kids))

    return build


def _compare(b: Building, at: At, kids: Kids) -> ast.Compare:
    return ast.Compare(b.span(at), kids[1].text, kids[0], kids[2])


def _crosses(b: Building, at: At, kids: Kids) -> ast.Cross:
    return ast.Cross(b.span(at), kids[1], kids[0], kids[2])


def _within(b: Building, at: At, kids: Kids) -> ast.Within:
    return ast.Within(b.span(at), *kids)


def _between(b: Building, at: At, kids: Kids) -> ast.Between:
    return ast.Between(b.span(at), *kids)


def _is_known(b: Building, at: At, kids: Kids) -> ast.Is:
    return ast.Is(b.span(at), kids[0], kids[1])


def _is_in(b: Building, at: At, kids: Kids) -> ast.IsIn:
    return ast.IsIn(b.span(at), kids[0], kids[1].text)


def _lasts(b: Building, at: At, kids: Kids) -> ast.Lasting:
    return ast.Lasting(b.span(at), kids[0], kids[1])


def _if_else(b: Building, at: At, kids: Kids) -> ast.IfElse:
    return ast.IfElse(b.span(at), *kids)


def words(_: Building, __: At, kids: Kids) -> str:
    """A choice of keywords, as the words written."""
    return " ".join(token.text for token in kids)


EXPRESSIONS: dict[str, Action] = {
    "number": _number,
    "percent": _percent,
    "money": _money,
    "duration": _duration,
    "date": _date,
    "time": _time,
    "negative": _negative,
    "variable": _variable,
    "quoted": _quoted,
    "call": _call,
    "paren": _paren,
    "field": _field,
    "back": _back,
    "of": _of,
    "on_clock": _on_clock,
    "since_entry": _since_entry,
    "minus": _minus,
    "negated": _negated,
    "add": _binary("+"),
    "subtract": _binary("-"),
    "multiply": _binary("*"),
    "divide": _binary("/"),
    "conjunction": _logic("and"),
    "disjunction": _logic("or"),
    "compare": _compare,
    "crosses": _crosses,
    "direction": words,
    "within": _within,
    "between": _between,
    "is_known": _is_known,
    "known": words,
    "is_in": _is_in,
    "lasts": _lasts,
    "if_else": _if_else,
}
"""Production name to builder, for everything inside an expression."""
