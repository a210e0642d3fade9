"""plotly.js is packed once and kept; what is kept is never trusted."""

import base64
import zlib

import pytest

from engine.report.page import hover

SOURCE = b"window.Plotly = {};\n" * 400


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The file that packing SOURCE leaves in an empty cache folder, and its letters."""
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path / "cache"))
    letters = hover._packed_script(SOURCE)
    (path,) = (tmp_path / "cache").iterdir()
    return path, letters


def test_what_is_kept_is_used(kept, monkeypatch):
    path, letters = kept
    assert path.read_text() == letters
    assert zlib.decompress(base64.b64decode(letters)) == SOURCE
    monkeypatch.setattr(zlib, "compress", None)
    assert hover._packed_script(SOURCE) == letters


def packed(source: bytes) -> str:
    return base64.b64encode(zlib.compress(source, 9)).decode()


@pytest.mark.parametrize(
    "damage",
    [
        lambda letters: "",
        lambda letters: letters[: len(letters) // 8 * 4],
        lambda letters: "AAAA" + letters[4:],
        lambda letters: letters + "\n",
        lambda letters: letters + "</script>",
        lambda letters: "é" + letters,
        lambda letters: packed(b"alert(1)"),
        lambda letters: packed(SOURCE + b"alert(1)"),
        lambda letters: packed(SOURCE[:-1]),
        lambda letters: base64.b64encode(zlib.compress(SOURCE, 9) + b"more").decode(),
        lambda letters: base64.b64encode(zlib.compress(SOURCE, 9)[:-2]).decode(),
    ],
)
def test_what_is_not_this_script_is_packed_anew(kept, damage):
    path, letters = kept
    path.write_text(damage(letters), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != letters
    assert hover._packed_script(SOURCE) == letters
    assert path.read_text() == letters


def test_another_script_replaces_it(kept):
    path, letters = kept
    other = hover._packed_script(SOURCE + b"1")
    assert zlib.decompress(base64.b64decode(other)) == SOURCE + b"1"
    assert path.read_text() == other != letters


def test_a_folder_that_cannot_be_written_costs_only_time(kept, tmp_path, monkeypatch):
    _, letters = kept
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path / "file"))
    assert hover._packed_script(SOURCE) == letters


def packed_to(values, digits):
    return hover._packed(values, hover._decimals(values, digits))


def test_a_run_of_numbers_with_gaps_is_packed_in_place():
    nan = float("nan")
    given = (None, 1.5, nan, None, 2.0, 1.0, float("inf"))
    assert packed_to(given, 2) == (1, None, 15, None, None, 5, -10, None)
    assert packed_to((1.5, 2.0), 2) == (1, 15, 5)
    assert packed_to((None, nan), 2) == (0, None, None)
    assert packed_to((), 2) == (0,)
    assert hover._packed((10.0, 0.5044, None), 3) == (3, 10000, -9496, None)
