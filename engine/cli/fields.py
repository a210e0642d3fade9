"""`seawall fields`: what a rule may read and which operators it may use (floor 11)."""

import json
from argparse import Namespace

from engine.base.errors import UserError
from engine.base.near import near
from engine.cli.exits import CLEAN
from engine.cli.parser import Parser
from engine.cli.screen import screen
from engine.fields import BY_NAME, FIELDS
from engine.fields.spec import FieldSpec
from engine.ops import ROWS
from engine.ops.spec import Op
from engine.report.glyphs import Screen
from engine.report.tables import field_page, fields_page, op_page, signature, warmup

HELP = "List the fields and operators that rules may use, with unit, place and meaning."
EXAMPLE = "seawall fields atr position.age"

Shipped = tuple[str, str]
"""A shipped define: how it is called, and its file."""
Row = FieldSpec | Op | Shipped


def arguments(parser: Parser) -> None:
    """Declare what `fields` takes."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="explain only these")


def main(args: Namespace) -> int:
    """Print the tables, or the rows asked for."""
    rows = [row for name in args.names for row in find(name)]
    if args.format == "json":
        told = as_json(rows or [*FIELDS, *ROWS, *library()])
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return CLEAN
    view = screen(args.color)
    if rows:
        print("\n\n".join(page(row, view) for row in rows))
    else:
        print(fields_page(FIELDS, ROWS, library(), view))
    return CLEAN


def library() -> list[Shipped]:
    """Every shipped define."""
    from engine.base.resources import rules_dir
    from engine.lang.ast import Define
    from engine.lang.parse import parse_file

    paths = sorted((rules_dir() / "lib").glob("*.rule"))
    files = [(f"lib/{p.name}", parse_file(p)[0]) for p in paths]
    return [
        (f"{b.name}({', '.join(b.args)})", name)
        for name, file in files
        for b in file.blocks
        if isinstance(b, Define)
    ]


def find(name: str) -> list[Row]:
    """The field of that name, or the operators (`-` is two of them), or the shipped define."""
    if name in BY_NAME:
        return [BY_NAME[name]]
    ops = [op for op in ROWS if name in (op.name, op.symbol)]
    if ops:
        return [*ops]
    defines = {call.partition("(")[0]: (call, file) for call, file in library()}
    if name in defines:
        return [defines[name]]
    known = [n for op in ROWS for n in (op.name, op.symbol) if n]
    match = near(name, [*BY_NAME, *known, *defines])
    help = f"did you mean `{match}`?" if match else "`seawall fields` lists them all"
    raise UserError(f"`{name}` is no field, operator or shipped define", help)


def page(row: Row, view: Screen) -> str:
    """One row in full; of a define, the file that says what it is."""
    if isinstance(row, tuple):
        from engine.base.resources import rules_dir

        call, file = row
        text = (rules_dir() / file).read_text(encoding="utf-8").partition("\n")[2].strip()
        return view.plain(f'{call}: use "{file}"\n\n{text}')
    return field_page(row, view) if isinstance(row, FieldSpec) else op_page(row, view)


def as_json(rows: list[Row]) -> dict[str, object]:
    """The rows for programs."""
    return {
        "version": 1,
        "fields": [_field(r) for r in rows if isinstance(r, FieldSpec)],
        "operators": [_op(r) for r in rows if isinstance(r, Op)],
        "defines": [{"name": r[0], "file": r[1]} for r in rows if isinstance(r, tuple)],
    }


def _field(field: FieldSpec) -> dict[str, object]:
    return {
        "name": field.name,
        "unit": field.unit,
        "title": field.title,
        "na": field.na,
        "where": list(field.where),
        "alias": list(field.alias),
    }


def _op(op: Op) -> dict[str, object]:
    return {
        "name": op.symbol or op.name,
        "signature": signature(op),
        "title": op.title,
        "formula": op.formula,
        "source": op.source,
        "example": op.example,
        "warmup": warmup(op),
    }
