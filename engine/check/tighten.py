"""Whether a limit of an inner scope tightens the outer limit of the same name (floor 4).

Both always run and the smaller cap wins, so an inner limit never loosens anything; this only says
beforehand what can be known of the two: that the inner one is the tighter, or that it never binds
before the outer one does.
"""

from typing import Literal

from engine.check.logic import threshold
from engine.check.typed import Apply, CheckedLimit, Const, Typed

Proof = Literal["tighter", "idle", "at run time"]


def compare(inner: CheckedLimit, outer: CheckedLimit) -> Proof:
    """What is proved of an inner limit against the outer one that it is named after. A limit as
    tight as the outer one counts as tighter."""
    if inner.action != outer.action or (inner.on == "entry" and outer.on != "entry"):
        return "at run time"
    if inner.action == "clip":
        return _caps(inner.value, outer.value)
    return _conditions(inner.value, outer.value)


def _caps(inner: Typed, outer: Typed) -> Proof:
    """Shares of one base: a negative base denies under either cap."""
    ours, theirs = _share(inner), _share(outer)
    if ours[1] != theirs[1] or ours[0] < 0.0 or theirs[0] < 0.0:
        return "at run time"
    return "tighter" if ours[0] <= theirs[0] else "idle"


def _share(value: Typed) -> tuple[float, Typed | None]:
    """A cap as a number times a base (None: a plain number)."""
    if isinstance(value, Const):
        return value.value, None
    if isinstance(value, Apply) and value.op == "mul":
        left, right = value.args
        if isinstance(left, Const):
            return left.value, right
        if isinstance(right, Const):
            return right.value, left
    return 1.0, value


def _conditions(inner: Typed, outer: Typed) -> Proof:
    """Comparisons of one value with a bound: the one that is true sooner is the tighter."""
    if inner == outer:
        return "tighter"
    ours, theirs = threshold(inner), threshold(outer)
    if ours is None or theirs is None or ours[:2] != theirs[:2] or ours[0][1] is not None:
        return "at run time"
    _, is_above, bound = ours
    if bound == theirs[2]:  # one of them may be strict
        return "at run time"
    return "tighter" if (bound < theirs[2]) == is_above else "idle"
