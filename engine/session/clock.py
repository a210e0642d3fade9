"""The one clock of a run (floor 9)."""

from collections.abc import Sequence

from engine.base.clocks import DAILY, minutes_in
from engine.base.errors import UserError
from engine.check.typed import CheckedStrategy


def one_clock(blocks: Sequence[CheckedStrategy]) -> str:
    """The clock of these strategies; UserError when they have several: one account decides at one
    set of closes."""
    clocks = {minutes_in(b.clock): b for b in blocks}
    if len(clocks) > 1:
        first, second = list(clocks.values())[:2]
        text = f"`{first.name}` runs on bars of {first.clock}, `{second.name}` of {second.clock}"
        raise UserError(text, "run them one by one with --strategy, or give each its own set-up")
    return blocks[0].clock if blocks else DAILY
