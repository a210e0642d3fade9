"""`seawall why`: what a rule saw on one bar, and what the limits said to its orders (floor 11)."""

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from engine.cli.dryrun import add_waive, split
from engine.cli.exits import CLEAN
from engine.cli.parser import Parser, iso_close
from engine.cli.screen import screen
from engine.session.options import DryrunOptions

HELP = "Show every value of a strategy's rules on one bar, its orders, and each limit's verdict."
EXAMPLE = "seawall why fade SP500 2008-10-10"


def arguments(parser: Parser) -> None:
    """Declare what `why` takes."""
    add = parser.add_argument
    add("target", metavar="STRATEGY[.RULE]", help="a strategy, or one entry, exit or level of it")
    add("symbol", metavar="SYMBOL", help="the instrument")
    help = "the session: 2008-10-10; or a bar of minutes by its close: 2024-03-15T10:35"
    add("close", metavar="DATE[THH:MM]", type=iso_close, help=help)
    add(
        "--file",
        action="append",
        default=[],
        metavar="FILE",
        help="strategies.yaml (default), a .rule file or a folder; may be repeated",
    )
    add("--crisis", metavar="ID", help="in this crisis, where several hold the date")
    add(
        "--param",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="set a param, as for dryrun",
    )
    add("--portfolio", action="store_true", help="in one account with every other strategy")
    add("--data", metavar="FILE", help="own bars: a CSV file, called SYMBOL")
    add("--no-limits", action="store_true", help="without limits")
    add_waive(add)


def main(args: Namespace) -> int:
    """Print the tree of values with the verdicts below it."""
    from engine.session.why import why

    day, minute = args.close
    strategy, _, rule = args.target.partition(".")
    asked = options_of(args)
    answer = why(strategy, rule or None, args.symbol, day, asked, args.portfolio, minute)
    if args.format == "json":
        print(json.dumps({"version": 1, **asdict(answer)}, indent=2, ensure_ascii=False))
    else:
        from engine.report.why import why_text

        print(why_text(answer, screen(args.color)))
    return CLEAN


def options_of(args: Namespace) -> DryrunOptions:
    """The options as the session takes them."""
    from engine.cli.checking import expanded

    return DryrunOptions(
        files=expanded(args.file),
        crises=(args.crisis,) if args.crisis else (),
        params=tuple(args.param),
        data=Path(args.data) if args.data else None,
        symbol=args.symbol if args.data else None,
        limits=not args.no_limits,
        waives=tuple(split(args.waive)),
    )
