"""The cache of fetched bars: whole or absent, verified on reading; its feed stays offline."""

import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.base.errors import UserError
from engine.feeds import FEEDS, yfinance
from engine.feeds.net.cache import About, Cached, files, place, read, write
from engine.feeds.net.sources import SOURCES, source_of
from engine.feeds.net.spec import ADJUSTS
from engine.lang.setup_keys import ADJUSTS as ADJUST_KEYS
from engine.lang.setup_keys import FEEDS as FEED_KEYS
from engine.records.instrument import COLUMNS
from tests.feeds.loopback import price, sessions

DAYS = sessions("2023-03-01", "2023-04-28")


def about(ticker: str = "KRE") -> About:
    return About(
        source="yfinance",
        ticker=ticker,
        adjust="split",
        options={},
        first=DAYS[0],
        last=DAYS[-1],
        fetched=DAYS[-1] + 9,
        zone="America/New_York",
        currency="USD",
        kind="etf",
        notes=("one: “odd” thing",),
        dividends=((DAYS[3], 0.25),),
        splits=((DAYS[4], 2.0),),
    )


def cached(ticker: str = "KRE") -> Cached:
    close = np.array([price(d) for d in DAYS])
    columns = {"open": close - 0.5, "high": close + 1, "low": close - 1, "close": close}
    columns["volume"] = np.where(np.arange(len(DAYS)) % 3 == 0, math.nan, 1e6)
    return Cached(about(ticker), np.array(DAYS, dtype=np.int32), columns)


def test_what_is_written_is_read_to_the_bit(tmp_path: Path) -> None:
    held = cached()
    path = write(tmp_path, held)
    found = read(path)
    assert found is not None
    assert found.about == held.about
    assert found.days.tolist() == DAYS
    for name in COLUMNS:
        assert found.columns[name].tobytes() == held.columns[name].tobytes()
    assert list(files(tmp_path)) == [path]


def test_it_is_parquet_that_others_can_read(tmp_path: Path) -> None:
    table = pq.read_table(write(tmp_path, cached()))
    assert table.column_names == ["day", *COLUMNS]
    assert table.num_rows == len(DAYS)


def test_nothing_but_the_file_is_left_and_a_second_write_replaces_it(tmp_path: Path) -> None:
    path = write(tmp_path, cached())
    held = cached()
    write(tmp_path, replace(held, about=replace(held.about, zone="Europe/London")))
    assert os.listdir(path.parent) == [path.name]
    found = read(path)
    assert found is not None
    assert found.about.zone == "Europe/London"


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, cached())
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.feeds.net.cache.os.replace", refuse)
    with pytest.raises(UserError, match="No space left"):
        write(tmp_path, cached())
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write(tmp_path / "file", cached())


def test_no_file_is_no_bars(tmp_path: Path) -> None:
    assert read(tmp_path / "absent.parquet") is None


FIXTURE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=150, deadline=None, suppress_health_check=FIXTURE)
@given(st.data())
def test_any_damage_is_found(tmp_path: Path, data: st.DataObject) -> None:
    """Cut short or with one byte changed: refused, or the same bars, never others."""
    path = write(tmp_path, cached())
    harmed = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(harmed) - 1))
    if data.draw(st.booleans()):
        harmed = harmed[:at]
    else:
        harmed[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(harmed))
    try:
        found = read(path)
    except UserError as problem:
        assert "damaged" in problem.message
        assert "data fetch" in problem.help
        return
    assert found is not None
    assert found.about == about()
    assert found.days.tobytes() == cached().days.tobytes()
    for name in COLUMNS:
        assert found.columns[name].tobytes() == cached().columns[name].tobytes()


@given(st.text(min_size=1, max_size=20))
def test_any_ticker_makes_a_plain_file_inside_the_folder(ticker: str) -> None:
    try:
        ticker.encode()
    except UnicodeEncodeError:
        return
    folder = Path("cache")
    path = place(folder, "yfinance", ticker, "split", {})
    assert path.parent == folder / "yfinance"
    assert path.name.endswith(".split.parquet")


def test_settings_of_a_source_have_files_of_their_own() -> None:
    one = place(Path(), "alpaca", "JPM", "raw", {"feed": "iex"})
    other = place(Path(), "alpaca", "JPM", "raw", {"feed": "sip"})
    assert (one.name, other.name) == ("JPM.raw-iex.parquet", "JPM.raw-sip.parquet")


def test_the_feed_reads_the_cache_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, cached())
    feed = next(feed for feed in FEEDS if feed.name == "yfinance")
    series = feed.load("KRE", DAYS[2], DAYS[5], {"cache": str(tmp_path)})
    assert series.days.tolist() == DAYS[2:6]
    assert series.instrument.kind == "etf"
    with pytest.raises(UserError) as caught:
        feed.load("SPY", None, None, {"cache": str(tmp_path)})
    assert "seawall data fetch --source yfinance SPY" in caught.value.help


def test_tables_agree() -> None:
    assert set(FEED_KEYS) == {feed.name for feed in FEEDS}
    assert {s.name for s in SOURCES} == {feed.name for feed in FEEDS if feed.network}
    assert set(ADJUST_KEYS) == set(ADJUSTS)
    assert all(set(s.adjusts) <= set(ADJUSTS) for s in SOURCES)
    assert yfinance.SOURCE is source_of("yfinance")
    with pytest.raises(UserError, match="no source"):
        source_of("yahoo")
