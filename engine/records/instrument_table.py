"""Reading and describing data/instruments.json (floor 1): one table of fields serves both.

FIELDS holds every field of a row with its JSON Schema; the schema file is generated from it, so
that the file's reader and its published description cannot drift apart.
"""

from collections.abc import Mapping
from typing import Any

from engine.base.dates import parse_day
from engine.base.frozen import dataclass
from engine.records.instrument import COLUMNS, KINDS, DataSpan, Instrument, Split

Json = Mapping[str, Any]

_DATE = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_FLAG = {"type": "boolean"}
_TEXT = {"type": "string", "minLength": 1}
_POSITIVE = {"type": "number", "exclusiveMinimum": 0}


def _object(properties: Json, required: tuple[str, ...]) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


_SPAN = _object(
    {
        "first": _DATE,
        "last": _DATE,
        "real_open": {**_FLAG, "description": "Orders may fill at the open."},
        "high_low": {**_FLAG, "description": "High and low are known."},
        "volume": {**_FLAG, "description": "Volume is known."},
    },
    ("first", "last", "real_open", "high_low", "volume"),
)
_SPLIT = _object(
    {"date": _DATE, "ratio": {**_POSITIVE, "description": "New shares for one old share."}},
    ("date", "ratio"),
)
_COLUMN_MAP = _object(dict.fromkeys(COLUMNS, _TEXT), ("close",))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a row: its name, what it means, and its JSON Schema."""

    name: str
    doc: str
    schema: Json


FIELDS: tuple[Field, ...] = (
    Field("symbol", "The name rules use; `dataset:TICKER` where a ticker is in several.", _TEXT),
    Field("title", "What it is, in words.", _TEXT),
    Field("dataset", "The dataset of the manifest that holds it.", _TEXT),
    Field("ticker", "Its name inside that dataset.", _TEXT),
    Field("columns", "Rule column to column of the dataset's file.", _COLUMN_MAP),
    Field("kind", "What kind of thing it is.", {"enum": list(KINDS)}),
    Field("tradable", "Whether an order in it can fill.", _FLAG),
    Field("lot", "The smallest step of a quantity, in shares.", _POSITIVE),
    Field(
        "tick",
        "The smallest step of an order's price, whole millionths; 0 where prices have none, as in "
        "an index or adjusted prices.",
        {"type": "number", "minimum": 0},
    ),
    Field("multiplier", "Money per point and share.", _POSITIVE),
    Field("currency", "ISO 4217 code.", {"type": "string", "pattern": "^[A-Z]{3}$"}),
    Field(
        "sector",
        "Our own classification by GICS sector names; null where none applies.",
        {"type": ["string", "null"]},
    ),
    Field("calendar", "The exchange calendar its sessions follow.", _TEXT),
    Field("shortable", "Whether it may be sold short.", _FLAG),
    Field("adjusted", "Prices are adjusted for later splits, so nobody paid them.", _FLAG),
    Field("total_return", "Prices include reinvested dividends.", _FLAG),
    Field(
        "available",
        "Sessions after which a value is known: 0 at its own close, 1 at the next.",
        {"type": "integer", "minimum": 0},
    ),
    Field("spans", "What can be relied on, and when.", {"type": "array", "items": _SPAN}),
    Field("splits", "Splits that the raw prices show.", {"type": "array", "items": _SPLIT}),
    Field("caveats", "What to know before trusting it.", {"type": "array", "items": _TEXT}),
)


def instruments_schema() -> Json:
    """The JSON Schema (2020-12) of the whole file."""
    properties = {f.name: {"description": f.doc, **f.schema} for f in FIELDS}
    row = _object(properties, tuple(f.name for f in FIELDS))
    table = _object(
        {
            "$schema": _TEXT,
            "version": {"const": 1},
            "instruments": {"type": "array", "items": {"$ref": "#/$defs/instrument"}},
        },
        ("version", "instruments"),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "seawall instruments",
        "description": "One row per symbol of the embedded data. Generated; do not edit.",
        **table,
        "$defs": {"instrument": row},
    }


def instrument_of(row: Json) -> Instrument:
    """The instrument that one row of the file describes; KeyError or ValueError when malformed."""
    plain = {name: row[name] for name in _PLAIN}
    return Instrument(
        columns=tuple(row["columns"].items()),
        spans=tuple(_span(span) for span in row["spans"]),
        splits=tuple(Split(parse_day(s["date"]), s["ratio"]) for s in row["splits"]),
        caveats=tuple(row["caveats"]),
        **plain,
    )


_BUILT = ("columns", "spans", "splits", "caveats")
_PLAIN = tuple(f.name for f in FIELDS if f.name not in _BUILT)


def _span(row: Json) -> DataSpan:
    first, last = parse_day(row["first"]), parse_day(row["last"])
    return DataSpan(first, last, row["real_open"], row["high_low"], row["volume"])
