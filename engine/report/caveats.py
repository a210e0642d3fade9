"""What a reader must know about the data, said once (floor 10).

The session notes every cell's caveats apart; here sentences that differ only in their symbols or
in a count become one, with the crises that they touch.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from engine.report.facts import Cell, caveats, crises, reason
from engine.report.glyphs import Screen
from engine.report.survival import PARTIAL
from engine.report.words import listing, wrap

SHOWN, NAMED = 16, 3
"""At most so many sentences, and crises named in one; summary.json holds them all."""

_SUBJECTS = re.compile(
    r"(?P<who>[^a-z\s:,]+(?:, [^a-z\s:,]+)*)(?P<link>: | left out: )(?P<what>.+)"
)
_COUNTED = re.compile(r"^[\d,]+ fills? (?:was|were|had) ")
_ECHO = " does not run: "
"""A portfolio's word on a strategy that has a cell of its own to say it in."""

Key = tuple[str, str]


def caveats_text(cells: Sequence[Cell], general: Sequence[str], screen: Screen) -> str:
    """The caveats of a run and of its cells as a paragraph, the first SHOWN of them."""
    found = caveat_sentences(cells, general)
    if not found:
        return ""
    lines = [wrap(screen.plain(text), screen.width, "  ", "    ") for text in found]
    more = len(lines) - SHOWN
    tail = [f"  and {more} more in summary.json"] if more > 0 else []
    return "\n".join([screen.paint("About the data", "bold"), *lines[:SHOWN], *tail])


def caveat_sentences(cells: Sequence[Cell], general: Sequence[str]) -> list[str]:
    """The caveats of a run and of its cells, most important first as the session orders them."""
    who: dict[Key, dict[str, None]] = {}
    where: dict[Key, dict[str, None]] = {}
    for notice, crisis in [*((n, "") for n in general), *_noted(cells)]:
        subjects, key = _split(notice)
        who.setdefault(key, {}).update(dict.fromkeys(subjects))
        where.setdefault(key, {}).update(dict.fromkeys([crisis] if crisis else []))
    every = len(crises(cells))
    return [f"{listing(list(who[k]), 6)}{k[0]}{k[1]}{_place(list(where[k]), every)}" for k in who]


def _noted(cells: Sequence[Cell]) -> Iterable[tuple[str, str]]:
    for cell in cells:
        for notice in caveats(cell) if cell["status"] != "no-data" else []:
            if _ECHO not in notice:
                yield notice, cell["crisis"]


def _split(notice: str) -> tuple[list[str], Key]:
    """The symbols that a sentence begins with, and the rest."""
    plain = _COUNTED.sub(lambda m: f"some fills {'had' if 'had' in m[0] else 'were'} ", notice)
    found = _SUBJECTS.fullmatch(plain)
    if found is None:
        return [], ("", plain)
    return found["who"].split(", "), (found["link"], found["what"])


def _place(where: Sequence[str], every: int) -> str:
    if len(where) in (0, every):
        return ""
    return f" ({listing(where) if len(where) <= NAMED else f'{len(where)} of {every} crises'})"


def reasons_text(cells: Sequence[Cell], screen: Screen) -> str:
    """Why cells are partial or empty, as lines."""
    texts = [screen.plain(text) for text in reason_sentences(cells)]
    return "\n".join(wrap(text, screen.width, "", "  ") for text in texts)


def reason_sentences(cells: Sequence[Cell]) -> list[str]:
    """Why cells are partial or empty: those without data share a sentence, partial ones by
    reason."""
    order = {c: at for at, c in enumerate(crises(cells))}
    touched = sorted(
        (c for c in cells if c["status"] != "ran"),
        key=lambda c: (order[c["crisis"]], *_kind(c)),
    )
    groups = [list(g) for _, g in groupby(touched, key=lambda c: (c["crisis"], *_kind(c)))]
    return [_reason(group, cells) for group in groups]


def _kind(cell: Cell) -> tuple[str, str]:
    return (cell["status"], reason(cell) if cell["status"] == "partial" else "")


def _reason(group: Sequence[Cell], cells: Sequence[Cell]) -> str:
    crisis = group[0]["crisis"]
    label = "no data" if group[0]["status"] == "no-data" else f"{PARTIAL} partial"
    who = [c["strategy"] for c in group]
    everyone = len(who) == sum(c["crisis"] == crisis for c in cells)
    names = "" if everyone else f" ({listing(who, 3)})"
    parts = dict.fromkeys(p for c in group for p in reason(c).split("; ") if p)
    said = [p for p in parts if _ECHO not in p]
    return f"{crisis}{names}: {label}" + (f": {_merged(said)}" if said else "")


def _merged(sentences: Iterable[str]) -> str:
    """`SP500 and JPM: data end 2022-12-28; NASDAQ: data end 2022-11-07`."""
    merged: dict[Key, list[str]] = {}
    for sentence in sentences:
        subjects, key = _split(sentence)
        merged.setdefault(key, []).extend(subjects)
    return "; ".join(f"{listing(who, 6)}{link}{what}" for (link, what), who in merged.items())
