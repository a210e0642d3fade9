"""Which limits are in force in one cell, and which inputs they lack (floor 9).

A limit whose input never existed in the window would block everything and look like safety: the
scenario waives it by name, or the cell has no data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.check.typed import CheckedLimits, CheckedScenario
from engine.session.cover import feed_gap
from engine.session.desk import FIRM, Scope, SetUse
from engine.session.firm import Limits, Scene, Strategy
from engine.session.reads import feeds_read

WAIVE = "; a `waive` in the scenario runs without it"


@dataclass(frozen=True)
class InForce:
    """uses: limit sets with what they belong to. waived: names with reasons. missing: why the
    cell has no data ("" when it has). short: inputs that cover part of the window only."""

    uses: tuple[tuple[Limits, SetUse], ...] = ()
    waived: tuple[str, ...] = ()
    missing: str = ""
    short: tuple[str, ...] = ()


def in_force(scene: Scene, strategies: Sequence[Strategy]) -> InForce:
    """The limits of one cell: the firm's, and each strategy's own on its book."""
    scenario = scene.window.scenario
    if scene.firm.limits is None:
        return InForce()
    firm = _named(scene.firm.limits, scenario)
    blocks = [*firm, *(own for s in strategies for own in s.limits)]
    gaps = [g for block in dict.fromkeys(blocks) for g in _gaps(scene, block, scenario)]
    return InForce(
        uses=tuple(_uses(firm, strategies, scenario)),
        waived=_waived(blocks, scenario),
        missing=next((g + WAIVE for g, is_whole in gaps if is_whole), ""),
        short=tuple(dict.fromkeys(g for g, is_whole in gaps if not is_whole)),
    )


def _named(firm: Sequence[Limits], scenario: CheckedScenario | None) -> Sequence[Limits]:
    """The firm's blocks that the scenario's `run` names; all of them when it names none."""
    run = scenario.run if scenario else ()
    return [b for b in firm if b.checked.name in run] or firm


def _uses(
    firm: Sequence[Limits], strategies: Sequence[Strategy], scenario: CheckedScenario | None
) -> list[tuple[Limits, SetUse]]:
    found = [(b, _use(b, FIRM, ("firm",), scenario)) for b in firm]
    for k, strategy in enumerate(strategies):
        found += [(b, _use(b, k, ("strategy",), scenario)) for b in firm]
        found += [(b, _use(b, k, ("firm", "strategy"), scenario)) for b in strategy.limits]
    return [(block, use) for block, use in found if _has_rows(use)]


def _use(
    block: Limits, book: int, scopes: tuple[Scope, ...], scenario: CheckedScenario | None
) -> SetUse:
    return SetUse(
        checked=block.checked,
        program=block.program,
        book=book,
        scopes=scopes,
        waived=frozenset(_waives(block.checked, scenario)),
        resumes=_resumes(block.checked, scenario),
    )


def _has_rows(use: SetUse) -> bool:
    scopes = [(x.scope, x.name) for x in use.checked.limits]
    scopes += [(x.scope, x.name) for x in use.checked.switches]
    return any(scope in use.scopes and name not in use.waived for scope, name in scopes)


def _waives(checked: CheckedLimits, scenario: CheckedScenario | None) -> dict[str, str]:
    waives = scenario.waives if scenario else ()
    return {name: why for block, name, why in waives if block == checked.name}


def _waived(blocks: Sequence[Limits], scenario: CheckedScenario | None) -> tuple[str, ...]:
    found = [
        f"{b.checked.name}.{name}: {why}"
        for b in blocks
        for name, why in _waives(b.checked, scenario).items()
    ]
    return tuple(dict.fromkeys(found))


def _resumes(
    checked: CheckedLimits, scenario: CheckedScenario | None
) -> Mapping[str, tuple[int, ...]]:
    """Bars at which a scenario resumes a switch by hand, by the switch's name."""
    bars: dict[str, list[int]] = {}
    for name, bar, _by in scenario.resumes if scenario else ():
        bars.setdefault(name.removeprefix(f"{checked.name}."), []).append(bar)
    return {name: tuple(sorted(found)) for name, found in bars.items()}


def _gaps(scene: Scene, block: Limits, scenario: CheckedScenario | None) -> list[tuple[str, bool]]:
    """Sentences on feeds that rows in force need and lack, and whether they lack all of it."""
    checked, waived = block.checked, _waives(block.checked, scenario)
    line = scene.markets(block.program, block.lists).world.line
    needs = [(x.name, feeds_read(x.value)) for x in checked.limits if x.otherwise != "skip"]
    needs += [(s.name, feeds_read(s.enter) | feeds_read(s.resume)) for s in checked.switches]
    found = []
    for name, feeds in needs:
        for feed in sorted(feeds) if name not in waived else ():
            has_any, gap = feed_gap(scene.firm.series.get(feed), feed, line)
            if gap:
                what = f"{checked.name}.{name} needs {feed}: {gap}"
                found.append((what, not has_any))
    return found
