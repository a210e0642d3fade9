"""A program in plain Python, for a test that watches what gets imported."""

from engine.check.typed import SELF, Column, Kind
from engine.compile import compile_values


def run() -> None:
    value = Column("close", SELF, Kind("number"))
    assert compile_values("lean", {"v": value}, "python").market([[1.0]], [[1.0]], 1) == [1.0]


def test_the_lean_program_runs() -> None:
    run()
