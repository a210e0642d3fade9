"""`seawall data`: what market data ship, how far to trust them, and what else to get (floor 11)."""

import json
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.base.dates import iso
from engine.base.errors import UserError
from engine.base.resources import rules_dir
from engine.cli import fetching
from engine.cli.data_pages import dataset_json, instrument_json, list_page, listing, show_page
from engine.cli.exits import CLEAN, FINDINGS
from engine.cli.parser import Parser, one_of
from engine.cli.screen import screen
from engine.records.calendar import CALENDARS, load_calendar
from engine.records.catalogue import load_catalogue
from engine.records.coverage import Window, coverage
from engine.records.sums import TABLES
from engine.report.glyphs import Screen

HELP = (
    "List, show and verify the market data that ship with seawall, fetch what they lack, or check "
    "a file of your own."
)
EXAMPLE = "seawall data show SP500"

WITNESSES = ("SP500", "NASDAQ", "VIX", "UST3M", "JPM", "NVDA", "IBM", "SPY", "GOLD")
"""One symbol of each dataset that the crisis table shows."""


def arguments(parser: Parser) -> None:
    """Declare what `data` takes."""
    add = parser.add_argument
    add(
        "action",
        type=one_of("list", "show", "verify", "check", "fetch"),
        metavar="list|show|verify|check|fetch",
        help="list all; show one symbol; verify the shipped files; check your own CSV file; fetch "
        "bars from the network into the cache",
    )
    add(
        "names",
        nargs="*",
        metavar="SYMBOL|FILE",
        help="what to show, the file to check, or what to fetch (default: what the set-up lacks)",
    )
    add(
        "--date-format", metavar="FORMAT", help="how dates are written in FILE, such as %%d/%%m/%%Y"
    )
    add("--delimiter", default=",", metavar="CHAR", help="what separates cells in FILE")
    fetching.arguments(parser)


def main(args: Namespace) -> int:
    """Print what was asked for; 1 when a file is damaged or your own file has errors, 2 when
    something could not be fetched."""
    _check_names(args.action, args.names)
    _check_options(args)
    if args.action == "fetch":
        return fetching.main(args, screen(args.color))
    args.name = args.names[0] if args.names else None
    run = {"list": _list, "show": _show, "verify": _verify, "check": _check}[args.action]
    return run(args, screen(args.color))


def _check_names(action: str, names: Sequence[str]) -> None:
    verb = f"`seawall data {action}`"
    if action in ("show", "check") and not names:
        what = "a symbol" if action == "show" else "a file"
        raise UserError(f"{verb} needs {what}", f"for example: {EXAMPLE}")
    if action in ("list", "verify") and names:
        raise UserError(f"{verb} takes no name", f"did you mean `data show {names[0]}`?")
    if action in ("show", "check") and len(names) > 1:
        raise UserError(f"{verb} takes one name, not {len(names)}", f"for example: {EXAMPLE}")


def _check_options(args: Namespace) -> None:
    """UserError for an option that this action would not look at."""
    for_fetch = {"--source": args.source, "--adjust": args.adjust, "--from": args.first}
    for_fetch |= {"--to": args.last, "--crisis": args.crisis}
    for_check = {"--date-format": args.date_format}
    for_check |= {"--delimiter": "" if args.delimiter == "," else args.delimiter}
    for action, options in (("fetch", for_fetch), ("check", for_check)):
        given = [name for name, value in options.items() if value not in (None, "", [])]
        if given and args.action != action:
            what = f"`{given[0]}` does nothing for `seawall data {args.action}`"
            raise UserError(what, f"it is for `seawall data {action}`")


def _list(args: Namespace, view: Screen) -> int:
    catalogue = load_catalogue()
    crises = coverage(shipped_crises(), catalogue, WITNESSES)
    if args.format == "json":
        _print_json({**listing(catalogue, crises), "cached": fetching.cached_json(args.cache)})
    else:
        lines = [*list_page(catalogue, crises, view.width), *fetching.cached_lines(args.cache)]
        print(view.plain("\n".join(lines)))
    return CLEAN


def _show(args: Namespace, view: Screen) -> int:
    catalogue = load_catalogue()
    instrument = catalogue.symbol(args.name)
    fetched = fetching.cached_as(args.name, args.cache)
    if instrument is None and fetched:
        if args.format == "json":
            _print_json({"version": 1, "symbol": args.name, "cached": fetching.rows_json(fetched)})
        else:
            print(view.plain("\n".join([args.name, *fetching.cached_page(fetched)])))
        return CLEAN
    if instrument is None:
        close = catalogue.near(args.name)
        hint = f"did you mean `{close}`?" if close else "`seawall data list` shows every symbol"
        raise UserError(f"no shipped data for the symbol `{args.name}`", hint)
    dataset = catalogue.dataset(instrument.dataset)
    if args.format == "json":
        held = {"cached": fetching.rows_json(fetched)}
        _print_json({"version": 1, **instrument_json(instrument), **dataset_json(dataset), **held})
    else:
        lines = [*show_page(instrument, dataset, view.width), *fetching.cached_page(fetched)]
        print(view.plain("\n".join(lines)))
    return CLEAN


def _verify(args: Namespace, view: Screen) -> int:
    from engine.feeds.embedded import verified_bytes

    catalogue = load_catalogue()
    names = [*(d.file for d in catalogue.datasets), *TABLES]
    problems: dict[str, str] = {}
    for dataset in catalogue.datasets:
        try:
            verified_bytes(dataset, catalogue.folder / dataset.file)
        except UserError as problem:
            problems[dataset.file] = problem.message
    for calendar in CALENDARS:  # the other tables were verified when the catalogue was read
        try:
            load_calendar(calendar)
        except UserError as problem:
            problems[f"{calendar}.txt"] = problem.message
    if args.format == "json":
        files = [{"file": name, "problem": problems.get(name)} for name in names]
        _print_json({"version": 1, "files": files})
    else:
        lines = [f"{name:<18}{problems.get(name, 'intact')}" for name in names]
        help = ["help: install seawall again, or restore the files"] if problems else []
        print(view.plain("\n".join(lines + help)))
    return FINDINGS if problems else CLEAN


def _check(args: Namespace, view: Screen) -> int:
    from engine.feeds.csv import read_csv
    from engine.feeds.parquet import read_parquet
    from engine.records.own import source_of_file

    path = Path(args.name)
    if source_of_file(path) == "parquet":
        series, findings = read_parquet(path, path.stem, date_format=args.date_format)
    else:
        series, findings = read_csv(
            path, path.stem, date_format=args.date_format, delimiter=args.delimiter
        )
    bars = 0 if series is None else len(series)
    if args.format == "json":
        rows = [{name: getattr(f, name) for name in f.__slots__} for f in findings]
        _print_json({"version": 1, "file": str(path), "bars": bars, "findings": rows})
    else:
        lines = [_finding_line(path, f.row, f.severity, f.message, f.help) for f in findings]
        span = f", {iso(int(series.days[0]))} to {iso(int(series.days[-1]))}" if series else ""
        lines.append(f"{path}: {f'{bars:,} bars{span}' if series else 'refused'}")
        print(view.plain("\n".join(lines)))
    return FINDINGS if series is None else CLEAN


def shipped_crises() -> tuple[Window, ...]:
    """The id, first and last day of every scenario in rules/crises.rule."""
    from engine.lang.ast import Replay, Scenario
    from engine.lang.parse import parse_file

    file, _ = parse_file(rules_dir() / "crises.rule")
    found: list[Window] = []
    for block in file.blocks:
        if isinstance(block, Scenario):
            replays = [part for part in block.body if isinstance(part, Replay)]
            found += [(block.name, part.first, part.last) for part in replays[:1]]
    return tuple(found)


def _finding_line(path: Path, row: int, severity: str, message: str, help: str) -> str:
    text = f"{path}:{row}: {severity}: {message}"
    return f"{text}\n  help: {help}" if help else text


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
