"""A user's own file: each mistake is found in its row, nothing is guessed, nothing raises."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.base.dates import iso, parse_day
from engine.base.errors import UserError
from engine.feeds import FEEDS
from engine.feeds.csv import read_csv
from engine.feeds.own.checks import likely_split
from engine.feeds.own.finding import MOST_OF_A_KIND, Finding
from engine.feeds.own.groups import MANY, grouped
from engine.records.calendar import load_calendar
from engine.records.series import Series

HEAD = "date,open,high,low,close,volume\n"
MONDAY = "2020-03-02,100,103,99,101,1000\n"
TUESDAY = "2020-03-03,101,104,100,102,1100\n"
WEDNESDAY = "2020-03-04,102,105,101,103,1200\n"
GOOD = HEAD + MONDAY + TUESDAY + WEDNESDAY


def read(
    tmp_path: Path, text: str | bytes, **options: object
) -> tuple[Series | None, list[Finding]]:
    path = tmp_path / "own.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_csv(path, "OWN", **options)  # type: ignore[arg-type]


def test_a_good_file_has_no_findings(tmp_path: Path) -> None:
    series, findings = read(tmp_path, GOOD)
    assert findings == []
    assert series is not None
    assert [iso(int(d)) for d in series.days] == ["2020-03-02", "2020-03-03", "2020-03-04"]
    assert series.close.tolist() == [101, 102, 103]
    assert series.volume.tolist() == [1000, 1100, 1200]
    assert series.real_open.all()
    assert series.has_range.all()
    assert series.instrument.column_names == ("open", "high", "low", "close", "volume")
    (span,) = series.instrument.spans
    assert (iso(span.first), iso(span.last)) == ("2020-03-02", "2020-03-04")
    assert (span.real_open, span.high_low, span.volume) == (True, True, True)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("date,open", " Date , OPEN "),
        GOOD.replace(",", ", "),
        GOOD.rstrip("\n"),
        GOOD.replace("\n", "\n\n"),
        GOOD.replace("2020-03-02,", "2020-03-02T00:00:00,"),
        GOOD.replace("2020-03-02,", "2020-03-02 00:00:00-05:00,"),
        GOOD.replace("2020-03-02,", '"2020-03-02",'),
        GOOD.replace("volume", "Vol"),
        GOOD.replace("100,103", "1.00e2,103"),
    ],
)
def test_harmless_variants_read_the_same(tmp_path: Path, text: str) -> None:
    series, findings = read(tmp_path, text)
    assert findings == []
    assert series is not None
    assert series.close.tolist() == [101, 102, 103]


ERRORS: list[tuple[str, str, int, str, str]] = [
    ("empty file", "", 1, "empty", "the file is empty"),
    ("blank lines only", "\n \n", 1, "empty", "the file is empty"),
    ("header only", HEAD, 1, "empty", "no row holds a usable session"),
    ("no header", MONDAY + TUESDAY, 1, "header", "the first row holds data"),
    ("semicolons", GOOD.replace(",", ";"), 1, "delimiter", "semicolon"),
    ("tabs", GOOD.replace(",", "\t"), 1, "delimiter", "tab"),
    ("no close", GOOD.replace("close", "clsoe"), 1, "header", "no close column"),
    ("no date", GOOD.replace("date", "dtae"), 1, "header", "no date column"),
    ("close twice", GOOD.replace("open", "close"), 1, "header", "2 columns named `close`"),
    ("US date", HEAD + MONDAY + "03/03/2020,1,1,1,1,1\n", 3, "value", "no date"),
    ("packed date", HEAD + "20200302,1,1,1,1,1\n", 2, "value", "no date"),
    ("impossible date", HEAD + "2020-02-30,1,1,1,1,1\n", 2, "value", "no date"),
    ("blank date", HEAD + ",1,1,1,1,1\n", 2, "value", "no date"),
    ("UTC midnight", HEAD + "2020-03-03T00:00:00+00:00,1,1,1,1,1\n", 2, "value", "2020-03-02 in"),
    ("word", HEAD + MONDAY + "2020-03-03,1,1,1,abc,1\n", 3, "value", "close is `abc`"),
    ("thousands", HEAD + '2020-03-02,1,1,1,"1,000",1\n', 2, "value", "no number"),
    ("currency", HEAD + "2020-03-02,1,1,1,$5,1\n", 2, "value", "no number"),
    ("infinity", HEAD + "2020-03-02,1,1,1,inf,1\n", 2, "value", "no number"),
    ("overflow", HEAD + "2020-03-02,1,1,1,1e999,1\n", 2, "value", "no number"),
    ("underscore", HEAD + "2020-03-02,1,1,1,1_0,1\n", 2, "value", "no number"),
    ("zero price", HEAD + "2020-03-02,1,1,1,0,1\n", 2, "value", "above zero"),
    ("negative price", HEAD + "2020-03-02,1,1,-1,1,1\n", 2, "value", "above zero"),
    ("negative volume", HEAD + "2020-03-02,1,1,1,1,-1\n", 2, "value", "zero or more"),
    ("high too low", HEAD + MONDAY + "2020-03-03,5,5,4,6,1\n", 3, "range", "the high 5 is below 6"),
    ("low too high", HEAD + "2020-03-02,5,9,6,7,1\n", 2, "range", "the low 6 is above 5"),
    ("crossed", "date,high,low,close\n2020-03-02,5,6,5\n", 2, "range", "the low 6 is above 5"),
    ("duplicate", GOOD + WEDNESDAY, 5, "duplicate", "stands in row 4 already"),
    ("out of order", HEAD + TUESDAY + MONDAY + WEDNESDAY, 3, "order", "comes after 2020-03-03"),
    ("short row", HEAD + MONDAY + "2020-03-03,1,1\n", 3, "cells", "3 cells where the header has 6"),
    ("long row", HEAD + MONDAY.replace("\n", ",9\n"), 2, "cells", "7 cells"),
    ("open quote", HEAD + MONDAY + '"2020-03-03,1,1,1,1,1\n', 3, "csv", "no CSV row"),
    ("weekend only", HEAD + "2020-03-01,1,1,1,1,1\n", 1, "empty", "no row holds"),
]


@pytest.mark.parametrize(
    ("text", "row", "kind", "words"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS]
)
def test_errors_name_their_row_and_refuse_the_file(
    tmp_path: Path, text: str, row: int, kind: str, words: str
) -> None:
    series, findings = read(tmp_path, text)
    assert series is None
    errors = [f for f in findings if f.severity == "error"]
    assert (errors[0].kind, errors[0].row) == (kind, row)
    assert words in errors[0].message
    assert errors[0].help


WARNINGS: list[tuple[str, str, int, str, str]] = [
    ("weekend", GOOD + "2020-03-07,1,200,1,100,1\n", 5, "session", "Saturday 2020-03-07"),
    ("holiday", HEAD + MONDAY + "2020-04-10,1,200,1,100,1\n", 3, "session", "no xnys session"),
    ("gap", HEAD + MONDAY + "2020-03-05,100,105,99,101,1\n", 3, "gap", "2 sessions are missing"),
    ("one gap", HEAD + MONDAY + WEDNESDAY, 3, "gap", "1 session is missing"),
    ("split", HEAD + MONDAY + "2020-03-03,50,51,50,50.5,1\n", 3, "split", "2 for 1"),
    ("tenfold", HEAD + MONDAY + "2020-03-03,1000,1100,1000,1010,1\n", 3, "split", "1 for 10"),
    ("jump", HEAD + MONDAY + "2020-03-03,170,180,160,170,1\n", 3, "jump", "+68% in a day"),
    ("blank close", GOOD.replace("102,1100", "null,1100"), 3, "blank", "left out"),
    ("newest first", HEAD + WEDNESDAY + TUESDAY + MONDAY, 2, "order", "newest first"),
    ("before 1980", HEAD + "1975-03-03,1,1,1,1,1\n" + MONDAY, 2, "outside", "left out"),
    ("closes only", "date,close\n2020-03-02,1\n", 1, "header", "open, high, low, volume"),
]


@pytest.mark.parametrize(
    ("text", "row", "kind", "words"), [w[1:] for w in WARNINGS], ids=[w[0] for w in WARNINGS]
)
def test_warnings_name_their_row_and_keep_the_file(
    tmp_path: Path, text: str, row: int, kind: str, words: str
) -> None:
    series, findings = read(tmp_path, text)
    assert series is not None
    assert findings[0].severity == "warning"
    assert (findings[0].kind, findings[0].row) == (kind, row)
    assert words in findings[0].message


def test_missing_columns_get_a_near_match(tmp_path: Path) -> None:
    _, findings = read(tmp_path, GOOD.replace("close", "clsoe"))
    assert "`mapping: {close: clsoe}`" in findings[0].help


def test_slash_dates_are_never_guessed(tmp_path: Path) -> None:
    text = "date,close\n03/04/2020,100\n"
    _, findings = read(tmp_path, text)
    assert findings[-1].severity == "error"
    assert "%m/%d/%Y" in findings[-1].help
    assert "%d/%m/%Y" in findings[-1].help
    series, _ = read(tmp_path, text, date_format="%m/%d/%Y")
    assert series is not None
    assert iso(int(series.days[0])) == "2020-03-04"
    day_first, _ = read(tmp_path, text.replace("03/04", "04/03"), date_format="%d/%m/%Y")
    assert day_first is not None
    assert day_first.days[0] == series.days[0]


def test_a_stated_format_is_the_only_one_accepted(tmp_path: Path) -> None:
    series, findings = read(tmp_path, GOOD, date_format="%d/%m/%Y")
    assert series is None
    assert findings[0].row == 2
    assert "16/03/2020" in findings[0].help


def test_mapping_names_other_headers(tmp_path: Path) -> None:
    text = GOOD.replace("close", "Schlusskurs")
    series, findings = read(tmp_path, text, mapping={"close": "Schlusskurs"})
    assert series is not None
    assert findings == []
    _, wrong = read(tmp_path, text, mapping={"close": "Schlusskurz"})
    assert "Schlusskurs" in wrong[0].help
    _, unknown = read(tmp_path, text, mapping={"clos": "Schlusskurs"})
    assert any("did you mean `close`" in f.help for f in unknown)


def test_close_only_files_leave_the_rest_unknown(tmp_path: Path) -> None:
    series, _ = read(tmp_path, "date,close\n2020-03-02,100\n2020-03-03,101\n")
    assert series is not None
    for column in (series.open, series.high, series.low, series.volume):
        assert np.isnan(column).all()
    assert not series.real_open.any()
    assert not series.has_range.any()
    assert series.instrument.column_names == ("close",)


def session_rows(count: int, row: str) -> str:
    days = load_calendar("xnys").sessions(parse_day("2019-01-01"), parse_day("2019-12-31"))
    return "".join(
        row.format(day=iso(d), price=100 + n, before=99 + n) for n, d in enumerate(days[:count])
    )


def test_repeated_opens_are_not_taken_as_real(tmp_path: Path) -> None:
    series, findings = read(tmp_path, HEAD + session_rows(30, "{day},{before},200,50,{price},1\n"))
    assert series is not None
    assert [f.kind for f in findings] == ["open"]
    assert not series.real_open.any()
    assert series.has_range.all()


def test_one_price_four_times_is_closes_only(tmp_path: Path) -> None:
    row = "{day},{price},{price},{price},{price},1\n"
    series, findings = read(tmp_path, HEAD + session_rows(30, row))
    assert series is not None
    assert [f.kind for f in findings] == ["range-flat"]
    assert np.isnan(series.high).all()
    assert not series.real_open.any()


def test_a_repeated_mistake_is_counted_not_repeated(tmp_path: Path) -> None:
    _, findings = read(tmp_path, HEAD + session_rows(100, "{day},1,1,1,abc,1\n"))
    assert len(findings) == MOST_OF_A_KIND + 1
    assert findings[-1].message == f"{100 - MOST_OF_A_KIND} more of the same kind after this row"


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    for text, row in ((GOOD.encode("utf-16"), 1), (GOOD.encode() + b"\xff\xff,1\n", 5)):
        series, findings = read(tmp_path, text)
        assert series is None
        assert (findings[0].kind, findings[0].row) == ("encoding", row)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delimiter": ";;"}, "delimiter"),
        ({"delimiter": ""}, "delimiter"),
        ({"date_format": "%Y-%m"}, "year, month and day"),
        ({"date_format": "nonsense"}, "year, month and day"),
        ({"date_format": "%Q"}, "year, month and day"),
        ({"date_format": "%"}, "year, month and day"),
    ],
)
def test_senseless_options_are_user_errors(
    tmp_path: Path, options: dict[str, object], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read(tmp_path, GOOD, **options)


def test_unreadable_paths_are_user_errors(tmp_path: Path) -> None:
    for path, said in (
        (tmp_path / "absent.csv", "there is no file"),
        (tmp_path, "is a folder"),
        (Path("bad\0name"), "cannot be read"),
    ):
        with pytest.raises(UserError, match=said):
            read_csv(path, "OWN")


def test_likely_splits() -> None:
    assert likely_split(2.03) == "2 for 1"
    assert likely_split(0.0985) == "1 for 10"
    assert likely_split(1.3) is None
    assert likely_split(1.0) is None


def test_the_feed_reads_a_file_and_tells_errors(tmp_path: Path) -> None:
    feed = next(feed for feed in FEEDS if feed.name == "csv")
    path = tmp_path / "own.csv"
    path.write_text(GOOD)
    series = feed.load("OWN", parse_day("2020-03-03"), None, {"file": str(path)})
    assert len(series) == 2
    path.write_text(HEAD + "2020-03-02,1,1,1,abc,1\n")
    with pytest.raises(UserError, match="row 2"):
        feed.load("OWN", None, None, {"file": str(path)})
    with pytest.raises(UserError, match="needs a file"):
        feed.load("OWN", None, None, {})


FUZZ = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CELLS = st.one_of(
    st.sampled_from(["", "1", "0", "-1", "nan", "1e308", "5e-324", "2020-03-02", "2020-03-03"]),
    st.text(max_size=12),
    st.dates().map(str),
    st.datetimes().map(str),
    st.floats().map(repr),
)
TABLES = st.lists(st.lists(CELLS, max_size=7).map(",".join), max_size=8).map("\n".join)


def judged(series: Series | None, findings: list[Finding]) -> None:
    errors = any(f.severity == "error" for f in findings)
    assert (series is None) is errors
    assert all(f.row >= 1 and f.message for f in findings)
    if series is not None:
        assert len(series)
        assert np.all(np.diff(series.days) > 0)
        assert np.all(np.isfinite(series.close))
        assert not math.isnan(float(series.close[0]))


@FUZZ
@given(data=st.one_of(st.binary(max_size=200), TABLES.map(lambda t: t.encode("utf-8", "replace"))))
def test_any_bytes_give_findings_never_a_traceback(tmp_path: Path, data: bytes) -> None:
    judged(*read(tmp_path, data))
    judged(*read(tmp_path, HEAD.encode() + data))
    judged(*read(tmp_path, GOOD.encode() + data))


@FUZZ
@given(form=st.text(max_size=8), delimiter=st.text(min_size=1, max_size=1), cell=CELLS)
def test_any_option_gives_findings_or_a_user_error(
    tmp_path: Path, form: str, delimiter: str, cell: str
) -> None:
    text = f"date{delimiter}close\n{cell}{delimiter}1\n".encode("utf-8", "replace")
    for date_format in (None, form, f"%Y{form}%m%d"):
        try:
            judged(*read(tmp_path, text, delimiter=delimiter, date_format=date_format))
        except UserError as problem:
            assert problem.message


def test_findings_of_a_kind_are_told_together(tmp_path: Path) -> None:
    _, findings = read(tmp_path, GOOD + "2020-03-07,1,1,1,1,1\n2020-03-08,1,1,1,1,1\n")
    assert grouped(findings) == [
        "2 rows on days without a session of the exchange are left out, first row 5, 2020-03-07; "
        "all in summary.json"
    ]
    assert grouped(findings[:1]) == [f"row 5: {findings[0].message}"]
    assert grouped([]) == []


def test_a_group_that_was_cut_short_knows_its_size(tmp_path: Path) -> None:
    text = HEAD + session_rows(100, "{day},1,1,1,,1\n") + MONDAY
    _, findings = read(tmp_path, text.replace("2020-03-02,100", "2021-03-02,100"))
    told = next(t for t in grouped(findings) if "without a close" in t)
    assert told.startswith("100 rows without a close are left out, first row 2, ")
    assert told.endswith(f"; the first {MOST_OF_A_KIND} in summary.json")


def test_kinds_that_are_told_together_exist() -> None:
    source = "".join(p.read_text() for p in Path("engine/feeds/own").glob("*.py"))
    assert all(f'warn("{kind}"' in source for kind in MANY)
