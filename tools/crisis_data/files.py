"""Writing and describing the data files: parquet, manifest, instrument table, licences."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.base.dates import iso
from engine.records.instrument_table import instruments_schema
from engine.records.sums import SUMS, sums_of
from tools.crisis_data import sources as src
from tools.crisis_data.instruments import GROUPS, instrument_rows
from tools.crisis_data.tables import Piece, Table

TITLES = {
    "sp500": "S&P 500 index, daily",
    "vix": "Cboe Volatility Index, daily",
    "ust": "US Treasury par yields, daily",
    "nasdaq": "Nasdaq Composite index, daily",
    "stocks20": "20 US stocks, daily closes adjusted for splits and dividends",
    "mega6": "Six large US stocks, daily bars adjusted for splits",
    "bokeh4": "Four US stocks, daily bars as traded",
    "etf23": "23 exchange-traded funds, daily closes",
    "world12": "12 stock indices, daily closes",
    "factors5": "Five US factor funds, daily closes adjusted for splits and dividends",
    "gold": "Gold, daily London fix in US dollars",
    "wti": "Crude oil (WTI), daily spot price",
}


def write_table(table: Table, path: Path) -> None:
    """Scaled integers, delta-packed: a fifth of the size of plain floats, and exact."""
    arrays = {"day": pa.array(table.days, pa.int32()).cast(pa.date32())}
    for name in table.scales:
        wide = name == "volume" or name.endswith(".volume")
        arrays[name] = pa.array(table.column(name), pa.int64() if wide else pa.int32())
    pq.write_table(
        pa.table(arrays),
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=False,
        column_encoding=dict.fromkeys(arrays, "DELTA_BINARY_PACKED"),
        write_statistics=False,
        store_schema=False,
    )


def write_all(found: Mapping[str, Table], wheels: Path, target: Path) -> None:
    """Every generated file of the data folder."""
    target.mkdir(parents=True, exist_ok=True)
    for name, table in found.items():
        write_table(table, target / f"{name}.parquet")
    write_json(manifest(found, target), target / "manifest.json")
    write_json(instrument_file(found), target / "instruments.json")
    if (target / "xnys.txt").exists():
        (target / SUMS).write_text(sums_of(target), encoding="utf-8", newline="\n")
    licences = target / "licences"
    licences.mkdir(exist_ok=True)
    for pin in src.PINS:
        text = src.licence_text(wheels, pin).replace("\r\n", "\n")
        (licences / f"{pin.package}.txt").write_text(text, encoding="utf-8", newline="\n")


def instrument_file(found: Mapping[str, Table]) -> dict[str, Any]:
    """The instrument table with its schema's name."""
    rows = instrument_rows(found)
    return {"$schema": "../schemas/instruments.schema.json", "version": 1, "instruments": rows}


def manifest(found: Mapping[str, Table], target: Path) -> dict[str, Any]:
    """What each file is, where it comes from, and its hash."""
    datasets = [_dataset(name, table, target) for name, table in found.items()]
    return {"version": 1, "written_with": f"pyarrow {pa.__version__}", "datasets": datasets}


def _dataset(name: str, table: Table, target: Path) -> dict[str, Any]:
    data = (target / f"{name}.parquet").read_bytes()
    group = GROUPS[name]
    return {
        "name": name,
        "title": TITLES[name],
        "file": f"{name}.parquet",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "rows": len(table.days),
        "first": iso(table.days[0]),
        "last": iso(table.days[-1]),
        "columns": [{"name": n, "scale": s} for n, s in table.scales.items()],
        "prices": _prices(name),
        "adjusted": _adjusted(name),
        "available": group.available,
        "cautions": list(group.caveats),
        "sources": [_source(piece) for piece in table.pieces],
    }


def _prices(name: str) -> str:
    if name in ("vix", "ust"):
        return "level"
    return "total return" if GROUPS[name].total_return else "price return"


def _adjusted(name: str) -> str:
    group = GROUPS[name]
    if group.total_return:
        return "splits and dividends"
    return "splits" if group.adjusted else "none"


def _source(piece: Piece) -> dict[str, Any]:
    pin = piece.origin.pin
    return {
        "package": pin.package,
        "version": pin.version,
        "wheel": pin.wheel,
        "wheel_sha256": pin.sha256,
        "file": piece.origin.file,
        "licence": pin.licence,
        "caution": pin.caution,
        "first": iso(piece.first),
        "last": iso(piece.last),
    }


def write_schema(path: Path) -> None:
    """The JSON Schema of the instrument table."""
    write_json(instruments_schema(), path)


def write_json(value: Mapping[str, Any], path: Path) -> None:
    """Indented JSON with a final newline, the same on every system."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
