"""Syntax trees back to rule text, a statement a line and no needless parentheses (floor 3).

Parsing what is printed gives the same tree again, places apart. Comments are not in the tree, so
this is no formatter for users' files yet.
"""

from collections.abc import Callable
from datetime import date
from itertools import groupby
from typing import Any

from engine.lang import ast
from engine.lang.building import EPOCH
from engine.lang.tables import load

_IF, _LOGIC, _NOT, _LASTING, _COMPARE, _SUM, _PRODUCT = range(7)
_UNARY, _CLOCK, _SINCE, _OF, _POSTFIX, _ATOM = range(7, 13)

_INDENT = "  "


def print_expr(expr: ast.Expr) -> str:
    """The text of an expression, on one line."""
    return _print(expr)[0]


def _print(expr: ast.Expr) -> tuple[str, int]:
    """Text and binding strength."""
    return _EXPRESSIONS[type(expr)](expr)


def _at(expr: ast.Expr, least: int) -> str:
    """The text of an operand, in parentheses when it binds more loosely than `least`."""
    text, strength = _print(expr)
    return text if strength >= least else f"({text})"


def _call(e: ast.Call) -> tuple[str, int]:
    return f"{e.name}({', '.join(print_expr(arg) for arg in e.args)})", _ATOM


def _negation(e: ast.Unary) -> tuple[str, int]:
    if e.op == "-":
        return f"-{_at(e.value, _UNARY)}", _UNARY
    is_not = isinstance(e.value, ast.Unary) and e.value.op == "not"
    return f"not {_at(e.value, _NOT if is_not else _COMPARE)}", _NOT


def _binary(e: ast.Binary) -> tuple[str, int]:
    strength = _SUM if e.op in "+-" else _PRODUCT
    return f"{_at(e.left, strength)} {e.op} {_at(e.right, strength + 1)}", strength


def _logic(e: ast.Logic) -> tuple[str, int]:
    return f" {e.op} ".join(_at(item, _NOT) for item in e.items), _LOGIC


def _sums(template: str, *operands: ast.Expr) -> tuple[str, int]:
    return template.format(*(_at(operand, _SUM) for operand in operands)), _COMPARE


def _within(e: ast.Within) -> tuple[str, int]:
    value, centre = _at(e.value, _SUM), _at(e.centre, _SUM)
    return f"{value} within {_at(e.tolerance, _POSTFIX)} of {centre}", _COMPARE


def _if_else(e: ast.IfElse) -> tuple[str, int]:
    parts = (print_expr(part) for part in (e.condition, e.then, e.other))
    return "if {} then {} else {}".format(*parts), _IF


_EXPRESSIONS: dict[type, Callable[[Any], tuple[str, int]]] = {
    ast.Literal: lambda e: (e.text, _ATOM if e.value >= 0 else _UNARY),
    ast.Name: lambda e: (e.name, _ATOM),
    ast.Quoted: lambda e: (f"'{e.name}'", _ATOM),
    ast.Call: _call,
    ast.Field: lambda e: (f"{_at(e.base, _POSTFIX)}.{e.name}", _POSTFIX),
    ast.Back: lambda e: (f"{_at(e.value, _POSTFIX)}[{e.k}]", _POSTFIX),
    ast.Unary: _negation,
    ast.Binary: _binary,
    ast.Compare: lambda e: _sums(f"{{}} {e.op} {{}}", e.left, e.right),
    ast.Logic: _logic,
    ast.Cross: lambda e: _sums(f"{{}} crosses {e.direction} {{}}", e.left, e.right),
    ast.Within: _within,
    ast.Between: lambda e: _sums("{} between {} to {}", e.value, e.low, e.high),
    ast.Is: lambda e: _sums(f"{{}} is {e.test}", e.value),
    ast.IsIn: lambda e: _sums(f"{{}} is in {e.list}", e.value),
    ast.Lasting: lambda e: (f"{_at(e.condition, _COMPARE)} for {print_expr(e.count)}", _LASTING),
    ast.Of: lambda e: (f"{_at(e.left, _POSTFIX)} of {_at(e.right, _OF)}", _OF),
    ast.OnClock: lambda e: (f"{_at(e.value, _SINCE)} on {e.clock}", _CLOCK),
    ast.SinceEntry: lambda e: (f"{_at(e.value, _OF)} since entry", _SINCE),
    ast.IfElse: _if_else,
}


def _plain(value: float, shift: int = 0) -> str:
    """The shortest decimals that read back as exactly this value, times ten to `shift`."""
    from decimal import Decimal

    text = f"{Decimal(repr(value)).scaleb(shift):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _percent(value: float) -> str:
    """The shortest percentage that reads back as exactly this value."""
    return _plain(value, 2) + "%"


def print_value(value: float, like: ast.Literal | None) -> str:
    """A number written in the manner of a literal: `$95`, `10%`, `20 bars`."""
    if like is not None and like.value == value:
        return like.text
    sign = "-" if value < 0 else ""
    size = abs(value)
    kind = "number" if like is None else like.kind
    if kind == "percent":
        return sign + _percent(size)
    if kind == "money":
        return f"{sign}${_plain(size)}"
    if kind == "truth":
        return "yes" if value else "no"
    if kind == "date":
        return date.fromordinal(int(value) + EPOCH).isoformat()
    if kind == "time":
        return f"{int(size) // 60:02d}:{int(size) % 60:02d}"
    unit = "" if like is None or like.unit is None else like.unit
    return f"{sign}{_plain(size)}{' ' if kind == 'unit' else ''}{unit}"


def _maybe(template: str, value: Any) -> str:
    """The template filled, or nothing when there is no value."""
    if value is None:
        return ""
    return template.format(print_expr(value) if isinstance(value, ast.Expr) else value)


def _data(s: ast.Data) -> str:
    daily = " daily" if s.daily else ""
    stale = _maybe(" stale after {}", s.stale_after)
    return f'data {s.name} : {s.unit} = "{s.symbol}"{daily}{stale}'


def _is_word(name: str) -> bool:
    return name.isidentifier() and name.isascii() and name not in load().reserved


def _symbol(name: str) -> str:
    return name if _is_word(name) else f"'{name}'"


def _param(s: ast.Param) -> str:
    low, high = _maybe(" in {}", s.low), _maybe(" .. {}", s.high)
    return f"param {s.name} = {s.default.text}{low}{high}"


def _order(s: ast.Order) -> str:
    kind = "stop" if s.kind == "stop_limit" else s.kind
    price, limit = _maybe(" {}", _sum(s.price)), _maybe(" limit {}", _sum(s.limit))
    return f"order {kind}{price}{limit}{_maybe(' for {}', s.tif)}"


def _sum(price: ast.Expr | None) -> str | None:
    return None if price is None else _at(price, _SUM)


def _level(s: ast.Level) -> str:
    return f"{s.kind} {s.name}{_maybe(' of {}', s.of)} at {_at(s.price, _SUM)}"


def _braced(head: str, lines: list[str]) -> str:
    inside = "".join(f"{_INDENT}{line}\n" for text in lines for line in text.split("\n"))
    return f"{head} {{\n{inside}}}"


def _lines(*texts: str) -> list[str]:
    return [text for text in texts if text]


def _entry(s: ast.Entry) -> str:
    times = f" add {s.add_times} times" if s.add_times else ""
    lines = _lines(
        _maybe("when {}", s.when),
        _maybe("size {}", s.size),
        "" if s.order is None else _order(s.order),
        *(f"{leg.side} {leg.leg} size {print_expr(leg.size)}" for leg in s.legs),
        *(_level(level) for level in s.levels),
        _maybe('because "{}"', s.because),
    )
    return _braced(f"entry {s.side} {s.name}{times}", lines)


def _exit(s: ast.Exit) -> str:
    lines = _lines(
        _maybe("when {}", s.when),
        _maybe("size {}", s.size),
        "" if s.order is None else _order(s.order),
        _maybe('because "{}"', s.because),
    )
    return _braced(f"exit {s.name}{_maybe(' of {}', s.of)}", lines)


def _latch(s: ast.Latch) -> str:
    clear = _maybe("clear when {}", s.clear_when)
    return _braced(f"latch {s.name}", _lines(f"set when {print_expr(s.set_when)}", clear))


_ACTIONS = {"deny": "deny when", "clip": "clip qty to", "reduce": "reduce only when"}


def _limit(s: ast.Limit) -> str:
    action = f"{_ACTIONS[s.action]} {print_expr(s.value)}"
    ending = _maybe(" else {}", s.otherwise) + _maybe(' because "{}"', s.because)
    return f"limit {s.name} on {s.on}{_scope(s)} {action}{ending}"


def _scope(s: ast.Limit | ast.Switch) -> str:
    group = "" if s.group is None else f" {_symbol(s.group)}"
    return _maybe(f" scope {{}}{group}", s.scope) + _maybe(" severity {}", s.severity)


def _switch(s: ast.Switch) -> str:
    lines = _lines(
        _maybe("enter when {}", s.enter),
        _maybe("resume when {}", s.resume_when),
        _maybe("resume after {}", s.resume_after),
        _maybe('resume by hand "{}"', s.resume_hand),
        "allow exits" if s.allow_exits else "",
        _maybe('because "{}"', s.because),
    )
    return _braced(f"{s.kind} {s.name}{_scope(s)}", lines)


def _date(days: int) -> str:
    return date.fromordinal(days + EPOCH).isoformat()


def _knob(name: str, value: float, kind: str) -> str:
    if kind == "times":
        return f"{name} x{_plain(value)}"
    return f"{name} {'-' if value < 0 else ''}{_percent(abs(value))}"


def _setting(s: ast.Setting) -> str:
    return f"{s.name} {s.value.text}{_maybe(' per {}', s.per)}"


def _expect(s: ast.Expect) -> str:
    claim = print_expr(s.claim)
    if s.then is not None and s.within is not None:
        return f"expect {claim} leads to {print_expr(s.then)} in {s.within.text}"
    word = "" if s.kind == "holds" else f"{s.kind} "
    return f"expect {word}{claim}"


def _given(s: ast.Given) -> str:
    shown = ["na" if v is None else print_value(v, s.unit) for v in s.values]
    runs = [(text, len(list(same))) for text, same in groupby(shown)]
    return f"given {s.name} = " + ", ".join(t if n == 1 else f"{t} x{n}" for t, n in runs)


def _expected(s: ast.Expected) -> str:
    return f"expect {s.outcome} {s.rule}{_at_bars(s.first, s.last)}"


def _verdict(s: ast.ExpectedVerdict) -> str:
    what = _maybe(" {}", None if s.qty is None else s.qty.text) + _maybe(" by {}", s.by)
    bars = "" if s.first is None or s.last is None else _at_bars(s.first, s.last)
    return f"expect verdict {s.outcome}{what}{bars}"


def _at_bars(first: int, last: int) -> str:
    return f" at bar {first}" if first == last else f" at bar {first}..{last}"


def _block(head: str, title: str | None, body: tuple[Any, ...]) -> str:
    return _braced(head + _maybe(' "{}"', title), [print_statement(s) for s in body])


def _scenario_name(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _list(s: ast.ListDecl) -> str:
    head = f"list {s.name}{_maybe(' : {}', s.type)} = "
    if s.file is not None:
        return f'{head}file "{s.file}"{_maybe(" stale after {}", s.stale_after)}'
    is_date = (item[:1].isdigit() for item in s.items)
    items = (i if d else _symbol(i) for i, d in zip(s.items, is_date, strict=True))
    return f"{head}{{ {', '.join(items)} }}"


_STATEMENTS: dict[type, Callable[[Any], str]] = {
    ast.Clock: lambda s: f"clock {s.every}{_maybe(' on {}', s.calendar)}",
    ast.Param: _param,
    ast.Let: lambda s: f"let {s.name} = {print_expr(s.value)}",
    ast.Data: _data,
    ast.Latch: _latch,
    ast.Universe: lambda s: f"universe {s.name}",
    ast.Leg: lambda s: f"leg {s.name} = {_symbol(s.symbol)}",
    ast.Entry: _entry,
    ast.Exit: _exit,
    ast.Level: _level,
    ast.Hold: lambda s: (
        f"hold top {print_expr(s.count)} by {print_expr(s.score)}{_maybe(' when {}', s.when)}"
    ),
    ast.Weight: lambda s: f"weight {print_expr(s.value)}",
    ast.Rebalance: lambda s: f"rebalance {s.every}{_maybe(' when {}', s.when)}",
    ast.Limit: _limit,
    ast.Switch: _switch,
    ast.Replay: lambda s: f"replay {_date(s.first)} .. {_date(s.last)}",
    ast.Simulate: lambda s: f"simulate {s.length.text}, {s.paths} paths, seed {s.seed}",
    ast.Process: lambda s: _braced(f"process {s.name}", [_setting(x) for x in s.settings]),
    ast.Shock: lambda s: _braced(f"shock at bar {s.bar}", [_knob(*knob) for knob in s.knobs]),
    ast.Run: lambda s: f"run {', '.join(s.names)}",
    ast.StartEquity: lambda s: f"start equity ${_plain(s.amount)}",
    ast.CostsLine: lambda s: f"costs {s.value.text}",
    ast.Waive: lambda s: f'waive {s.limits}.{s.name} because "{s.because}"',
    ast.ResumeAt: lambda s: f'resume {s.name} at bar {s.bar} by "{s.by}"',
    ast.Expect: _expect,
    ast.Given: _given,
    ast.Expected: _expected,
    ast.ExpectedVerdict: _verdict,
    ast.Strategy: lambda b: _block(f"strategy {b.name}", b.title, b.body),
    ast.LimitsBlock: lambda b: _block(f"limits {b.name}", b.title, b.body),
    ast.Scenario: lambda b: _block(f"scenario {_scenario_name(b.name)}", b.title, b.body),
    ast.Test: lambda b: _block(f'test "{b.title}" of {b.of}', None, b.body),
    ast.Define: lambda b: f"define {b.name}({', '.join(b.args)}) = {print_expr(b.value)}",
    ast.Use: lambda b: f'use "{b.path}"',
    ast.ListDecl: _list,
}


def print_statement(statement: Any) -> str:
    """The text of one statement or block."""
    return _STATEMENTS[type(statement)](statement)


def print_file(file: ast.RuleFile) -> str:
    """The text of a whole file, its header first."""
    blocks = "".join(f"\n{print_statement(block)}\n" for block in file.blocks)
    return f"rules {file.version}\n{blocks}"
