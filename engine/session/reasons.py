"""Why a cell has no trade (floor 9): never left for the reader to guess."""

from collections import Counter
from collections.abc import Sequence

from engine.check.typed import Typed
from engine.records.account import BLOCKED, DENIED, NOT_SHORTABLE, UNSIZED, ZERO, History
from engine.session.firm import Scene, Strategy
from engine.session.funnel import COUNTS
from engine.session.inputs import column
from engine.session.reads import columns_read

Counts = dict[str, int]

_FATES = (
    ("denied", "denied"),
    ("blocked", "stopped by a pause"),
    ("unsized", "without a size"),
    ("zero", "rounded to no shares"),
    ("expired", "expired unfilled"),
)


_OUTCOMES = (
    (DENIED, "denied"),
    (BLOCKED, "stopped by a pause"),
    (UNSIZED, "without a weight"),
    (ZERO, "rounded to no shares"),
    (NOT_SHORTABLE, "not shortable"),
)


def no_trade_reason(
    scene: Scene,
    strategies: Sequence[Strategy],
    symbols: Sequence[Sequence[str]],
    history: History,
) -> str | None:
    """A sentence per rule that could have traded, or None when something was filled."""
    if history.fills:
        return None
    said = []
    for book, strategy in enumerate(strategies):
        prefix = f"{strategy.name}." if len(strategies) > 1 else ""
        for k, entry in enumerate(strategy.checked.entries):
            counts = _counts(history, book, k)
            missing = _missing(scene, strategy, symbols[book], (entry.when.value,))
            said.append(f"{prefix}{entry.name}: {_entry(counts, missing)}")
        if strategy.checked.weight is not None:
            missing = _missing(scene, strategy, symbols[book], (strategy.checked.weight,))
            said.append(f"{prefix}weight: {_weight(history, book, missing)}")
    return "; ".join(said) or "no rule that could enter"


def _counts(history: History, book: int, entry: int) -> Counts:
    rows = [c for c in history.counts if c.book == book and c.entry == entry]
    return {name: sum(getattr(r, name) for r in rows) for name in COUNTS}


def _entry(counts: Counts, missing: Sequence[str]) -> str:
    bars = counts["bars"]
    if counts["undefined"] == bars:
        cause = f"{' and '.join(missing)} missing" if missing else "too little history"
        return f"undefined {bars} of {bars} bars, {cause}"
    if not counts["fired"]:
        undefined = f", undefined on {counts['undefined']}" if counts["undefined"] else ""
        return f"never true in {bars} bars{undefined}"
    fates = [f"{counts[key]} {word}" for key, word in _FATES if counts[key]]
    return f"fired on {counts['fired']} of {bars} bars: {', '.join(fates) or 'no order filled'}"


def _weight(history: History, book: int, missing: Sequence[str]) -> str:
    if missing:
        return f"undefined, {' and '.join(missing)} missing"
    judged = Counter(v.outcome for v in history.verdicts if v.book == book)
    fates = [f"{judged[key]} {word}" for key, word in _OUTCOMES if judged[key]]
    total = sum(judged.values())
    return f"{total} orders judged: {', '.join(fates) or 'none filled'}" if total else "no order"


def _missing(
    scene: Scene, strategy: Strategy, symbols: Sequence[str], values: Sequence[Typed]
) -> list[str]:
    """Columns that these values read and that have nothing in the window on any symbol."""
    world = scene.markets(strategy.program, strategy.lists).world
    start = world.line.start
    read = dict.fromkeys(c for v in values for c in columns_read(v))
    names: dict[str, bool] = {}
    for wanted in read:
        found = [column(world, s, wanted)[start:] for s in symbols]
        is_empty = all(not (v == v).any() for v in found)
        of = wanted.frame.symbol
        name = wanted.name.removeprefix("feed:")
        label = name if of in (None, "*") else f"{name} of {of}"
        names[label] = names.get(label, True) and is_empty
    return [n for n, is_empty in names.items() if is_empty]
