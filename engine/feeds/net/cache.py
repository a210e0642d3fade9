"""The cache of fetched bars (floor 8): one Parquet file for each source, ticker and adjustment.

Whatever lies there is verified before use: a digest in the file covers bars and facts alike. Files
are replaced whole, so that a reader sees an old or a new one, and bars of two fetches, which may
stand on two bases after a split, never mix.
"""

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.base.dates import iso, parse_day
from engine.base.errors import UserError
from engine.records.instrument import COLUMNS, KINDS, Kind
from engine.run.cache import folder as cache_folder

FORM = 1
_MARK = b"seawall"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class About:
    """The facts of one fetch. first, last: the days asked for, which the bars need not fill.

    fetched: the date of the fetch. notes: what was odd. options: settings of the source. kind: None
    where the source did not say.
    """

    source: str
    ticker: str
    adjust: str
    options: Mapping[str, str]
    first: int
    last: int
    fetched: int
    zone: str
    currency: str
    kind: Kind | None
    notes: tuple[str, ...]
    dividends: tuple[tuple[int, float], ...]
    splits: tuple[tuple[int, float], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Cached:
    """Bars as fetched, in ascending order of day; nan where a value is not known."""

    about: About
    days: NDArray[np.int32]
    columns: Mapping[str, Floats]


def default_folder() -> Path:
    """Where fetched bars lie unless `data: cache` says otherwise."""
    return cache_folder() / "bars"


def place(folder: Path, source: str, ticker: str, adjust: str, options: Mapping[str, str]) -> Path:
    """The file of one ticker; any ticker makes a plain file name."""
    parts = [adjust, *(options[name] for name in sorted(options))]
    return folder / source / f"{quote(ticker, safe='')}.{'-'.join(parts)}.parquet"


def place_of(folder: Path, about: About) -> Path:
    """The file that these facts belong in."""
    return place(folder, about.source, about.ticker, about.adjust, about.options)


def write(folder: Path, cached: Cached) -> Path:
    """Put the bars in their file, whole or not at all; UserError when the folder cannot be used."""
    path = place_of(folder, cached.about)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, _encoded(cached))
    except OSError as problem:
        text = f"the cache {path.parent} cannot be written: {problem.strerror or problem}"
        raise UserError(text, "name another folder: `data: {cache: FOLDER}`") from None
    return path


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path) -> Cached | None:
    """What the file holds, None when there is none; UserError when it is damaged."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        text = f"the cached file {path} cannot be read: {problem.strerror or problem}"
        raise UserError(text, "check its permissions") from None
    try:
        return _decoded(data)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError):
        help = "run `seawall data fetch` again: it replaces the file"
        raise UserError(f"the cached file {path} is damaged", help) from None


def files(folder: Path) -> Iterator[Path]:
    """Every cached file, by source and name."""
    yield from sorted(folder.glob("*/*.parquet"))


# ---------------------------------------------------------------- bytes


def _encoded(cached: Cached) -> bytes:
    arrow = cast(Any, pa)
    facts = _facts(cached.about)
    mark = json.dumps({"form": FORM, "sha256": _digest(facts, cached), "about": facts})
    arrays = [_array(arrow.int32(), cached.days)]
    arrays += [_array(arrow.float64(), cached.columns[name]) for name in COLUMNS]
    table = arrow.Table.from_arrays(arrays, names=["day", *COLUMNS])
    out = io.BytesIO()
    cast(Any, pq).write_table(
        table.replace_schema_metadata({_MARK: mark.encode()}), out, compression="zstd"
    )
    return out.getvalue()


def _decoded(data: bytes) -> Cached:
    """The bars; any exception when the bytes are not what `_encoded` wrote."""
    table = cast(Any, pq).ParquetFile(io.BytesIO(data)).read(use_threads=False)
    mark = json.loads(table.schema.metadata[_MARK])
    if mark["form"] != FORM:
        raise ValueError("another form")
    days = _values(table, "day", np.int32)
    columns = {name: _values(table, name, np.float64) for name in COLUMNS}
    cached = Cached(_about(mark["about"]), days, columns)
    if _digest(mark["about"], cached) != mark["sha256"]:
        raise ValueError("not what was written")
    return cached


def _facts(about: About) -> dict[str, Any]:
    plain = asdict(about)
    dates = {name: iso(plain[name]) for name in ("first", "last", "fetched")}
    events = {name: [list(pair) for pair in plain[name]] for name in ("dividends", "splits")}
    return {**plain, **dates, **events, "notes": list(about.notes), "options": dict(about.options)}


def _about(facts: Mapping[str, Any]) -> About:
    if facts["kind"] not in (None, *KINDS):
        raise ValueError(facts["kind"])
    dates = {name: parse_day(facts[name]) for name in ("first", "last", "fetched")}
    events = {
        name: tuple((int(day), float(value)) for day, value in facts[name])
        for name in ("dividends", "splits")
    }
    return About(**{**facts, **dates, **events, "notes": tuple(facts["notes"])})


def _digest(facts: Mapping[str, Any], cached: Cached) -> str:
    sha = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for values in (cached.days, *(cached.columns[name] for name in COLUMNS)):
        sha.update(np.ascontiguousarray(values).tobytes())
    return sha.hexdigest()


def _array(kind: Any, values: NDArray[Any]) -> Any:
    """Without pyarrow's own converter, which imports pandas."""
    buffer = cast(Any, pa).py_buffer(np.ascontiguousarray(values).tobytes())
    return cast(Any, pa).Array.from_buffers(kind, len(values), [None, buffer])


def _values(table: Any, name: str, kind: Any) -> NDArray[Any]:
    chunks = table.column(name).chunks
    parts = [np.frombuffer(c.buffers()[1], kind)[c.offset : c.offset + len(c)] for c in chunks]
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)
