"""Each row of the syntax and YAML codes: its bad example yields it, its good one yields nothing."""

from pathlib import Path

import pytest

from engine.base.codes.spec import Code
from engine.base.codes.syntax import SYNTAX
from engine.base.codes.yaml import YAML
from engine.lang.parse import parse_text
from engine.lang.setup import read_setup


@pytest.mark.parametrize("code", SYNTAX, ids=lambda code: code.id)
def test_syntax_examples(code: Code) -> None:
    assert [d.code for d in parse_text("bad.rule", code.bad)[1]] == [code.id]
    assert parse_text("good.rule", code.good)[1] == []


@pytest.mark.parametrize("code", YAML, ids=lambda code: code.id)
def test_yaml_examples(code: Code, tmp_path: Path) -> None:
    (tmp_path / "fade.rule").write_text("rules 1\n")
    path = tmp_path / "strategies.yaml"
    path.write_text(code.bad)
    setup, problems = read_setup(path)
    assert [d.code for d in problems] == [code.id]
    assert setup is None
    path.write_text(code.good)
    setup, problems = read_setup(path)
    assert problems == []
    assert setup is not None


def test_every_code_that_the_floor_reports_is_a_row() -> None:
    import re

    folder = Path(__file__).parents[2] / "engine" / "lang"
    used = {c for path in folder.glob("*.py") for c in re.findall(r'"(SW\d{3})"', path.read_text())}
    assert used == {code.id for code in (*SYNTAX, *YAML)}
