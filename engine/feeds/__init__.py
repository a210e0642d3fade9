"""Floor 8: market data in. Every feed is one file here and one row of FEEDS."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.feeds.spec import Feed

    FEEDS: tuple[Feed, ...]
    """Every way to get bars, by explicit table: adding a feed is one file and one entry here."""


def __getattr__(name: str) -> "tuple[Feed, ...]":
    """FEEDS, made when it is asked for: a run imports only the feed that it reads."""
    if name != "FEEDS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from engine.feeds import alpaca, csv, embedded, parquet, yfinance

    return (embedded.FEED, csv.FEED, parquet.FEED, yfinance.FEED, alpaca.FEED)
