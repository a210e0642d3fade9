"""What happens in one symbol's order book (floor 1): quotes, depth and trades as arrays.

The number library is named for type checkers only, so that importing this costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.base.frozen import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Quotes:
    """The book after each change, a row a change, best level first; times never go back.

    times: nanoseconds since 1970-01-01 UTC. bids, asks: prices, one column a level; bid_sizes,
    ask_sizes: shares waiting there. A level that the book has not is nan. Level-1 feeds have one
    column.
    """

    times: NDArray[np.int64]
    bids: NDArray[np.float64]
    bid_sizes: NDArray[np.float64]
    asks: NDArray[np.float64]
    ask_sizes: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.times)

    @property
    def levels(self) -> int:
        """How many prices a side the feed shows."""
        return int(self.bids.shape[1])


@dataclass(frozen=True)
class Trades:
    """Trades as printed. sides: 1 where the buyer took the offer, -1 the seller, 0 unknown."""

    times: NDArray[np.int64]
    prices: NDArray[np.float64]
    sizes: NDArray[np.float64]
    sides: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.times)
