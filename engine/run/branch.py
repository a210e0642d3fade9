"""What a branch changes in the flat state of its trunk (floor 7); fills.layout is its map."""

from collections.abc import Collection
from typing import Any

from engine.fills import layout as at
from engine.records.desk import Desk
from engine.run.account import Change

Name = tuple[str, str]
"""A limits block and one of its limits or switches."""


def without(desk: Desk, names: Collection[Name]) -> Change:
    """These limits and switches are not there."""

    def change(n: list[int], s: Any) -> None:
        for k, block in enumerate(desk.limit_sets):
            x = n[at.SETS] + k * at.SET_WIDTH
            limits = [(block.name, v.name) not in names for v in block.limits]
            switches = [(block.name, v.name) not in names for v in block.switches]
            rows = n[x + at.SET_LIMITS]
            n[x + at.SET_LIMIT_COUNT] = _keep(n, rows, at.LIMIT_WIDTH, limits)
            rows = n[x + at.SET_SWITCHES]
            n[x + at.SET_SWITCH_COUNT] = _keep(n, rows, at.SWITCH_WIDTH, switches)

    return change


def _keep(n: list[int], first: int, width: int, kept: list[bool]) -> int:
    """Close the gaps that dropped rows leave; how many are left."""
    count = 0
    for k, is_kept in enumerate(kept):
        if is_kept:
            row = first + k * width
            n[first + count * width : first + (count + 1) * width] = n[row : row + width]
            count += 1
    return count


def without_any(n: list[int], s: Any) -> None:
    """No limit set, and nothing that only limit sets ask for."""
    for place in (at.SET_COUNT, at.GROUP_COUNT, at.ASK_COUNT, at.HAS_PERIODS, at.HAS_EVENTS):
        n[place] = 0
    n[at.ORDER_LOG] = -1


def later(n: list[int], s: Any) -> None:
    """Every order is one more bar under way."""
    n[at.DELAY] += 1


def dearer(n: list[int], s: Any) -> None:
    """Commissions, slippage, spread and borrow rates are doubled; impact lies on the tape."""
    for k in range(at.PER_SHARE, at.PARTICIPATION):
        s[n[at.COSTS] + k] *= 2.0
    for k in range(n[at.SYMBOL_COUNT]):
        s[n[n[at.SYMBOLS] + k * at.SYMBOL_WIDTH + at.SYMBOL_STATE] + at.BORROW_RATE] *= 2.0


def dearer_tape(desk: Desk, n: list[int], tape: list[float]) -> list[float] | None:
    """The tape at twice the impact; None where orders have none."""
    if not desk.tape.impact:
        return None
    end = n[at.IMPACT] + len(desk.tape.impact) * n[at.BARS]
    moves = [2.0 * move for move in tape[n[at.IMPACT] : end]]
    return [*tape[: n[at.IMPACT]], *moves, *tape[end:]]
