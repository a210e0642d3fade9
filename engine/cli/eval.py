"""`seawall eval`: one expression as CSV, the quickest look at an indicator (floor 11)."""

import json
from argparse import Namespace
from collections.abc import Sequence

from engine.base.diagnostics import RuleErrors
from engine.base.errors import UserError
from engine.cli.exits import CLEAN, FINDINGS
from engine.cli.parser import Parser

HELP = "Print an expression's value on every bar as CSV: date,value, empty while undefined."
EXAMPLE = 'seawall eval "rsi(close, 14 bars)" --data SP500'


def arguments(parser: Parser) -> None:
    """Declare what `eval` takes."""
    add = parser.add_argument
    add("expression", metavar="EXPR", help="an expression of the rule language, in quotes")
    add("--data", metavar="FILE|SYMBOL", help="a CSV file of bars, or a shipped symbol")
    add("--symbol", metavar="SYM", help="what the bars of FILE are called, or a shipped symbol")
    add(
        "--across",
        nargs="+",
        default=(),
        metavar="SYM",
        help="symbols or data sets to compare with",
    )


def main(args: Namespace) -> int:
    """Print the series; 1 when the expression has errors."""
    data = args.data or args.symbol
    if data is None:
        help = "add --data SP500, or --data prices.csv; `seawall data list` shows the symbols"
        raise UserError("`eval` needs data to run on", help)
    from engine.session.evaluate import FILE, evaluate

    try:
        points = evaluate(args.expression, data, args.symbol, args.across)
    except RuleErrors as problem:
        from engine.base.spans import source
        from engine.cli.findings import print_findings

        texts = {FILE: source(FILE, args.expression)}
        as_json = args.format == "json"
        print_findings(problem.diagnostics, as_json, args.color, sources=texts)
        return FINDINGS
    print_points(args.expression, points, args.format)
    return CLEAN


def print_points(expression: str, points: Sequence[tuple[str, float | None]], format: str) -> None:
    """The series as CSV or JSON."""
    if format == "json":
        rows = [{"date": date, "value": value} for date, value in points]
        print(json.dumps({"version": 1, "expression": expression, "values": rows}, indent=1))
        return
    lines = [f"{date},{plain_number(value)}" for date, value in points]
    print("\n".join(["date,value", *lines]))


def plain_number(value: float | None) -> str:
    """A number that reads back exactly; nothing for na."""
    if value is None:
        return ""
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
