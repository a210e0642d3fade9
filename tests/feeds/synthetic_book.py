"""A made-up order book, one event at a time, that remembers what each event added to which side."""

import random
from dataclasses import dataclass, field

import numpy as np

from engine.records.book import Quotes, Trades

SECOND = 1_000_000_000


@dataclass
class Book:
    """Sizes by price in ticks; every event is an order of one side at its best price, or better."""

    rng: random.Random
    levels: int = 1
    bids: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(500, 1000), 500))
    asks: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(1001, 1500), 500))
    rows: list[list[float]] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    prints: list[tuple[int, int, int, int]] = field(default_factory=list)
    now: int = 0

    def event(self) -> None:
        """One order: it joins, improves, cancels, or takes no more than what waits at the best."""
        self.now += self.rng.randrange(1, SECOND)
        buyers = self.rng.random() < 0.5
        own, other = (self.bids, self.asks) if buyers else (self.asks, self.bids)
        best = max(own) if buyers else min(own)
        far = min(other) if buyers else max(other)
        step = 1 if buyers else -1
        size = self.rng.randrange(1, 400)
        sign = step
        pick = self.rng.random()
        if pick < 0.35:
            own[best] += size
        elif pick < 0.5 and best + step != far:
            own[best + step] = size
        elif pick < 0.75:
            size, sign = take(own, best, size), -step
        else:
            size = take(other, far, size)
            self.prints.append((self.now, far, size, step))
        self.added.append(sign * size)
        self.rows.append(self.row())

    def row(self) -> list[float]:
        bids = sorted(self.bids, reverse=True)[: self.levels]
        asks = sorted(self.asks)[: self.levels]
        sizes = [[self.bids[p] for p in bids], [self.asks[p] for p in asks]]
        return [self.now, *(p / 100 for p in bids), *sizes[0], *(p / 100 for p in asks), *sizes[1]]

    def quotes(self) -> Quotes:
        table = np.array(self.rows, dtype=float)
        times = np.array([int(r[0]) for r in self.rows], dtype=np.int64)
        parts = [table[:, 1 + k * self.levels : 1 + (k + 1) * self.levels] for k in range(4)]
        return Quotes(times, *parts)

    def trades(self, sides: bool = True) -> Trades:
        times, prices, sizes, signs = (np.array(c) for c in zip(*self.prints, strict=True))
        shown = signs if sides else np.zeros(len(signs))
        return Trades(times, prices / 100, sizes.astype(float), shown.astype(np.int8))


def take(side: dict[int, int], price: int, size: int) -> int:
    """Takes up to so many shares at a price; how many there were."""
    got = min(size, side[price])
    side[price] -= got
    if not side[price]:
        del side[price]
    return got


@dataclass
class OwnFeed:
    """A book feed over made-up books, as a user would write one."""

    books: dict[str, Book]
    levels: int = 1
    has_trades: bool = True

    def quotes(self, symbol: str, first: int, last: int) -> Quotes:
        q = self.books[symbol].quotes()
        inside = (q.times >= first) & (q.times <= last)
        columns = (q.times, q.bids, q.bid_sizes, q.asks, q.ask_sizes)
        return Quotes(*(c[inside] for c in columns))

    def trades(self, symbol: str, first: int, last: int) -> Trades:
        t = self.books[symbol].trades()
        inside = (t.times >= first) & (t.times <= last)
        return Trades(*(c[inside] for c in (t.times, t.prices, t.sizes, t.sides)))


def made(seed: int, count: int = 400, levels: int = 1) -> Book:
    """A book after so many events."""
    book = Book(random.Random(seed), levels)
    for _ in range(count):
        book.event()
    return book
