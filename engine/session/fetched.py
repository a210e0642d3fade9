"""What was fetched, as the session sees it (floor 9): shipped series carried on, new symbols.

It reads the cache and never goes online, so that a run can be repeated to the byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote

import numpy as np

from engine.base.dates import iso
from engine.feeds.embedded import load
from engine.feeds.net.cache import Cached, default_folder, place, read
from engine.feeds.net.join import COMMON, described, extended, fresh_series
from engine.feeds.net.sources import source_of
from engine.feeds.net.spec import ADJUSTS, Source
from engine.records.calendar import Calendar
from engine.records.catalogue import Catalogue, load_catalogue
from engine.records.instrument import Instrument
from engine.records.series import Series
from engine.session.wire import SETUP_FILE, FeedData

MARGIN = 10
"""Sessions fetched before the last COMMON ones, since a source may lack some of them."""

Spans = Mapping[str, tuple[int, int]]
"""First and last day that are needed, by symbol."""


@dataclass(frozen=True, slots=True)
class Want:
    """Bars to fetch: a symbol of ours, the source's name and adjustment for it, and the days."""

    symbol: str
    ticker: str
    adjust: str
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Fetched:
    """The cache as one set-up uses it. shipped: the catalogue without what was fetched."""

    feed: FeedData
    shipped: Catalogue
    _read: dict[Path, Cached | None] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """The source's row."""
        return source_of(self.feed.source)

    @property
    def folder(self) -> Path:
        """Where the cache lies."""
        return self.feed.cache or default_folder()

    def ticker(self, symbol: str) -> str | None:
        """The source's name for a symbol; None when it has no bars of it."""
        mapped = self.feed.tickers.get(symbol)
        return mapped or self.source.ticker(symbol, self.shipped.symbol(symbol))

    def adjust(self, symbol: str) -> str:
        """How its fetched prices are adjusted: a shipped symbol's as they are shipped."""
        return self.source.adjust_of(self.shipped.symbol(symbol), self.feed.adjust)

    def path(self, symbol: str) -> Path | None:
        """The symbol's file in the cache, there or not; None when the source has no bars of it."""
        ticker = self.ticker(symbol)
        if ticker is None:
            return None
        return place(self.folder, self.source.name, ticker, self.adjust(symbol), self.feed.options)

    def cached(self, symbol: str) -> Cached | None:
        """What is cached of the symbol; UserError when its file is damaged."""
        path = self.path(symbol)
        if path is None or self.feed.unread:
            return None
        if path not in self._read:
            self._read[path] = read(path)
        return self._read[path]

    def forget(self, path: Path) -> None:
        """Take a file as absent from now on."""
        self._read[path] = None

    def instruments(self) -> tuple[Instrument, ...]:
        """The symbols that do not ship, as what is cached of them tells."""
        return tuple(self._instrument(symbol) for symbol in self.feed.symbols)

    def _instrument(self, symbol: str) -> Instrument:
        held = self.cached(symbol)
        kind = None if held is None else held.about.kind
        made = described(
            symbol, self.source.name, self.ticker(symbol) or symbol, self.adjust(symbol), kind
        )
        if held is None or not len(held.days):
            return made
        return fresh_series(made, held).instrument

    def series(self, symbol: str, catalogue: Catalogue) -> Series:
        """The bars of a symbol under the instruments in force; none for what is not fetched yet."""
        held = self.cached(symbol)
        instrument = catalogue.symbol(symbol)
        if symbol in self.feed.symbols and instrument is not None:
            return fresh_series(instrument, held)
        series = load(symbol, catalogue=catalogue)
        return series if held is None else extended(series, held)

    # ------------------------------------------------------------ what is missing

    def lacking(self, needed: Spans, calendar: Calendar) -> tuple[Want, ...]:
        """What neither ships nor is cached of the days that are needed."""
        wants = (self._want(symbol, span, calendar) for symbol, span in needed.items())
        return tuple(want for want in wants if want is not None)

    def _want(self, symbol: str, span: tuple[int, int], calendar: Calendar) -> Want | None:
        ticker = self.ticker(symbol)
        if ticker is None or not self.beyond(symbol, span[1]):
            return None
        want = self.want(symbol, *span, calendar)
        held = self.cached(symbol)
        if want is None or held is None:
            return want
        about = held.about
        if about.first <= want.first and about.last >= want.last:
            return None
        return self.with_cached(want)

    def with_cached(self, want: Want) -> Want:
        """The days wanted and those cached: one fetch replaces all, and nothing is lost."""
        held = self.cached(want.symbol)
        if held is None:
            return want
        first, last = min(want.first, held.about.first), max(want.last, held.about.last)
        return replace(want, first=first, last=last)

    def beyond(self, symbol: str, last: int) -> bool:
        """Whether the shipped data end before `last`; they are never carried back."""
        known = self.shipped.symbol(symbol)
        return known is None or known.last is None or known.last < last

    def want(self, symbol: str, first: int, last: int, calendar: Calendar) -> Want | None:
        """What to ask for: of a shipped symbol also the last shipped days, to compare them."""
        ticker, known = self.ticker(symbol), self.shipped.symbol(symbol)
        if ticker is None:
            return None
        if known is not None and known.last is not None:
            inside = calendar.sessions(calendar.first, known.last)[-(COMMON + MARGIN) :]
            first = inside[0] if inside else first
        return Want(symbol, ticker, self.adjust(symbol), first, last)

    # ------------------------------------------------------------ what is told

    def notices(
        self, series: Mapping[str, Series], lacking: Sequence[Want], is_own_window: bool
    ) -> tuple[str, ...]:
        """What a reader must know of fetched bars in use, and how to get missing ones."""
        used = {name: s for name, s in series.items() if self._is_used(name, s)}
        said = [self._told(name, s) for name, s in used.items()]
        odd = [f"{n}: {note}" for n in used if (c := self.cached(n)) for note in c.about.notes]
        missing = [f"{w.symbol} {iso(w.first)}..{iso(w.last)}" for w in lacking]
        if missing:
            words = [*_named(self.feed.file), *(_spelt(lacking) if is_own_window else ())]
            command = " ".join(["seawall data fetch", *words])
            said.append(f"not fetched yet: {', '.join(missing)}; `{command}` fetches it")
        return (*said, *odd)

    def _is_used(self, symbol: str, series: Series) -> bool:
        held = self.cached(symbol)
        return held is not None and bool(np.isin(series.days[-1:], held.days).any())

    def _told(self, symbol: str, series: Series) -> str:
        caveats = series.instrument.caveats
        known = self.shipped.symbol(symbol)
        if known is not None:
            own = next((c for c in reversed(caveats) if " fetched from " in c), "")
            return f"{symbol}: {own[:1].lower()}{own[1:].rstrip('.')}"
        if not series.instrument.adjusted:
            return f"{symbol}: fetched from {self.source.title}, prices as paid"
        return f"{symbol}: fetched from {self.source.title}, {ADJUSTS[self.adjust(symbol)]}"


def _named(file: Path | None) -> tuple[str, ...]:
    return () if file is None or file == SETUP_FILE else (quote(str(file)),)


def _spelt(wants: Sequence[Want]) -> tuple[str, ...]:
    """Symbols and days in full: what a window of one's own needs, no crisis tells."""
    first, last = min(w.first for w in wants), max(w.last for w in wants)
    names = (quote(w.symbol) for w in wants)
    return (*names, "--from", iso(first), "--to", iso(last))


def fetched(feed: FeedData) -> tuple[Fetched, Catalogue]:
    """The cache of a set-up, and the catalogue with the symbols that only it knows."""
    shipped = load_catalogue()
    held = Fetched(feed, shipped)
    return held, replace(shipped, instruments=(*shipped.instruments, *held.instruments()))
