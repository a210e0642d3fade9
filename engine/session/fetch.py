"""Fetching what a set-up lacks (floor 9): the one thing in seawall that goes online.

Each symbol stands for itself: what was fetched stays, whatever happens to the next one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from engine.base import clock
from engine.base.dates import iso
from engine.base.errors import UserError
from engine.feeds.embedded import load
from engine.feeds.net.cache import Cached, read, write
from engine.feeds.net.clean import clean, closed_through
from engine.feeds.net.failure import Failure
from engine.feeds.net.join import extended
from engine.feeds.net.sources import source_of
from engine.feeds.net.spec import Ask, Source
from engine.feeds.net.wire import Wire, patiently
from engine.records.calendar import Calendar, load_calendar
from engine.records.catalogue import load_catalogue
from engine.session.fetched import Fetched, Want
from engine.session.load import load_firm
from engine.session.needs import needed
from engine.session.options import DryrunOptions
from engine.session.wire import SETUP_FILE, FeedData, Wiring, wiring

FETCHED, FAILED, UNTRIED, NONE = "fetched", "failed", "not tried", "not offered"

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """What to fetch. symbols empty: what the set-up's crises lack. file: the set-up, else
    ./strategies.yaml where there is one. The rest is the set-up's unless given here."""

    symbols: tuple[str, ...] = ()
    file: Path | None = None
    crises: tuple[str, ...] = ()
    source: str | None = None
    adjust: str | None = None
    cache: Path | None = None
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one symbol. message: why not, when it was not fetched."""

    symbol: str
    ticker: str
    status: str
    message: str = ""
    help: str = ""
    first: int | None = None
    last: int | None = None
    bars: int = 0
    file: Path | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What will be fetched. none: symbols that the source has no bars of. said: what the set-up
    itself names as its source, None for nothing on the network. asked: symbols were named."""

    held: Fetched
    wants: tuple[Want, ...]
    none: tuple[str, ...] = ()
    damaged: frozenset[Path] = frozenset()
    said: FeedData | None = None
    asked: bool = False

    @property
    def source(self) -> Source:
        """The source's row."""
        return self.held.source


# ---------------------------------------------------------------- what to fetch


def plan(options: FetchOptions, now: datetime | None = None) -> Plan:
    """What the options ask for; UserError or RuleErrors for what the user can mend."""
    wired = _wired(options)
    feed = _feed(options, wired)
    catalogue = load_catalogue()
    new = tuple(s for s in options.symbols if catalogue.symbol(s) is None)
    feed = replace(feed, symbols=tuple(dict.fromkeys((*feed.symbols, *new))))
    held = Fetched(feed, catalogue)
    calendar = load_calendar("xnys", catalogue.folder)
    closed = closed_through(calendar, now or clock.now())
    if options.symbols:
        return _asked(options, held, wired, calendar, closed)
    if wired is None:
        text = "there is no strategies.yaml here that says what is needed"
        raise UserError(text, "name symbols: `seawall data fetch SPY --from 2020-01-01`")
    if wired.data is not None:
        text = "the set-up reads files of your own, which nothing is fetched for"
        raise UserError(text, "name symbols: `seawall data fetch SPY --from 2020-01-01`")
    spans = _needed(options, wired, feed)
    names = [s for s, (_, last) in spans.items() if held.beyond(s, last)]
    damaged = _set_damaged_aside(held, names)
    capped = {s: (spans[s][0], min(spans[s][1], closed)) for s in names}
    wants = held.lacking({s: x for s, x in capped.items() if x[0] <= x[1]}, calendar)
    none = tuple(s for s in names if held.ticker(s) is None)
    return Plan(held, _together(wants), none, damaged, wired.feed)


def _wired(options: FetchOptions) -> Wiring | None:
    file = options.file or (SETUP_FILE if SETUP_FILE.is_file() else None)
    if file is None:
        return None
    return wiring(DryrunOptions(files=(file,)), load_catalogue())


def _feed(options: FetchOptions, wired: Wiring | None) -> FeedData:
    """The source in force with its settings."""
    said = wired.feed if wired else None
    if options.source is None and said is None:
        where = "the set-up names no source to fetch from" if wired else "no source is named"
        help = "write `data: {source: yfinance}` in strategies.yaml, or add `--source yfinance`"
        raise UserError(where, help)
    if said is None or options.source not in (None, said.source):
        source = source_of(options.source or "")
        usual = {name: values[0] for name, values in source.options.items()}
        cache = said.cache if said else None
        symbols = said.symbols if said else ()
        said = FeedData(source.name, symbols, {}, usual, None, cache, options.file)
    source = source_of(said.source)
    if options.adjust is not None and options.adjust not in source.adjusts:
        help = f"it offers {', '.join(source.adjusts)}"
        raise UserError(f"{source.title} has no prices of --adjust {options.adjust}", help)
    return replace(said, adjust=options.adjust or said.adjust, cache=options.cache or said.cache)


def _needed(options: FetchOptions, wired: Wiring, feed: FeedData) -> dict[str, tuple[int, int]]:
    """The days that the crises read of each symbol, found without opening the cache."""
    blind = replace(wired, feed=replace(feed, unread=True))
    asked = DryrunOptions(crises=options.crises, runner="python")
    return needed(load_firm(asked, wired=blind).firm)


def _set_damaged_aside(held: Fetched, symbols: Sequence[str]) -> frozenset[Path]:
    """The damaged files among those of the symbols, from now on taken as absent."""
    found = set()
    for symbol in symbols:
        path = held.path(symbol)
        try:
            held.cached(symbol)
        except UserError:
            if path is not None:
                found.add(path)
                held.forget(path)
    return frozenset(found)


def _asked(
    options: FetchOptions, held: Fetched, wired: Wiring | None, calendar: Calendar, closed: int
) -> Plan:
    """Symbols named by hand: fetched whether they are cached or not."""
    last = closed if options.last is None else min(options.last, closed)
    shipped = all(held.shipped.symbol(s) is not None for s in options.symbols)
    spans: dict[str, tuple[int, int]] = {}
    if options.first is None and not shipped:
        spans = _needed(options, wired, held.feed) if wired and not wired.data else {}
    damaged = _set_damaged_aside(held, options.symbols)
    wants, none = [], []
    for symbol in dict.fromkeys(options.symbols):
        first = options.first if options.first is not None else _first(symbol, spans, held)
        want = held.want(symbol, first, last, calendar)
        if want is None:
            none.append(symbol)
        elif want.first > want.last:
            text = f"there is nothing of `{symbol}` to fetch from {iso(want.first)}"
            raise UserError(f"{text} to {iso(want.last)}", "give other dates")
        else:
            wants.append(held.with_cached(want))
    said = wired.feed if wired else None
    return Plan(held, _together(wants), tuple(none), damaged, said, True)


def _together(wants: Sequence[Want]) -> tuple[Want, ...]:
    """Two of our symbols may stand for one ticker, whose file must then hold the days of both."""
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for want in wants:
        low, high = spans.get((want.ticker, want.adjust), (want.first, want.last))
        spans[want.ticker, want.adjust] = (min(low, want.first), max(high, want.last))
    found = ((w, *spans[w.ticker, w.adjust]) for w in wants)
    return tuple(replace(want, first=first, last=last) for want, first, last in found)


def _first(symbol: str, spans: dict[str, tuple[int, int]], held: Fetched) -> int:
    if symbol in spans:
        return spans[symbol][0]
    known = held.shipped.symbol(symbol)
    if known is None or known.last is None:
        text = f"nothing says from when `{symbol}` is needed"
        raise UserError(text, "add --from, such as --from 2020-01-01")
    return known.last


# ---------------------------------------------------------------- fetching


def fetch(
    made: Plan, told: Told, wire: Wire | None = None, now: datetime | None = None
) -> Iterator[Row]:
    """Fetch what is planned, one row after the other; told hears of waits."""
    line = wire or Wire(made.source.per_minute)
    for at, want in enumerate(made.wants):
        try:
            yield _one(want, made, line, now or clock.now(), told)
        except Failure as failure:
            yield _failed(want, failure)
            if failure.way.offline:
                yield from (Row(w.symbol, w.ticker, UNTRIED) for w in made.wants[at + 1 :])
                break
    for symbol in made.none:
        text = f"{made.source.title} has no bars of it"
        status = FAILED if made.asked else NONE
        yield Row(symbol, "", status, text, "map it under `data: tickers`, or use another source")


def _failed(want: Want, failure: Failure) -> Row:
    return Row(want.symbol, want.ticker, FAILED, failure.message, failure.way.help)


def _one(want: Want, made: Plan, wire: Wire, now: datetime, told: Told) -> Row:
    """One symbol fetched, checked and cached; what disagrees with shipped data is not kept."""
    source, held = made.source, made.held
    ask = Ask(want.ticker, want.first, want.last, want.adjust, held.feed.options)
    answer = patiently(
        wire, lambda: source.fetch(ask, wire), lambda text: told(f"{want.symbol}: {text}")
    )
    calendar = load_calendar("xnys", held.shipped.folder)
    cached = clean(answer, ask, source.name, calendar, now)
    if not len(cached.days):
        raise Failure("empty", source.title, f"{iso(want.first)}..{iso(want.last)}")
    refused = _disagreement(want, held, cached)
    if refused is not None:
        return Row(want.symbol, want.ticker, FAILED, refused.message, refused.help)
    path = held.path(want.symbol)
    notes = cached.about.notes
    if path in made.damaged:
        notes = ("the cached file was damaged and is replaced", *notes)
    return Row(
        symbol=want.symbol,
        ticker=want.ticker,
        status=FETCHED,
        first=int(cached.days[0]),
        last=int(cached.days[-1]),
        bars=len(cached.days),
        file=write(held.folder, cached),
        notes=notes,
    )


def _disagreement(want: Want, held: Fetched, cached: Cached) -> UserError | None:
    if held.shipped.symbol(want.symbol) is None:
        return None
    try:
        extended(load(want.symbol, catalogue=held.shipped), cached)
    except UserError as problem:
        return problem
    return None


# ---------------------------------------------------------------- what is cached


def listed(files: Sequence[Path]) -> list[tuple[Path, Cached | None]]:
    """Cached files with what they hold; None for a damaged one."""
    found: list[tuple[Path, Cached | None]] = []
    for path in files:
        try:
            found.append((path, read(path)))
        except UserError:
            found.append((path, None))
    return found
