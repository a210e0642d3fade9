"""The charts of the page: still ones read as XML, those to hover as the values they carry."""

import base64
import json
import random
import re
import subprocess
import sys
import zlib
from datetime import date, timedelta
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from page_samples import NASTY, chart, wander, weekdays

from engine.report.page.axes import date_ticks, extent, nice_step, thin, tick_label, ticks
from engine.report.page.chart import Band, Chart, Line, Panel
from engine.report.page.hover import chart_data, packed_plotly, scripts
from engine.report.page.svg import LEFT, POINTS, RIGHT, figure, spark, still


def tree(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(str(still(chart)))


def texts(root: ElementTree.Element, name: str) -> list[str]:
    found = (t for t in root.iter("text") if name in t.get("class", "").split())
    return ["".join(t.itertext()) for t in found]


def titles(root: ElementTree.Element, tag: str) -> list[str]:
    return [e.findtext("title") or "" for e in root.iter(tag)]


def points(data: str) -> list[tuple[float, float]]:
    """Where a path of M, l and h steps goes."""
    at, found = (0.0, 0.0), []
    for letter, body in re.findall(r"([Mlh])([^Mlh]*)", data):
        numbers = [float(n) for n in re.findall(r"-?\d+", body)]
        if letter == "M":
            at = (numbers[0], numbers[1])
            found.append(at)
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True) if letter == "l" else ():
            at = (at[0] + dx, at[1] + dy)
            found.append(at)
    return found


# ---------------------------------------------------------------- scales


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("most", [4, 5])
def test_ticks_are_round_few_and_reach_within_a_step_of_both_ends(seed, most):
    dice = random.Random(seed)
    low = dice.uniform(-1, 1) * 10 ** dice.randint(-6, 6)
    high = low + dice.uniform(0.01, 3) * 10 ** dice.randint(-2, 8)
    step, found = nice_step(high - low, most), ticks(low, high, most)
    assert 2 <= len(found) <= most + 1
    assert -step * 1e-6 <= found[0] - low <= step * 1.001
    assert -step * 1e-6 <= high - found[-1] <= step * 1.001
    assert f"{step:.0e}"[0] in "125" or f"{step:.1e}".startswith("2.5")
    assert all(abs(v / step - round(v / step)) < 1e-6 for v in found)


@pytest.mark.parametrize(
    ("value", "unit", "step", "text"),
    [
        (-0.1, "%", 0.05, "−10.0%"),
        (0.0, "%", 0.05, "0.0%"),
        (0.0025, "%", 0.0025, "0.25%"),
        (12000.0, "$", 500.0, "$12,000"),
        (-2500.0, "$", 500.0, "−$2,500"),
        (1.5, "$", 0.5, "$1.50"),
        (1250.0, "", 250.0, "1,250"),
        (-0.5, "", 0.5, "−0.5"),
    ],
)
def test_a_tick_reads_as_in_the_tables(value, unit, step, text):
    assert tick_label(value, unit, step) == text


def test_neighbouring_ticks_never_read_alike():
    for unit in ("$", "%", ""):
        for power in range(-5, 7):
            span = 3 * 10.0**power
            step = nice_step(span, 4)
            labels = [tick_label(v, unit, step) for v in ticks(span, 2 * span, 4)]
            assert len(set(labels)) == len(labels) > 1


@pytest.mark.parametrize("bars", [1, 2, 6, 25, 60, 250, 900, 2500, 12000])
def test_dates_are_iso_few_and_inside(bars):
    days = weekdays(bars, date(1980, 1, 3))
    found = date_ticks(days, 6)
    whole = (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days
    assert len(found) <= 6
    assert all(0 <= at <= whole and re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", t) for at, t in found)
    assert len(found) >= (2 if bars >= 6 else 0)
    for at, text in found:
        day = date.fromisoformat(days[0]) + timedelta(days=at)
        assert day.isoformat().startswith(text)
        assert len(text) == 10 or day.day == 1


def test_a_flat_line_and_none_at_all_have_a_scale():
    assert extent([5.0, 5.0]) == (4.95, 5.05)
    assert extent([0.0], with_zero=True) == (-0.01, 0.0)
    assert extent([]) == (0.0, 1.0)


@pytest.mark.parametrize("bars", [1, 2, 119, 120, 121, 122, 1000, 2500])
def test_thinning_keeps_the_ends_and_the_extremes_of_every_stretch(bars):
    values = wander(bars, bars)
    kept = thin(values, POINTS)
    assert len(kept) <= POINTS
    assert kept == sorted(set(kept))
    assert {0, bars - 1, values.index(min(values)), values.index(max(values))} <= set(kept)


# ---------------------------------------------------------------- still


@pytest.mark.parametrize("bars", [300, 2500])
def test_the_deepest_and_highest_points_stay_visible(bars):
    pane = chart(bars=bars, bands=0, marks=0)
    paths = [p for p in tree(pane).iter("path") if "line" in p.get("class", "").split()]
    lines = [line for panel in pane.panels for line in panel.lines]
    assert len(paths) == len(lines)
    for path, drawn in zip(paths, lines, strict=True):
        ys = [y for _, y in points(path.get("d", ""))]
        xs = [x for x, _ in points(path.get("d", ""))]
        low = drawn.values.index(min(drawn.values)) / (bars - 1)
        share = (xs[ys.index(max(ys))] - xs[0]) / (xs[-1] - xs[0])
        assert share == pytest.approx(low, abs=0.01)
        assert len(ys) <= POINTS


def test_values_lie_where_the_scale_says():
    days = ("2008-01-01", "2008-01-02", "2008-01-05")
    panel = Panel("p", "", (Line("a", "ours", (0.0, 10.0, 5.0)),))
    path = next(p for p in tree(Chart("c", "", days, (panel,))).iter("path")
                if "line" in p.get("class", ""))  # fmt: skip
    (a, b, c) = points(path.get("d", ""))
    assert (b[0] - a[0]) / (c[0] - a[0]) == pytest.approx(1 / 4, abs=0.002)
    assert (c[1] - a[1]) / (b[1] - a[1]) == pytest.approx(1 / 2, abs=0.005)


@pytest.mark.parametrize(("bars", "marks"), [(300, 18), (2500, 200)])
def test_every_mark_and_every_band_is_there(bars, marks):
    pane = chart(bars=bars, marks=marks)
    root = tree(pane)
    assert sorted(titles(root, "use")) == sorted(m.text for m in pane.panels[0].marks)
    rects = [r for r in root.iter("rect") if r.get("class") == "band"]
    assert [t.split(",")[0] for t in titles(root, "rect")] == [b.label for b in pane.bands]
    hatches = {p.get("id") for p in root.iter("pattern")}
    assert {r.get("fill") for r in rects} == {f"url(#{h})" for h in hatches}
    assert set(texts(root, "b")) == {b.label for b in pane.bands}
    assert [r.get("height") for r in rects] == [rects[0].get("height")] * len(pane.bands)


def test_a_band_reaches_half_way_to_the_days_around_it():
    days = ("2008-01-01", "2008-01-02", "2008-01-03", "2008-01-04", "2008-01-05")
    panel = Panel("p", "", (Line("a", "ours", (1.0, 2.0, 3.0, 4.0, 5.0)),))
    pane = Chart("c", "", days, (panel,), (Band(1, 2, "limit", "pause"),))
    rect = next(tree(pane).iter("rect"))
    assert float(rect.get("x")) == pytest.approx(LEFT + (RIGHT - LEFT) * 0.5 / 4, abs=0.1)
    assert float(rect.get("width")) == pytest.approx((RIGHT - LEFT) * 2 / 4, abs=0.1)
    assert rect.findtext("title") == "limit, 2008-01-02 to 2008-01-03"


def test_labels_never_lie_on_each_other():
    pane = chart(bands=12)
    boxes = [(float(t.get("x")), float(t.get("y")), "end" in t.get("class"), len(t.text))
             for t in tree(pane).iter("text") if "b" in t.get("class").split()]  # fmt: skip
    spans = [(y, x - n * 6.5, x) if end else (y, x, x + n * 6.5) for x, y, end, n in boxes]
    for n, (y, left, right) in enumerate(spans):
        for other, start, end in spans[n + 1 :]:
            assert y != other or right <= start or end <= left


def test_a_missing_value_breaks_the_line_and_a_lone_point_is_seen():
    days = weekdays(7)
    values = (1.0, 2.0, None, float("nan"), 3.0, None, 2.5)
    root = tree(Chart("c", "", days, (Panel("p", "", (Line("a", "ours", values),), fill=True),)))
    paths = {p.get("class"): p.get("d", "") for p in root.iter("path")}
    assert paths["ours line"].count("M") == 3
    assert paths["ours line"].count("h0") == 2
    assert paths["ours area"].count("z") == 3


def test_panels_without_values_and_charts_of_one_day_are_drawn():
    empty = Panel("nothing", "$", (Line("a", "ours", (None, None)),))
    assert "no values" in "".join(tree(Chart("c", "", weekdays(2), (empty,))).itertext())
    one = Panel("one", "%", (Line("a", "ours", (0.0,)),), fill=True)
    root = tree(Chart("c", "", ("2008-10-10",), (one,), (Band(0, 0, "limit", "halt"),)))
    assert texts(root, "x") == ["2008-10-10"]
    assert ElementTree.fromstring(str(still(Chart("c", "", (), ())))).tag == "svg"


def test_lines_are_told_apart_without_colour():
    values = wander(30, 1)
    lines = tuple(Line(n, "price", values) for n in ("SP500", "NDX", "TLT", "GLD", "USO", "VIX"))
    root = tree(Chart("c", "", weekdays(30), (Panel("closes", "", lines),)))
    classes = [p.get("class") for p in root.iter("path") if "line" in p.get("class").split()]
    assert len(set(classes)) == 6
    both = tree(chart(marks=0, bands=0)).iter("path")
    assert {"ours line", "other line dashed", "held line"} <= {p.get("class") for p in both}


def test_the_axes_have_units_and_the_picture_a_text():
    root = tree(chart())
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Our equity fell less than the index."
    levels = texts(root, "y")
    assert any(re.fullmatch(r"\$\d+,\d{3}", t) for t in levels)
    assert any(re.fullmatch(r"−\d+\.\d%", t) for t in levels)
    assert [t[: t.index("▲")] for t in texts(root, "t") if "▲" in t] == ["SP500, close"]


def test_names_are_text_and_never_markup():
    pane = chart(id='a"b', name=NASTY)
    root = ElementTree.fromstring(str(figure(pane)))
    assert root.get("data-chart") == root.get("id") == 'a"b'
    assert NASTY in "".join(root.itertext())
    assert {e.tag for e in root.iter()}.isdisjoint({"script", "b"})


def test_pictures_are_small():
    assert len(still(chart(marks=10, bands=3))) < 9_000
    assert len(still(chart(bars=2500, marks=10, bands=3))) < 10_000
    values, held = wander(400, 1), wander(400, 2)
    assert len(spark(values, held, 50_000, 150_000)) < 400
    assert len(spark(values, None, 50_000, 150_000)) < 250


def test_sparks_on_one_scale_can_be_compared():
    def heights(*args):
        path = list(ElementTree.fromstring(str(spark(*args))))[-1]
        return [y for _, y in points(path.get("d"))]

    assert heights([1.0, 2.0], None, 0.0, 4.0) == [28, 20]
    assert heights([-9.0, 9.0], None, 0.0, 4.0) == [37, 3]
    assert heights([1.0, 1.0], None, 0.0, 2.0) == [20, 20]
    assert heights([1.0, None, 2.0], [1.5, 1.5, 1.5], 1.0, 2.0) == [37, 3]


# ---------------------------------------------------------------- to hover


def unpacked(packed: list) -> list:
    """What charts.js makes of packed values."""
    decimals, whole, values = packed[0], 0, []
    for change in packed[1:]:
        whole += change or 0
        values.append(None if change is None else whole / 10.0**decimals)
    return values


@pytest.mark.parametrize("scale", [1e-7, 0.02, 1.0, 1565.0, 1e5, 3e9])
@pytest.mark.parametrize(("unit", "share"), [("$", 5.1e-7), ("%", 5.1e-5)])
def test_values_come_back_as_exact_as_they_are_shown(scale, unit, share):
    values = (*wander(300, 5, scale), None, -scale, 0.0, float("nan"))
    pane = Chart("c", "", weekdays(304), (Panel("p", unit, (Line("a", "ours", values),)),))
    data = json.loads(chart_data([pane]))
    back = unpacked(data["pool"][data["charts"][0]["panels"][0]["lines"][0]["values"]])
    near = max(values[:300]) * share
    assert back[-4:] == [None, pytest.approx(-scale, abs=near), 0.0, None]
    assert back[:300] == pytest.approx(values[:300], abs=near)


def test_what_charts_share_is_stored_once():
    one, two = chart("one"), chart("two")
    data = json.loads(chart_data([one, two]))
    alone = json.loads(chart_data([one]))
    assert data["pool"] == alone["pool"]
    assert len(alone["pool"]) == 1 + 7
    assert [c["id"] for c in data["charts"]] == ["one", "two"]
    assert data["pool"][data["charts"][1]["days"]] == list(one.days)


def test_the_island_says_all_that_the_chart_says():
    pane = chart()
    row = json.loads(chart_data([pane]))["charts"][0]
    assert row["bands"] == [[b.first, b.last, b.label, b.kind] for b in pane.bands]
    marks = row["panels"][0]["marks"]
    assert [(m[0], m[2], m[3]) for m in marks] == [
        (m.bar, m.sign, m.text) for m in pane.panels[0].marks
    ]
    assert [m[1] for m in marks] == pytest.approx([m.level for m in pane.panels[0].marks], rel=1e-5)
    assert [[li["name"] for li in p["lines"]] for p in row["panels"]] == [
        [li.name for li in p.lines] for p in pane.panels
    ]
    assert (row["alt"], row["panels"][2]["unit"], row["panels"][2]["fill"]) == (pane.alt, "%", True)


def test_no_name_ends_the_island():
    text = chart_data([chart(name=NASTY)])
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text)["charts"][0]["panels"][1]["lines"][0]["name"] == NASTY


def test_plotly_is_packed_and_its_package_stays_unimported():
    letters = packed_plotly()
    assert re.fullmatch(r"[A-Za-z0-9+/]+=*", letters)
    assert len(letters) < 2_500_000
    source = files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")
    assert zlib.decompress(base64.b64decode(letters)).decode() == source
    assert "window.Plotly" in source
    code = "import sys, engine.report.page.hover as h; h.packed_plotly(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "engine.report.page.hover" in done.stdout.split()
    assert "plotly" not in done.stdout.split()


def test_a_page_without_charts_carries_no_scripts():
    assert scripts([]) == ""
