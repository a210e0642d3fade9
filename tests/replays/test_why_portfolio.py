"""`why --portfolio` tells what happened in the run that holds every strategy in one account."""

import json
import re
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from engine.base.dates import parse_day
from engine.base.errors import UserError
from engine.report.page.page import page_files
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions, Outcome
from engine.session.why import why

SETUP = Path(__file__).resolve().parents[2] / "strategies.yaml"
CRISIS = "2018-q4"


@cache
def made() -> Outcome:
    options = DryrunOptions(files=(SETUP,), crises=(CRISIS,), out=Path(mkdtemp()))
    return dryrun(options, render=page_files)


def verdicts(strategy: str) -> list[dict[str, Any]]:
    lines = (made().folder / "verdicts.jsonl").read_text().splitlines()
    return [v for v in map(json.loads, lines) if v["strategy"] == strategy]


def ask(book: str, symbol: str, date: str, **more: Any) -> Any:
    options = DryrunOptions(files=(SETUP,), crises=(CRISIS,))
    return why(book, more.pop("rule", None), symbol, parse_day(date), options, **more)


def test_its_orders_are_those_of_the_portfolio() -> None:
    every = verdicts("portfolio")
    keys = ("book", "symbol", "date")
    asked = list(dict.fromkeys(tuple(v[k] for k in keys) for v in every))
    chosen = asked[:: max(1, len(asked) // 8)]
    assert len({book for book, _, _ in chosen}) > 2
    for book, symbol, date in chosen:
        report = ask(book, symbol, date, portfolio=True)
        rows = [v for v in every if tuple(v[k] for k in keys) == (book, symbol, date)]
        wanted = [{k: x for k, x in v.items() if k not in ("strategy", "crisis")} for v in rows]
        assert json.loads(json.dumps(report.verdicts)) == wanted
        assert book not in report.beside
        assert len(report.beside) == 5


def test_its_account_is_its_book_in_the_whole() -> None:
    alone, shared = (ask("fade", "SP500", "2018-12-24", portfolio=p) for p in (False, True))
    assert (alone.beside, "whole account" in alone.account) == ((), False)
    assert shared.account["whole account"] > 900_000.0 > 2 * shared.account["equity"]
    assert [r.name for r in shared.rules] == [r.name for r in alone.rules]
    assert [x.name for x in shared.limits] == [x.name for x in alone.limits]


def test_every_trade_of_the_portfolio_has_its_line_on_the_page() -> None:
    outcome = made()
    html = (outcome.folder / "report.html").read_text(encoding="utf-8")
    row = next(r for r in outcome.summary["runs"] if r["strategy"] == "portfolio")
    lines = re.findall(r"seawall why (\S+) (\S+) (\S+) --portfolio<", html)
    assert len(lines) == row["trades"] > 10
    for book, symbol, date in dict.fromkeys(lines[:6]):
        report = ask(book, symbol, date, portfolio=True)
        sent = [v for v in report.verdicts if v["outcome"] in ("allowed", "clipped")]
        assert sent, (book, symbol, date)


def test_who_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="no strategy `fadee`"):
        ask("fadee", "SP500", "2018-12-24", portfolio=True)
    with pytest.raises(UserError, match="fade does not trade `JPM` here"):
        ask("fade", "JPM", "2018-12-24", portfolio=True)
    with pytest.raises(UserError, match="has no rule `dipp`"):
        ask("fade", "SP500", "2018-12-24", rule="dipp", portfolio=True)


LIMITED = """rules 1
strategy up "up" {
  clock 1d on xnys
  entry long a { when close > $0 size 60% of equity order market because "x" }
}
limits desk {
  limit gross on order clip qty to (50% of equity - exposure.gross) / order.price because "half"
}
"""


def test_limits_see_what_the_others_hold(tmp_path: Path) -> None:
    (tmp_path / "up.rule").write_text(LIMITED.partition("limits")[0])
    (tmp_path / "desk.rule").write_text("rules 1\nlimits" + LIMITED.partition("limits")[2])
    (tmp_path / "one.rule").write_text(
        'rules 1\nscenario "one" "One" { replay 2018-10-01 .. 2018-10-31 }\n'
    )
    entry = "  - {{name: {0}, rules: up.rule, universe: [SP500], capital: 1}}\n"
    (tmp_path / "strategies.yaml").write_text(
        "version: 1\nlimits: [desk.rule]\nstrategies:\n"
        + entry.format("first")
        + entry.format("second")
        + "scenarios: [one.rule]\n"
    )
    options = DryrunOptions(files=(tmp_path / "strategies.yaml",))
    day = parse_day("2018-10-01")
    outcomes = {
        (name, p): [v["outcome"] for v in why(name, "a", "SP500", day, options, p).verdicts]
        for name in ("first", "second")
        for p in (False, True)
    }
    assert outcomes["first", False] == outcomes["second", False] == ["clipped"]
    assert outcomes["first", True] == ["allowed"]  # 30% of the whole, of the 50% there are
    assert outcomes["second", True] == ["clipped"]  # what the first one leaves
