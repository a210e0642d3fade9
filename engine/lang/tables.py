"""The compiled grammar, as tools/build_grammar.py wrote it (floor 3).

Importing Lark and loading its own pickle costs 125 ms in a fresh process; these tables cost 3.
"""

import json
from functools import cache
from typing import NamedTuple

from engine.base.errors import UserError
from engine.base.frozen import dataclass
from engine.base.resources import grammar_dir


class Rule(NamedTuple):
    """One production. `take` lists (index, splice) of the children kept, index -1 being a None."""

    origin: str
    name: str
    length: int
    inline: int
    single: int
    take: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Tables:
    """LALR rows (shift n as n, reduce rule r as -1-r), rules, and the terminals they speak of."""

    rows: list[dict[str, int]]
    rules: list[Rule]
    starts: dict[str, int]
    ends: dict[str, int]
    patterns: dict[str, tuple[str, int]]
    words: dict[str, str]
    marks: dict[str, str]
    reserved: frozenset[str]
    ignored: frozenset[str]


def _reserved(name_pattern: str) -> frozenset[str]:
    """The words that the NAME terminal's leading look-ahead shuts out."""
    inside = name_pattern.removeprefix("(?!(?:").split(")", 1)[0]
    return frozenset(inside.split("|"))


@cache
def load() -> Tables:
    """Read the tables once per process. Raises UserError where the installation is damaged."""
    path = grammar_dir() / "rule.tables.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        help = "install seawall again; in a checkout: git checkout grammar/rule.tables.json"
        raise UserError(f"`{path}` is missing or corrupt", help) from problem
    regexes = {name: (text, rank) for name, kind, text, rank in raw["terminals"] if kind == "re"}
    plain = {text: name for name, kind, text, _ in raw["terminals"] if kind == "str"}
    return Tables(
        rows=raw["rows"],
        rules=[Rule(*row) for row in raw["rules"]],
        starts=raw["starts"],
        ends=raw["ends"],
        patterns=regexes,
        words={text: name for text, name in plain.items() if text.isalpha()},
        marks={text: name for text, name in plain.items() if not text.isalpha()},
        reserved=_reserved(regexes["NAME"][0]),
        ignored=frozenset(raw["ignore"]),
    )
