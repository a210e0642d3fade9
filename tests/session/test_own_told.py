"""Own data end to end: dividends and splits in the summary, times of minutes in the tables."""

from pathlib import Path

import pandas as pd

from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions
from tests.session.test_own_files import RULE, bars, put, weekdays

ONE = "files: {MINE: mine.csv}"


def run(folder: Path, data: str = ONE) -> tuple[dict[str, object], Path]:
    """The summary of one strategy on own data, and the run's folder."""
    path = put(folder, data, universe="[MINE]")
    options = DryrunOptions(files=(path,), runner="python", limits=False, out=folder / "runs")
    outcome = dryrun(options)
    (told,) = outcome.summary["runs"]  # type: ignore[misc]
    return told, outcome.folder


def test_a_split_and_a_dividend_are_booked_and_told(tmp_path: Path) -> None:
    """Ten shares bought on 16 September become twenty on the 18th, which get 0.5 each a day on."""
    (tmp_path / "plain.rule").write_text(RULE)
    days = [str(d) for d in weekdays()]
    cut = days.index("2008-09-18")
    bars(tmp_path / "mine.csv", [(200 + 2 * n) / (2 if n >= cut else 1) for n in range(len(days))])
    head, *rows = (tmp_path / "mine.csv").read_text().splitlines()
    said = {cut: ",2,", cut + 1: ",,0.5"}
    lines = [head + ",split,dividend", *(row + said.get(k, ",,") for k, row in enumerate(rows))]
    (tmp_path / "mine.csv").write_text("\n".join(lines))
    told, _ = run(tmp_path)
    assert (told["trades"], told["dividends"]) == (1, 10.0)
    begun = days.index("2008-09-16")
    last = days.index("2008-09-30")
    gain = 20 * (200 + 2 * last) / 2 - 10 * (200 + 2 * begun)
    assert told["final_equity"] == 100_000 + gain + 10
    notices = " ".join(told["notices"])  # type: ignore[arg-type]
    assert "MINE: raw prices, with 1 split and 1 dividend booked in this window" in notices
    assert "dividends left out" not in notices


def test_tables_of_minutes_tell_times_and_those_of_days_do_not(tmp_path: Path) -> None:
    (tmp_path / "plain.rule").write_text(RULE.replace("clock 1d", "clock 2h"))
    days = [d for d in weekdays() if str(d) >= "2008-09-08"]
    rows = [
        f"{d} {at},{c},{c + 1},{c - 1},{c},900"
        for k, d in enumerate(days)
        for at, c in (("11:30", 100 + k), ("13:30", 101 + k), ("15:30", 99 + k), ("16:00", 98 + k))
    ]
    (tmp_path / "mine.csv").write_text("\n".join(["date,open,high,low,close,volume", *rows]))
    told, made = run(tmp_path, f"{ONE}\n  options: {{bars: 2h, stamp: close}}")
    assert told["trades"]
    line = pd.read_parquet(made / "equity.parquet")
    assert line["time"][:5].tolist() == ["11:30", "13:30", "15:30", "16:00", "11:30"]
    trips = pd.read_parquet(made / "trades.parquet")
    assert list(trips.columns[6:10]) == ["first", "first_time", "last", "last_time"]
    assert set(trips["first_time"]) <= {"11:30", "13:30", "15:30", "16:00"}
    (tmp_path / "plain.rule").write_text(RULE)
    bars(tmp_path / "mine.csv", [100 + n for n in range(99)])
    _, made = run(tmp_path)
    assert "time" not in pd.read_parquet(made / "equity.parquet").columns
