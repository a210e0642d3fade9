"""`seawall dryrun`: the main job, strategies under their limits through real crises (floor 11)."""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from engine.base.errors import UserError
from engine.cli.exits import CLEAN, FINDINGS
from engine.cli.parser import Parser, amount, iso_day, one_of
from engine.cli.screen import is_terminal, screen
from engine.report.progress import ProgressBar
from engine.session.options import DryrunOptions, Outcome

if TYPE_CHECKING:
    from engine.session.result import Result

HELP = "Replay strategies, each alone and all in one portfolio, through every real crisis."
EXAMPLE = "seawall dryrun --crisis 2008-gfc 2020-covid"


def arguments(parser: Parser) -> None:
    """Declare what `dryrun` takes."""
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="strategies.yaml (default) or .rule files")
    add(
        "--crisis",
        nargs="+",
        action="extend",
        default=[],
        metavar="ID",
        help="only these crises (default: all; `seawall data list` names them)",
    )
    add(
        "--strategy",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="only these strategies",
    )
    add(
        "--param",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="set a param: n=30, or fade.n=30 for one strategy",
    )
    add("--data", metavar="FILE", help="own bars: a CSV file")
    add("--symbol", metavar="SYM", help="what the bars of --data are called, or a shipped symbol")
    add("--from", dest="first", type=iso_day, metavar="DATE", help="own window, first day")
    add("--to", dest="last", type=iso_day, metavar="DATE", help="own window, last day")
    add("--cash", type=amount, metavar="MONEY", help="start equity, such as 1_000_000")
    add("--out", default="runs", metavar="DIR", help="where the run's folder goes (default: runs)")
    add(
        "--runner",
        type=one_of("walk", "python", "njit"),
        metavar="walk|python|njit",
        help="how rules are run (default: by the size of the work; `njit` once, which compiles for"
        " about two minutes, makes later large runs faster)",
    )
    add("--no-limits", action="store_true", help="run with an empty set of limits")
    add_waive(add)


def add_waive(add: Callable[..., object]) -> None:
    """Declare `--waive`, which several verbs take."""
    add(
        "--waive",
        action="append",
        default=[],
        metavar="BLOCK.LIMIT",
        help="run without this limit or pause, such as house.vix_pause; may be repeated",
    )


def main(args: Namespace) -> int:
    """Run, print the report or summary.json, and exit 1 when an expectation failed."""
    options = options_of(args)
    outcome = run_with_progress(options, args.color)
    named = sorted_out(args.crisis, args.files)[1]
    outcome = replace(outcome, commands=commands(outcome, options, named))
    if args.format == "json":
        import json

        print(json.dumps(outcome.summary, indent=2, ensure_ascii=False))
    else:
        from engine.report.terminal import report

        print(report(outcome, screen(args.color)))
    return CLEAN if outcome.summary["verdict"] == "pass" else FINDINGS


def options_of(args: Namespace) -> DryrunOptions:
    """The options as the session takes them."""
    from engine.cli.checking import expanded

    crises, files = sorted_out(args.crisis, args.files)
    if args.first is not None and args.last is not None and args.first > args.last:
        raise UserError("--from lies after --to", "give the earlier date to --from")
    if not args.out.strip():
        raise UserError("--out names no folder", "such as `--out runs`; leave it out for `runs`")
    for text in args.param:
        if "=" not in text:
            raise UserError(f"`{text}` sets no param", "write --param name=value, such as n=30")
    return DryrunOptions(
        files=expanded(files),
        crises=tuple(crises),
        strategies=tuple(split(args.strategy)),
        params=tuple(args.param),
        data=Path(args.data) if args.data else None,
        symbol=args.symbol,
        first=args.first,
        last=args.last,
        cash=args.cash,
        out=Path(args.out),
        runner=args.runner,
        limits=not args.no_limits,
        waives=tuple(split(args.waive)),
    )


def commands(
    outcome: Outcome, options: DryrunOptions, files: Iterable[str]
) -> dict[tuple[str, str], str]:
    """The commands to paste next, with what this run was given besides."""
    given = [f"--file {quote(name)}" for name in files]
    given += [f"--param {quote(p)}" for p in options.params]
    given += [f"--data {quote(str(options.data))}"] if options.data else []
    given += [] if options.limits else ["--no-limits"]
    given += [f"--waive {quote(w)}" for w in options.waives]
    return {cell: " ".join([text, *given]) for cell, text in outcome.commands.items()}


def sorted_out(crises: Iterable[str], files: Iterable[str]) -> tuple[list[str], list[str]]:
    """Crises and files told apart: `--crisis 2008-gfc my.rule` names one of each."""
    names = split(crises)
    paths = [n for n in names if n.endswith((".rule", ".yaml", ".yml"))]
    return [n for n in names if n not in paths], [*files, *paths]


def split(words: Iterable[str]) -> list[str]:
    """Words separated by blanks or commas."""
    return [name for word in words for name in word.split(",") if name]


def run_with_progress(options: DryrunOptions, color: str) -> Outcome:
    """Run with a progress bar on standard error while a person looks at it."""
    from engine.session.dryrun import dryrun

    bar = ProgressBar(sys.stderr, screen(color, sys.stderr), is_terminal(sys.stderr))
    try:
        return dryrun(options, bar, pages, prepare)
    finally:
        bar.close()


def prepare() -> None:
    """Make ready what the report page takes, so that it need not wait for it."""
    from engine.report.page.page import ready

    ready()


def pages(result: "Result") -> Mapping[str, bytes]:
    """The report page."""
    from engine.report.page.page import page_files

    return page_files(result)
