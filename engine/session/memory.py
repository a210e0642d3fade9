"""Limits blocks cut into the sets that the account loop runs (floor 9), all under the block's name.

A flatten or halt that resumes restarts its own memory, and no other's; the loop keeps one memory
per limit set. A block in which two rows remember something about the account (`peak(equity)`) is
therefore run as several sets. Rows of different scopes are run apart too: a set runs once for each
book, desk, class or symbol of its scope, and what it does not hold need not be worked out there.
"""

from engine.base.frozen import replace
from engine.check.shape import fields_in
from engine.check.typed import Apply, CheckedLimits, CheckedSwitch, Fold, Sample, Typed
from engine.graph.node import wants


def remembers(value: Typed | None) -> bool:
    """Whether a value over account fields depends on more than this bar."""
    match value:
        case Apply():
            kept = wants(value.op)
            has_state = kept.index or kept.ring or kept.scratch or kept.state > 0
            return (has_state and bool(fields_in(value))) or any(map(remembers, value.args))
        case Sample() | Fold():
            return remembers(value.value)
        case _:
            return False


def restarts(switch: CheckedSwitch) -> bool:
    """Whether a switch starts its memory afresh when it resumes: flattens and halts that have
    one."""
    return switch.kind != "pause" and (remembers(switch.enter) or remembers(switch.resume))


def parts(block: CheckedLimits) -> tuple[CheckedLimits, ...]:
    """The block, or its pieces."""
    return tuple(part for piece in _by_memory(block) for part in _by_scope(piece))


def _by_scope(block: CheckedLimits) -> tuple[CheckedLimits, ...]:
    """One piece for each scope of its rows, in the order of the text."""
    scopes = [x.scope for x in block.limits] + [x.scope for x in block.switches]
    if len(set(scopes)) < 2:
        return (block,)
    return tuple(
        replace(
            block,
            limits=tuple(x for x in block.limits if x.scope == scope),
            switches=tuple(x for x in block.switches if x.scope == scope),
        )
        for scope in dict.fromkeys(scopes)
    )


def _by_memory(block: CheckedLimits) -> tuple[CheckedLimits, ...]:
    """The rest of the block, then each switch that restarts a memory alone."""
    rows = [remembers(x.value) for x in block.limits]
    rows += [remembers(s.enter) or remembers(s.resume) for s in block.switches]
    alone = [s for s in block.switches if restarts(s)]
    if sum(rows) < 2 or not alone:
        return (block,)
    rest = tuple(s for s in block.switches if s not in alone)
    pieces = [replace(block, limits=(), switches=(s,)) for s in alone]
    return (replace(block, switches=rest), *pieces)
