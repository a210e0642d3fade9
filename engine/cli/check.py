"""`seawall check`: what is wrong with rule files and set-ups, before anything runs (floor 11)."""

import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from engine.base.diagnostics import Diagnostic
from engine.base.errors import UserError
from engine.base.unreadable import no_setup
from engine.cli.exits import CLEAN, FINDINGS
from engine.cli.parser import Parser
from engine.cli.screen import screen

HELP = "Check rule files, a folder of them, or strategies.yaml with every file that it names."
EXAMPLE = "seawall check rules/dip_fade.rule"


def arguments(parser: Parser) -> None:
    """Declare what `check` takes."""
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="files or folders (default: strategies.yaml)")
    add("--strict", action="store_true", help="warn of strategies that no test speaks of, too")
    add("--explain", metavar="SWnnn", help="print the page of one diagnostic code")


def main(args: Namespace) -> int:
    """Print what was found; 1 when something is wrong (a `later` note is not)."""
    if args.explain:
        return explain(args.explain, args.format)
    from engine.cli.checking import check_paths

    paths = [Path(f) for f in args.files] or [default_setup()]
    checked = check_paths(paths, args.strict)
    show(checked.diagnostics, checked.names, args)
    if checked.compared and args.format != "json":
        from engine.report.words import listing

        print(f"compared order by order, the tighter one wins: {listing(checked.compared)}")
    wrong = any(d.severity != "later" for d in checked.diagnostics)
    return FINDINGS if wrong else CLEAN


def default_setup() -> Path:
    """strategies.yaml of this folder."""
    path = Path("strategies.yaml")
    if not path.exists():
        raise no_setup()
    return path


def show(found: Sequence[Diagnostic], names: Sequence[str], args: Namespace) -> None:
    """Print the findings and, for people, a line that sums them up."""
    from engine.cli.findings import print_findings

    if args.format == "json":
        print_findings(found, True, args.color, names)
        return
    if found:
        print_findings(found, False, args.color)
        print()
    view = screen(args.color, sys.stdout)
    style = "red" if any(d.severity == "error" for d in found) else "green"
    print(view.paint(summary_line(found, len(names)), style))


def summary_line(found: Sequence[Diagnostic], files: int) -> str:
    """`7 files: 2 errors, 1 warning, 3 notes on later versions`, or `7 files: no findings`."""
    from engine.report.words import count, listing

    by = Counter(d.severity for d in found)
    parts = [
        count(by["error"], "error") if by["error"] else "",
        count(by["warning"], "warning") if by["warning"] else "",
        count(by["later"], "construct") + " that a later version runs" if by["later"] else "",
    ]
    return f"{count(files, 'file')}: {listing([p for p in parts if p]) or 'no findings'}"


def explain(name: str, format: str) -> int:
    """Print the page of a diagnostic code."""
    from engine.base.codes import CODES
    from engine.base.near import near

    known = {c.id: c for c in CODES}
    code = known.get(name.upper())
    if code is None:
        match = near(name.upper(), known)
        help = f"did you mean `{match}`?" if match else "codes look like SW203"
        raise UserError(f"`{name}` is no diagnostic code", help)
    if format == "json":
        import json

        row = {n: getattr(code, n) for n in ("id", "title", "page", "bad", "good")}
        print(json.dumps({"version": 1, **row}, indent=2))
        return CLEAN
    print(f"{code.id}: {code.title}\n\n{code.page.strip()}")
    for what, text in (("wrong", code.bad), ("right", code.good)):
        lines = text.replace("\0", "\N{SYMBOL FOR NULL}").strip("\n").split("\n")
        print(f"\n{what}:\n" + "\n".join(f"    {line}".rstrip() for line in lines))
    return CLEAN
