"""A user's own prices from a CSV file (floor 8): checked row by row, never guessed or filled in.

Each finding names its row. An error refuses the file; a warning says what was left out or looks
odd.
"""

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.base.errors import UserError
from engine.base.unreadable import unreadable
from engine.feeds.own import checks
from engine.feeds.own.finding import Finding, Findings
from engine.feeds.own.forms import advice, forms_of
from engine.feeds.own.header import ACTIONS, DATE, NEEDED, columns_of, true_delimiter
from engine.feeds.own.minutes import (
    MinuteReader,
    find_gaps,
    in_hours,
    in_order,
    minute_reader,
    suggested,
)
from engine.feeds.own.values import BadCell, Bar, DateReader, Places, bar_of, check_form
from engine.feeds.spec import Feed
from engine.records.calendar import Calendar, load_calendar
from engine.records.instrument import COLUMNS, DataSpan, Instrument
from engine.records.own import own_instrument
from engine.records.series import Series

_FOREIGN = (
    (b"\xff\xfe", "is UTF-16", "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 {file} > utf8.csv`"),
    (b"\xfe\xff", "is UTF-16", "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 {file} > utf8.csv`"),
    (b"PK\x03\x04", "is an Excel workbook or a zip archive", "save the sheet as CSV (UTF-8)"),
    (b"\x1f\x8b", "is compressed", "unpack it: `gunzip -c {file} > plain.csv`"),
    (b"PAR1", "is a Parquet file", "name it `.parquet`: it is read as it is"),
)
"""How files that are no text begin, what they are and how to mend them."""

NOTHING: Mapping[str, str] = {}
_LATIN = "save it as UTF-8: `iconv -f WINDOWS-1252 -t UTF-8 {file} > utf8.csv`"


def read_csv(
    path: Path,
    symbol: str,
    mapping: Mapping[str, str] | None = None,
    *,
    date_format: str | None = None,
    delimiter: str = ",",
    minutes: Mapping[str, str] = NOTHING,
    calendar: Calendar | None = None,
    instrument: Instrument | None = None,
) -> tuple[Series | None, list[Finding]]:
    """The bars of a file and everything found in it; no bars when any finding is an error.

    mapping: our column (date, open, high, low, close, volume, dividend, split) to the file's
    header; what it leaves out is found by common names. date_format: a strptime format, else ISO
    dates. minutes: `bars`, `stamp` and `zone` of bars of minutes. calendar: New York unless given.
    instrument: how the symbol trades; its spans are replaced by what the file holds. UserError when
    the file cannot be opened or an option makes no sense.
    """
    check_options(delimiter, date_format)
    sessions = calendar or load_calendar("xnys")
    findings = Findings()
    text = _text(path, findings)
    if text is None:
        return None, findings.all()
    reader = minute_reader(minutes, date_format, sessions)
    dates = reader or DateReader(date_format, sessions.zone)
    bars = _bars(text, mapping or {}, delimiter, dates, findings)
    bars = checked_bars(bars, sessions, findings, reader)
    if findings.refused:
        return None, findings.all()
    instrument = instrument or own_instrument(symbol, sessions.name)
    series = series_of(bars, symbol, instrument, findings, reader is not None)
    if reader is not None:
        closes = np.array([bar.at for bar in bars], dtype=np.int64)
        series = replace(series, closes=closes, length=reader.length)
    return series, findings.all()


def check_options(delimiter: str, date_format: str | None) -> None:
    """Refuse options that make no sense."""
    if len(delimiter) != 1 or delimiter in '\r\n"':
        raise UserError(
            f"the delimiter must be one character, not {delimiter!r}", "for example ';'"
        )
    if date_format is not None:
        check_form(date_format)


def _text(path: Path, findings: Findings) -> str | None:
    """The file's text without a byte-order mark; None when it is empty or no UTF-8 (errors)."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as problem:
        raise unreadable(path, problem, (".csv",)) from None
    name = quote(path.name)
    for start, what, help in _FOREIGN:
        if data.startswith(start):
            findings.error("encoding", 1, f"the file {what}", help.format(file=name))
            return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = data.count(b"\n", 0, problem.start) + 1
        help = _LATIN.format(file=name)
        findings.error("encoding", row, "the file is not UTF-8 here", help)
        return None
    if not text.strip():
        findings.error("empty", 1, "the file is empty", "it needs a header and one row per session")
        return None
    return text


def _bars(
    text: str,
    mapping: Mapping[str, str],
    delimiter: str,
    dates: DateReader | MinuteReader,
    findings: Findings,
) -> list[Bar]:
    first = next(_rows(text, delimiter, Findings()), None)
    if first and len(first[1]) < 3 and first[1][0].strip().lower().startswith("sep="):
        findings.error("header", 1, "`sep=` is a line for Excel, not a header", "remove the line")
        return []
    delimiter = true_delimiter(first[1], delimiter, findings) if first else delimiter
    rows = _rows(text, delimiter, findings)
    first = next(rows, None)
    if first is None or _looks_like_data(first[1], dates, findings):
        return []
    return table_bars(first[1], rows, mapping, dates, findings)


def table_bars(
    header: Sequence[str],
    rows: Iterable[tuple[int, list[str]]],
    mapping: Mapping[str, str],
    dates: DateReader | MinuteReader,
    findings: Findings,
) -> list[Bar]:
    """The bars of a table: its header, and its rows of texts with their numbers."""
    columns = columns_of(header, mapping, findings)
    if not all(name in columns for name in NEEDED):
        return []
    whole = list(_whole(rows, len(header), findings))
    texts = [(row, cells[columns[DATE]].strip()) for row, cells in whole]
    if isinstance(dates, DateReader):
        settled = _settled(texts, dates, findings)
        if settled is None or _are_of_minutes(texts, findings):
            return []
        dates = settled
    return [bar for row, cells in whole if (bar := bar_of(cells, row, columns, dates, findings))]


def _whole(
    rows: Iterable[tuple[int, list[str]]], width: int, findings: Findings
) -> Iterator[tuple[int, list[str]]]:
    """The rows with as many cells as the header."""
    for row, cells in rows:
        if len(cells) == width:
            yield row, cells
        else:
            count = f"{len(cells)} cells where the header has {width}"
            findings.error("cells", row, count, "quote cells that hold the delimiter")


def _are_of_minutes(texts: Sequence[tuple[int, str]], findings: Findings) -> bool:
    """Whether days have several rows with times, which is said with the settings to read them."""
    found = suggested(texts)
    if found is None:
        return False
    row, settings = found
    text = "a day has several rows with times: these look like bars of minutes"
    help = "say how long they are, and whether a stamp is a bar's open or its close"
    findings.error("minutes", row, text, help, settings)
    return True


def _settled(
    texts: Sequence[tuple[int, str]], dates: DateReader, findings: Findings
) -> DateReader | None:
    """The reader to go on with. Where all dates are of another form, that is one error and not one
    for each row, and the rest of each row is still judged; None when they cannot be read at all."""
    if not texts:
        return dates
    row, text = texts[0]
    try:
        dates.day(text)
    except BadCell as problem:
        told = advice([text for _, text in texts], dates.zone)
        if told is None:
            return dates
        help = told.help if dates.form is None else f"{problem.help}; {told.help}"
        findings.error("value", row, str(problem), help, told.settings)
        return None if told.form is None else replace(dates, form=told.form)
    return dates


def _rows(text: str, delimiter: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the number of the line it ends on."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            findings.error(
                "csv", reader.line_num, f"this is no CSV row: {problem}", "check the quotes"
            )
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _looks_like_data(cells: Sequence[str], dates: Places, findings: Findings) -> bool:
    try:
        dates.day(cells[0].strip())
    except ValueError:
        if not forms_of([cells[0].strip()]):
            return False
    whole = (DATE, *COLUMNS)
    names = ",".join(whole if len(cells) == len(whole) else NEEDED)
    help = f"add a first line that names the columns, such as `{names}`"
    findings.error("header", 1, "the first row holds data, not names", help)
    return True


def checked_bars(
    bars: list[Bar], calendar: Calendar, findings: Findings, reader: MinuteReader | None = None
) -> list[Bar]:
    """The bars that are in order and on sessions; gaps and jumps among them become findings."""
    if findings.refused:
        return []
    order = checks.in_order if reader is None else in_order
    kept = order(bars, findings)
    if findings.refused:
        return []
    kept = checks.on_sessions(kept, calendar, findings)
    if reader is not None:
        kept = in_hours(kept, reader, findings)
        find_gaps(kept, reader, findings)
    if not kept:
        findings.error("empty", 1, "no row holds a usable session", "see the other findings")
    checks.find_gaps(kept, calendar, findings)
    checks.find_jumps(kept, findings)
    return kept


def series_of(
    bars: Sequence[Bar],
    symbol: str,
    instrument: Instrument,
    findings: Findings,
    in_session: bool = False,
) -> Series:
    """A series of checked bars; opens or ranges that are not real become findings. in_session: bars
    of minutes, which often open where the one before closed."""
    arrays: dict[str, Any] = {name: _column(bars, name) for name in COLUMNS}
    if not checks.ranges_are_real(bars, findings):
        for name in ("open", "high", "low"):
            arrays[name] = np.full(len(bars), math.nan)
    opens = ~np.isnan(arrays["open"])
    if opens.any() and not in_session and not checks.opens_are_real(bars, findings):
        opens = np.zeros(len(bars), dtype=np.bool_)
    days = np.array([bar.day for bar in bars], dtype=np.int32)
    ranged = ~(np.isnan(arrays["high"]) | np.isnan(arrays["low"]))
    held = tuple((name, name) for name in COLUMNS if not np.isnan(arrays[name]).all())
    spans = _spans(days, opens, ranged, ~np.isnan(arrays["volume"]))
    acts = any(bar.acts for bar in bars)
    if acts:
        instrument = replace(instrument, caveats=(BOOKED,))
    return Series(
        symbol=symbol,
        instrument=replace(instrument, symbol=symbol, columns=held, spans=spans),
        days=days,
        real_open=opens,
        has_range=ranged,
        flagged=np.zeros(len(bars), dtype=np.bool_),
        split=_column(bars, "split") if acts else None,
        dividend=_column(bars, "dividend") if acts else None,
        **arrays,
    )


BOOKED = (
    "Own data: dividends and splits are booked as the file has them; survivorship is not known."
)


def _column(bars: Sequence[Bar], name: str) -> NDArray[np.float64]:
    return np.array([getattr(bar, name) for bar in bars], dtype=np.float64)


def _spans(
    days: NDArray[np.int32],
    opens: NDArray[np.bool_],
    ranged: NDArray[np.bool_],
    volumes: NDArray[np.bool_],
) -> tuple[DataSpan, ...]:
    rows = zip(days.tolist(), opens.tolist(), ranged.tolist(), volumes.tolist(), strict=True)
    found: list[DataSpan] = []
    for flags, group in groupby(rows, key=lambda row: row[1:]):
        held = [row[0] for row in group]
        found.append(DataSpan(held[0], held[-1], *flags))
    return tuple(found)


def load_csv(
    symbol: str, first: int | None, last: int | None, options: Mapping[str, str]
) -> Series:
    """The bars of `options["file"]`; UserError that tells the first errors when it is refused."""
    minutes = {key: options[key] for key in ("bars", "stamp", "zone") if key in options}
    read = partial(read_csv, delimiter=options.get("delimiter", ","), minutes=minutes)
    return load_file("csv", read, symbol, first, last, options)


def load_file(
    feed: str,
    read: Callable[..., tuple[Series | None, list[Finding]]],
    symbol: str,
    first: int | None,
    last: int | None,
    options: Mapping[str, str],
) -> Series:
    """The bars of `options["file"]` by a reader of own files."""
    if "file" not in options:
        raise UserError(f"the {feed} feed needs a file", "give its path as `file`")
    mapping = {name: options[name] for name in (DATE, *COLUMNS, *ACTIONS) if name in options}
    path = Path(options["file"])
    series, findings = read(path, symbol, mapping, date_format=options.get("date_format"))
    if series is None:
        errors = [f for f in findings if f.severity == "error"]
        told = "\n".join(f"  row {f.row}: {f.message}" for f in errors[:5])
        raise UserError(f"{options['file']} is refused:\n{told}", errors[0].help)
    return series.between(first, last)


FEED = Feed(
    name="csv",
    title="a CSV file of daily bars or of bars of minutes",
    network=False,
    options={
        "file": "path of the file",
        "date_format": "strptime format of its dates; ISO when left out",
        "delimiter": "one character; a comma when left out",
        "bars": "length of bars of minutes, such as 5m; daily bars when left out",
        "stamp": "whether their stamps are a bar's `open` or its `close`",
        "zone": "time zone of stamps without one; the exchange's when left out",
        **{name: f"header of the {name} column" for name in (DATE, *COLUMNS, *ACTIONS)},
    },
    load=load_csv,
)
