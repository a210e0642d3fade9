"""The charts to hover in a real browser, where one is installed."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from page_samples import NASTY, chart

from engine.report.page.chart import Chart
from engine.report.page.hover import scripts, styles
from engine.report.page.svg import figure

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --virtual-time-budget=120000 "
    "--enable-logging=stderr --v=0 --window-size=1000,900 --dump-dom"
)

PROBE = """<script>
addEventListener("error", (e) => console.log("FAULT " + e.message));
// The browser's clock runs ahead of its other threads: some sums keep it from running out.
let sums = 0;
function wait(turns) {
  for (let n = 0; n < 3e6; n++) sums += n % 7;
  if (turns && !document.querySelector(".drawn")) return setTimeout(wait, 20, turns - 1);
  const plot = document.querySelector(".plot");
  for (const key of ["ArrowRight", "ArrowRight", "End"]) {
    plot?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }
  setTimeout(tell, 1000);
}
setTimeout(wait, 500, TURNS);
function tell() {
  const told = {
    before: window.early, drawn: [...document.querySelectorAll(".drawn")].map((f) => f.id),
    said: document.querySelector(".said")?.textContent,
    lines: document.querySelectorAll("#near .scatterlayer .js-line").length,
    marks: document.querySelectorAll("#near .scatterlayer .point").length,
    bands: document.querySelectorAll("#near .barlayer .point").length,
    hover: document.querySelector("#near .hoverlayer")?.textContent,
    stills: document.querySelectorAll("svg.still").length,
    shown: getComputedStyle(document.querySelector("#near .still")).display,
  };
  const pre = Object.assign(document.createElement("pre"), { id: "told" });
  pre.textContent = JSON.stringify(told);
  document.body.append(pre);
}
</script>"""


def page(folder: Path, charts: list[Chart], turns: int, plotly: bool = True) -> Path:
    """A page with one chart in sight, one in a closed `details` and one far down."""
    tail = str(scripts(charts))
    if not plotly:
        tail = re.sub(r'(id="plotly-source">).*?(</script>)', r"\1AAAA\2", tail, flags=re.DOTALL)
    near, closed, far = (str(figure(c)) for c in charts)
    path = folder / "trial.html"
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>trial</title>'
        f"<style>{styles()}</style>{near}<details><summary>more</summary>{closed}</details>"
        f'<div style="height: 9000px"></div>{far}{PROBE.replace("TURNS", str(turns))}{tail}'
        "<script>window.early = 'Plotly' in window</script></html>",
        encoding="utf-8",
    )
    return path


def opened(path: Path) -> tuple[dict, str, list[str]]:
    """What the page says of itself, its document, and what it wrote to the console."""
    command = [
        CHROMIUM,
        *FLAGS.split(" "),
        f"--user-data-dir={path.parent / 'profile'}",
        path.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told, done.stdout[-2000:] + done.stderr[-2000:]
    console = [row for row in done.stderr.splitlines() if "CONSOLE" in row]
    return (
        json.loads(told[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")),
        (done.stdout),
        console,
    )


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_a_browser_draws_what_is_near_and_only_that(tmp_path):
    charts = [chart("near", 300, name=NASTY), chart("closed", 300), chart("far", 2500, 200)]
    told, document, console = opened(page(tmp_path, charts, 4000))
    assert console == []
    assert told["before"] is False, "plotly is not run while the page is read"
    assert told["drawn"] == ["near"]
    assert (told["lines"], told["marks"], told["bands"]) == (7, 18, 5)
    assert told["stills"] == 3, "the still pictures stay for paper"
    assert told["shown"] == "none"
    last = charts[0].panels[2].lines[2].values[-1]
    assert told["said"].startswith(charts[0].days[-1])
    assert f"below the peak, buy and hold −{-last:.1%}" in told["said"]
    assert charts[0].days[-1] in told["hover"]
    assert "alert('taken')" in told["hover"], "a name is shown as it is written"
    assert "<b onmouseover" not in document.split('id="plotly-source"')[0].split("<script>")[0]


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_the_still_picture_stays_where_plotly_does_not_start(tmp_path):
    charts = [chart("near", 300), chart("closed", 300), chart("far", 300)]
    told, _, _ = opened(page(tmp_path, charts, 200, plotly=False))
    assert told["drawn"] == []
    assert told["shown"] == "block"
    assert told["stills"] == 3
