"""What the pictures of limits tell on hover: what their script reads, and what it says in a real
browser, where one is installed, held to limits.parquet."""

import json
import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd
import pytest
from test_page_opened import CHROMIUM, opened

from engine.report.page.facets import HEIGHT, WIDTH
from engine.report.page.page import page_files
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = (ROOT / "engine/report/templates/facets.js").read_text(encoding="utf-8")

PROBE = """<script>
addEventListener("error", (e) => console.log("FAULT " + e.message));
const said = (figure) => figure.querySelector(".told")?.textContent ?? null;
const hair = (figure) => figure.querySelector(".hair")?.getAttribute("d") ?? null;
const at = (figure, across) => {
  const box = figure.querySelector(".near").getBoundingClientRect();
  const clientX = box.left + (box.width * (2 + 156 * across)) / 160;
  figure.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY: box.top + 9 }));
  return [said(figure), hair(figure)];
};
const press = (figure, key, shiftKey = false) => {
  figure.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, cancelable: true }));
  return [said(figure), hair(figure)];
};
addEventListener("load", () => setTimeout(() => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const told = [...document.querySelectorAll(".facet")].map((figure) => {
    const found = { id: figure.dataset.facet, before: said(figure) };
    found.pointed = [0, 0.31, 0.5, 0.77, 1].map((across) => at(figure, across));
    figure.dispatchEvent(new PointerEvent("pointerleave"));
    found.left = [said(figure), hair(figure)];
    delete figure.dataset.bar;
    found.keys = [press(figure, "ArrowRight"), press(figure, "ArrowRight", true)];
    found.back = press(figure, "ArrowLeft", true);
    found.escaped = press(figure, "Escape");
    press(figure, "ArrowRight");
    figure.dispatchEvent(new FocusEvent("blur"));
    found.blurred = said(figure);
    return found;
  });
  const pre = Object.assign(document.createElement("pre"), { id: "told" });
  pre.textContent = JSON.stringify(told);
  document.body.append(pre);
}, 100));
</script>"""


@cache
def report() -> Path:
    options = DryrunOptions(
        files=(ROOT / "strategies.yaml",), crises=("2020-covid",), out=Path(mkdtemp())
    )
    return dryrun(options, render=page_files).folder / "report.html"


@cache
def page() -> str:
    return report().read_text(encoding="utf-8")


@cache
def island() -> dict:
    return json.loads(re.search(r'id="chart-data">(.*?)</script>', page(), re.S)[1])


def limit_of(id: str) -> str:
    """The limit whose pictures a facet is among, by the sentence above them."""
    before = page()[: page().index(f'data-facet="{id}"')]
    return re.findall(r'<p class="says">([\w.]+): ', before)[-1]


# ---------------------------------------------------------------- what the script reads


def test_each_picture_has_what_its_script_reads():
    drawn = re.findall(
        r'<figure class="facet" data-facet="([^"]+)" tabindex="0">.*?<svg class="near"', page()
    )
    facets, pool = island()["facets"], island()["pool"]
    assert drawn == list(facets) and len(drawn) > 5
    for days, *tracks in facets.values():
        assert pool[days] == sorted(pool[days]), "dates in order"
        assert tracks
        for names, bars, at in tracks:
            decimals, *shares = pool[at]
            places = list(range(len(pool[days]))) if bars is None else bars
            assert isinstance(names, str) and names
            assert decimals == 3
            assert len(shares) == len(places)
            assert places == sorted(places) and 0 <= places[0] <= places[-1] < len(pool[days])


def test_the_script_and_the_still_picture_agree_where_a_day_is():
    edge, wide = map(int, re.search(r"EDGE = (\d+), WIDE = (\d+)", SCRIPT).groups())
    foot = int(re.search(r"} 0V(\d+)`", SCRIPT)[1])
    assert (wide, foot) == (WIDTH, HEIGHT - 2)
    viewed = re.findall(r'<svg class="near" viewBox="0 0 (\d+) \d+"', page())
    assert set(viewed) == {str(wide)}
    lines = re.findall(r'<svg class="near".*?class="ours" d="M(\d+) \d+l([^"]*)"', page())
    assert len(lines) > 2
    for first, steps in lines:
        across = [int(n) for n in re.findall(r"-?\d+", steps)[::2]]
        assert int(first) == 2 * edge, "a line begins on the first day, in half units"
        assert int(first) + sum(across) == 2 * (wide - edge), "and ends on the last"


def test_the_script_asks_for_nothing_that_is_not_on_the_page():
    asked = set(re.findall(r'querySelector(?:All)?\("\.([\w-]+)"\)', SCRIPT))
    made = set(re.findall(r'(?:className = |setAttribute\("class", )"([\w-]+)"', SCRIPT))
    assert asked == {"near", "hair", "told", "facet"}
    assert all(name in made or f'class="{name}"' in page() for name in asked)
    assert set(re.findall(r'getElementById\("([\w-]+)"\)', SCRIPT)) == {"chart-data"}


# ---------------------------------------------------------------- what it says


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_a_browser_tells_the_shares_of_the_day_under_the_pointer(tmp_path):
    trial = tmp_path / "trial.html"
    shutil.copy(report(), trial)
    with trial.open("a", encoding="utf-8") as file:
        file.write(PROBE)
    document, console = opened(trial, "limits", 1200, tmp_path)
    assert console == []
    told = json.loads(unescaped(re.search(r'<pre id="told">(.*?)</pre>', document, re.S)[1]))
    table = pd.read_parquet(report().parent / "limits.parquet")
    table = table.assign(**{c: table[c].astype(str) for c in ("strategy", "limit", "date")})
    assert [t["id"] for t in told] == list(island()["facets"])
    days_told = 0
    for one in told:
        rows = table[table.limit == limit_of(one["id"])]
        days = island()["pool"][island()["facets"][one["id"]][0]]
        assert one["before"] is None
        assert one["left"] == one["escaped"] == [None, None]
        assert one["blurred"] is None
        for text, hair in [*one["pointed"], *one["keys"], one["back"]]:
            day, *lines = text.split("\n")
            across = float(re.fullmatch(r"M([\d.]+) 0V58", hair)[1])
            assert across == pytest.approx(2 + 156 * days.index(day) / (len(days) - 1), abs=0.06)
            agree(lines, rows[rows.date == day])
            days_told += 1
        if rows["at"].eq("closes").all():
            dates = [text.split("\n")[0] for text, _ in one["pointed"]]
            assert dates == [days[round(f * (len(days) - 1))] for f in (0, 0.31, 0.5, 0.77, 1)]
            assert [t.split("\n")[0] for t, _ in one["keys"]] == [days[0], days[10]]
            assert one["back"][0].startswith(days[0])
        else:
            assert {t.split("\n")[0] for t, _ in one["pointed"]} <= set(rows.date)
    print(f"{len(told)} pictures told {days_told} days")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def agree(lines: list[str], rows: pd.DataFrame) -> None:
    """Whether the lines told are the largest shares of that day, run by run."""
    known = rows[rows.used.notna()].groupby("strategy").used.max().to_dict()
    told = {}
    for line in lines:
        names, share = line.rsplit(" ", 1)
        told[names] = float(share.removesuffix("%").replace(",", "")) / 100
    for name, share in known.items():
        mine = [s for names, s in told.items() if name in re.split(r", | and ", names)]
        near = pytest.approx(share, abs=6e-4)
        assert all(s == near for s in mine)
        assert any(s == near for s in told.values()), "also of those behind `and 2 more`"
    for share in told.values():
        assert any(share == pytest.approx(s, abs=6e-4) for s in known.values())
