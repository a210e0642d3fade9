"""Floor 8: market data in. Every feed is one file here and one row of FEEDS."""

from engine.feeds import csv, embedded
from engine.feeds.spec import Feed

FEEDS: tuple[Feed, ...] = (embedded.FEED, csv.FEED)
"""Every way to get bars, by explicit table: adding a feed is one file and one entry here."""
