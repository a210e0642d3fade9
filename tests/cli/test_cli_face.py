"""`import seawall`: the same engine from Python, on values that draw themselves."""

import dataclasses
import json
import math
import shutil
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import seawall
from engine.base.errors import UserError
from engine.base.spans import source
from engine.report.facts import cells_of
from engine.report.notebook.given import KNOWN, READERS, options_of
from engine.report.notebook.lines import HEIGHT, INSET, MOST, WIDTH, Point, scale_of, thinned
from engine.report.notebook.matrix import LINES, matrix
from engine.session.evaluate import evaluate as points_of
from engine.session.options import DryrunOptions

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> & ' {{ 7*7 }}"
RULE = """rules 1

strategy dips "TITLE" {
  clock 1d on xnys
  param depth = 4% in 1% .. 15%
  let mean = sma(close, 20 bars)

  entry long dip {
    when close < mean * (100% - depth)
    size 20% of equity
    order market
    because "TITLE"
  }
  exit back of dip {
    when close >= mean
    order market
    because "TITLE"
  }
  stop floor at position.entry_price * 92%
}
"""


class Page(HTMLParser):
    """Every tag, every attribute value and all text of a drawn value; fails on unclosed tags."""

    VOID = ("line", "polyline", "img", "br", "hr")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.values: list[str] = []
        self.names: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.values += [value or "" for _, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def drawn(value) -> Page:
    """A value's drawing, held to what every drawing keeps: no script, no handler, no outside."""
    page = Page(value._repr_html_())
    assert not {"script", "img", "iframe", "link", "object"} & set(page.tags)
    assert not [n for n in page.names if n.startswith("on") or n in ("src", "href")]
    assert page.tags[0] == "div" and page.text.strip()
    return page


@pytest.fixture(autouse=True)
def checkout(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """One strategy with data and without, for everything that only looks."""
    out = tmp_path_factory.mktemp("runs")
    files = [ROOT / "rules" / "vol_target.rule", ROOT / "rules" / "vix_defensive.rule"]
    return seawall.dryrun(files, crises=["1987-black-monday", "2008-gfc"], out=out)


# ---------------------------------------------------------------- names


def test_the_names_of_the_face_do_what_they_say():
    assert seawall.eval is seawall.evaluate
    assert "eval" not in seawall.__all__, "`from seawall import *` must not hide Python's own"
    for name in set(seawall.__all__) - {"__version__"}:
        assert getattr(seawall, name).__doc__


def test_every_option_of_a_dryrun_is_read():
    assert set(READERS) == set(KNOWN)
    assert set(KNOWN) == {f.name for f in dataclasses.fields(DryrunOptions)} - {"files"}


# ---------------------------------------------------------------- check


def test_check_returns_diagnostics(tmp_path):
    path = tmp_path / "x.rule"
    path.write_text("rules 1\nstrategy x {\n  let a = clse\n}\n")
    assert "SW201" in [d.code for d in seawall.check(path)]
    assert seawall.check("rules/sma_cross.rule") == []
    assert seawall.check(["rules/sma_cross.rule", "rules/crises.rule"]) == []


def test_findings_are_a_frozen_sequence(tmp_path):
    path = tmp_path / "x.rule"
    path.write_text("rules 1\nstrategy x {\n  let a = clse\n}\n")
    found = seawall.check(path)
    assert found and len(found) == len(list(found)) == 3
    assert found[0] in found and list(found[1:]) == list(found)[1:]
    assert found == list(found) == seawall.check(path) and found != []
    assert hash(found) == hash(seawall.check(path))
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.diagnostics = ()


def test_findings_as_a_frame_and_as_text(tmp_path, capsys):
    from engine.cli.main import main

    path = tmp_path / "x.rule"
    path.write_text("rules 1\nstrategy x {\n  let a = clse\n}\n")
    found = seawall.check(path)
    row = found.frame.set_index("code").loc["SW201"]
    assert (row["file"], row["line"], row["column"]) == (str(path), 3, 11)
    assert (row["severity"], row["help"]) == ("error", "did you mean `close`?")
    main(["check", str(path)])
    assert repr(found) == capsys.readouterr().out.rstrip("\n")


def test_no_findings_say_so_in_words():
    found = seawall.check("rules/sma_cross.rule")
    assert not found and len(found.frame) == 0 and "message" in found.frame
    assert repr(found) == "1 file: no findings"
    page = drawn(found)
    assert "1 file: no findings" in page.text and "good" in page.values
    assert "table" not in page.tags


def test_findings_draw_the_place_and_the_line(tmp_path):
    path = tmp_path / "x.rule"
    path.write_text(f'rules 1\nstrategy x "{HOSTILE}" {{\n  let a = clse\n}}\n')
    page = drawn(seawall.check(path))
    assert f"{path}:3:11" in page.text
    assert "did you mean `close`?" in page.text
    assert HOSTILE in page.text, "the source line of the strategy that never trades"


def test_a_line_that_cannot_be_shown_is_left_out(tmp_path):
    path = tmp_path / "x.rule"
    path.write_text("rules 1\nstrategy x {" + " " * 300 + "let a = clse\n}\n")
    found = seawall.check(path)
    page = drawn(found)
    assert "unknown name `clse`" in page.text
    assert "let a = " not in page.text


def test_strict_asks_for_tests(tmp_path):
    path = tmp_path / "dips.rule"
    path.write_text(RULE)
    assert seawall.check(path) == []
    assert [d.severity for d in seawall.check(path, strict=True)] == ["warning"]


# ---------------------------------------------------------------- load


def test_load_lists_what_will_run():
    setup = seawall.load()
    assert [s.name for s in setup.strategies][:2] == ["sma_cross", "fade"]
    assert len(setup.crises) == 14
    assert ("2008-gfc", "2007-10-01") in [(c.name, c.first) for c in setup.crises]
    assert [b.name for b in setup.limits] == ["house"] and "collar" in setup.limits[0].rows
    fade = setup.strategies[1]
    assert (fade.universe, fade.title) == (
        ("SP500",),
        "Buy two-sigma dips, sell the return to the mean",
    )
    assert [str(p) for p in fade.params] == ["n = 20 bars", "z_in = 2"]
    rows = setup.frame.set_index(["strategy", "param"])
    assert rows.loc[("fade", "n"), ["value", "low", "high"]].tolist() == [20, 10, 60]
    page = drawn(setup)
    assert "fade" in page.text and "2008-gfc" in page.text and "strategies.yaml" in page.text
    assert repr(setup).startswith("6 strategies, 10 limits and 14 crises from strategies.yaml\n")


def test_a_loaded_setup_repeats_its_options(tmp_path):
    given = {"strategies": "fade", "params": {"z_in": 1.5}, "limits": False, "out": tmp_path}
    setup = seawall.load(**given)
    assert [s.name for s in setup.strategies] == ["fade"] and setup.limits == ()
    assert dict(zip("nz", setup.strategies[0].params, strict=True))["z"].value == 1.5
    assert "no firm-wide limits" in drawn(setup).text
    run = setup.dryrun(crises="2018-q4")
    (row,) = run.summary["runs"]
    assert (row["strategy"], row["crisis"], row["params"]["z_in"]) == ("fade", "2018-q4", 1.5)
    assert row["without_limits"] is None and run.folder.parent == tmp_path
    assert setup.check() == []
    assert setup.why("fade", "SP500", "2018-12-03").limits == ()


def test_load_refuses_what_a_dryrun_refuses(tmp_path):
    path = tmp_path / "x.rule"
    path.write_text("rules 1\nstrategy x {\n  let a = clse\n}\n")
    with pytest.raises(Exception, match="SW201") as at_load:
        seawall.load(path)
    with pytest.raises(type(at_load.value), match="SW201"):
        seawall.dryrun(path, out=tmp_path)


# ---------------------------------------------------------------- dryrun


def test_dryrun_takes_plain_values(tmp_path):
    outcome = seawall.dryrun("rules/sma_cross.rule", crises=["2018-q4"], out=str(tmp_path / "r"))
    assert [r["crisis"] for r in outcome.summary["runs"]] == ["2018-q4"]
    assert (outcome.folder / "summary.json").exists()
    assert (outcome.folder / "report.html").exists()


def test_the_frame_is_summary_json(run):
    rows = json.loads((run.folder / "summary.json").read_text())["runs"]
    frame = run.frame
    assert len(frame) == len(rows) == 6
    for at, row in enumerate(rows):
        nested = {f"without_limits_{k}": v for k, v in (row["without_limits"] or {}).items()}
        nested |= {f"buy_and_hold_{k}": v for k, v in (row["buy_and_hold"] or {}).items()}
        for key, value in {**row, **nested, **row["ratios"]}.items():
            if isinstance(value, list | dict) and key not in ("symbols", "params", "waived"):
                continue
            if key not in ("without_limits", "buy_and_hold"):
                assert same(frame.loc[at, key], value), (at, key)
    assert frame["max_drawdown"].dtype == float and frame["trades"].dtype == int
    assert frame["start"].dtype.kind == "M"


def same(found, value) -> bool:
    if value is None:
        return bool(pd.isna(found))
    return found == (pd.Timestamp(value) if isinstance(found, pd.Timestamp) else value)


def test_the_matrix_is_drawdowns_by_strategy_and_crisis(run):
    matrix = run.matrix
    assert list(matrix.index) == ["vol_hold", "vix_guard", "portfolio"]
    assert list(matrix.columns) == ["1987-black-monday", "2008-gfc"]
    for row in run.summary["runs"]:
        assert same(matrix.loc[row["strategy"], row["crisis"]], row["max_drawdown"])
    assert math.isnan(matrix.loc["vix_guard", "1987-black-monday"])


@pytest.mark.filterwarnings("error")
def test_the_tables_are_the_files(run):
    equity = run.equity
    line = equity.loc["vol_hold", "2008-gfc"]["equity"]
    (row,) = [
        r for r in run.summary["runs"] if (r["strategy"], r["crisis"]) == ("vol_hold", "2008-gfc")
    ]
    assert len(line) == row["bars"] and line.index.name == "date"
    assert round(float(line.iloc[-1]), 2) == row["final_equity"]
    fall = float((line / line.cummax().clip(lower=row["start_equity"]) - 1).min())
    assert fall == pytest.approx(row["max_drawdown"], abs=1e-9)
    trips = run.trades.query("strategy == 'vol_hold' and crisis == '2008-gfc'")
    assert len(trips) == row["trades"]
    verdicts = run.verdicts.query("strategy == 'vol_hold' and crisis == '2008-gfc'")
    assert int(verdicts["outcome"].isin(["allowed", "clipped"]).sum()) == row["orders"]
    limits = run.limits.query("strategy == 'vol_hold' and crisis == '2008-gfc'")
    assert dict(zip(limits["name"], limits["fired"], strict=True)) == {
        x["name"]: x["fired"] for x in row["limits"]
    }
    held = run.expectations.query("strategy == 'vol_hold' and crisis == '2008-gfc'")["holds"]
    assert [None if pd.isna(h) else bool(h) for h in held] == [
        e["holds"] for e in row["expectations"]
    ]
    events = run.events.query("strategy == 'vol_hold' and crisis == '2008-gfc'")
    assert list(events["limit"]) == [e["limit"] for e in row["events"]] != []


def test_its_text_is_what_the_terminal_says_first(run):
    from engine.report.glyphs import Screen
    from engine.report.terminal import report

    printed = report(run.outcome, Screen(width=1000))
    assert repr(run) == "\n".join(run.sentences) == printed.split("\n\n")[0]
    assert run.passed == (run.summary["verdict"] == "pass")


def test_it_draws_the_survival_matrix(run):
    page = drawn(run)
    assert "no data" in page.text and "figure absent" in page.values
    assert all(s in page.text for s in run.sentences)
    for row in run.summary["runs"]:
        if row["max_drawdown"] is not None:
            assert f"{abs(row['max_drawdown']) * 100:.1f}%" in page.text
    lines = [v for v in page.values if v.count(",") > 5 and v[0].isdigit()]
    assert page.tags.count("polyline") == len(lines) == 2 + 2 * 5, "held twice, five runs twice"
    corners = [tuple(map(float, c.split(","))) for line in lines for c in line.split()]
    assert all(INSET <= x <= WIDTH - INSET and INSET <= y <= HEIGHT - INSET for x, y in corners)


def test_the_line_drawn_through_is_the_one_with_limits(run):
    grid = matrix(cells_of(run.summary), run.equity)
    (line,) = [x for x in grid.lines if x.name == "vix_guard"]
    box = line.boxes[[name for name, _ in grid.columns].index("2008-gfc")]
    held = grid.lines[0].boxes[1]
    everything = run.equity.xs("2008-gfc", level="crisis")[list(LINES)] / 1_000_000
    low, high = everything.min().min(), max(1.0, everything.max().max())
    ends = {name: everything.loc["vix_guard"][name].iloc[-1] for name in LINES}
    down = {k: INSET + (high - v) / (high - low) * (HEIGHT - 2 * INSET) for k, v in ends.items()}
    found = [float(corners.split(",")[-1]) for corners in (box.ours, box.bare)]
    assert found == pytest.approx([down["equity"], down["without_limits"]], abs=0.06)
    assert abs(found[0] - found[1]) > 0.2, "a run in which the two could be mixed up proves nothing"
    whole = run.equity.loc["portfolio", "2008-gfc"]["buy_and_hold"].iloc[-1] / 1_000_000
    end = INSET + (high - whole) / (high - low) * (HEIGHT - 2 * INSET)
    assert float(held.ours.split(",")[-1]) == pytest.approx(end, abs=0.06)


def test_a_run_whose_folder_is_gone_still_draws(tmp_path):
    run = seawall.dryrun("rules/sma_cross.rule", crises="2018-q4", out=tmp_path)
    before = run._repr_html_()
    shutil.rmtree(run.folder)
    assert run._repr_html_() == before and len(run.equity)


def test_texts_of_rule_files_are_never_markup(tmp_path):
    path = tmp_path / "dips.rule"
    path.write_text(RULE.replace("TITLE", HOSTILE))
    setup = seawall.load(path, crises="2008-gfc", out=tmp_path)
    run = setup.dryrun()
    refused = run.verdicts.query("outcome == 'blocked'").iloc[0]
    why = setup.why("dips.dip", refused["symbol"], refused["date"])
    assert HOSTILE in drawn(setup).text and HOSTILE in drawn(why).text
    assert HOSTILE in drawn(run).values, "the row's title says what the strategy does"


def test_nothing_but_missing_data_draws_too(tmp_path):
    run = seawall.dryrun("rules/vix_defensive.rule", crises="1987-black-monday", out=tmp_path)
    assert not run.passed
    assert len(run.equity) == len(run.trades) == len(run.verdicts) == 0
    assert "polyline" not in drawn(run).tags
    assert run.frame["max_drawdown"].isna().all() and run.frame["return"].dtype == float
    assert repr(run) == "vix_guard has no data in 1987-black-monday."


def test_a_setup_without_crises_says_what_to_do(tmp_path):
    path = tmp_path / "strategies.yaml"
    rule = ROOT / "rules" / "sma_cross.rule"
    path.write_text(f"version: 1\nstrategies:\n  - {{name: one, rules: {rule}}}\n")
    setup = seawall.load(path)
    assert setup.crises == () and "one" in drawn(setup).text
    with pytest.raises(UserError, match="no crisis to replay"):
        setup.dryrun(out=tmp_path)
    own = setup.dryrun(first="2018-09-17", last=date(2018, 12, 31), out=tmp_path)
    assert list(own.matrix.columns) == ["2018-09-17..2018-12-31"]


# ---------------------------------------------------------------- evaluate and why


def test_evaluate_returns_a_series():
    series = seawall.evaluate("sma(close, 2 bars)", "SP500")
    assert math.isnan(series.iloc[0]) and not math.isnan(series.iloc[1])
    assert (series.name, series.index.name) == ("sma(close, 2 bars)", "date")
    points = points_of("sma(close, 2 bars)", "SP500")
    assert [d.date().isoformat() for d in series.index] == [day for day, _ in points]
    assert series.tolist()[1:] == [value for _, value in points][1:]
    truth = seawall.evaluate("close > sma(close, 2 bars)", "SP500")
    assert set(truth.dropna()) == {0.0, 1.0} and math.isnan(truth.iloc[0])


def test_why_takes_a_text_or_a_date():
    one = seawall.why("sma_cross.golden", "SP500", "2018-12-03")
    two = seawall.why("sma_cross.golden", "SP500", date(2018, 12, 3))
    assert one == two == seawall.why("sma_cross.golden", "SP500", pd.Timestamp("2018-12-03"))
    assert [r.name for r in one.rules] == ["golden"]


def test_why_draws_the_words_of_the_terminal(capsys):
    from engine.cli.main import main

    answer = seawall.why("fade", "SP500", "2008-10-10")
    main(["why", "fade", "SP500", "2008-10-10"])
    flat = " ".join(capsys.readouterr().out.split())
    assert " ".join(repr(answer).split()) == flat
    page = drawn(answer)
    assert all(word in page.text for word in flat.split())
    assert page.tags.count("details") == 3, "entry and exit trees, and the switches"


# ---------------------------------------------------------------- mistakes


def test_mistakes_raise_what_the_command_prints():
    with pytest.raises(UserError, match="fadee"):
        seawall.why("fadee", "SP500", "2018-12-03")


@pytest.mark.parametrize(
    ("given", "message", "help"),
    [
        ({"crisis": "2008-gfc"}, "`crisis` is no option", "did you mean `crises`?"),
        ({"crises": "2008-gfcc"}, "no crisis `2008-gfcc`", "did you mean `2008-gfc`?"),
        ({"crises": [2008]}, "`2008` is no name", "quotes"),
        ({"first": "soon"}, "`soon` is no date", "2020-03-16"),
        ({"last": 17000}, "`17000` is no date", "2020-03-16"),
        ({"cash": "much"}, "`much` is no amount", "cash="),
        ({"cash": True}, "`True` is no amount", "cash="),
        ({"limits": "no"}, "`no` is neither", "limits=False"),
        ({"out": 3}, "`3` is no path", "quotes"),
        ({"params": 30}, "`30` is no name", "quotes"),
        ({"params": {"n": 30}}, "no param `n`", "fast"),
        ({"runner": "fast"}, "no runner `fast`", "njit"),
    ],
)
def test_an_option_that_cannot_be_read(given, message, help):
    with pytest.raises(UserError, match=message) as problem:
        seawall.dryrun("rules/sma_cross.rule", **given)
    assert help in problem.value.help


def test_a_bad_date_of_why_is_said():
    with pytest.raises(UserError, match="`2018-13-03` is no date"):
        seawall.why("sma_cross", "SP500", "2018-13-03")


def test_what_is_none_is_unsaid():
    assert options_of((), dict.fromkeys(KNOWN)) == DryrunOptions()


# ---------------------------------------------------------------- lines


def test_thinning_keeps_the_ends_and_every_extreme():
    values = [math.sin(k / 7) * (k % 13) for k in range(500)]
    points = [Point(k, v) for k, v in enumerate(values)]
    kept = thinned(points)
    assert len(kept) <= MOST + 2 and kept == sorted(set(kept))
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert {min(values), max(values)} <= {p.value for p in kept}
    assert thinned(points[:MOST]) == points[:MOST]


def test_a_scale_holds_every_line_and_the_start():
    scale = scale_of([[Point(3, 0.5), Point(9, 0.8)], []])
    assert (scale.first, scale.last, scale.low, scale.high) == (3, 9, 0.5, 1.0)
    assert scale.corners([Point(3, 0.5), Point(9, 1.0)]) == "2.0,24.0 82.0,2.0"
    assert scale.corners([Point(3, 0.5)]) == ""
    flat = scale_of([])
    assert flat.corners([Point(0, 1.0), Point(0, 1.0)]).count(",") == 2


def test_the_source_of_a_finding_may_be_gone(tmp_path):
    path = tmp_path / "x.rule"
    path.write_text("rules 1\nstrategy x {\n  let a = clse\n}\n")
    found = dataclasses.replace(seawall.check(path), sources={str(path): source(str(path), "")})
    assert "unknown name `clse`" in drawn(found).text
