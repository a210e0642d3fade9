"""The pictures of how near limits came to acting hold the shares that stand in limits.parquet."""

import json
import re
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd
import pytest
from test_page import Reader

from engine.report.page.blocks import Facet, Fig, Track
from engine.report.page.facets import facet
from engine.report.page.page import page_files
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions, Outcome

ROOT = Path(__file__).resolve().parents[2]
CRISES = ("1987-black-monday", "2020-covid")


@cache
def made() -> tuple[Outcome, str]:
    options = DryrunOptions(files=(ROOT / "strategies.yaml",), crises=CRISES, out=Path(mkdtemp()))
    outcome = dryrun(options, render=page_files)
    return outcome, (outcome.folder / "report.html").read_text(encoding="utf-8")


def test_limits_of_which_little_was_used_stand_in_a_fold_of_their_own():
    outcome, html = made()
    most = {}
    for limit in (x for run in outcome.summary["runs"] for x in run["limits"]):
        if limit["most_used"] is not None:
            most[limit["name"]] = max(limit["most_used"], most.get(limit["name"], 0.0))
    fold = re.search(r'<details id="far">(.*?)</details>', html, re.S)[1]
    far = set(re.findall(r'<p class="says">([\w.]+):', fold))
    assert far == {name for name, share in most.items() if share <= 0.1}
    assert far and far != set(most)


def values(packed):
    decimals, *changes = packed
    whole, found = 0, []
    for change in changes:
        whole += change or 0
        found.append(None if change is None else whole / 10.0**decimals)
    return found


def test_each_limit_has_a_picture_for_each_crisis_in_which_it_was_measured():
    outcome, html = made()
    shown = {of for _, of, _ in Reader(html).figures}
    most = {}
    for k, run in enumerate(outcome.summary["runs"]):
        for j, limit in enumerate(run["limits"]):
            if limit["most_used"] is not None:
                rows = most.setdefault((limit["name"], run["crisis"]), [])
                rows.append((limit["most_used"], f"/runs/{k}/limits/{j}/most_used"))
    assert len(most) > 10
    for rows in most.values():
        best = max(share for share, _ in rows)
        assert any(of in shown for share, of in rows if share == best)
    assert html.count('<figure class="facet"') == len(most)


def test_the_shares_to_hover_are_those_of_the_table():
    outcome, html = made()
    island = json.loads(re.search(r'id="chart-data">(.*?)</script>', html, re.S)[1])
    table = pd.read_parquet(outcome.folder / "limits.parquet").astype(
        {"strategy": str, "crisis": str, "limit": str}
    )
    told = dict(iter(table.groupby(["limit", "crisis"])))
    for found in (told["house.daily_loss", "2020-covid"], told["house.gross_cap", "2020-covid"]):
        runs = [g for _, g in found.groupby("strategy")]
        facets = [f for f in island["facets"].values() if _is_of(f, island, runs)]
        assert len(facets) == 1


def _is_of(found, island, runs):
    """Whether a facet's tracks are these runs' shares, to four digits; equal ones stand once."""
    days, *tracks = found
    days = island["pool"][days]
    courses = set()
    for _, bars, at in tracks:
        shares = values(island["pool"][at])
        places = range(len(shares)) if bars is None else bars
        courses.add(tuple((days[b], _round(v)) for b, v in zip(places, shares, strict=True)))
    wanted = {tuple((str(d), _round(v)) for d, v in zip(g.date, g.used, strict=True)) for g in runs}
    near = [{tuple(d for d, _ in c) for c in some} for some in (courses, wanted)]
    if near[0] != near[1]:
        return False
    flat = [sorted(x for c in some for x in c) for some in (courses, wanted)]
    return len(flat[0]) == len(flat[1]) and all(
        a[0] == b[0] and a[1] == pytest.approx(b[1], abs=2e-3) for a, b in zip(*flat, strict=True)
    )


def _round(value):
    return None if value is None or value != value else round(value, 9)


def test_what_is_not_drawn_is_said_in_words():
    text = " ".join(" ".join(Reader(made()[1]).texts).split())
    assert "all of it was used in" in text
    options = DryrunOptions(
        files=(ROOT / "strategies.yaml",),
        strategies=("fade",),
        crises=("2020-covid",),
        out=Path(mkdtemp()),
    )
    html = (dryrun(options, render=page_files).folder / "report.html").read_text(encoding="utf-8")
    assert "Not drawn: house.adv_cap, as its numbers were never known" in html


def picture(*tracks: Track) -> str:
    fig = Fig(0.5, "percent", "/x")
    days = ("2020-01-02", "2020-01-03", "2020-01-06")
    return str(facet(Facet("near-0-0", "c", fig, "s", 'a "b"<c>', days, tracks)))


def test_a_gap_breaks_the_line_and_never_falls_to_zero():
    whole = picture(Track("s", None, (0.5, 0.75, 1.0)))
    gap = picture(Track("s", None, (0.5, None, 1.0)))
    line = re.search(r'class="ours" d="([^"]+)"', gap)[1]
    assert line.count("M") == 2
    assert re.search(r'class="ours" d="([^"]+)"', whole)[1].count("M") == 1


def test_heights_are_shares_of_one_scale_and_end_at_its_edge():
    found = picture(Track("s", (0, 1, 2), (0.0, 1.0, 9.0)))
    heights = [float(y) for y in re.findall(r"M[\d.]+ ([\d.]+)h0", found)]
    zero, full, edge = heights
    assert (zero - full) / (zero - edge) == pytest.approx(1.0 / 1.5, abs=0.01)
    acts = float(re.search(r'class="acts" d="M0 ([\d.]+)', found)[1])
    assert 2 * acts == pytest.approx(full, abs=0.5)
    assert "&lt;c&gt;" in found and "<c>" not in found
