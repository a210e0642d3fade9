"""A rule is handed only the fields that it reads: none is missing from what the session says."""

import re

import pytest

from engine.run.program import Program
from engine.session.desk import reads_of
from engine.session.load import load_firm
from engine.session.options import DryrunOptions

READ = re.compile(r"fields\[f \+ (\d+)\]")


@pytest.fixture(scope="module")
def programs() -> dict[str, Program]:
    firm = load_firm(DryrunOptions()).firm
    found = {s.name: s.program for s in firm.strategies}
    return found | {block.checked.name: block.program for block in firm.limits or ()}


def text_reads(program: Program) -> set[int]:
    """The cells that the emitted `rule` reads."""
    text = program.source[program.source.index("def rule(") :].split("\ndef ", 1)[0]
    return {int(cell) for cell in READ.findall(text)}


def test_what_the_text_reads_is_said(programs: dict[str, Program]) -> None:
    assert any(text_reads(program) for program in programs.values())
    for name, program in programs.items():
        said = reads_of(program.plan)
        assert said is None or text_reads(program) <= said, name


def test_a_fold_looks_at_its_position_so_anything_is_read(programs: dict[str, Program]) -> None:
    assert reads_of(programs["breakout"].plan) is None
    assert reads_of(programs["vol_hold"].plan) == frozenset()
