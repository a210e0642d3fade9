"""The rules themselves (floor 10): their text, and how often each condition held."""

from collections.abc import Mapping, Sequence

from engine.base.spans import source
from engine.lang.scan import WORD, Token, scan
from engine.lang.tables import load
from engine.report.facts import PORTFOLIO
from engine.report.page.blocks import Block, Entry, Fold, Kind, Piece, RuleText, Table
from engine.report.page.section import Section
from engine.report.page.seen import Seen, seen, total
from engine.session.result import Result

TRUTHS = ("true", "false", "undefined")


def make(result: Result) -> tuple[Block, ...]:
    """Conditions over all crises, then every file."""
    table = _conditions(seen(result))
    files = [_file(at, name, text) for at, (name, text) in enumerate(sorted(result.texts.items()))]
    return (*([table] if table.rows else []), *files)


RULES = Section("rules", "The rules", make)


# ---------------------------------------------------------------- conditions

Place = tuple[Seen, int, int]
"""A run, a row of its funnel and a condition in it."""


def _conditions(runs: Sequence[Seen]) -> Table:
    found: dict[tuple[str, str, str], list[Place]] = {}
    for run in runs:
        if run.strategy == PORTFOLIO:
            continue
        for k, row in enumerate(run.row["funnel"]):
            for j, condition in enumerate(row["conditions"]):
                key = (run.strategy, row["entry"], condition["text"])
                found.setdefault(key, []).append((run, k, j))
    rows = tuple(_row(key, places) for key, places in found.items())
    says = "On how many bars each condition was true, false or undefined, all crises and symbols."
    return Table(says, ("strategy", "entry", "condition", *TRUTHS), rows, sortable=True)


def _row(key: tuple[str, str, str], places: Sequence[Place]) -> tuple[Entry, ...]:
    counts = (
        total("count", [r.fig("count", "funnel", k, "conditions", j, t) for r, k, j in places])
        for t in TRUTHS
    )
    return (*key, *counts)


# ---------------------------------------------------------------- texts


def _file(at: int, name: str, text: str) -> Fold:
    lines = text.count("\n")
    return Fold(f"file-{at}", name, f"{lines:,} lines", (RuleText(name, pieces(text)),))


def pieces(text: str) -> tuple[Piece, ...]:
    """A rule file as stretches of one colour, whole: joined they are the text."""
    tokens = scan(source("", text))
    marks = sorted((*tokens.tokens, *tokens.comments), key=lambda t: t.start)
    found: list[Piece] = []
    at = 0
    for token in marks:
        kind = _kind(token)
        if kind:
            found += [Piece(text[at : token.start], ""), Piece(token.text, kind)]
            at = token.end
    found.append(Piece(text[at:], ""))
    return tuple(p for p in found if p.text)


def _kind(token: Token) -> Kind:
    if token.kind == WORD:
        return "word" if token.text in load().words else ""
    return KINDS.get(token.kind, "")


KINDS: Mapping[str, Kind] = {
    "COMMENT": "comment",
    "STRING": "string",
    "SYMBOL": "string",
    **dict.fromkeys(
        ("CLOCKTIME", "DATE", "DURATION", "MONEY", "NUMBER", "PERCENT", "TIMES"), "number"
    ),
}
"""How the terminals of the grammar are coloured."""
