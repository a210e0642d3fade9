"""The pages for people are followed to the letter: every fenced block runs."""

from pathlib import Path

import pytest
from pages import ROOT, blocks, commands, matches, play

PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "tutorial.md",
    ROOT / "docs" / "tour.md",
    ROOT / "docs" / "troubleshooting.md",
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
]
MAKE = ("make dryrun", "make test")
"""Run by CI itself: as a test they would install everything again, or run this test."""


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_page_runs(page: Path, tmp_path: Path, monkeypatch) -> None:
    ran = play(page, tmp_path)
    assert ran, "a page for people holds something to do"


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
