"""`seawall fields`: what a rule may read and which operators it may use (floor 11)."""

import json
from argparse import Namespace

from engine.base.errors import UserError
from engine.base.near import near
from engine.cli.exits import CLEAN
from engine.cli.parser import Parser
from engine.cli.screen import screen
from engine.fields import BY_NAME, FIELDS, FieldSpec
from engine.ops import OPS
from engine.ops.spec import Op
from engine.report.glyphs import Screen
from engine.report.tables import field_page, fields_page, op_page, runs, signature, warmup

HELP = "List the fields and operators that rules may use, with unit, place and meaning."
EXAMPLE = "seawall fields atr position.age"


def arguments(parser: Parser) -> None:
    """Declare what `fields` takes."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="explain only these")


def main(args: Namespace) -> int:
    """Print the tables, or the rows asked for."""
    rows = [row for name in args.names for row in find(name)]
    if args.format == "json":
        told = as_json(rows or [*FIELDS, *OPS])
        defines = [{"name": name, "file": file} for name, file in ([] if rows else library())]
        print(json.dumps({**told, "defines": defines}, indent=2, ensure_ascii=False))
        return CLEAN
    view = screen(args.color)
    if rows:
        print("\n\n".join(page(row, view) for row in rows))
    else:
        print(fields_page(FIELDS, OPS, library(), view))
    return CLEAN


def library() -> list[tuple[str, str]]:
    """The shipped defines: how each is called, and the file to `use`."""
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


def find(name: str) -> list[FieldSpec | Op]:
    """The field of that name, or the operators: `-` is two of them."""
    if name in BY_NAME:
        return [BY_NAME[name]]
    ops = [op for op in OPS if name in (op.name, op.symbol)]
    if ops:
        return [*ops]
    match = near(name, [*BY_NAME, *(n for op in OPS for n in (op.name, op.symbol) if n)])
    help = f"did you mean `{match}`?" if match else "`seawall fields` lists them all"
    raise UserError(f"`{name}` is no field and no operator", help)


def page(row: FieldSpec | Op, view: Screen) -> str:
    """One row in full."""
    return field_page(row, view) if isinstance(row, FieldSpec) else op_page(row, view)


def as_json(rows: list[FieldSpec | Op]) -> dict[str, object]:
    """The rows for programs."""
    return {
        "version": 1,
        "fields": [_field(r) for r in rows if isinstance(r, FieldSpec)],
        "operators": [_op(r) for r in rows if isinstance(r, Op)],
    }


def _field(field: FieldSpec) -> dict[str, object]:
    return {
        "name": field.name,
        "unit": field.unit,
        "title": field.title,
        "na": field.na,
        "where": list(field.where),
        "alias": list(field.alias),
        "runs": runs(field),
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
