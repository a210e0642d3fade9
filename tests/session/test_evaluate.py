"""One expression over one series."""

from pathlib import Path

import pytest

from engine.base.diagnostics import RuleErrors
from engine.base.errors import UserError
from engine.session.evaluate import evaluate


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(
        "date,close\n2020-03-02,10\n2020-03-03,12\n2020-03-04,11\n2020-03-05,15\n2020-03-06,14\n"
        "2020-03-09,20\n"
    )
    return path


def test_a_number_and_its_warm_up(data: Path) -> None:
    assert evaluate("sma(close, 2 bars)", data) == [
        ("2020-03-02", None),
        ("2020-03-03", 11.0),
        ("2020-03-04", 11.5),
        ("2020-03-05", 13.0),
        ("2020-03-06", 14.5),
        ("2020-03-09", 17.0),
    ]


def test_a_condition_is_one_or_zero(data: Path) -> None:
    values = [v for _, v in evaluate("close > close[1]", data)]
    assert values == [None, 1.0, 0.0, 1.0, 0.0, 1.0]


def test_a_slower_clock_holds_its_last_completed_value(data: Path) -> None:
    # the first week is whole: the session before the file's first lies in the week before
    values = [v for _, v in evaluate("close on 1w", data)]
    assert values == [None, None, None, None, 14.0, 14.0]


def test_defines_of_the_library_are_at_hand(data: Path) -> None:
    values = [v for _, v in evaluate("zscore(close, 3 bars)", data)]
    assert values[:2] == [None, None]
    assert values[2] == pytest.approx(0.0)


def test_a_column_that_the_file_lacks_is_undefined(data: Path) -> None:
    assert {v for _, v in evaluate("high - low", data)} == {None}


def test_embedded_symbols_and_feeds_stand_on_their_own_dates() -> None:
    known = dict(evaluate("close", "VIX"))
    assert known["2008-11-20"] == pytest.approx(80.86)
    assert dict(evaluate("close of VIX", "SP500"))["2008-11-21"] == pytest.approx(80.86)


def test_mistakes_point_into_the_expression() -> None:
    with pytest.raises(RuleErrors) as caught:
        evaluate("1 +\n  sma(clos, 3 bars)", "SP500")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line, found.span.column) == ("SW201", 2, 7)
    with pytest.raises(RuleErrors):
        evaluate("sma(close,", "SP500")
    with pytest.raises(UserError, match="neither a file nor a known symbol"):
        evaluate("close", "SP5")
