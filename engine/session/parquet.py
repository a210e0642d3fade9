"""Columns to the bytes of a parquet file (floor 9), without pyarrow's converters: they import
pandas, which costs more time than the whole file.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.base.frozen import dataclass

Kind = Literal["text", "name", "date", "float", "bool"]
Form = tuple[tuple[str, Kind], ...]
"""Column names with what they hold; dates are days since 1970-01-01, None and nan are null in
floats; names are `Names`."""


@dataclass(frozen=True)
class Names:
    """A column of few texts, each kept once. codes: which of `texts` stands in each row."""

    codes: NDArray[np.int32]
    texts: Sequence[str]


Column = Sequence[Any] | NDArray[Any] | Names


def parquet(columns: Mapping[str, Column], form: Form) -> bytes:
    """The bytes of a parquet file; equal columns give equal bytes."""
    arrow = cast(Any, pa)
    arrays = [_array(columns[name], kind) for name, kind in form]
    table = arrow.Table.from_arrays(arrays, names=[name for name, _ in form])
    out = io.BytesIO()
    cast(Any, pq).write_table(table, out, compression="zstd")
    return out.getvalue()


def _array(values: Any, kind: Kind) -> Any:
    arrow = cast(Any, pa)
    if kind == "name":
        codes = [None, _buffer(values.codes)]
        places = arrow.Array.from_buffers(arrow.int32(), len(values.codes), codes)
        return arrow.DictionaryArray.from_arrays(places, _texts(values.texts))
    if kind == "text":
        return _texts(values)
    if kind == "bool":
        bits = np.packbits(np.asarray(values, dtype=np.bool_), bitorder="little")
        return arrow.Array.from_buffers(arrow.bool_(), len(values), [None, _buffer(bits)])
    if kind == "date":
        days = np.asarray(values, dtype=np.int32)
        return arrow.Array.from_buffers(arrow.date32(), len(values), [None, _buffer(days)])
    if not isinstance(values, np.ndarray):
        values = [np.nan if v is None else v for v in values]
    floats = np.asarray(values, dtype=np.float64)
    known = np.packbits(~np.isnan(floats), bitorder="little")
    return arrow.Array.from_buffers(
        arrow.float64(), len(values), [_buffer(known), _buffer(np.nan_to_num(floats))]
    )


def _texts(values: Sequence[str]) -> Any:
    arrow = cast(Any, pa)
    encoded = [v.encode() for v in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    data = arrow.py_buffer(b"".join(encoded))
    return arrow.Array.from_buffers(arrow.string(), len(values), [None, _buffer(ends), data])


def _buffer(values: NDArray[Any]) -> Any:
    return cast(Any, pa).py_buffer(np.ascontiguousarray(values).tobytes())
