"""From bars to orders (floor 9): per entry and symbol, how often each condition was true and
what came of it. Conditions that read the position are left out: they have no value apart from a
run.
"""

from collections.abc import Sequence
from dataclasses import fields

from engine.check.typed import CheckedStrategy, Named
from engine.compile import compile_values
from engine.records.account import History, RuleCount
from engine.run.program import Program
from engine.session.cell import Condition, FunnelRow
from engine.session.firm import Scene, Strategy
from engine.session.lists import FALSE, TRUE

COUNTS = tuple(f.name for f in fields(RuleCount))[3:]
"""The counts of a RuleCount, from `bars` on."""


def compile_conditions(checked: CheckedStrategy) -> Program | None:
    """The parts of every entry's condition as one program; None when there are none."""
    parts = {
        f"{k}.{j}": part.value
        for k, entry in enumerate(checked.entries)
        for j, part in enumerate(conditions(entry.when))
    }
    if not parts:
        return None
    return compile_values(f"conditions_{checked.name}", parts, "python", checked.clock)


def conditions(when: Named) -> tuple[Named, ...]:
    """The pieces of a condition that are true or false, or the whole of it when it has none."""
    return tuple(p for p in when.parts if p.value.kind.name == "truth") or (when,)


def funnel(
    scene: Scene,
    strategies: Sequence[Strategy],
    symbols: Sequence[Sequence[str]],
    history: History,
) -> tuple[FunnelRow, ...]:
    """One row per entry and symbol; `symbols` are each strategy's, as its book numbers them."""
    every = list(dict.fromkeys(s for group in symbols for s in group))
    return tuple(
        _row(scene, strategies[c.book], every[c.symbol], symbols[c.book], c) for c in history.counts
    )


def _row(
    scene: Scene, strategy: Strategy, symbol: str, universe: Sequence[str], count: RuleCount
) -> FunnelRow:
    entry = strategy.checked.entries[count.entry]
    return FunnelRow(
        strategy=strategy.name,
        entry=entry.name,
        symbol=symbol,
        counts={name: int(getattr(count, name)) for name in COUNTS},
        conditions=_conditions(scene, strategy, symbol, universe, count),
    )


def _conditions(
    scene: Scene, strategy: Strategy, symbol: str, universe: Sequence[str], count: RuleCount
) -> tuple[Condition, ...]:
    """The pieces of an entry's condition, counted on the bars on which the entry was judged."""
    program, entry = strategy.conditions, count.entry
    if program is None:
        return ()
    table = scene.markets(strategy.program, strategy.lists).rows(program, symbol, universe)
    width, frontier = program.layout.row_width, program.plan.frontier
    nodes = dict(program.plan.outputs("rule"))
    made = []
    for j, part in enumerate(conditions(strategy.checked.entries[entry].when)):
        node = nodes[f"{entry}.{j}"]
        if node in frontier:
            truths = looked_at(table[frontier.index(node) :: width], scene, symbol, count.bars)
            true, false = truths.count(TRUE), truths.count(FALSE)
            made.append(Condition(part.text, true, false, count.bars - true - false))
    return tuple(made)


def looked_at(truths: list[float], scene: Scene, symbol: str, bars: int) -> list[float]:
    """The truths of the first `bars` sessions on which the symbol has a bar: a ruined account
    looks at no more."""
    if len(truths) == bars:
        return truths
    world = scene.bare
    has = world.bars(symbol).has[world.line.start :].tolist()
    return [v for v, here in zip(truths, has, strict=True) if here][:bars]
