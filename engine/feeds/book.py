"""Order books and trades in, order flow out (floor 8).

A book feed yields every change of a symbol's quotes, and its trades. `flow_bars` adds them up to
bars, each bar knowing what happened up to its close and nothing later. No shipped feed has a book:
the port is for own ones, and the synthetic books of the tests meet it.
Reference: Cont, Kukanov and Stoikov, The price impact of order book events (2014); Xu, Gould and
Howison, Multi-level order-flow imbalance (2018); Lee and Ready, Inferring trade direction (1991).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from engine.base.frozen import dataclass
from engine.records.book import Quotes, Trades

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class BookFeed(Protocol):
    """Where quotes and trades come from.

    levels: prices a side that it shows, 1 for level-1 feeds. has_trades: whether `trades` is worth
    asking. Both calls yield what happened from `first` to `last` (nanoseconds since 1970 UTC, both
    included), in order, and raise LookupError for a symbol that the feed has not.
    """

    levels: int
    has_trades: bool

    def quotes(self, symbol: str, first: int, last: int) -> Quotes: ...

    def trades(self, symbol: str, first: int, last: int) -> Trades: ...


@dataclass(frozen=True)
class FlowBars:
    """Order flow by bar, in shares. imbalance: one column a level; nan where a bar saw no change
    that can be compared. bought less sold: `traded`, nan where no trade has a side."""

    closes: NDArray[np.int64]
    imbalance: Floats
    traded: Floats


def flow_bars(quotes: Quotes, trades: Trades | None, closes: NDArray[np.int64]) -> FlowBars:
    """The flow of each bar, from after the close before up to its own, that instant included.

    The first bar holds all that came before its close. ValueError where times go back, sizes are
    negative, or a bid is not below its ask: a crossed book has no flow."""
    import numpy as np

    _refuse_broken(quotes, closes)
    flow = level_flow(quotes)
    imbalance = np.column_stack(
        [_by_bar(quotes.times, flow[:, k], closes) for k in range(flow.shape[1])]
    )
    traded = np.full(len(closes), np.nan)
    if trades is not None and len(trades):
        sides = signed(trades, quotes)
        signs = np.where(sides == 0, np.nan, sides)
        traded = _by_bar(trades.times, signs * trades.sizes, closes)
    return FlowBars(closes, imbalance, traded)


def level_flow(quotes: Quotes) -> Floats:
    """What each change adds to the buying side, a column a level; the first change has none."""
    import numpy as np

    def side(prices: Floats, sizes: Floats, better: float) -> Floats:
        move = better * (prices[1:] - prices[:-1])
        gained = np.where(move >= 0, sizes[1:], 0.0) - np.where(move <= 0, sizes[:-1], 0.0)
        return np.where(np.isnan(move), np.nan, gained)

    bought = side(quotes.bids, quotes.bid_sizes, 1.0)
    sold = side(quotes.asks, quotes.ask_sizes, -1.0)
    return np.concatenate([np.full((1, quotes.levels), np.nan), bought - sold])[: len(quotes)]


def signed(trades: Trades, quotes: Quotes) -> NDArray[np.int8]:
    """Sides as printed; where unknown, by the quote before the trade, then by the last move of the
    price, then 0."""
    import numpy as np

    at = quotes.times.searchsorted(trades.times, side="left") - 1
    mid = (quotes.bids[:, 0] + quotes.asks[:, 0]) / 2
    before = np.where(at >= 0, mid[np.maximum(at, 0)], np.nan)
    by_quote = np.nan_to_num(np.sign(trades.prices - before))
    ticks = np.sign(np.diff(trades.prices, prepend=trades.prices[:1]))
    last = np.maximum.accumulate(np.where(ticks != 0, np.arange(len(ticks)), 0))
    found = np.where(by_quote != 0, by_quote, ticks[last])
    return np.where(trades.sides != 0, trades.sides, found).astype(np.int8)


def _by_bar(times: NDArray[np.int64], values: Floats, closes: NDArray[np.int64]) -> Floats:
    """Sums of the known values up to each close; nan where there is none."""
    import numpy as np

    known = ~np.isnan(values)
    bar = closes.searchsorted(times[known], side="left")
    inside = bar < len(closes)
    bars, kept = bar[inside], values[known][inside]
    sums = np.bincount(bars, weights=kept, minlength=len(closes))
    counts = np.bincount(bars, minlength=len(closes))
    return np.where(counts > 0, sums, np.nan)


def _refuse_broken(quotes: Quotes, closes: NDArray[np.int64]) -> None:
    import numpy as np

    def refuse(bad: NDArray[np.bool_], what: str) -> None:
        if bad.any():
            raise ValueError(f"{what} at row {int(np.flatnonzero(bad)[0])}")

    refuse(np.diff(quotes.times) < 0, "the quotes' times go back after the one")
    refuse(np.diff(closes) <= 0, "the bars' closes do not rise after the one")
    sizes = np.column_stack([quotes.bid_sizes, quotes.ask_sizes])
    refuse(np.any(sizes < 0, axis=1), "a negative size")
    refuse(quotes.bids[:, 0] >= quotes.asks[:, 0], "a bid that is not below its ask")
