"""The `seawall` command (floor 11): finds the verb, and turns every ending into an exit code.

Only the chosen verb's module is imported, so `seawall --help` costs no more than Python itself.
Exit codes are in `exits`; how a failure becomes one is in `ending`.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from engine import __version__
from engine.base.errors import UserError
from engine.cli.exits import INTERRUPTED
from engine.cli.screen import prepare_streams

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from engine.cli.parser import Parser


class Verb(NamedTuple):
    """A row of VERBS: the verb's name is also its module in this folder."""

    name: str
    help: str


VERBS: tuple[Verb, ...] = (
    Verb("new", "start a project with strategies, limits, tests and CI"),
    Verb("check", "find mistakes in rule files and strategies.yaml"),
    Verb("test", "run the tests written in rule files"),
    Verb("dryrun", "replay strategies under their limits through every crisis"),
    Verb("limits", "print the limits in force, to be signed, and what changed on them"),
    Verb("why", "show what a rule saw and what the limits said on one date"),
    Verb("eval", "print the values of an expression as CSV"),
    Verb("fields", "list what rules may read and the operators they may use"),
    Verb("data", "list, show and verify the embedded market data"),
    Verb("graph", "print what a rule file becomes, stage by stage"),
)


class VerbModule(Protocol):
    """What a verb's file defines."""

    HELP: str
    EXAMPLE: str

    @staticmethod
    def arguments(parser: Parser) -> None: ...

    @staticmethod
    def main(args: Namespace) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; never raises for a user's mistake."""
    words = list(sys.argv[1:] if argv is None else argv)
    prepare_streams()
    try:
        code = dispatch(words)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse after --help
        return stop.code if isinstance(stop.code, int) else 0
    except BaseException as problem:
        from engine.cli.ending import ending

        return ending(problem, words)


def run() -> None:
    """Entry point of the installed command."""
    gc.set_threshold(1_000_000)  # a command ends before cycles add up; looking for them costs 6%
    code = main()
    if code == INTERRUPTED:
        # Python may end itself by the signal, not by our code, when Ctrl-C came during an import.
        os._exit(code)
    gc.freeze()  # ending looks for cycles once more: a tenth of a second after a large dry-run
    sys.exit(code)


def dispatch(words: list[str]) -> int:
    """Find the verb and run it."""
    if not words or words[0] in ("-h", "--help", "help"):
        return show_help(words)
    if words[0] in ("-V", "--version"):
        print(f"seawall {__version__}")
        return 0
    from engine.cli.parser import common, parse

    options = common().options() if words[0].startswith("-") else []
    shared, rest = leading_options(words, options)
    if not rest:
        return show_help(rest)
    if rest[0].startswith("-"):
        known = ["--help", "--version", *options]
        raise UserError(*misspelt("option", rest[0], known))
    module = load(rest[0])
    return module.main(parse(parser_of(rest[0], module), [*rest[1:], *shared]))


def leading_options(words: list[str], shared: list[str]) -> tuple[list[str], list[str]]:
    """Split off options that every verb takes, so that they may stand before the verb too."""
    at = 0
    while at < len(words) and words[at].split("=")[0] in shared:
        at += 1 if "=" in words[at] or words[at] == "--traceback" else 2
    return words[:at], words[at:]


def load(name: str) -> VerbModule:
    """Import the one module that the verb needs."""
    from importlib import import_module

    names = [v.name for v in VERBS]
    if name not in names:
        raise UserError(*misspelt("verb", name, names))
    return cast(VerbModule, import_module(f"engine.cli.{name}"))


def misspelt(what: str, word: str, known: list[str]) -> tuple[str, str]:
    """Message and help for a name that is no row of a table."""
    from engine.base.near import near

    match = near(word, known)
    help = f"did you mean `{match}`?" if match else "`seawall --help` lists the verbs"
    return f"`{word}` is no {what} of seawall", help


def parser_of(name: str, module: VerbModule) -> Parser:
    """The verb's own parser, with the options that every verb takes."""
    from engine.cli.parser import Parser, common

    parser = Parser(
        prog=f"seawall {name}",
        description=module.HELP,
        epilog=f"example:\n  {module.EXAMPLE}",
        parents=[common()],
    )
    module.arguments(parser)
    return parser


def show_help(words: list[str]) -> int:
    """`seawall --help`, and `seawall help VERB`."""
    if len(words) > 1 and words[0] == "help":
        parser_of(words[1], load(words[1])).print_help()
    else:
        print(overview())
    return 0


def overview() -> str:
    """The page of `seawall --help`."""
    rows = [f"  {v.name:<8} {v.help}" for v in VERBS]
    return "\n".join(
        [
            "usage: seawall VERB [options]",
            "",
            "Trading strategies and risk limits as text: checked like code, tested like",
            "code, and replayed bar by bar through real market crises.",
            "",
            "verbs:",
            *rows,
            "",
            "start here:",
            "  seawall new demo                   a project that passes, to change from there",
            "  seawall dryrun                     all of strategies.yaml, all crises",
            "  seawall why fade SP500 2008-10-10  why it did, or did not, trade",
            "",
            "`seawall VERB --help` shows a verb's options. Every verb takes --traceback,",
            "--format text|json and --color auto|always|never.",
            "Exit codes: 0 clean, 1 findings or a failed expectation, 2 usage or",
            "unreadable input, 3 our own fault.",
        ]
    )


if __name__ == "__main__":
    run()
