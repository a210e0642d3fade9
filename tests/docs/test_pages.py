"""The pages for people are followed to the letter: every fenced block runs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import ROOT, blocks, commands, matches, play

from tests.feeds.loopback import each, serving
from tests.session.test_fetch import charts

PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "tutorial.md",
    ROOT / "docs" / "tour.md",
    ROOT / "docs" / "troubleshooting.md",
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
]


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Yahoo's part is played by this machine; no keys of anybody's are seen."""
    with serving(monkeypatch) as server:
        server.chart = [each(charts())]
        started = tmp_path / "started"
        started.mkdir()
        shutil.copy(Path(__file__).with_name("outside.py"), started / "sitecustomize.py")
        for name in ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"):
            monkeypatch.delenv(name, raising=False)
        yield {
            "SEAWALL_TEST_PORT": str(server.port),
            "SEAWALL_CACHE": str(tmp_path / "cache"),
            "PYTHONPATH": str(started),
        }


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_page_runs(page: Path, tmp_path: Path, outside: dict[str, str]) -> None:
    place = tmp_path / "reader"
    place.mkdir()
    if "In a checkout\nof the project" in page.read_text(encoding="utf-8"):
        (place / "rules").symlink_to(ROOT / "rules")
    assert play(page, place, outside), "a page for people holds something to do"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_block_of_yaml_and_csv_is_used(page: Path) -> None:
    for block in blocks(page):
        if block.kind in ("yaml", "csv"):
            assert block.file, f"{page.name}:{block.line}: give it file=NAME"


def test_a_wrong_output_would_be_seen() -> None:
    assert matches("a\n...\nc\n", "a\nb\nb\nc\n")
    assert matches("took ... s\n", "took 1.5 s\n")
    assert not matches("a\n...\nd\n", "a\nb\nc\n")
    assert not matches("a\n", "a\nb\n")


def test_the_exit_code_is_read() -> None:
    from pages import Block

    block = Block("p", 1, "console", "", "$ seawall check  # exit 1\nx\n")
    assert commands(block)[0].code == 1
    assert commands(block)[0].text == "seawall check"
