"""The recorded bars of one symbol (floor 1), as arrays of one length.

The number library is named for type checkers only, so that importing this costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

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
    how.
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

    def __len__(self) -> int:
        return len(self.days)

    def between(self, first: int | None, last: int | None) -> Series:
        """The bars from `first` to `last`, both included; None leaves that end open."""
        low = 0 if first is None else int(self.days.searchsorted(first, side="left"))
        high = len(self) if last is None else int(self.days.searchsorted(last, side="right"))
        arrays = {f.name: getattr(self, f.name)[low:high] for f in fields(self)[2:]}
        return Series(self.symbol, self.instrument, **arrays)
