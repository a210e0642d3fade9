"""Reading the words of a command line (floor 11): argparse, with messages that a person can use.

Every mistake becomes a UserError with a near match, so that it reads like every other error.
"""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from engine.base.errors import UserError
from engine.base.near import near
from engine.cli.screen import columns


class Page(RawDescriptionHelpFormatter):
    """Help as wide as the terminal; argparse would import `shutil` to ask, for each option."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns(sys.__stdout__) - 2)


class Parser(ArgumentParser):
    """An ArgumentParser that raises UserError and never guesses at shortened options."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=Page, **settings)

    def format_help(self) -> str:
        from textwrap import fill

        self.description = fill(self.description, 78) if self.description else None
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        raise UserError(_plain(message), f"`{self.prog} --help` shows how to use it")

    def options(self) -> list[str]:
        """Every long option that this parser knows."""
        known = (name for action in self._actions for name in action.option_strings)
        return [name for name in known if name.startswith("--")]


def common() -> Parser:
    """The options that every verb takes."""
    parser = Parser(add_help=False)
    group = parser.add_argument_group("output")
    add = group.add_argument
    add(
        "--format",
        type=one_of("text", "json"),
        default="text",
        metavar="text|json",
        help="text for people (default), json for programs",
    )
    add(
        "--color",
        type=one_of("auto", "always", "never"),
        default="auto",
        metavar="auto|always|never",
        help="colour the output (default: only on a terminal)",
    )
    add("--traceback", action="store_true", help="show where in our code a failure happened")
    return parser


def parse(parser: Parser, words: Sequence[str]) -> Namespace:
    """Read the words after the verb; unknown options get a near match."""
    try:
        args, extra = parser.parse_known_intermixed_args(words)
    except TypeError:  # a verb with sub-verbs cannot mix files and options
        args, extra = parser.parse_known_args(words)
    if extra:
        raise UserError(*_unexpected(parser, extra[0]))
    return args


def one_of(*names: str) -> Callable[[str], str]:
    """An argument type that takes one of a few words."""

    def read(word: str) -> str:
        if word in names:
            return word
        match = near(word, names)
        hint = f"; did you mean `{match}`?" if match else ""
        raise ArgumentTypeError(f"`{word}` is none of {', '.join(names)}{hint}")

    return read


def iso_day(word: str) -> int:
    """An argument type: an ISO date as days since 1970-01-01."""
    from datetime import date

    try:
        return (date.fromisoformat(word) - date(1970, 1, 1)).days
    except ValueError:
        message = f"`{word}` is no date; write it as year-month-day: 2008-10-10"
        raise ArgumentTypeError(message) from None


def iso_close(word: str) -> tuple[int, int | None]:
    """An argument type: an ISO date, with the time of a bar's close or without it (None), as days
    since 1970-01-01 and minutes of the day."""
    day, mark, clock = word.replace(" ", "T").partition("T")
    if not mark:
        return iso_day(word), None
    hour, _, minute = clock.partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise ArgumentTypeError(f"`{clock}` is no time of day; write it as 10:35")
    return iso_day(day), int(hour) * 60 + int(minute)


def amount(word: str) -> float:
    """An argument type: money above zero, `$` and `_` or `,` between digits allowed."""
    try:
        value = float(re.sub(r"[$_,]", "", word))
    except ValueError:
        value = 0.0
    if not 0 < value < 1e15:
        raise ArgumentTypeError(f"`{word}` is no amount of money above zero; write 1_000_000")
    return value


def _unexpected(parser: Parser, word: str) -> tuple[str, str]:
    if not word.startswith("-"):
        return f"`{parser.prog}` does not know what to do with `{word}`", (
            f"`{parser.prog} --help` shows what it takes"
        )
    match = near(word.split("=")[0], parser.options())
    help = f"did you mean `{match}`?" if match else f"`{parser.prog} --help` lists its options"
    return f"`{parser.prog}` has no option `{word.split('=')[0]}`", help


def _plain(message: str) -> str:
    """Argparse's wording, without its accent."""
    message = re.sub(r"^argument ([^:]+): ", lambda m: f"{m[1].split('/')[-1]}: ", message)
    message = message.replace("expected one argument", "a value is missing after it")
    message = message.replace("expected at least one argument", "a value is missing after it")
    return message.replace("the following arguments are required:", "missing:")
