"""The embedded bars: intact, as published, on sessions, and refused when damaged."""

import hashlib
import math
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.base.dates import date_of, day_of, iso, parse_day
from engine.base.errors import UserError
from engine.base.resources import data_dir
from engine.feeds import FEEDS
from engine.feeds.embedded import load, load_feed
from engine.records.calendar import load_calendar
from engine.records.catalogue import load_catalogue
from engine.records.series import Series

CATALOGUE = load_catalogue()
XNYS = load_calendar("xnys")


def at(series: Series, day: str) -> int:
    """The position of a day's bar."""
    where = int(np.searchsorted(series.days, parse_day(day)))
    assert series.days[where] == parse_day(day)
    return where


def move(series: Series, day: str) -> float:
    where = at(series, day)
    return 100 * (float(series.close[where]) / float(series.close[where - 1]) - 1)


@pytest.mark.parametrize("dataset", CATALOGUE.datasets, ids=lambda d: d.name)
def test_files_are_what_the_manifest_says(dataset: object) -> None:
    assert dataset in CATALOGUE.datasets
    row = next(d for d in CATALOGUE.datasets if d is dataset)
    data = (data_dir() / row.file).read_bytes()
    assert hashlib.sha256(data).hexdigest() == row.sha256
    assert len(data) == row.bytes
    assert all(len(source.wheel_sha256) == 64 for source in row.sources)
    assert all((data_dir() / "licences" / f"{s.package}.txt").exists() for s in row.sources)


def test_every_data_file_is_in_the_manifest_and_all_are_small() -> None:
    files = {path.name for path in data_dir().glob("*.parquet")}
    assert files == {d.file for d in CATALOGUE.datasets}
    assert sum(d.bytes for d in CATALOGUE.datasets) < 1_250_000


@pytest.mark.parametrize(
    ("dataset", "rows", "first", "last"),
    [
        ("sp500", 9576, "1985-01-02", "2022-12-28"),
        ("vix", 8678, "1990-01-02", "2024-06-20"),
        ("ust", 8619 + 70, "1990-01-02", "2024-06-28"),
        ("nasdaq", 6002, "1999-01-04", "2022-11-07"),
        ("stocks20", 8313, "1990-01-02", "2022-12-28"),
        ("mega6", 16194 // 6, "2013-01-02", "2023-09-21"),
        ("bokeh4", 3270, "2000-03-01", "2013-03-01"),
        ("etf23", 2141, "2008-01-02", "2016-07-01"),
        ("world12", 5750, "2000-01-03", "2022-11-07"),
        ("factors5", 2264, "2014-01-02", "2022-12-28"),
        ("gold", 8872, "1985-01-02", "2020-03-13"),
        ("wti", 8291, "1986-01-02", "2019-01-03"),
    ],
)
def test_rows_and_spans(dataset: str, rows: int, first: str, last: str) -> None:
    found = CATALOGUE.dataset(dataset)
    assert (found.rows, iso(found.first), iso(found.last)) == (rows, first, last)


SP500_MOVES = {
    "1987-10-19": -20.47,
    "1987-10-26": -8.28,
    "1997-10-27": -6.87,
    "1998-08-31": -6.80,
    "2001-09-17": -4.92,
    "2008-09-29": -8.81,
    "2008-10-13": 11.58,
    "2010-05-06": -3.24,
    "2011-08-08": -6.66,
    "2015-08-24": -3.94,
    "2018-02-05": -4.10,
    "2020-03-12": -9.51,
    "2020-03-16": -11.98,
    "2020-03-24": 9.38,
    "2022-06-13": -3.88,
    "2022-09-13": -4.32,
}


@pytest.mark.parametrize(("day", "percent"), SP500_MOVES.items())
def test_sp500_moves(day: str, percent: float) -> None:
    assert move(load("SP500"), day) == pytest.approx(percent, abs=0.0051)


VIX_CLOSES = {
    "1998-10-08": 45.74,
    "2008-11-20": 80.86,
    "2010-05-20": 45.79,
    "2011-08-08": 48.00,
    "2015-08-24": 40.74,
    "2018-02-05": 37.32,
    "2018-12-24": 36.07,
    "2020-03-16": 82.69,
    "2022-03-07": 36.45,
    "2023-03-13": 26.52,
}


@pytest.mark.parametrize(("day", "level"), VIX_CLOSES.items())
def test_vix_closes(day: str, level: float) -> None:
    vix = load_feed("VIX")
    assert vix.close[at(vix, day)] == level


DRAWDOWNS = [
    ("1987-08-25", "1987-12-31", -33.5),
    ("1998-07-01", "1998-12-31", -19.3),
    ("2000-03-01", "2002-12-31", -49.1),
    ("2007-10-01", "2009-06-30", -56.8),
    ("2010-04-15", "2010-08-31", -16.0),
    ("2011-04-15", "2011-12-30", -19.4),
    ("2018-01-16", "2018-04-30", -10.2),
    ("2018-09-17", "2019-01-31", -19.8),
    ("2020-02-03", "2020-06-30", -33.9),
    ("2021-12-15", "2022-12-28", -25.4),
]


@pytest.mark.parametrize(("first", "last", "percent"), DRAWDOWNS)
def test_sp500_drawdowns(first: str, last: str, percent: float) -> None:
    close = load("SP500", parse_day(first), parse_day(last)).close
    worst = 100 * float((close / np.maximum.accumulate(close) - 1).min())
    assert worst == pytest.approx(percent, abs=0.0501)


@pytest.mark.parametrize(
    ("symbol", "day", "level"),
    [
        ("GOLD", "2020-03-13", 1562.8),
        ("WTI", "2008-07-14", 145.16),
        ("SPY", "2008-01-02", 144.93),
        ("AAPL", "1990-01-02", 0.264),
        ("NVDA", "2023-09-21", 410.17),
        ("UST3M", "1990-01-02", 0.0783),
        ("UST10Y", "2024-06-28", 0.0436),
        ("NASDAQ", "1999-01-04", 2208.05),
        ("DJI", "2000-01-03", 11357.51),
    ],
)
def test_known_levels(symbol: str, day: str, level: float) -> None:
    series = load(symbol)
    assert series.close[at(series, day)] == level


def test_etf_and_raw_split_moves() -> None:
    assert move(load("SPY"), "2008-10-13") == pytest.approx(14.52, abs=0.006)
    assert move(load("bokeh4:AAPL"), "2000-06-21") == pytest.approx(-45, abs=0.6)


def test_flash_crash_low() -> None:
    sp500 = load("SP500")
    where = at(sp500, "2010-05-06")
    assert sp500.low[where] == 1065.79
    assert sp500.low[where] / sp500.close[where - 1] - 1 == pytest.approx(-0.0858, abs=0.0001)
    vix = load("VIX")
    assert vix.high[at(vix, "2010-05-06")] == 40.71


@pytest.mark.parametrize("symbol", CATALOGUE.symbols)
def test_every_series_is_sound(symbol: str) -> None:
    series = load(symbol)
    days = series.days
    assert np.all(np.diff(days) > 0)
    assert all(XNYS.is_session(int(day)) for day in days)
    assert np.all(series.close >= 0 if series.instrument.kind == "rate" else series.close > 0)
    both = series.has_range
    top = np.fmax(series.open, series.close)[both]
    bottom = np.fmin(series.open, series.close)[both]
    assert np.all(series.high[both] >= top)
    assert np.all(series.low[both] <= bottom)
    assert np.isnan(series.high[~both]).all()
    assert np.isnan(series.open[~both]).all()
    assert not np.isnan(series.open[series.real_open]).any()
    assert (int(days[0]), int(days[-1])) == (series.instrument.first, series.instrument.last)


@pytest.mark.parametrize("symbol", CATALOGUE.symbols)
def test_spans_tell_the_truth(symbol: str) -> None:
    series = load(symbol)
    for span in series.instrument.spans:
        part = series.between(span.first, span.last)
        assert len(part)
        assert bool(part.real_open.all()) is bool(part.real_open.any()) is span.real_open
        assert bool(part.has_range.all()) is bool(part.has_range.any()) is span.high_low
        assert bool((~np.isnan(part.volume)).all()) is span.volume
    inside = sum(len(series.between(s.first, s.last)) for s in series.instrument.spans)
    assert inside == len(series)


def repeats(series: Series, year: int, tolerance: float) -> float:
    """The share of a year's opens that are the previous close."""
    first, last = day_of(date(year, 1, 1)), day_of(date(year, 12, 31))
    year_of = (series.days[1:] >= first) & (series.days[1:] <= last)
    gap = np.abs(series.open[1:] / series.close[:-1] - 1)[year_of]
    return float((gap[~np.isnan(gap)] <= tolerance).mean())


def test_sp500_opens_are_false_where_the_spans_say_so() -> None:
    sp500 = load("SP500")
    for year in (*range(2008, 2011), *range(2014, 2021)):
        assert repeats(sp500, year, 1e-5) < 0.04, year
    for year in range(1985, 2008):
        assert repeats(sp500, year, 1e-4) > 0.5, year
    false = sp500.between(parse_day("2011-06-01"), parse_day("2013-05-31"))
    gap = np.abs(false.open[1:] / false.close[:-1] - 1)
    assert float((gap <= 1e-4).mean()) > 0.5


@pytest.mark.parametrize("symbol", ["NASDAQ", "IBM", "bokeh4:AAPL", "NVDA", "AMZN", "mega6:AAPL"])
def test_opens_said_to_be_real_are(symbol: str) -> None:
    series = load(symbol)
    real = series.real_open[1:]
    assert float((series.open[1:] == series.close[:-1])[real].mean()) < 0.11


def test_close_only_rows_never_copy_the_close() -> None:
    sp500 = load("SP500", parse_day("2021-01-01"))
    assert len(sp500)
    for column in (sp500.open, sp500.high, sp500.low, sp500.volume):
        assert np.isnan(column).all()
    assert not sp500.real_open.any()


def test_vix_repairs_are_flagged_and_early_ranges_unknown() -> None:
    vix = load("VIX")
    assert int(vix.flagged.sum()) == 45
    assert vix.low[at(vix, "1998-11-20")] == 22.43
    assert vix.high[at(vix, "1998-11-20")] == 26.10
    early = vix.between(None, parse_day("1991-12-31"))
    assert np.isnan(early.high).all()
    for day in ("1991-03-01", "1997-01-31", "1997-11-26", "1999-12-31", "2006-05-04"):
        assert parse_day(day) not in vix.days


def test_rates_are_carried_one_day_at_most_and_flagged() -> None:
    rate = load("UST3M")
    columbus = at(rate, "2010-10-11")
    assert rate.flagged[columbus]
    assert rate.close[columbus] == rate.close[columbus - 1]
    assert not (rate.flagged[1:] & rate.flagged[:-1]).any()
    assert int(rate.flagged.sum()) == 74
    long = load("UST30Y")
    assert len(long.between(parse_day("2002-02-19"), parse_day("2006-02-08"))) == 0


def test_index_snapshot_row_is_dropped() -> None:
    assert iso(int(load("NASDAQ").days[-1])) == "2022-11-07"
    assert iso(int(load("DJI").days[-1])) == "2022-11-07"


def test_windows_include_both_ends() -> None:
    series = load("SP500", parse_day("1987-10-16"), parse_day("1987-10-20"))
    assert [date_of(int(day)).day for day in series.days] == [16, 19, 20]
    assert len(load("SP500", parse_day("1987-10-17"), parse_day("1987-10-18"))) == 0


def test_loaded_arrays_cannot_be_written_to() -> None:
    with pytest.raises(ValueError):
        load("SP500").close[0] = 1.0
    with pytest.raises(ValueError):
        load("SP500", 0, 20_000).close[0] = 1.0


def test_unknown_symbols_get_a_near_match() -> None:
    with pytest.raises(UserError) as caught:
        load("SP50")
    assert "SP500" in caught.value.help


def copy_of_data(folder: Path) -> Path:
    shutil.copytree(data_dir(), folder / "data")
    return folder / "data"


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda p: p.unlink(), "missing"),
        (lambda p: p.write_bytes(p.read_bytes()[:-1000]), "truncated"),
        (lambda p: p.write_bytes(b""), "truncated"),
        (lambda p: p.write_bytes(p.read_bytes()[:-9] + b"x" + p.read_bytes()[-8:]), "corrupt"),
        (lambda p: p.write_bytes(p.read_bytes() + b"x"), "corrupt"),
        (lambda p: (p.unlink(), p.mkdir()), "cannot be read"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, damage: object, word: str) -> None:
    folder = copy_of_data(tmp_path)
    damaged = folder / "sp500.parquet"
    assert callable(damage)
    damage(damaged)
    with pytest.raises(UserError) as caught:
        load("SP500", catalogue=load_catalogue(folder))
    assert word in caught.value.message
    assert str(damaged) in caught.value.message
    assert "seawall data verify" in caught.value.help
    assert len(load("VIX", catalogue=load_catalogue(folder))) == 8678


def test_feeds_table_lists_every_file() -> None:
    folder = Path(__file__).resolve().parents[2] / "engine" / "feeds"
    ports = {"spec", "book", "kept"}  # quotes, and what a live system keeps: none ships
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", *ports}
    assert {feed.name for feed in FEEDS} == files
    embedded = next(feed for feed in FEEDS if feed.name == "embedded")
    assert math.isclose(float(embedded.load("SP500", None, None, {}).close[0]), 165.37)
