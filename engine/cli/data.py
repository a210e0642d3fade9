"""`seawall data`: what market data ship, how far to trust them, are they intact (floor 11)."""

import json
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from engine.base.dates import iso
from engine.base.errors import UserError
from engine.base.resources import rules_dir
from engine.cli.exits import CLEAN, FINDINGS
from engine.cli.parser import Parser, one_of
from engine.cli.screen import screen
from engine.records.calendar import CALENDARS, load_calendar
from engine.records.catalogue import Catalogue, Dataset, Source, load_catalogue
from engine.records.coverage import BARS, CLOSES, NOTHING, PARTLY, Coverage, Window, coverage
from engine.records.instrument import DataSpan, Instrument
from engine.records.sums import TABLES
from engine.report.glyphs import Screen

HELP = "List, show and verify the market data that ship with seawall, or check a file of your own."
EXAMPLE = "seawall data show SP500"

MARKS = (
    ("N", "cannot be traded", lambda i: not i.tradable),
    ("A", "adjusted for splits", lambda i: i.adjusted),
    ("T", "dividends counted in", lambda i: i.total_return),
    ("O", "bars whose open is not real", lambda i: _false_opens(i)),
    ("L", "known one session later", lambda i: i.available > 0),
)
LETTERS = {BARS: "O", CLOSES: "C", PARTLY: "part", NOTHING: "-"}
WITNESSES = ("SP500", "NASDAQ", "VIX", "UST3M", "JPM", "NVDA", "IBM", "SPY", "GOLD")
"""One symbol of each dataset that the crisis table shows."""


def arguments(parser: Parser) -> None:
    """Declare what `data` takes."""
    add = parser.add_argument
    add(
        "action",
        type=one_of("list", "show", "verify", "check"),
        metavar="list|show|verify|check",
        help="list all; show one symbol; verify the shipped files; check your own CSV file",
    )
    add("name", nargs="?", metavar="SYMBOL|FILE", help="what to show, or the file to check")
    add(
        "--date-format", metavar="FORMAT", help="how dates are written in FILE, such as %%d/%%m/%%Y"
    )
    add("--delimiter", default=",", metavar="CHAR", help="what separates cells in FILE")


def main(args: Namespace) -> int:
    """Print what was asked for; 1 when a file is damaged or your own file has errors."""
    if args.action in ("show", "check") and args.name is None:
        what = "a symbol" if args.action == "show" else "a file"
        raise UserError(f"`seawall data {args.action}` needs {what}", f"for example: {EXAMPLE}")
    if args.action in ("list", "verify") and args.name is not None:
        raise UserError(
            f"`seawall data {args.action}` takes no name", f"did you mean `data show {args.name}`?"
        )
    run = {"list": _list, "show": _show, "verify": _verify, "check": _check}[args.action]
    return run(args, screen(args.color))


def _list(args: Namespace, view: Screen) -> int:
    catalogue = load_catalogue()
    crises = coverage(shipped_crises(), catalogue, WITNESSES)
    if args.format == "json":
        _print_json(listing(catalogue, crises))
    else:
        print(view.plain("\n".join(list_page(catalogue, crises, view.width))))
    return CLEAN


def _show(args: Namespace, view: Screen) -> int:
    catalogue = load_catalogue()
    instrument = catalogue.symbol(args.name)
    if instrument is None:
        close = catalogue.near(args.name)
        hint = f"did you mean `{close}`?" if close else "`seawall data list` shows every symbol"
        raise UserError(f"no shipped data for the symbol `{args.name}`", hint)
    dataset = catalogue.dataset(instrument.dataset)
    if args.format == "json":
        _print_json({"version": 1, **instrument_json(instrument), **dataset_json(dataset)})
    else:
        print(view.plain("\n".join(show_page(instrument, dataset, view.width))))
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

    path = Path(args.name)
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


def list_page(catalogue: Catalogue, crises: Sequence[Coverage], width: int) -> list[str]:
    """The whole list as lines: symbols by dataset, the marks, the crises."""
    lines: list[str] = []
    for dataset in catalogue.datasets:
        lines += [dataset.title, *_dataset_lines(catalogue, dataset), ""]
    legend = [f"{letter} {text}" for letter, text, _ in MARKS]
    lines += [*_wrapped(f"marks: {', '.join(legend)}", "", width), ""]
    if crises:
        lines += crisis_table(crises)
        lines += ["", "O highs and lows, C closes only, part: not the whole window, - none"]
    lines += ["`seawall data show SYMBOL` tells the caveats and the source"]
    return lines


def _dataset_lines(catalogue: Catalogue, dataset: Dataset) -> list[str]:
    rows = [i for i in catalogue.instruments if i.dataset == dataset.name]
    return [f"  {i.symbol:<13}{_span(i)}  {letters(i):<6}{marks(i):<4}{i.title}" for i in rows]


def crisis_table(crises: Sequence[Coverage]) -> list[str]:
    """Crises down, one symbol of each dataset across."""
    names = [name for name, _ in crises[0].cells]
    head = f"{'crisis':<22}" + "".join(f"{name:<8}" for name in names)
    rows = [
        f"{row.crisis:<22}" + "".join(f"{LETTERS[has]:<8}" for _, has in row.cells)
        for row in crises
    ]
    notes = [f"{row.crisis}: {row.note}" for row in crises if row.note]
    return [head.rstrip(), *(row.rstrip() for row in rows), "", *notes]


def show_page(instrument: Instrument, dataset: Dataset, width: int) -> list[str]:
    """One symbol in full: what it is, what can be relied on when, caveats, where it comes from."""
    lines = [
        f"{instrument.symbol}: {instrument.title}",
        *_facts(instrument),
        "",
        "can be relied on:",
    ]
    lines += [f"  {iso(s.first)} to {iso(s.last)}  {', '.join(known(s))}" for s in instrument.spans]
    if instrument.splits:
        lines += ["", "splits in the raw prices:"]
        lines += [f"  {iso(split.day)}  {split.ratio:g} for 1" for split in instrument.splits]
    lines += ["", "caveats:"]
    lines += [line for text in instrument.caveats for line in _wrapped(text, "  ", width)]
    lines += ["", f"source ({dataset.file}, {dataset.bytes:,} bytes):"]
    return lines + [line for source in dataset.sources for line in _source_lines(source, width)]


def _facts(i: Instrument) -> list[str]:
    trade = f"traded in lots of {i.lot:g}" if i.tradable else "not tradable; read it with `data`"
    sector = f", {i.sector}" if i.sector else ""
    lag = "known at its own close" if not i.available else f"known {i.available} session later"
    prices = "adjusted for splits" if i.adjusted else "not adjusted"
    dividends = "dividends counted in" if i.total_return else "dividends left out"
    facts = [
        f"  {i.kind}{sector}, in {i.currency}, {trade}",
        f"  columns: {', '.join(i.column_names)}",
    ]
    if i.kind not in ("volatility", "rate"):
        facts.append(f"  prices: {prices}, {dividends}")
    return [*facts, f"  {lag}"]


def _source_lines(source: Source, width: int) -> list[str]:
    return [
        f"  {iso(source.first)} to {iso(source.last)}  {source.package} {source.version}, "
        f"licence {source.licence}",
        *_wrapped(source.caution, "    ", width),
    ]


def known(span: DataSpan) -> list[str]:
    """What a span holds, in words."""
    opens = "open" if span.real_open else "no tradable open"
    return [
        "close",
        opens,
        "high and low" if span.high_low else "no high or low",
        "volume" if span.volume else "no volume",
    ]


def letters(instrument: Instrument) -> str:
    """`OHLC`, `OHLCV` or `C`."""
    return "".join(name[0].upper() for name in instrument.column_names)


def marks(instrument: Instrument) -> str:
    """The letters of MARKS that apply."""
    return "".join(letter for letter, _, applies in MARKS if applies(instrument))


def listing(catalogue: Catalogue, crises: Iterable[Coverage]) -> dict[str, Any]:
    """The list for programs."""
    return {
        "version": 1,
        "instruments": [instrument_json(i) for i in catalogue.instruments],
        "crises": [
            {
                "id": row.crisis,
                "first": iso(row.first),
                "last": iso(row.last),
                "data": dict(row.cells),
                "note": row.note,
            }
            for row in crises
        ],
    }


def instrument_json(i: Instrument) -> dict[str, Any]:
    """One instrument for programs."""
    return {
        "symbol": i.symbol,
        "title": i.title,
        "dataset": i.dataset,
        "kind": i.kind,
        "tradable": i.tradable,
        "currency": i.currency,
        "sector": i.sector,
        "columns": list(i.column_names),
        "adjusted": i.adjusted,
        "total_return": i.total_return,
        "available": i.available,
        "spans": [_span_json(s) for s in i.spans],
        "splits": [{"date": iso(s.day), "ratio": s.ratio} for s in i.splits],
        "caveats": list(i.caveats),
    }


def dataset_json(dataset: Dataset) -> dict[str, Any]:
    """Where an instrument's data come from, for programs."""
    sources = [
        {
            "package": s.package,
            "version": s.version,
            "wheel_sha256": s.wheel_sha256,
            "licence": s.licence,
            "caution": s.caution,
            "first": iso(s.first),
            "last": iso(s.last),
        }
        for s in dataset.sources
    ]
    return {"file": dataset.file, "sha256": dataset.sha256, "sources": sources}


def _span_json(span: DataSpan) -> dict[str, Any]:
    return {
        "first": iso(span.first),
        "last": iso(span.last),
        "real_open": span.real_open,
        "high_low": span.high_low,
        "volume": span.volume,
    }


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    """Text in lines of the terminal's width; later lines stand two further in."""
    from textwrap import wrap

    return wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  ")


def _finding_line(path: Path, row: int, severity: str, message: str, help: str) -> str:
    text = f"{path}:{row}: {severity}: {message}"
    return f"{text}\n  help: {help}" if help else text


def _span(instrument: Instrument) -> str:
    spans = instrument.spans
    return f"{iso(spans[0].first)}..{iso(spans[-1].last)}" if spans else "no data"


def _false_opens(instrument: Instrument) -> bool:
    bars = [span for span in instrument.spans if span.high_low]
    return instrument.tradable and any(not span.real_open for span in bars)


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
