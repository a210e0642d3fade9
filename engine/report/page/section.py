"""What a row of SECTIONS is (floor 10)."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.report.page.blocks import Block
from engine.session.result import Result


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report. name: its anchor; make gives no blocks where it has nothing to
    say, and then the section is left out."""

    name: str
    title: str
    make: Callable[[Result], tuple[Block, ...]]
