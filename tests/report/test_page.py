"""The report page is read back: every figure on it is the one that the run's files hold."""

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from engine.report.page.page import page_files
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions, Outcome

ROOT = Path(__file__).resolve().parents[2]
CRISES = ("1987-black-monday", "2001-sept11", "2020-covid", "2025-tariffs")
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Reader(HTMLParser):
    """What a page holds: its figures, texts outside of scripts, attributes, and open folds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.figures: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self._figure: dict[str, str | None] | None = None
        self.feed(text)
        self.close()
        assert not self._open, f"unclosed: {self._open}"

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, k, v or "") for k, v in attrs]
        self.ids += [v for k, v in attrs if k == "id"]
        if tag == "data":
            self._figure = dict(attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.ids += [v for k, v in attrs if k == "id"]
        self.attributes += [(tag, k, v or "") for k, v in attrs]

    def handle_endtag(self, tag):
        assert self._open and self._open[-1] == tag, f"</{tag}> closes {self._open[-3:]}"
        self._open.pop()
        if tag == "data":
            self._figure = None

    def handle_data(self, text):
        if "script" in self._open:
            self.scripts.append(text)
        elif self._figure is not None:
            self.figures.append((self._figure["value"], self._figure["data-of"], text))
        elif not {"style", "svg", "pre", "title"} & set(self._open):
            self.texts.append(text)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Outcome:
    out = tmp_path_factory.mktemp("runs")
    options = DryrunOptions(files=(ROOT / "strategies.yaml",), crises=CRISES, out=out)
    return dryrun(options, render=page_files)


@pytest.fixture(scope="module")
def html(made) -> str:
    return (made.folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html) -> Reader:
    return Reader(html)


@pytest.fixture(scope="module")
def held(made) -> "Held":
    return Held(made.folder)


class Held:
    """The files of a run, by the addresses that the page gives its figures."""

    def __init__(self, folder: Path) -> None:
        self.summary = json.loads((folder / "summary.json").read_text())
        self.trades = pd.read_parquet(folder / "trades.parquet").to_dict("records")
        lines = (folder / "verdicts.jsonl").read_text().splitlines()
        self.verdicts = [json.loads(line) for line in lines]

    def value(self, of: str) -> float:
        return sum(self._one(part) for part in of.split(" "))

    def _one(self, of: str) -> float:
        if of.startswith("-"):
            return -self._one(of[1:])
        file, _, path = of.rpartition("#")
        found = {"": self.summary, "trades.parquet": self.trades, "verdicts.jsonl": self.verdicts}
        value = found[file]
        for step in path.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
        assert isinstance(value, int | float) and not isinstance(value, bool), of
        return value


# ---------------------------------------------------------------- figures


def test_every_figure_is_the_one_in_the_files(page, held):
    assert len(page.figures) > 500
    for value, of, _ in page.figures:
        assert float(value) == pytest.approx(held.value(of), rel=1e-12, abs=1e-15), of


def test_every_figure_is_written_as_its_value_rounded(page):
    for value, of, text in page.figures:
        assert _near(float(value), text), f"{of}: {value} is written {text}"


def _near(value: float, text: str) -> bool:
    """Whether a text is the value (as it stands, or in percent) rounded to the text's decimals."""
    bare = text.replace(",", "").replace("$", "").replace("−", "-").removesuffix("%")
    written = Decimal(bare)
    unit = Decimal(1).scaleb(written.as_tuple().exponent)
    half = unit * Decimal("0.5000001")
    scales = (100,) if text.endswith("%") else (1, 100)
    if "." not in bare and len(bare.lstrip("-")) > 6:
        half = max(half, abs(written) * Decimal("5e-6"))  # six significant digits
    exact = [Decimal(value) * s for s in scales]
    return any(abs(x - written) <= half for x in exact)


def test_the_rounding_check_can_fail():
    assert _near(-0.0489, "−4.9%") and not _near(-0.0489, "−4.8%")
    assert _near(1234.4, "$1,234") and not _near(1234.6, "$1,234")


def test_each_run_shows_its_headline_figures(page, held):
    shown = {of for _, of, _ in page.figures}
    for k, run in enumerate(held.summary["runs"]):
        if run["status"] == "no-data":
            continue
        for key in ("return", "max_drawdown", "trades"):
            assert f"/runs/{k}/{key}" in shown, (run["strategy"], run["crisis"], key)
        for variant in ("delayed", "doubled_costs"):
            assert f"/runs/{k}/sensitivity/{variant}/return" in shown


def test_every_trade_and_every_clip_is_there(page, held):
    shown = {of for _, of, _ in page.figures}
    for k in range(len(held.trades)):
        assert f"trades.parquet#/{k}/pnl" in shown
    cut = [k for k, v in enumerate(held.verdicts) if v["outcome"] in ("clipped", "denied")]
    assert cut, "the chosen crises clip orders"
    for k in cut:
        assert f"verdicts.jsonl#/{k}/asked" in shown


def test_every_expectation_and_switch_is_in_words(page, held):
    text = " ".join(" ".join(page.texts).split())
    for run in held.summary["runs"]:
        for expectation in run["expectations"]:
            assert expectation["text"] in text
            assert expectation["detail"] in text
        for event in run["events"]:
            assert event["date"] in text and event["limit"] in text


# ---------------------------------------------------------------- numbers outside of tables

HASH = re.compile(r"\b[0-9a-f]{16,64}\b")
DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
NUMBER = re.compile(r"−?\$?\d[\d,]*(?:\.\d+)?%?")


def test_numbers_in_sentences_come_from_the_files(page, made, held):
    """Whatever number stands in a sentence is a figure of the summary as one would write it, part
    of a text of the rule files, or a count of rows."""
    allowed = _spelled(held.summary) | _counts(held)
    manifest = json.loads((made.folder / "manifest.json").read_text())
    words = " ".join([*_strings(held.summary), *_strings(manifest), *_rule_texts()])
    words += json.dumps(manifest["settings"], ensure_ascii=False)
    tables = " ".join(map(str, [*held.trades, *held.verdicts]))
    days = set(DAY.findall(words)) | set(DAY.findall(tables)) | _dates(held.trades)
    allowed |= {n.strip(",.").lstrip("−") for n in NUMBER.findall(_bare(words))}
    for text in page.texts:
        assert set(DAY.findall(text)) <= days, text.strip()[:200]
        for found in NUMBER.findall(_bare(text)):
            bare = found.strip(",.").lstrip("−")
            assert bare in allowed, f"{found} in: {text.strip()[:200]}"


def _bare(text: str) -> str:
    """A text without hashes and days, which hold digits that stand for no figure."""
    return DAY.sub("", HASH.sub("", text))


def _dates(trades) -> set[str]:
    return {str(t[key]) for t in trades for key in ("first", "last")}


def _leaves(value):
    if isinstance(value, dict):
        for v in value.values():
            yield from _leaves(v)
    elif isinstance(value, list):
        for v in value:
            yield from _leaves(v)
    else:
        yield value


def _strings(value) -> list[str]:
    return [v for v in _leaves(value) if isinstance(v, str)]


def _spelled(summary) -> set[str]:
    """Each number of the summary as percent, points, money and count, signs apart."""
    numbers = [v for v in _leaves(summary) if isinstance(v, int | float)]
    for run in summary["runs"]:
        if run["return"] is not None and run["without_limits"]:
            numbers.append(run["return"] - run["without_limits"]["return"])
    found = set()
    for v in map(abs, numbers):
        found |= {f"{v * 100:,.1f}%", f"{v * 100:.1f}", f"{v:,.0f}", f"${v:,.0f}", f"${v:,.2f}"}
    return found


def _counts(held) -> set[str]:
    """Numbers of rows and sums that sentences count for themselves."""
    runs = held.summary["runs"]
    claims = [e["holds"] for r in runs for e in r["expectations"]]
    sizes = [claims.count(True), claims.count(False), len(runs)]
    sizes += [
        sum(r["status"] != "no-data" for r in runs),
        sum(r["status"] == "no-data" for r in runs),
    ]
    sizes += range(len(runs) + 1)  # so many runs or crises of them
    for name in {r["strategy"] for r in runs}:
        mine = [r for r in runs if r["strategy"] == name]
        for r in mine:
            at = (name, r["crisis"])
            trips = [t for t in held.trades if (t["strategy"], t["crisis"]) == at]
            judged = [v for v in held.verdicts if (v["strategy"], v["crisis"]) == at]
            sizes += [len(trips), sum(t["pnl"] > 0 for t in trips), r["orders"] + r["denied"]]
            outcomes = [v["outcome"] for v in judged]
            sizes += [outcomes.count(o) for o in set(outcomes)]
            refused = ("denied", "not shortable", "unsized", "zero")
            sizes.append(sum(o in refused for o in outcomes))
            sizes += _sums(r["funnel"])
            sizes += _groups(judged)
    found = {f"{n:,}" for n in sizes}
    for name in {x["name"] for r in runs for x in r["limits"]}:
        rows = [x for r in runs if r["strategy"] != "portfolio" for x in r["limits"]]
        worth = sum(x["saved"] or 0.0 for x in rows if x["name"] == name)
        found.add(f"{abs(worth) * 100:.1f}")
    found |= {f"{t.count(chr(10)):,}" for t in _rule_texts()}
    caps = [x["value"] for v in held.verdicts for x in v.get("limits", ())]
    found |= {f"{c:,.6g}" for c in caps if c is not None}
    # VaR level, sessions a year, SHA-256, upper edge of the pictures of limits
    return found | {"95%", "252", "256", "150%"}


def _sums(funnel) -> list[int]:
    """Funnel rows of one entry, summed over symbols."""
    keys = [k for row in funnel for k, v in row.items() if isinstance(v, int)]
    found = []
    for entry in {row["entry"] for row in funnel}:
        rows = [row for row in funnel if row["entry"] == entry]
        found += [sum(row[k] for row in rows) for k in set(keys)]
        for j in range(len(rows[0]["conditions"])):
            found.append(sum(row["conditions"][j]["true"] for row in rows))
    return found


def _groups(judged) -> list[int]:
    """Blocked orders of one book, side and switch."""
    blocked = [v for v in judged if v["outcome"] == "blocked"]
    kinds = [(v["book"], v["side"], v.get("switch")) for v in blocked]
    return [kinds.count(k) for k in set(kinds)]


def _rule_texts() -> list[str]:
    return [p.read_text() for p in sorted((ROOT / "rules").rglob("*.rule"))]


# ---------------------------------------------------------------- the page as a whole


def test_nothing_is_fetched(page):
    for tag, name, value in page.attributes:
        if name in ("src", "href", "srcset", "action", "poster", "data"):
            assert value.startswith(("#", "data:")), (tag, name, value[:80])
        if name == "style":
            assert "url(" not in value


def test_every_link_leads_somewhere(page):
    assert len(page.ids) == len(set(page.ids)), "places are unique"
    for _, name, value in page.attributes:
        if name == "href" and value.startswith("#"):
            assert value[1:] in page.ids, value


def test_the_first_words_answer_the_question(page):
    text = " ".join(" ".join(page.texts).split())
    assert "would not, by the expectations set." in text
    assert text.index("would have survived") < 300


def test_a_cell_without_data_says_why(page, held):
    text = " ".join(page.texts)
    assert "no data" in text
    whys = [v for tag, name, v in page.attributes if tag == "td" and name == "title"]
    empty = [r for r in held.summary["runs"] if r["status"] == "no-data"]
    assert empty
    for run in empty:
        assert run["notices"][0] in whys


def test_waived_limits_and_missing_dividends_stand_beside_the_run(page):
    text = " ".join(page.texts)
    assert "waived: house.vix_pause" in text
    assert "price return, dividends left out" in text
    assert "survivors only" in text


def test_the_same_result_gives_the_same_bytes(made, html, tmp_path):
    options = DryrunOptions(files=(ROOT / "strategies.yaml",), crises=CRISES, out=tmp_path)
    again = dryrun(options, render=page_files)
    assert (again.folder / "report.html").read_text(encoding="utf-8") == html


HOSTILE = """rules 1
strategy s "<script>alert(1)</script>" {
  clock 1d on xnys
  let odd = close
  # </pre></script><img src=x onerror=alert(2)>
  entry long go {
    when odd > odd[1]
    size 10% of equity
    because "</td><script>alert(3)</script>"
  }
  exit done of go {
    when position.age >= 2 bars
    because "'\\"><b>"
  }
}
scenario "2020-covid" "<img src=x onerror=alert(4)>" {
  replay 2020-02-03 .. 2020-04-30
  expect always drawdown <= 20%
}
"""


def test_text_from_rule_files_stays_text(tmp_path):
    rules = tmp_path / "s.rule"
    rules.write_text(HOSTILE.replace('because "\'\\"><b>"', 'because "\'><b>"'))
    yaml = tmp_path / "strategies.yaml"
    yaml.write_text(
        "version: 1\nstrategies:\n  - name: s\n    rules: s.rule\n    universe: [SP500]\n"
        "scenarios:\n  - s.rule\n"
    )
    options = DryrunOptions(files=(yaml,), out=tmp_path / "runs")
    made = dryrun(options, render=page_files)
    found = Reader((made.folder / "report.html").read_text(encoding="utf-8"))
    text = " ".join(found.texts)
    assert not [a for a in found.attributes if a[1].startswith("on")]
    assert not [a for a in found.attributes if a[0] == "img"]
    assert not [s for s in found.scripts if s.strip().startswith("alert(")]
    titles = [v for _, name, v in found.attributes if name == "title"]
    assert "<script>alert(1)</script>" in titles
    assert "<img src=x onerror=alert(4)>" in text


def test_own_bars_without_scenarios_make_a_page(tmp_path):
    bars = ["date,open,high,low,close,volume"]
    days = pd.bdate_range("2019-01-02", "2019-06-28")
    for k, day in enumerate(
        d for d in days if d.strftime("%m-%d") not in ("01-21", "02-18", "04-19", "05-27")
    ):
        price = 100 + 10 * ((k % 20) / 20)
        bars.append(f"{day:%Y-%m-%d},{price},{price + 1},{price - 1},{price},100000")
    (tmp_path / "own.csv").write_text("\n".join(bars) + "\n")
    options = DryrunOptions(
        files=(ROOT / "rules" / "dip_fade.rule",), data=tmp_path / "own.csv", symbol="OWN",
        out=tmp_path / "runs", first=17960, last=18070,
    )  # fmt: skip
    made = dryrun(options, render=page_files)
    found = Reader((made.folder / "report.html").read_text(encoding="utf-8"))
    assert "No expectation was put to the test." in " ".join(found.texts)


def test_the_tab_says_what_the_page_says(html, page):
    title = re.search(r"<title>(.*?)</title>", html)[1]
    assert title.startswith(re.search(r"<h1>(.*?)</h1>", html)[1])
