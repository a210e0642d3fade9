"""Entries of tables: every kind is drawn, and no text of theirs becomes markup."""

from html.parser import HTMLParser

import pytest
from page_samples import NASTY

from engine.report.page.blocks import Command, Fig, Link, Mark, Table
from engine.report.page.cells import entry, table


class Read(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


HOSTILE = NASTY + "'\""


@pytest.mark.parametrize(
    ("given", "tags", "text"),
    [
        ("a & b", [], "a & b"),
        (None, [("span", {"class": "none"})], "–"),
        (Link("fade", "run-3"), [("a", {"href": "#run-3"})], "fade"),
        (Command("seawall why a"), [("code", {"class": "command"})], "seawall why a"),
        (Mark(None), [("span", {"class": "mark open"})], "not decided"),
        (
            Fig(-0.0489, "percent", "/runs/0/return", " a year"),
            [("data", {"value": "-0.0489", "data-of": "/runs/0/return"})],
            "−4.9% a year",
        ),
        (Fig(None, "percent", "/runs/0/return"), [("span", {"class": "none"})], "–"),
        (Fig(12, "count", "/a"), [("data", {"value": "12", "data-of": "/a"})], "12"),
        (HOSTILE, [], HOSTILE),
        (Link(HOSTILE, HOSTILE), [("a", {"href": "#" + HOSTILE})], HOSTILE),
        (Command(HOSTILE), [("code", {"class": "command"})], HOSTILE),
        (
            Fig(1.0, "count", HOSTILE, HOSTILE),
            [("data", {"value": "1.0", "data-of": HOSTILE})],
            "1" + HOSTILE,
        ),
    ],
)
def test_an_entry_says_what_it_holds_and_nothing_else(given, tags, text):
    found = Read(str(entry(given)))
    assert (found.tags, found.text) == (tags, text)


def test_a_mark_is_a_sign_and_a_word():
    assert Read(str(entry(Mark(True)))).text == "✓ held"
    assert Read(str(entry(Mark(False)))).text == "✗ failed"


def test_a_column_with_a_figure_stands_right_aligned_from_head_to_foot():
    fig = Fig(0.5, "number", "/x")
    found = Read(str(table(Table("", ("name", HOSTILE), (("a", None), (HOSTILE, fig))))))
    cells = [(tag, attrs.get("class")) for tag, attrs in found.tags if tag in ("th", "td")]
    assert cells == [("th", None), ("th", "number")] + [("td", None), ("td", "number")] * 2
    assert found.text.split("\n") == [f"name{HOSTILE}", "", "a–", f"{HOSTILE}0.5", ""]
