"""A user's own prices from a Parquet file (floor 8): checked row by row as a CSV file is.

Each cell becomes the text it would be in a CSV file, exactly, and is judged as there; rows count
from 1, the first row of data. The engine's Parquet reader is imported when a file is read.
"""

import io
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.base.unreadable import unreadable
from engine.feeds.csv import check_options, checked_bars, series_of, table_bars
from engine.feeds.own.finding import Finding, Findings
from engine.feeds.own.header import ACTIONS, DATE
from engine.feeds.own.values import DateReader
from engine.feeds.spec import Feed
from engine.records.calendar import Calendar, load_calendar
from engine.records.instrument import COLUMNS, Instrument
from engine.records.own import PARQUET, own_instrument
from engine.records.series import Series


def read_parquet(
    path: Path,
    symbol: str,
    mapping: Mapping[str, str] | None = None,
    *,
    date_format: str | None = None,
    calendar: Calendar | None = None,
    instrument: Instrument | None = None,
) -> tuple[Series | None, list[Finding]]:
    """The bars of a file and everything found in it; no bars when any finding is an error.

    mapping, date_format (for dates kept as text), calendar and instrument as for `read_csv`.
    UserError when the file cannot be opened or an option makes no sense.
    """
    check_options(",", date_format)
    sessions = calendar or load_calendar("xnys")
    findings = Findings()
    table = _table(path, findings)
    if table is None:
        return None, findings.all()
    dates = DateReader(date_format, sessions.zone)
    rows = list(enumerate(_rows(table), 1))
    bars = table_bars(table.column_names, rows, mapping or {}, dates, findings)
    bars = checked_bars(bars, sessions, findings)
    if findings.refused:
        return None, findings.all()
    made = instrument or own_instrument(symbol, sessions.name)
    return series_of(bars, symbol, made, findings), findings.all()


def _table(path: Path, findings: Findings) -> Any:
    """The file's table, without nested columns; None when it is no Parquet file (an error)."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        # in one thread: others may still live when the process ends, and then it is aborted
        data = io.BytesIO(path.read_bytes())
        table = parquet.ParquetFile(data).read(use_threads=False)
    except (OSError, ValueError) as problem:
        if isinstance(problem, pa.ArrowException) or _is_cut(problem):
            text = "the file is no Parquet file, or it is cut short"
            findings.error("encoding", 1, text, "write it again, or name a CSV file `.csv`")
            return None
        raise unreadable(path, problem, PARQUET) from None
    flat = [f.name for f in table.schema if not pa.types.is_nested(f.type)]
    if not len(table) or not flat:
        findings.error("empty", 1, "the file is empty", "it needs one row per session")
        return None
    return table.select(flat)


def _is_cut(problem: Exception) -> bool:
    """Whether the reader, and not the disk, refused: its own errors have no number."""
    return getattr(problem, "errno", None) is None


def _rows(table: Any) -> list[list[str]]:
    """Every row as the texts of its cells."""
    columns = [[_text(v) for v in table.column(k).to_pylist()] for k in range(table.num_columns)]
    return [list(cells) for cells in zip(*columns, strict=True)]


def _text(value: object) -> str:
    """A cell as a CSV file would hold it, without loss; empty where it is null."""
    if value is None or value != value:
        return ""
    if isinstance(value, datetime):
        is_plain_day = value.tzinfo is None and not (
            value.hour or value.minute or value.second or value.microsecond
        )
        return value.date().isoformat() if is_plain_day else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def load_parquet(
    symbol: str, first: int | None, last: int | None, options: Mapping[str, str]
) -> Series:
    """The bars of `options["file"]`; UserError that tells the first errors when it is refused."""
    from engine.feeds.csv import load_file

    return load_file("parquet", read_parquet, symbol, first, last, options)


FEED = Feed(
    name="parquet",
    title="a Parquet file of daily bars",
    network=False,
    options={
        "file": "path of the file",
        "date_format": "strptime format of its dates where they are text; ISO when left out",
        **{name: f"name of the {name} column" for name in (DATE, *COLUMNS, *ACTIONS)},
    },
    load=load_parquet,
)
