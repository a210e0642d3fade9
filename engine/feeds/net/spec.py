"""What a source on the network is (floor 8): one row of SOURCES, one question, one answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.feeds.net.wire import Wire
from engine.feeds.own.values import Bar
from engine.records.instrument import Instrument, Kind

RAW, SPLIT, TOTAL = "raw", "split", "total"
ADJUSTS: Mapping[str, str] = {
    RAW: "prices as paid",
    SPLIT: "adjusted for splits, dividends left out",
    TOTAL: "adjusted for splits and dividends",
}
"""How prices are adjusted, in our words; each source translates them into its own."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Daily bars of one ticker from `first` to `last`, days since 1970-01-01, both included."""

    ticker: str
    first: int
    last: int
    adjust: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """Bars by the exchange's local date, as sent. kind: None where the source does not say.

    dividends pair a day with money per share, splits with new shares for an old one.
    """

    bars: tuple[Bar, ...]
    zone: str
    currency: str
    kind: Kind | None = None
    dividends: tuple[tuple[int, float], ...] = ()
    splits: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One row of SOURCES.

    adjusts: those it offers, its default first. tickers: our symbols to its names, where they
    differ. kinds: what it has bars of. options: the values that each option takes, the default
    first. per_minute: requests that it lets through.
    """

    name: str
    title: str
    adjusts: tuple[str, ...]
    tickers: Mapping[str, str]
    kinds: tuple[Kind, ...]
    options: Mapping[str, tuple[str, ...]]
    per_minute: int
    fetch: Callable[[Ask, Wire], Answer]

    def ticker(self, symbol: str, known: Instrument | None) -> str | None:
        """Its name for one of our symbols; None when it has no bars of it."""
        if known is None:
            return symbol
        if symbol in self.tickers:
            return self.tickers[symbol]
        return known.ticker if known.kind in self.kinds and known.kind != "index" else None

    def adjust_of(self, known: Instrument | None, asked: str | None) -> str:
        """The adjustment to fetch: a shipped symbol's own, else the one asked for, else usual."""
        if known is None:
            return asked or self.adjusts[0]
        if known.total_return:
            return TOTAL
        return RAW if not known.adjusted and RAW in self.adjusts else SPLIT
