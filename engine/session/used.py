"""How much of each limit was used over a run (floor 9): of switches at every close, of limits on
orders whenever an order was put to them.

What a limit was asked comes from the account loop itself (History.askings), so every share is of
the numbers that it judged by.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from engine.base.frozen import dataclass
from engine.check.typed import Typed
from engine.compile import compile_values
from engine.fields import ORDER_QTY
from engine.records.account import FROM_WEIGHT, Asking, History
from engine.records.desk import CLIP, Desk, LimitRow
from engine.run.program import Program
from engine.session.cell import Used
from engine.session.closes import Closes, Seen
from engine.session.firm import Limits, Scene
from engine.session.memory import remembers
from engine.session.sides import NO_COMPARISON, Floats, Measured, of_cap, share, sides

REMEMBERS = "it remembers earlier bars, which an order does not tell"
NEVER_ASKED = "no order was put to it"
NEVER_KNOWN = "its numbers were never known, or its bound was never above zero"


def used(scene: Scene, saw: Sequence[Seen], desk: Desk, history: History) -> Mapping[str, Used]:
    """The share used of every limit and switch in force, by `block.name`; of one that is in force
    on several books, what is known of any of them."""
    found: dict[str, list[Used]] = {}
    for k, seen in enumerate(saw):
        made = _limits(scene, seen.block, desk, k, history) | _switches(seen, len(history.equity))
        for name, one in made.items():
            found.setdefault(f"{desk.limit_sets[k].name}.{name}", []).append(one)
    return {name: _joined(many) for name, many in found.items()}


def _joined(many: Sequence[Used]) -> Used:
    """One limit in several sets: all that is known of it, in the order of bars."""
    known = [one for one in many if not one.unmeasured]
    if len(known) < 2:
        return known[0] if known else many[0]
    bars = np.concatenate([one.bars for one in known])
    order = bars.argsort(kind="stable")
    shares = np.concatenate([one.shares for one in known])[order]
    return Used(known[0].at, bars[order], shares)


def _known(found: Used) -> Used:
    """What was measured; with a word instead where no share is known."""
    if not len(found.shares):
        return Used(found.at, unmeasured=NEVER_ASKED)
    return Used(found.at, unmeasured=NEVER_KNOWN) if np.isnan(found.shares).all() else found


# ---------------------------------------------------------------- switches, at every close


def _switches(seen: Seen, bars: int) -> dict[str, Used]:
    return {name: _switch(name, found, seen, bars) for name, found in seen.watched.enter.items()}


def _switch(name: str, found: Measured | str, seen: Seen, bars: int) -> Used:
    if isinstance(found, str):
        return Used("closes", unmeasured=found)
    told = {part: seen.told[f"{name}.enter.{part}"] for part in found.parts}
    return _known(Used("closes", np.arange(bars), share(found, told, bars)))


# ---------------------------------------------------------------- limits, at every order


@dataclass(frozen=True)
class _Compared:
    """The sides of the limits that deny, or why there are none, and what computes them."""

    sides: Mapping[str, Measured | str]
    program: Program | None


@lru_cache(maxsize=64)
def _compared(block: Limits, names: tuple[str, ...]) -> _Compared:
    values = {x.name: x.value for x in block.checked.limits if x.name in names}
    found = {name: _tellable(value) for name, value in values.items()}
    wanted = {
        f"{name}.{part}": value
        for name, one in found.items()
        if not isinstance(one, str)
        for part, value in one.parts.items()
    }
    name = f"asked_{block.checked.name}"
    return _Compared(found, compile_values(name, wanted, "python") if wanted else None)


def _tellable(condition: Typed) -> Measured | str:
    """What a limit compares, or why an order does not tell it."""
    found = sides(condition)
    if found is None:
        return NO_COMPARISON
    return REMEMBERS if any(map(remembers, found.parts.values())) else found


def _limits(
    scene: Scene, block: Limits, desk: Desk, limit_set: int, history: History
) -> dict[str, Used]:
    """Each limit of one set, over the orders that it was asked about."""
    rows = desk.limit_sets[limit_set].limits
    if not rows:
        return {}
    asked = [a for a in history.askings if a.limit_set == limit_set]
    compared = _compared(block, tuple(x.name for x in rows if x.action != CLIP))
    told = _told(scene, block, compared.program, desk, asked, history)
    verdicts = [history.verdicts[a.verdict] for a in asked]
    bars = np.array([v.bar for v in verdicts], dtype=np.int64)
    rules = np.array([v.source != FROM_WEIGHT for v in verdicts], dtype=np.bool_)
    made = {}
    for j, row in enumerate(rows):
        found = compared.sides.get(row.name)
        if isinstance(found, str):
            made[row.name] = Used("orders", unmeasured=found)
            continue
        shares = _of_caps(j, asked) if found is None else _of_sides(row, found, told, len(asked))
        mine = rules if row.entries_only else slice(None)
        made[row.name] = _known(Used("orders", bars[mine], shares[mine]))
    return made


def _of_caps(j: int, asked: Sequence[Asking]) -> Floats:
    """The share that each order uses of the cap of the j-th limit."""
    wanted = np.array([a.fields[ORDER_QTY] for a in asked], dtype=np.float64)
    return of_cap(wanted, np.array([a.values[j] for a in asked], dtype=np.float64))


def _of_sides(row: LimitRow, found: Measured, told: Closes, asked: int) -> Floats:
    return share(found, {part: told[f"{row.name}.{part}"] for part in found.parts}, asked)


def _told(
    scene: Scene,
    block: Limits,
    program: Program | None,
    desk: Desk,
    asked: Sequence[Asking],
    history: History,
) -> Closes:
    """Both sides of each comparison at every order."""
    if program is None:
        return {}
    layout, rule = program.layout, program.rule
    width, out = layout.row_width, [0.0] * layout.out_width
    markets = scene.markets(program, block.lists)
    names = block.program.plan.extra_fields
    places = [names.index(name) for name in program.plan.extra_fields]
    table: list[float] = []
    for asking in asked:
        verdict = history.verdicts[asking.verdict]
        symbol = desk.instruments[verdict.symbol].symbol
        rows = markets.rows(program, symbol) if width else ()
        fields = (*asking.fields, *(asking.asked[k] for k in places))
        rule(rows, verdict.bar * width, fields, 0, [], 0, out, 0)
        table += out
    return {name: table[k :: len(out)] for k, name in enumerate(layout.rule)}
