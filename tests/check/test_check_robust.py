"""The checker never raises, whatever parses; its findings always point into the text."""

import re
from pathlib import Path

import pytest
from checking import FILE, checked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.base.spans import NOWHERE, source
from engine.check import check_file
from engine.lang.ast import Binary, Expr, Let, Literal, Name, RuleFile, Strategy, Weight
from engine.lang.parse import parse
from engine.records.catalogue import load_catalogue
from tests.generators import rule_files

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [p.read_text() for p in sorted((ROOT / "tests" / "cases" / "rules").glob("*.rule"))]
TEXTS += [p.read_text() for p in sorted((ROOT / "rules").rglob("*.rule"))]
TOKEN = re.compile(r'"[^"]*"|\w[\w.]*%?|\s+|.')
WORDS = (
    *("close", "equity", "position.age", "z", "20 bars", "$5", "0", "-1", "10%", "SPY", "na"),
    *("sma(close, 20 bars)", "since entry", "on 1w", "of SPY", "[1]", "not", "2d", "1e", "vix"),
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """A rule file with a few of its words dropped, doubled, swapped or replaced."""
    tokens = TOKEN.findall(draw(st.sampled_from(TEXTS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(tokens) - 1))
        other = draw(st.integers(0, len(tokens) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "replace", "copy"])):
            case "drop":
                tokens[at] = ""
            case "double":
                tokens[at] *= 2
            case "swap":
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case "replace":
                tokens[at] = draw(st.sampled_from(WORDS))
            case _:
                tokens[at] = tokens[other]
    return "".join(tokens)


@QUICK
@given(mutations())
def test_a_damaged_file_gives_findings_and_never_raises(text: str) -> None:
    _, found = checked(text)
    for d in found:
        assert d.message and d.help
        assert d.span.file != FILE or 0 <= d.span.start <= d.span.end <= len(text)


@QUICK
@given(rule_files())
def test_any_tree_that_the_grammar_can_write_checks(file: RuleFile) -> None:
    check_file(file, {}, load_catalogue(), strict=True)


def _file(*body: object) -> RuleFile:
    block = Strategy(NOWHERE, "s", None, body)  # type: ignore[arg-type]
    return RuleFile(FILE, 1, (block,))


def _name(name: str) -> Name:
    return Name(NOWHERE, name)


def test_lets_that_double_each_other_are_refused_before_they_explode() -> None:
    lets = [Let(NOWHERE, "v0", _name("close"))]
    for i in range(60):
        twice = Binary(NOWHERE, "+", _name(f"v{i}"), _name(f"v{i}"))
        lets.append(Let(NOWHERE, f"v{i + 1}", twice))
    _, found = check_file(_file(*lets), {}, load_catalogue())
    assert "SW314" in {d.code for d in found}


@pytest.mark.parametrize("nest", [90, 500, 5000])
def test_deep_trees_do_not_exhaust_the_stack(nest: int) -> None:
    expr: Expr = Literal(NOWHERE, "number", 1.0, None, "1")
    for _ in range(nest):
        expr = Binary(NOWHERE, "+", expr, Literal(NOWHERE, "number", 1.0, None, "1"))
    _, found = check_file(_file(Weight(NOWHERE, expr)), {}, load_catalogue())
    assert ("SW314" in {d.code for d in found}) == (nest > 100)


def test_long_chains_of_lets_do_not_exhaust_the_stack() -> None:
    one = Literal(NOWHERE, "number", 1.0, None, "1")
    lets = [
        Let(NOWHERE, f"v{i}", Binary(NOWHERE, "+", _name(f"v{i + 1}"), one)) for i in range(400)
    ]
    file = _file(*lets, Let(NOWHERE, "v400", one), Weight(NOWHERE, _name("v0")))
    _, found = check_file(file, {}, load_catalogue())
    assert {d.code for d in found} == {"SW314"}


def test_defines_that_double_each_other_are_refused() -> None:
    rows = ["rules 1", "define f0(x) = x + x"]
    rows += [f"define f{i + 1}(x) = f{i}(x) + f{i}(x)" for i in range(30)]
    rows += ["strategy s {", "  weight f30(close) / f30(open)", "}"]
    assert {d.code for d in checked("\n".join(rows))[1]} == {"SW314"}


def test_a_broken_statement_hides_nothing_in_other_blocks() -> None:
    text = """rules 1
strategy a {
  clock 1d on xnys
  let y = close +
  let z = smma(close, 3 bars)
  entry long e { when close > $1 and z > $2 size 1% of equity order market }
  stop s at position.entry_price * 95%
}
strategy b {
  clock 1d on xnys
  entry long e { when clse > $1 size 1% of equity order market }
  stop s at position.entry_price * 95%
}
"""
    file, problems = parse(source("x.rule", text))
    _, found = check_file(file, {}, load_catalogue(), problems=problems)
    errors = [(d.code, d.span.line) for d in (*problems, *found) if d.severity == "error"]
    assert sorted(errors) == [("SW105", 4), ("SW201", 11), ("SW211", 5)]
