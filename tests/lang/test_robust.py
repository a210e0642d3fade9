"""Nothing that a file can hold makes the parser raise, and every span lies inside the text."""

import random
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.base.diagnostics import Diagnostic
from engine.base.spans import Source, source
from engine.lang.ignores import ignores
from engine.lang.parse import decode, parse, parse_expr, parse_text
from engine.lang.read import read_yaml_text
from engine.lang.render import render, to_json
from engine.lang.tables import load

GOOD = [p.read_text() for p in (Path(__file__).parents[1] / "cases/parse/good").glob("*.rule")]
PIECES = [
    *sorted({*load().words, *load().marks}),
    *("x", "10%", "$5", "20 bars", "2020-03-01", "15:55", "x5", '"t"', "'S'", '"', "'", "%", "\n"),
    *("{", "}", "(", ")", "\r\n", "\t", "#c\n", "1e3", "é", "\ufeff", "strategy s {\n"),
]
RELAXED = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def check(text: Source, problems: list[Diagnostic]) -> None:
    for problem in problems:
        for span in (problem.span, *(note.span for note in problem.notes)):
            assert 0 <= span.start <= span.end <= len(text.text)
        assert problem.help
        assert problem.message
        assert not problem.message.endswith(".")
        assert problem.message[:1] == problem.message[:1].lower()
        assert render(problem, {text.file: text})
        assert to_json(problem)["code"] == problem.code
    places = [problem.span.start for problem in problems]
    assert places == sorted(places)


@RELAXED
@given(st.binary(max_size=300))
def test_bytes(data: bytes) -> None:
    text, problem = decode("x", data)
    check(text, [problem] if problem else parse(text)[1])


@RELAXED
@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))
def test_token_soup(soup: str) -> None:
    for prefix in ("", "rules 1\n", "rules 1\nstrategy s {\n entry long a {\n when "):
        text = source("x", prefix + soup)
        check(text, parse(text)[1])
    text = source("x", soup)
    check(text, parse_expr(text)[1])
    ignores(text)


@RELAXED
@given(st.sampled_from(GOOD), st.integers(0, 2**32))
def test_mutations(good: str, seed: int) -> None:
    chance = random.Random(seed)
    text = good
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        cut = chance.choice([0, 1, 1, 5, 30])
        text = text[:at] + chance.choice(["", "", *PIECES]) + text[at + cut :]
    made = source("x", text)
    check(made, parse(made)[1])


@RELAXED
@given(st.text(alphabet=": -[]{}#&*!|>'\"%@`,?\n\tab1.~", max_size=80))
def test_yaml_soup(text: str) -> None:
    made = source("x", text)
    for problem in read_yaml_text(made)[1]:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)


def test_long_and_deep_texts_end_soon() -> None:
    deep = "rules 1\nstrategy s {\n let x = " + "(" * 20_000 + "a" + ")" * 20_000 + "\n}\n"
    assert [d.code for d in parse_text("x", deep)[1]] == ["SW115"]
    assert len(parse_text("x", "rules 1\n" + "{" * 20_000)[1]) == 1
    long = "rules 1\nstrategy s {\n let x = a" + " and a" * 5_000 + "\n}\n"
    assert parse_text("x", long)[1] == []


def test_line_ends_and_marks() -> None:
    unix = "rules 1\nstrategy s {\n\tlet x =\n}\n"
    for text in (unix, unix.replace("\n", "\r\n"), "\ufeff" + unix):
        (problem,) = parse_text("x", text)[1]
        assert (problem.code, problem.span.line, problem.span.column) == ("SW105", 3, 8)
    assert decode("x", b"rules 1\n\xff")[1] is not None


def test_waivers_are_collected() -> None:
    text = (
        'rules 1\n# seawall: ignore SW501 shown on purpose\n\nuse "a"\n'
        'use "b"  # seawall: ignore SW702: too slow\n# seawall: ignore SW1\n'
    )
    found = [(i.code, i.reason, i.line) for i in ignores(source("x", text))]
    assert found == [("SW501", "shown on purpose", 4), ("SW702", "too slow", 5)]
    assert [d.code for d in parse_text("x", text)[1]] == ["SW136"]


def test_one_mistake_in_one_statement_is_one_diagnostic() -> None:
    """Dropping any one word of a good file never brings more than two reports."""
    for good in GOOD:
        words = good.split(" ")
        for index in range(2, len(words), 3):
            if not words[index].isalnum() or words[index] in ("{", "}"):
                continue
            text = " ".join(words[:index] + words[index + 1 :])
            assert len(parse_text("x", text)[1]) <= 2, text
