"""Which limits are in force in one cell, and which inputs they lack (floor 9).

A limit whose input never existed in the window would block everything and look like safety: the
scenario or the command line waives it by name, or the cell has no data.
"""

from collections.abc import Mapping, Sequence

from engine.base.frozen import dataclass, replace
from engine.check.typed import CheckedLimits, CheckedScenario, FieldRead, Typed
from engine.records.desk import MINUTES, TIME_OF_DAY
from engine.session.asks import KINDS, symbol_of
from engine.session.cover import feed_gap
from engine.session.desk import SetUse
from engine.session.firm import Limits, Scene, Strategy
from engine.session.groups import Part, desks, groups
from engine.session.lists import list_gap
from engine.session.reads import asked_read, feeds_read, lists_read, live_read
from engine.session.stress import shock_gap
from engine.session.timeline import Timeline

BY_HAND = "waived on the command line"
NOT_RECORDED = "the system that trades tells it, and nobody recorded it"

Waived = Mapping[str, str]
"""Why each limit that is left out is, by `block.name`."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A row in force whose feed or list is missing on the whole window, or on part of it."""

    row: str
    text: str
    is_whole: bool


@dataclass(frozen=True)
class InForce:
    """uses: limit sets with what they belong to. waived: names with reasons. missing: why the
    cell has no data ("" when it has). short: inputs that cover part of the window only."""

    uses: tuple[tuple[Limits, SetUse], ...] = ()
    waived: tuple[str, ...] = ()
    missing: str = ""
    short: tuple[str, ...] = ()


def in_force(scene: Scene, strategies: Sequence[Strategy], symbols: Sequence[str]) -> InForce:
    """The limits of one cell: the firm's, and each strategy's own on its book. symbols: all that
    trade, in the order of the run."""
    scenario = scene.window.scenario
    if scene.firm.limits is None or not scene.line(0).bars:
        return InForce()
    firm = _named(scene.firm.limits, scenario)
    blocks = [*firm, *(own for s in strategies for own in s.limits)]
    waived = waived_of(scene)
    gaps = [g for block in dict.fromkeys(blocks) for g in _gaps(scene, block, waived)]
    return InForce(
        uses=tuple(_uses(scene, firm, strategies, symbols, waived)),
        waived=_told(blocks, waived),
        missing=_missing([g for g in gaps if g.is_whole]),
        short=tuple(dict.fromkeys(g.text for g in gaps if not g.is_whole)),
    )


def waived_of(scene: Scene) -> Waived:
    """Every limit that is left out here: the scenario's own reason comes before the bare hand."""
    scenario = scene.window.scenario
    by_hand = dict.fromkeys(scene.firm.waives, BY_HAND)
    named = {f"{block}.{name}": why for block, name, why in (scenario.waives if scenario else ())}
    return {**by_hand, **named}


def _missing(gaps: Sequence[Gap]) -> str:
    """The first input that is not there at all, and how to run without what needs one."""
    if not gaps:
        return ""
    rows = list(dict.fromkeys(g.row for g in gaps))
    options = " ".join(f"--waive {row}" for row in rows)
    lines = " and ".join(f'`waive {row} because "…"`' for row in rows)
    return f"{gaps[0].text}; to run without it: {options}, or {lines} in the scenario"


def _named(firm: Sequence[Limits], scenario: CheckedScenario | None) -> Sequence[Limits]:
    """The firm's blocks that the scenario's `run` names; all of them when it names none."""
    run = scenario.run if scenario else ()
    return [b for b in firm if b.checked.name in run] or firm


def _uses(
    scene: Scene,
    firm: Sequence[Limits],
    strategies: Sequence[Strategy],
    symbols: Sequence[str],
    waived: Waived,
) -> list[tuple[Limits, SetUse]]:
    """The firm's blocks, then per strategy the firm's and its own, then those on groups."""
    grouped = groups(scene, symbols)
    found = [(b, Part(("firm",))) for b in firm]
    for k, s in enumerate(strategies):
        found += [(b, Part(("strategy",), k, s.name)) for b in firm]
        found += [(b, Part(("firm", "strategy"), k, s.name)) for b in s.limits]
        found += [(b, Part(("desk",), k, s.desk)) for b in s.limits]
    found += [(b, part) for b in firm for part in (*desks(strategies), *grouped)]
    for k, s in enumerate(strategies):
        found += [(b, replace(part, book=k)) for b in s.limits for part in grouped]
    scenario = scene.window.scenario
    uses = [(block, _use(block, part, scenario, waived)) for block, part in found]
    return [(block, use) for block, use in uses if _has_rows(use)]


def _use(block: Limits, part: Part, scenario: CheckedScenario | None, waived: Waived) -> SetUse:
    return SetUse(
        checked=block.checked,
        program=block.program,
        book=part.book,
        scopes=part.scopes,
        waived=frozenset(_waives(block.checked, waived)),
        resumes=_resumes(block.checked, scenario),
        group=part.group,
        books=part.books,
        symbols=part.symbols,
    )


def _has_rows(use: SetUse) -> bool:
    limits = any(use.holds(x) for x in use.checked.limits)
    return limits or any(use.holds(s) for s in use.checked.switches)


def _waives(checked: CheckedLimits, waived: Waived) -> dict[str, str]:
    """The reasons for one block's waived rows, by their own names."""
    prefix = f"{checked.name}."
    return {n.removeprefix(prefix): why for n, why in waived.items() if n.startswith(prefix)}


def _told(blocks: Sequence[Limits], waived: Waived) -> tuple[str, ...]:
    found = [
        f"{b.checked.name}.{name}: {why}"
        for b in blocks
        for name, why in _waives(b.checked, waived).items()
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


def _gaps(scene: Scene, block: Limits, waived: Waived) -> list[Gap]:
    """Feeds and lists that rows in force need and lack."""
    checked = block.checked
    line = scene.markets(block.program, block.lists).world.line
    values: list[tuple[str, tuple[Typed | None, ...]]] = [
        *((x.name, (x.value,)) for x in checked.limits if x.otherwise != "skip"),
        *((s.name, (s.enter, s.resume)) for s in checked.switches),
    ]
    found = []
    for name, read in values:
        row = f"{checked.name}.{name}"
        if row not in waived:
            for need, (has_any, gap) in _lacks(scene, block, read, line).items():
                if gap:
                    found.append(Gap(row, f"{row} needs {need}: {gap}", not has_any))
    return found


def _asked_lacks(scene: Scene, field: FieldRead, line: Timeline) -> dict[str, tuple[bool, str]]:
    """What a beta, a stress loss or the time of day needs and lacks."""
    if field.name == "risk.stress":
        return {"stress losses": shock_gap(line)}
    if MINUTES <= KINDS[field.name] <= TIME_OF_DAY and not scene.firm.schedule.length:
        return {field.name: (False, "bars of a day have no time of day")}
    if field.name == "risk.beta":
        benchmark = symbol_of(field.arg or "")
        return {benchmark: feed_gap(scene.firm.series.get(benchmark), benchmark, line)}
    return {}


def _lacks(
    scene: Scene, block: Limits, read: Sequence[Typed | None], line: Timeline
) -> dict[str, tuple[bool, str]]:
    """What each feed and list that these values read has in the window."""
    feeds = sorted(f for value in read for f in feeds_read(value))
    live = sorted(n for value in read for n in live_read(value))
    lists = sorted(n for value in read for n in lists_read(value))
    found = {feed: feed_gap(scene.firm.series.get(feed), feed, line) for feed in feeds}
    found |= dict.fromkeys(live, (False, NOT_RECORDED))
    for field in sorted(asked_read(read), key=str):
        found |= _asked_lacks(scene, field, line)
    return found | {name: list_gap(block.lists[name], line) for name in lists}
