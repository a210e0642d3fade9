"""`seawall new`: a project to start from, or a row of one of seawall's own tables (floor 11)."""

import json
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from engine.base.errors import UserError
from engine.base.near import near
from engine.cli.exits import CLEAN
from engine.cli.parser import Parser

HELP = "Start a project in a new folder, or (in seawall's own repository) add a row to a table."
EXAMPLE = "seawall new demo"

KINDS = ("indicator", "process", "section")
"""The tables that take a scaffolded row; `scaffold` says how."""


def arguments(parser: Parser) -> None:
    """Declare what `new` takes."""
    add = parser.add_argument
    add(
        "words",
        nargs="+",
        metavar="[KIND] NAME",
        help=f"the project's folder; or one of {', '.join(KINDS)} and the row's name",
    )
    add(
        "--example",
        metavar="STRATEGY",
        help="a project of one shipped strategy, such as fade, with its limits and crises",
    )


def main(args: Namespace) -> int:
    """Write the project or the row, and say what to do next."""
    words: list[str] = args.words
    if len(words) == 1 and words[0] not in KINDS:
        return start(words[0], args.example, args.format)
    kind, name = kind_and_name(words)
    if args.example:
        help = f"`seawall new NAME --example {args.example}` starts a project"
        raise UserError(f"`--example` does not go with `{kind}`", help)
    from engine.cli.scaffold import scaffold

    row = scaffold(kind, name)
    say(f"added to {row.table}", row.files, row.next, args.format)
    return CLEAN


def kind_and_name(words: Sequence[str]) -> tuple[str, str]:
    """The table and the row's name."""
    if words[0] not in KINDS:
        match = near(words[0], KINDS)
        help = f"did you mean `{match}`?" if match else f"a project is one word: {words[0]}"
        raise UserError(f"`{words[0]}` is none of {', '.join(KINDS)}", help)
    if len(words) == 1:
        help = f"for example: seawall new {words[0]} mine; a project: seawall new ./{words[0]}"
        raise UserError(f"`seawall new {words[0]}` needs a name", help)
    if len(words) > 2:
        raise UserError(f"`{words[2]}` is one word too many", "add one row at a time")
    return words[0], words[1]


def start(word: str, example: str | None, format: str) -> int:
    """Write a project into the folder of that name."""
    from engine.cli.starting import check_place, example_files, starter_files, write_project

    target = Path(word)
    check_place(target)
    files = starter_files(target.name) if example is None else example_files(target.name, example)
    project = write_project(target, files)
    next = (f"cd {quote(word)}", "seawall check", "seawall test rules", "seawall dryrun")
    say(f"new project {word}", project.files, next, format, pasted(word, example))
    return CLEAN


def pasted(word: str, example: str | None) -> str:
    """What to paste into the strategies.yaml of this folder to run the example from here too."""
    if example is None or not Path("strategies.yaml").is_file() or Path(word).is_absolute():
        return ""
    from textwrap import indent

    from engine.cli.starting import entry_text, shipped

    entry = entry_text(shipped(example)).replace("rules: ", f"rules: {Path(word).as_posix()}/", 1)
    return "  - " + indent(entry, "    ").strip()


def say(what: str, files: Sequence[str], next: Sequence[str], format: str, entry: str = "") -> None:
    """Print what was written and the commands to type next."""
    if format == "json":
        told = {"version": 1, "what": what, "files": files, "next": next, "entry": entry or None}
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    lines = [f"{what}:", *(f"  {name}" for name in files), "", "next:"]
    lines += [f"  {command}" for command in next]
    if entry:
        lines += ["", "or add it to this folder's strategies.yaml, under `strategies:`", entry]
    print("\n".join(lines))
