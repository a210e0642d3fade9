"""`seawall data fetch`: its options, its lines, and what lies in the cache (floor 11)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.base.dates import iso
from engine.cli.exits import CLEAN, USAGE
from engine.cli.parser import iso_day, one_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from engine.cli.parser import Parser
    from engine.feeds.net.cache import Cached
    from engine.report.glyphs import Screen
    from engine.session.fetch import FetchOptions, Plan, Row

TITLE = "fetch: the only thing that goes online; dry-runs read the cache alone"
EXAMPLES = (
    "seawall data fetch                      what the set-up's crises lack",
    "seawall data fetch --crisis 2023-banks  what one crisis lacks",
    "seawall data fetch KRE --source yfinance --from 2022-01-03",
)


def arguments(parser: Parser) -> None:
    """Declare what `data fetch` takes."""
    told = "needs `data: {source: yfinance}` in strategies.yaml, or --source:"
    lines = "\n".join(f"  {line}" for line in EXAMPLES)
    add = parser.add_argument_group(TITLE, f"{told}\n{lines}").add_argument
    add(
        "--source",
        type=one_of("yfinance", "alpaca"),
        metavar="yfinance|alpaca",
        help="where to fetch from (default: the set-up's); Alpaca takes its keys from "
        "APCA_API_KEY_ID and APCA_API_SECRET_KEY",
    )
    add(
        "--adjust",
        type=one_of("raw", "split", "total"),
        metavar="raw|split|total",
        help="how prices of new symbols are adjusted (default: split)",
    )
    add("--from", dest="first", type=iso_day, metavar="DATE", help="first day of named symbols")
    add("--to", dest="last", type=iso_day, metavar="DATE", help="last day (default: last close)")
    add("--crisis", nargs="+", action="extend", default=[], metavar="ID", help="only these crises")
    add("--cache", type=Path, metavar="DIR", help="folder of fetched bars (default: the set-up's)")


def options_of(args: Namespace) -> FetchOptions:
    """The options as the session takes them; a name that ends in .yaml is the set-up."""
    from engine.base.errors import UserError
    from engine.session.fetch import FetchOptions

    files = [n for n in args.names if n.endswith((".yaml", ".yml"))]
    symbols = [n for n in args.names if n not in files]
    if len(files) > 1:
        raise UserError("two set-ups cannot be fetched for at once", f"leave out {files[1]}")
    if args.first is not None and args.last is not None and args.first > args.last:
        raise UserError("--from lies after --to", "give the earlier date to --from")
    if not symbols and (args.first is not None or args.last is not None):
        help = "name symbols too, or leave the dates to the crises"
        raise UserError("--from and --to are for named symbols", help)
    return FetchOptions(
        symbols=tuple(symbols),
        file=Path(files[0]) if files else None,
        crises=tuple(name for word in args.crisis for name in word.split(",") if name),
        source=args.source,
        adjust=args.adjust,
        cache=args.cache,
        first=args.first,
        last=args.last,
    )


def main(args: Namespace, view: Screen) -> int:
    """Fetch, a line for each symbol as it comes; 2 when one could not be fetched."""
    from engine.session.fetch import fetch, plan

    made = plan(options_of(args))
    is_json = args.format == "json"
    if not is_json:
        print(view.plain(_opening(made)), flush=True)
    rows = []
    for row in fetch(made, lambda text: print(f"  {text}", file=sys.stderr, flush=True)):
        rows.append(row)
        if not is_json:
            print(view.plain("\n".join(_lines(row))), flush=True)
    if is_json:
        print(json.dumps(_document(made, rows), indent=2, ensure_ascii=False))
        return USAGE if _failed(rows) else CLEAN
    return _close(made, rows, view, args.color)


def _opening(made: Plan) -> str:
    if not made.wants and made.asked:
        return f"nothing to fetch from {made.source.title}"
    if not made.wants:
        return f"nothing to fetch: what {made.source.title} offers is cached or ships already"
    count = len(made.wants)
    many = "1 symbol" if count == 1 else f"{count} symbols"
    return f"fetching {many} from {made.source.title} into {made.held.folder}"


def _lines(row: Row) -> list[str]:
    named = row.symbol if row.ticker in ("", row.symbol) else f"{row.symbol} ({row.ticker})"
    if row.first is None or row.last is None:
        text = f"{row.status}: {row.message}" if row.message else row.status
        return [f"  {named:<18}{text}"]
    text = f"{iso(row.first)}..{iso(row.last)}  {row.bars:,} bars"
    return [f"  {named:<18}{text}", *(f"    {note}" for note in row.notes)]


def _failed(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.status in ("failed", "not tried")]


def _close(made: Plan, rows: Sequence[Row], view: Screen, color: str) -> int:
    from engine.cli.ending import say_error

    new = [s for s in made.held.feed.symbols if any(r.symbol == s and r.bars for r in rows)]
    told = _untold(made, new)
    if told and any(row.bars for row in rows):
        print(view.plain(told))
    failed = _failed(rows)
    if not failed:
        return CLEAN
    tried = len([row for row in rows if row.status != "not offered"])
    help = next((row.help for row in failed if row.help), "")
    kept = "; what was fetched is kept" if len(failed) < tried else ""
    message = f"{len(failed)} of {tried} could not be fetched{kept}"
    return say_error(message, help, [f"--color={color}"], USAGE)


def _untold(made: Plan, new: Sequence[str]) -> str:
    """What to write in the set-up, so that it reads what was fetched."""
    feed = made.held.feed
    said = made.said if made.said and made.said.source == feed.source else None
    known = sorted(said.symbols) if said else []
    lost = [name for name in new if name not in known]
    others = {"adjust": feed.adjust, "cache": feed.cache}
    asked = {k: v for k, v in others.items() if v and (said is None or v != getattr(said, k))}
    if said and not lost and not asked:
        return ""
    facts = [f"source: {feed.source}"]
    facts += [f"symbols: [{', '.join([*known, *lost])}]"] if known or lost else []
    facts += [f"{key}: {value}" for key, value in asked.items()]
    return f"strategies.yaml reads them with `data: {{{', '.join(facts)}}}`"


def _document(made: Plan, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "version": 1,
        "source": made.source.name,
        "cache": str(made.held.folder),
        "symbols": [
            {
                "symbol": row.symbol,
                "ticker": row.ticker,
                "status": row.status,
                "message": row.message,
                "first": None if row.first is None else iso(row.first),
                "last": None if row.last is None else iso(row.last),
                "bars": row.bars,
                "notes": list(row.notes),
            }
            for row in rows
        ],
    }


# ---------------------------------------------------------------- what is cached


def cached(folder: Path | None) -> list[tuple[Path, Cached | None]]:
    """The cached files of a folder, or of the set-up's; nothing is imported where none is."""
    from engine.run.cache import folder as cache_folder

    where = folder or _of_the_set_up() or cache_folder() / "bars"
    found = sorted(where.glob("*/*.parquet"))
    if not found:
        return []
    from engine.session.fetch import listed

    return listed(found)


def _of_the_set_up() -> Path | None:
    from engine.lang.setup import read_setup

    path = Path("strategies.yaml")
    setup = read_setup(path)[0] if path.is_file() else None
    return setup.data.cache if setup and setup.data else None


def cached_lines(folder: Path | None) -> list[str]:
    """The cached symbols, for the end of `seawall data list`."""
    found = cached(folder)
    return ["", "fetched, in the cache:", *(_cached_line(*pair) for pair in found)] if found else []


def _cached_line(path: Path, held: Cached | None) -> str:
    if held is None:
        return f"  {path.name}: damaged; `seawall data fetch` replaces it"
    about = held.about
    span = f"{iso(int(held.days[0]))}..{iso(int(held.days[-1]))}" if len(held.days) else "no bars"
    facts = ", ".join([about.source, about.adjust, *about.options.values()])
    return f"  {about.ticker:<13}{span}  {len(held.days):,} bars, {facts}, on {iso(about.fetched)}"


def cached_as(symbol: str, folder: Path | None) -> list[tuple[Path, Cached | None]]:
    """What is cached of one symbol, under its own name or a source's usual name for it."""
    found = cached(folder)
    if not found:
        return []
    from engine.feeds.net.sources import SOURCES

    usual = {s.name: s.tickers.get(symbol, symbol) for s in SOURCES}
    return [(p, c) for p, c in found if c and c.about.ticker == usual.get(c.about.source)]


def cached_page(found: Sequence[tuple[Path, Cached | None]]) -> list[str]:
    """Cached bars in full: span, adjustment, time zone, dividends, splits and what was odd."""
    return [line for path, held in found if held for line in ("", *_facts(path, held))]


def _facts(path: Path, held: Cached) -> list[str]:
    from engine.feeds.net.spec import ADJUSTS

    about = held.about
    paid = [f"dividend of {value:g} on {iso(day)}" for day, value in about.dividends]
    split = [f"split of {value:g} for 1 on {iso(day)}" for day, value in about.splits]
    return [
        f"fetched ({path}):",
        _cached_line(path, held),
        f"  {ADJUSTS[about.adjust]}; in {about.currency}; dates of {about.zone}",
        f"  asked for {iso(about.first)}..{iso(about.last)}",
        *(f"  {text}" for text in (*split, *paid, *about.notes)),
    ]


def cached_json(folder: Path | None) -> list[dict[str, Any]]:
    """The cached symbols, for programs."""
    return rows_json(cached(folder))


def rows_json(found: Sequence[tuple[Path, Cached | None]]) -> list[dict[str, Any]]:
    """Cached files, for programs."""
    return [_cached_row(path, held) for path, held in found]


def _cached_row(path: Path, held: Cached | None) -> dict[str, Any]:
    if held is None:
        return {"file": path.name, "damaged": True}
    about = held.about
    return {
        "file": path.name,
        "damaged": False,
        "ticker": about.ticker,
        "source": about.source,
        "adjust": about.adjust,
        "options": dict(about.options),
        "first": iso(int(held.days[0])) if len(held.days) else None,
        "last": iso(int(held.days[-1])) if len(held.days) else None,
        "bars": len(held.days),
        "fetched": iso(about.fetched),
        "zone": about.zone,
        "dividends": [[iso(day), value] for day, value in about.dividends],
        "splits": [[iso(day), value] for day, value in about.splits],
        "currency": about.currency,
        "notes": list(about.notes),
    }
