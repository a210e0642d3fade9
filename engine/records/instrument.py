"""What is known about one symbol (floor 1): how it trades, what its data hold, where they mislead.

Imports no number library: `seawall check` reads instruments before anything heavy is loaded.
"""

from typing import Literal

from engine.base.frozen import dataclass
from engine.base.units import PRICE, PTS, RATIO, Unit

Kind = Literal["index", "stock", "etf", "commodity", "volatility", "rate"]
KINDS: tuple[Kind, ...] = ("index", "stock", "etf", "commodity", "volatility", "rate")
COLUMNS = ("open", "high", "low", "close", "volume")
"""The column names a rule may use; `close` is the only one that every instrument has."""

_UNITS: dict[Kind, Unit] = {"volatility": PTS, "rate": RATIO}


@dataclass(frozen=True, slots=True)
class DataSpan:
    """Days `first` to `last`, both included, over which the same columns can be relied on.

    real_open: an order may fill at the open; high_low: highs and lows are known; volume: so is
    volume.
    """

    first: int
    last: int
    real_open: bool
    high_low: bool
    volume: bool


@dataclass(frozen=True, slots=True)
class Split:
    """From `day` on, one old share is `ratio` shares and the raw price is that much lower."""

    day: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Instrument:
    """One row of the instrument table.

    `columns` pairs a rule's column with the column of the dataset's file. `available` is the number
    of sessions after which a value is known: 0 at its own close, 1 at the next. `adjusted` prices
    are not the prices anyone paid; with `total_return` they hold dividends too.
    """

    symbol: str
    title: str
    dataset: str
    ticker: str
    columns: tuple[tuple[str, str], ...]
    kind: Kind
    tradable: bool
    lot: float = 1.0
    tick: float = 0.01
    multiplier: float = 1.0
    currency: str = "USD"
    sector: str | None = None
    calendar: str = "xnys"
    shortable: bool = False
    adjusted: bool = False
    total_return: bool = False
    available: int = 0
    spans: tuple[DataSpan, ...] = ()
    splits: tuple[Split, ...] = ()
    caveats: tuple[str, ...] = ()

    @property
    def unit(self) -> Unit:
        """The unit of its prices: money per share, points for volatility, a ratio for rates."""
        return _UNITS.get(self.kind, PRICE)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns a rule may read, in the order of COLUMNS."""
        held = dict(self.columns)
        return tuple(name for name in COLUMNS if name in held)

    @property
    def first(self) -> int | None:
        """The first day with data, or None when there is none."""
        return self.spans[0].first if self.spans else None

    @property
    def last(self) -> int | None:
        """The last day with data, or None when there is none."""
        return self.spans[-1].last if self.spans else None

    def covers(self, first: int, last: int) -> bool:
        """Whether the data reach over the whole of `first` to `last`."""
        return bool(self.spans) and self.spans[0].first <= first and last <= self.spans[-1].last

    def overlaps(self, first: int, last: int) -> bool:
        """Whether any data lie inside `first` to `last`."""
        return bool(self.spans) and self.spans[0].first <= last and first <= self.spans[-1].last
