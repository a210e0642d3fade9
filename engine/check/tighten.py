"""Whether a limit of an inner scope tightens the outer limit of the same name (floor 4).

Both always run and the smaller cap wins, so an inner limit never loosens anything; this only says
beforehand what can be known of the two: that the inner one is the tighter, that it never binds
before the outer one does, or that it is decided order by order. A field of the account or of a
position is that of each limit's own scope, so two limits that read one prove nothing by their
bounds; only of what adds up (counts, gross exposure) is it known that a part has no more than the
whole.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from engine.base.diagnostics import Diagnostic, Note
from engine.base.frozen import dataclass, replace
from engine.check.logic import threshold
from engine.check.shape import fields_in
from engine.check.typed import Apply, CheckedLimit, CheckedLimits, Const, FieldRead, Scope, Typed

Proof = Literal["tighter", "idle", "at run time"]

INSIDE: dict[Scope, int] = {"firm": 0, "desk": 1, "strategy": 2, "asset class": 3, "symbol": 4}
"""How far inside a scope lies."""
OF_A_SCOPE = ("account.", "position.", "risk.", "losses.")
OF_A_SCOPE_TOO = ("order.exposure", "order.correlated", "order.repeats", "order.duplicates")
"""Fields whose value depends on the limit's scope."""
ADDS_UP = frozenset(
    f"account.{name}"
    for name in (
        *("positions", "gross", "orders", "cancels", "fills", "denials"),
        *("stops_hit", "losing_trips", "lost"),
    )
)
"""Fields of which a part has no more than the whole."""


@dataclass(frozen=True, slots=True)
class Row:
    """A limit with its block's name; is_own: a strategy brings it for its own book."""

    block: str
    limit: CheckedLimit
    is_own: bool = False

    @property
    def name(self) -> str:
        """`block.limit`."""
        return f"{self.block}.{self.limit.name}"

    @property
    def scope(self) -> Scope:
        """Where it lies: a strategy's own row at most as far out as its book."""
        scope = self.limit.scope
        return "strategy" if self.is_own and INSIDE[scope] < INSIDE["strategy"] else scope


@dataclass(frozen=True, slots=True)
class Nested:
    """Two limits of one name, one of them further inside, and what is proved of them."""

    inner: Row
    outer: Row
    proof: Proof


def nested(firm: Sequence[CheckedLimits], own: Sequence[CheckedLimits]) -> Iterator[Nested]:
    """Every limit of an inner scope with each of an outer one that it is named after. own: the
    blocks of one strategy."""
    outers = [Row(b.name, x) for b in firm for x in b.limits]
    inners = [*outers, *(Row(b.name, x, True) for b in own for x in b.limits)]
    for inner in inners:
        for outer in outers:
            if inner.limit.name == outer.limit.name and _is_inside(inner, outer):
                yield Nested(inner, outer, proof_of(inner, outer))


def _is_inside(inner: Row, outer: Row) -> bool:
    return INSIDE[inner.scope] > INSIDE[outer.scope] or (
        inner.is_own and inner.scope == outer.scope
    )


def proof_of(inner: Row, outer: Row) -> Proof:
    """What is proved of an inner limit against an outer one of the same name."""
    ours, theirs = inner.limit, outer.limit
    if theirs.group or theirs.scope == "desk":  # not every order of ours is one of theirs
        return "at run time"
    if inner.scope == outer.scope or not (_is_scoped(ours.value) or _is_scoped(theirs.value)):
        return compare(ours, theirs)
    is_part = outer.scope == "firm" or (outer.scope, inner.scope) == ("asset class", "symbol")
    if not is_part and not (inner.is_own and outer.scope == "strategy"):
        return "at run time"
    return _parts(ours, theirs)


def _is_scoped(value: Typed) -> bool:
    names = (f.name for f in fields_in(value))
    return any(n.startswith(OF_A_SCOPE) or n in OF_A_SCOPE_TOO for n in names)


def _parts(inner: CheckedLimit, outer: CheckedLimit) -> Proof:
    """Of a part and its whole: one that lets the part grow larger than the whole may be is idle."""
    ours, theirs = threshold(inner.value), threshold(outer.value)
    if inner.action != outer.action or ours is None or theirs is None or ours[0] != theirs[0]:
        return "at run time"
    (value, base), is_above, bound = ours
    adds_up = isinstance(value, FieldRead) and value.name in ADDS_UP and base is None
    if not adds_up or not is_above or not theirs[1] or bound <= theirs[2]:
        return "at run time"
    return "idle" if inner.on == outer.on or outer.on == "order" else "at run time"


def loosening(found: Sequence[Nested]) -> list[Diagnostic]:
    """An inner limit that is proved looser than the outer one says what it cannot do."""
    return [
        Diagnostic(
            "SW608",
            n.inner.limit.span,
            f"`{n.inner.name}` is looser than `{n.outer.name}` and never binds before it",
            "make it tighter, or drop it: an inner scope may only tighten",
            notes=(Note(n.outer.limit.span, f"`{n.outer.name}` judges the same orders"),),
        )
        for n in found
        if n.proof == "idle"
    ]


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
    if isinstance(value, Apply) and value.op == "div":
        number, base = _share(value.args[0])
        one = Const(1.0, value.args[0].kind) if base is None else base
        return number, replace(value, args=(one, value.args[1]))
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
