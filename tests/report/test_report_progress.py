"""The progress bar: late, for people only, and gone at the end."""

import io

from engine.report import progress
from engine.report.glyphs import Screen
from engine.report.progress import ProgressBar, line


def test_short_work_draws_nothing():
    out = io.StringIO()
    bar = ProgressBar(out, Screen(), visible=True)
    bar(1, 2, "fade in 2008-gfc")
    bar.close()
    assert out.getvalue() == ""


def test_long_work_draws_and_wipes(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    out = io.StringIO()
    bar = ProgressBar(out, Screen(60), visible=True)
    bar(1, 2, "fade in 2008-gfc")
    assert "1 of 2  fade in 2008-gfc" in out.getvalue()
    bar.close()
    assert out.getvalue().endswith("\r" + " " * 59 + "\r")


def test_nobody_looking_nothing_drawn(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    out = io.StringIO()
    ProgressBar(out, Screen(), visible=False)(1, 2, "x")
    assert out.getvalue() == ""


def test_a_line_never_wraps_and_survives_a_growing_total():
    for width in (32, 80):
        for done, total in ((0, 0), (5, 3), (98, 98)):
            assert len(line(done, total, "a very long name " * 9, Screen(width))) == width - 1
