"""The page of a long and busy run: ten years, a thousand trades."""

import pytest

from engine.base.dates import iso
from engine.records.calendar import load_calendar
from engine.report.page.page import page_files
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions

RULE = """rules 1
strategy busy "In and out every other day" {
  clock 1d on xnys
  entry long go {
    when close > 0
    size 10% of equity
    because "any day will do"
  }
  exit out of go {
    when position.age >= 1 bars
    because "and out again"
  }
  stop hard at position.entry_price * 50%
}
"""
TEN_YEARS = 2_520
MB = 1_000_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    days = [d for d in load_calendar("xnys").days if iso(d) >= "2010-01-04"][:TEN_YEARS]
    rows = ["date,open,high,low,close,volume"]
    for k, day in enumerate(days):
        price = 100 + (k * 7919 % 1009) / 50
        rows.append(f"{iso(day)},{price:.2f},{price + 1:.2f},{price - 1:.2f},{price:.2f},9000000")
    (folder / "own.csv").write_text("\n".join(rows) + "\n")
    (folder / "busy.rule").write_text(RULE)
    options = DryrunOptions(
        files=(folder / "busy.rule",),
        data=folder / "own.csv",
        symbol="OWN",
        first=days[0],
        last=days[-1],
        out=folder / "runs",
    )
    return dryrun(options, render=page_files)


def test_a_long_report_stays_small(made):
    assert made.summary["runs"][0]["trades"] >= 1_000
    assert len((made.folder / "report.html").read_bytes()) < 10 * MB


def test_its_chart_holds_every_fill(made):
    text = (made.folder / "report.html").read_text(encoding="utf-8")
    assert text.count("entry of go") + text.count("exit of go") >= 2_000


def test_its_chart_is_thinned_to_the_screen(made):
    """The still picture does not grow with the bars."""
    text = (made.folder / "report.html").read_text(encoding="utf-8")
    start = text.index('<svg class="still"')
    assert text.index("</svg>", start) - start < 400_000
