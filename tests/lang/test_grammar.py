"""The grammar builds strictly, its tables are fresh, and our driver does what Lark does on them."""

from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lark import Lark, Tree
from lark.exceptions import UnexpectedInput

from engine.base.errors import UserError
from engine.base.spans import source
from engine.lang import ast, tables
from engine.lang.drive import Failure, parse_tokens
from engine.lang.format import print_expr
from engine.lang.scan import scan
from engine.lang.statements import BLOCKS, BODIES, STARTS, homes
from engine.lang.tables import load
from tests.generators import expressions
from tools import build_grammar

LOSERS = {
    "NAME": {"TIMES"},
    "UNIT": {"TIMES"},
    "NUMBER": {"DATE", "CLOCKTIME", "PERCENT", "DURATION"},
}
"""Terminals that may match the same text in one state, by the one of lower priority."""


@cache
def lark() -> Lark:
    built: Lark = build_grammar.compile_grammar(build_grammar.GRAMMAR.read_text(encoding="utf-8"))
    return built


def test_tables_are_fresh() -> None:
    assert build_grammar.rendered() == build_grammar.TABLES.read_text(encoding="utf-8")


def test_strictness_really_checks_terminals() -> None:
    text = build_grammar.GRAMMAR.read_text(encoding="utf-8")
    text = text.replace(r"MONEY.5: /\$[0-9]+", "MONEY.7: /[0-9]+%?")
    with pytest.raises(Exception, match="Collision"):
        build_grammar.compile_grammar(text)


def _without_lookahead(name: str) -> str:
    """A terminal's pattern, or one that matches more: interegular knows no open look-aheads."""
    pattern = load().patterns["FIELD" if name in ("NAME", "UNIT") else name][0]
    return pattern.removesuffix("(?![A-Za-z0-9_])")


def test_no_two_terminals_of_a_state_overlap_unawares() -> None:
    interegular = pytest.importorskip("interegular")
    patterns = {name: _without_lookahead(name) for name in load().patterns}
    parsed = {name: interegular.parse_pattern(text).to_fsm() for name, text in patterns.items()}
    together = {
        pair for row in load().rows for pair in combinations(sorted(set(row) & set(patterns)), 2)
    }
    for first, second in sorted(together):
        if parsed[first].isdisjoint(parsed[second]):
            continue
        low, high = sorted((first, second), key=lambda name: load().patterns[name][1])
        assert high in LOSERS.get(low, set()), f"{first} and {second} overlap"
        assert load().patterns[low][1] < load().patterns[high][1]


def test_every_statement_word_is_reserved_save_the_soft_ones() -> None:
    words = {*BLOCKS, *(word for body in BODIES.values() for word in body)}
    assert words - load().reserved == {"order", "start"}
    assert not {"position", "equity", "spread", "market", "weekly", "up"} & load().reserved
    assert load().reserved <= set(load().words)
    assert homes("when") == ["entry", "exit"]


def _lark_tree(value: Any) -> Any:
    if isinstance(value, Tree):
        return (str(value.data), *map(_lark_tree, value.children))
    return None if value is None else str(value)


class _AnyAction(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        def build(_: Any, __: Any, kids: list[Any]) -> Any:
            return (name, *(getattr(kid, "text", kid) for kid in kids))

        return build


def _ours(start: str, text: str) -> Any:
    result = parse_tokens(start, scan(source("x", text)).tokens, _AnyAction(), None)
    return "failure" if isinstance(result, Failure) else result.value


def _theirs(start: str, text: str) -> Any:
    try:
        return _lark_tree(lark().parse(text, start=start))
    except UnexpectedInput:
        return "failure"


STATEMENTS = [
    ("header", "rules 1"),
    ("list", "list blackout : date = { fomc, 'BRK.B', 2020-03-16 }"),
    ("list", 'list restricted = file "x.csv" stale after 1d'),
    ("param", "param z = -2.5 in -10% .. 20 bars"),
    ("data", 'data vix : pts = "VIX" daily stale after 2 bars'),
    ("entry", "entry long weekly add 3 times"),
    ("hold", "hold top 5 by score when score > 0 and close of SPY > 3"),
    ("order", "order stop close * 99.9% limit 3 for day"),
    ("limit", 'limit x on order scope asset class clip qty to 3 shares else skip because "y"'),
    ("process", "process jd { drift -10% jumps 12 per year block 20 bars nu 4 vol 3 }"),
    ("shock", "shock at bar 20 { gap -18% spread x5 volume x0.2 }"),
    ("given", "given volume = 1_000 shares x23, (na, $1 x2) x3"),
    ("outcome", "expect fires dip at bar 21..22"),
    ("expect", "expect vix > 30 pts leads to paused(x10) in 1 bar"),
    ("waive", 'waive house.limit because "no VIX"'),
    ("expr", "a > 3 b"),
    ("expr", "10 < x < 30"),
    ("define", "define f() = 3"),
]


@pytest.mark.parametrize(("start", "text"), STATEMENTS)
def test_driver_agrees_with_lark_on_statements(start: str, text: str) -> None:
    assert _ours(start, text) == _theirs(start, text)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions())
def test_driver_agrees_with_lark_on_expressions(expr: ast.Expr) -> None:
    text = print_expr(expr)
    assert _ours("expr", text) == _theirs("expr", text)


def test_all_starts_are_in_the_tables() -> None:
    assert set(load().starts) == set(STARTS)


@pytest.mark.parametrize("text", [None, "", '{"rows": ['])
def test_damaged_tables_are_told(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        (tmp_path / "rule.tables.json").write_text(text)
    monkeypatch.setattr(tables, "grammar_dir", lambda: tmp_path)
    tables.load.cache_clear()
    with pytest.raises(UserError, match="missing or corrupt"):
        tables.load()
    tables.load.cache_clear()
