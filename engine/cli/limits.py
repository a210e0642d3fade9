"""`seawall limits`: the sheet a risk officer signs, and what changed on it (floor 11)."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.exits import CLEAN, FINDINGS
from engine.cli.parser import Parser
from engine.cli.screen import screen

if TYPE_CHECKING:
    from engine.records.catalogue import Catalogue
    from engine.session.sheet import Sheet

HELP = (
    "Print the limits in force on every strategy and symbol, with a hash to sign; with --since, "
    "what was tightened, loosened, added, removed or waived. Exits 1 when something may let more "
    "through than before."
)
EXAMPLE = "seawall limits"


def arguments(parser: Parser) -> None:
    """Declare what `limits` takes."""
    add = parser.add_argument
    add("file", metavar="FILE", nargs="?", help="strategies.yaml (default) or a .rule file")
    add("--since", metavar="FILE|REV", help="an earlier set-up, or a git revision of this one")


def main(args: Namespace) -> int:
    """Print the sheet, or what changed on it."""
    from dataclasses import asdict

    from engine.records.catalogue import load_catalogue
    from engine.session.sheet_changes import changes
    from engine.session.wire import SETUP_FILE

    file = Path(args.file) if args.file else SETUP_FILE
    catalogue = load_catalogue()
    now = read(file, catalogue)
    if args.since is None:
        return show(now, args)
    found = changes(read_earlier(file, args.since, catalogue), now)
    if args.format == "json":
        rows = [asdict(c) for c in found]
        print_json({"version": 1, "since": args.since, "changes": rows})
    else:
        from engine.report.limit_sheet import changes_text

        print(changes_text(found, args.since, screen(args.color)))
    return FINDINGS if any(c.is_looser for c in found) else CLEAN


def print_json(told: object) -> None:
    """Print a value for programs."""
    import json

    print(json.dumps(told, indent=2, ensure_ascii=False))


def read(file: Path, catalogue: "Catalogue") -> "Sheet":
    """The sheet of a set-up or of a bare rule file."""
    from engine.session.options import DryrunOptions
    from engine.session.sheet import sheet
    from engine.session.wire import wiring

    return sheet(wiring(DryrunOptions(files=(file,)), catalogue), catalogue)


def read_earlier(file: Path, since: str, catalogue: "Catalogue") -> "Sheet":
    """The sheet to compare with."""
    from engine.session.sheet_changes import earlier

    if Path(since).is_file():
        return read(Path(since), catalogue)
    with earlier(file, since) as old:
        return read(old, catalogue)


def show(now: "Sheet", args: Namespace) -> int:
    """The sheet as text or JSON."""
    if args.format == "json":
        print_json(as_json(now))
    else:
        from engine.report.limit_sheet import sheet_text

        print(sheet_text(now, screen(args.color)))
    return CLEAN


def as_json(now: "Sheet") -> dict[str, object]:
    """The sheet for programs."""
    from dataclasses import asdict, fields

    from engine.session.sheet import SheetRow

    names = [f.name for f in fields(SheetRow) if f.name != "node"]
    groups = [
        {"pairs": [asdict(p) for p in pairs], "limits": [r.limit for r in rows]}
        for pairs, rows in now.groups()
    ]
    return {
        "version": 1,
        "hash": now.hash,
        "limits": [{n: getattr(r, n) for n in names} for r in now.rows],
        "groups": groups,
        "waives": [list(w) for w in now.waives],
    }
