"""The bars that ship with seawall (floor 8): scaled-integer parquet, checked against the manifest.

A file whose hash is not the manifest's is refused before it is decoded, so a truncated or altered
file can never become a price.
"""

import hashlib
import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.base.errors import UserError
from engine.feeds.spec import Feed
from engine.records.catalogue import Catalogue, Dataset, load_catalogue
from engine.records.instrument import Instrument
from engine.records.series import Series

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_MEND = "run `seawall data verify` to check every file, then install seawall again"


def load(
    symbol: str,
    first: int | None = None,
    last: int | None = None,
    catalogue: Catalogue | None = None,
) -> Series:
    """The recorded bars of `symbol` from `first` to `last`, both included; None leaves an end open.

    The symbol is a plain ticker or `dataset:TICKER`. Only days on which it has a close are
    returned.
    """
    known = catalogue or load_catalogue()
    instrument = known.symbol(symbol)
    if instrument is None:
        raise _unknown(symbol, known)
    dataset = known.dataset(instrument.dataset)
    return _whole(instrument, dataset, known.folder / dataset.file).between(first, last)


def load_feed(
    symbol: str,
    first: int | None = None,
    last: int | None = None,
    catalogue: Catalogue | None = None,
) -> Series:
    """The recorded levels of a `data` series such as VIX or UST3M; its `close` is the value.

    A value is known `series.instrument.available` sessions after its own: the reader must delay it.
    """
    return load(symbol, first, last, catalogue)


def verified_bytes(dataset: Dataset, path: Path) -> bytes:
    """The whole file, or UserError saying whether it is missing, truncated or corrupt."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"the data file {path} is missing", _MEND) from None
    except OSError as problem:
        raise UserError(f"the data file {path} cannot be read: {problem.strerror}", _MEND) from None
    if hashlib.sha256(data).hexdigest() == dataset.sha256:
        return data
    if len(data) < dataset.bytes:
        short = f"truncated: {len(data):,} of {dataset.bytes:,} bytes"
        raise UserError(f"the data file {path} is {short}", _MEND)
    raise UserError(f"the data file {path} is corrupt: its sha256 is not the manifest's", _MEND)


def _unknown(symbol: str, catalogue: Catalogue) -> UserError:
    close = catalogue.near(symbol)
    hint = f"did you mean `{close}`? " if close else ""
    help = hint + "`seawall data list` shows every symbol"
    return UserError(f"no embedded data for the symbol `{symbol}`", help)


@lru_cache(maxsize=64)
def _whole(instrument: Instrument, dataset: Dataset, path: Path) -> Series:
    table = _read(instrument, dataset, path)
    columns = dict(instrument.columns)
    close = _values(table, dataset, columns["close"])
    kept = ~np.isnan(close)
    days = _integers(table, "day")[0][kept]
    prices: dict[str, Any] = {
        name: _values(table, dataset, columns.get(name))[kept]
        for name in ("open", "high", "low", "close", "volume")
    }
    series = Series(
        symbol=instrument.symbol,
        instrument=instrument,
        days=days,
        real_open=_within_real_opens(instrument, days),
        has_range=~(np.isnan(prices["high"]) | np.isnan(prices["low"])),
        flagged=_flags(table, columns["close"])[kept],
        **prices,
    )
    return _read_only(series)


def _read(instrument: Instrument, dataset: Dataset, path: Path) -> Any:
    data = verified_bytes(dataset, path)
    wanted = dict.fromkeys(("day", *(column for _, column in instrument.columns)))
    flag = f"{dict(instrument.columns)['close']}.flag"
    if any(column.name == flag for column in dataset.columns):
        wanted[flag] = None
    try:
        file = cast(Any, pq).ParquetFile(io.BytesIO(data))
        return file.read(columns=list(wanted), use_threads=False)
    except (pa.ArrowException, KeyError, OSError) as problem:
        raise UserError(f"the data file {path} cannot be decoded: {problem}", _MEND) from None


def _values(table: Any, dataset: Dataset, column: str | None) -> Floats:
    if column is None:
        return np.full(table.num_rows, np.nan)
    whole, known = _integers(table, column)
    values = whole / dataset.scale(column)
    values[~known] = np.nan
    return values


def _flags(table: Any, close: str) -> Flags:
    name = f"{close}.flag"
    if name not in table.column_names:
        return np.zeros(table.num_rows, dtype=np.bool_)
    return cast(Flags, _integers(table, name)[0] != 0)


def _integers(table: Any, column: str) -> tuple[NDArray[Any], Flags]:
    """The stored integers and which of them are known.

    Reads the column's buffers: pyarrow's own conversion would import pandas, at 0.3 s.
    """
    parts = [_chunk(chunk) for chunk in table.column(column).chunks]
    if not parts:
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.bool_)
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _chunk(array: Any) -> tuple[NDArray[Any], Flags]:
    validity, data = array.buffers()
    end = array.offset + len(array)
    whole = np.frombuffer(data, dtype=np.int64 if array.type.bit_width == 64 else np.int32)
    if validity is None:
        return whole[array.offset : end], np.ones(len(array), dtype=np.bool_)
    bits = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")
    return whole[array.offset : end], bits[array.offset : end].astype(np.bool_)


def _within_real_opens(instrument: Instrument, days: NDArray[np.int32]) -> Flags:
    real = np.zeros(len(days), dtype=np.bool_)
    for span in instrument.spans:
        if span.real_open:
            real |= (days >= span.first) & (days <= span.last)
    return real


def _read_only(series: Series) -> Series:
    """The arrays are shared by every caller in the process, so none may write to them."""
    for array in (series.days, series.open, series.high, series.low, series.close, series.volume):
        array.flags.writeable = False
    for flags in (series.real_open, series.has_range, series.flagged):
        flags.flags.writeable = False
    return series


def _load(symbol: str, first: int | None, last: int | None, _: Mapping[str, str]) -> Series:
    return load(symbol, first, last)


FEED = Feed(
    name="embedded",
    title="the crisis data that ship with seawall",
    network=False,
    options={},
    load=_load,
)
