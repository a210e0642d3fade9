"""The recorded bars of one symbol (floor 1), as arrays of one length.

The number library is named for type checkers only, so that importing this costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from engine.records.instrument import Instrument

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """Bars in ascending order of day; what is unknown is nan, never copied from another column.

    `days` counts from 1970-01-01. real_open: the open was traded at, so an order may fill there
    (where false, `open` is what the source printed, for display only). has_range: high and low are
    known. flagged: the source's value was repaired or carried over; the instrument's caveats say
    how. Of bars of minutes, several have one day: `length` is their minutes, and `closes` when each
    ends, in minutes since 1970-01-01 by the exchange's clock. split: new shares for each old one
    from this bar on, 1 on most; dividend: money a new share, to who held it before this bar; both
    None where the source tells of none.
    """

    symbol: str
    instrument: Instrument
    days: NDArray[np.int32]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    real_open: NDArray[np.bool_]
    has_range: NDArray[np.bool_]
    flagged: NDArray[np.bool_]
    closes: NDArray[np.int64] | None = None
    length: int = 0
    split: NDArray[np.float64] | None = None
    dividend: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.days)

    def between(self, first: int | None, last: int | None) -> Series:
        """The bars from `first` to `last`, both included; None leaves that end open."""
        low = 0 if first is None else int(self.days.searchsorted(first, side="left"))
        high = len(self) if last is None else int(self.days.searchsorted(last, side="right"))
        return self.taken(slice(low, high))

    def taken(self, which: Any) -> Series:
        """The bars that an index, slice or mask picks."""
        arrays: dict[str, Any] = {f.name: getattr(self, f.name)[which] for f in fields(self)[2:11]}
        for name in ("closes", "split", "dividend"):
            held = getattr(self, name)
            arrays[name] = None if held is None else held[which]
        return Series(self.symbol, self.instrument, length=self.length, **arrays)
