"""How diagnostics look, and how fast the floor starts."""

import subprocess
import sys
from pathlib import Path

from engine.base.diagnostics import Diagnostic, Fix, Note
from engine.base.spans import source
from engine.lang.parse import parse_text
from engine.lang.render import render, to_json

TEXT = "rules 1\nstrategy s {\n  let z = 3 < 4 < 5\n}\n"


def test_text_form() -> None:
    (problem,) = parse_text("fade.rule", TEXT)[1]
    assert render(problem, {"fade.rule": source("fade.rule", TEXT)}) == (
        "error[SW120]: comparisons cannot be chained\n"
        "  fade.rule:3:17  let z = 3 < 4 < 5\n"
        "                                ^\n"
        "  help: write `4 between 3 to 5`  [unsafe fix]      more: seawall check --explain SW120"
    )


def test_notes_colors_and_missing_sources() -> None:
    text = source("a.rule", TEXT)
    place = text.span(25, 26)
    fix = Fix(place, "y", safe=True)
    note = Note(text.span(8, 16), "declared here")
    problem = Diagnostic("SW501", place, "never true", "drop it", "warning", (note,), fix)
    shown = render(problem, {"a.rule": text}, color=True)
    assert "\x1b[33;1mwarning[SW501]\x1b[0m: never true" in shown
    assert "  note: declared here\n  a.rule:2:1  strategy s {" in shown
    assert "[safe fix]" in shown
    assert render(problem, {}).splitlines()[1] == "  a.rule:3:5"


def test_long_lines_are_cut_round_the_place() -> None:
    text = source("x", "a" * 500 + "é\t!" + "b" * 500)
    shown = render(Diagnostic("SW112", text.span(502, 503), "m", "h"), {"x": text})
    line, carets = shown.splitlines()[1:3]
    assert len(line) < 130
    assert line[carets.index("^")] == "!"


def test_json_form() -> None:
    (problem,) = parse_text("fade.rule", TEXT)[1]
    shown = to_json(problem)
    assert shown["span"]["line"] == 3
    assert shown["fix"]["text"] == "4 between 3 to 5"
    assert to_json(Diagnostic("SW104", problem.span, "m", "h"))["fix"] is None


def test_parsing_needs_no_slow_import() -> None:
    rule = Path(__file__).parents[1] / "cases" / "parse" / "good" / "00_charter_1.rule"
    code = (
        "import sys; from engine.lang.parse import parse_text; from engine.lang import setup;"
        f"assert parse_text('x', open({str(rule)!r}).read())[1] == [];"
        "slow = {'lark', 'numpy', 'pandas', 'jsonschema', 'numba', 'rich'} & set(sys.modules);"
        "print(sorted(slow))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
