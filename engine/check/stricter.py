"""Which way a limit moved when its text changed (floor 4): tighter, looser, or not to be told.

Two texts of one shape differ in literals alone. Each literal pulls the whole up or down, by the
operators above it; when all that changed pull the same way, the direction is known. Where an
operator may pull either way, nothing is claimed.
"""

from collections.abc import Iterator
from typing import Literal

from engine.lang import ast

Direction = Literal["tightened", "loosened", "changed", "same"]
Pull = Literal[-1, 0, 1]
"""Up, unknown or down: how the whole follows a part."""

NOT_KNOWN: Pull = 0

POSITIVE = frozenset(
    (
        "equity",
        "account.equity",
        "start.equity",
        "account.start_equity",
        "account.peak",
        "order.price",
        "order.qty",
        "order.notional",
        "order.stop_distance",
        "last",
        "market.last",
        "close",
        "open",
        "high",
        "low",
        "volume",
    )
)
"""What is above zero wherever it is known, so that a product follows the other factor."""
POSITIVE_CALLS = frozenset(
    ("adv", "peak", "atr", "stdev", "abs", "sma", "ema", "highest", "lowest")
)


def of_limits(old: ast.Limit, new: ast.Limit) -> Direction:
    """How a limit moved: lower caps, wider refusals and no skipping are tighter."""
    if (old.action, old.scope, old.group) != (new.action, new.scope, new.group):
        return "changed"
    up: Pull = 1 if new.action != "clip" else -1
    moves = [*moved(old.value, new.value, up), *_target(old, new), *_unknown(old, new)]
    return _whole(moves)


def of_switches(old: ast.Switch, new: ast.Switch) -> Direction:
    """How a switch moved: entering sooner and resuming later are tighter."""
    if (old.kind, old.scope, old.group) != (new.kind, new.scope, new.group):
        return "changed"
    moves = [
        *_maybe_moved(old.enter, new.enter, 1),
        *_maybe_moved(old.resume_when, new.resume_when, -1),
    ]
    after = (old.resume_after, new.resume_after)
    moves += [*_maybe_moved(after[0], after[1], 1)]
    if old.resume_hand != new.resume_hand:
        moves.append(0)
    return _whole(moves)


def _target(old: ast.Limit, new: ast.Limit) -> list[Pull]:
    """`on order` looks at more orders than `on entry`."""
    if old.on == new.on:
        return []
    return [{("entry", "order"): 1, ("order", "entry"): -1}.get((old.on, new.on), 0)]  # type: ignore[list-item]


def _unknown(old: ast.Limit, new: ast.Limit) -> list[Pull]:
    was, now = old.otherwise == "skip", new.otherwise == "skip"
    return [] if was == now else [1 if was else -1]


def _whole(moves: list[Pull]) -> Direction:
    if not moves:
        return "same"
    if 0 in moves or len(set(moves)) > 1:
        return "changed"
    return "tightened" if moves[0] > 0 else "loosened"


def _maybe_moved(old: ast.Expr | None, new: ast.Expr | None, pull: Pull) -> Iterator[Pull]:
    if old is None or new is None:
        if old is not new:
            yield 0
        return
    yield from moved(old, new, pull)


def moved(old: ast.Expr, new: ast.Expr, pull: Pull) -> Iterator[Pull]:
    """Each change between two expressions, as it pulls the whole; 0 where that is not known."""
    if type(old) is not type(new):
        yield 0
    elif isinstance(old, ast.Literal) and isinstance(new, ast.Literal):
        yield from _literals(old, new, pull)
    elif not _parts(old):
        if _bare(old) != _bare(new):
            yield 0
    elif _frame(old) != _frame(new) or len(_parts(old)) != len(_parts(new)):
        yield 0
    else:
        ways = pulls(new, pull)
        for a, b, way in zip(_parts(old), _parts(new), ways, strict=True):
            yield from moved(a, b, way)


def _literals(old: ast.Literal, new: ast.Literal, pull: Pull) -> Iterator[Pull]:
    if (old.kind, old.unit) != (new.kind, new.unit):
        if old.text != new.text:
            yield 0
    elif old.value != new.value:
        yield 0 if pull == 0 else (pull if new.value > old.value else _other(pull))


def _other(pull: Pull) -> Pull:
    return 0 if pull == 0 else (-1 if pull > 0 else 1)


def pulls(e: ast.Expr, pull: Pull) -> tuple[Pull, ...]:
    """How the whole follows each part of an expression."""
    down = _other(pull)
    match e:
        case ast.Unary():
            return (down,)
        case ast.Binary(op="+") | ast.Logic():
            return tuple(pull for _ in _parts(e))
        case ast.Binary(op="-"):
            return pull, down
        case ast.Binary(op="*") | ast.Of():
            return _if(is_positive(e.right), pull), _if(is_positive(e.left), pull)
        case ast.Binary(op="/"):
            both = is_positive(e.left) and is_positive(e.right)
            return _if(is_positive(e.right), pull), _if(both, down)
        case ast.Compare(op=">" | ">="):
            return pull, down
        case ast.Compare(op="<" | "<="):
            return down, pull
        case ast.Within():
            return 0, pull, 0
        case ast.Between():
            return 0, down, pull
        case ast.Lasting():
            return pull, down
        case ast.Call(name="min" | "max"):
            return tuple(pull for _ in e.args)
        case _:
            return tuple(NOT_KNOWN for _ in _parts(e))


def _if(is_known: bool, pull: Pull) -> Pull:
    return pull if is_known else 0


def is_positive(e: ast.Expr) -> bool:
    """Whether a value is above zero wherever it is known, by its form alone."""
    match e:
        case ast.Literal():
            return e.value > 0
        case ast.Name() | ast.Field():
            return word(e) in POSITIVE
        case ast.Call():
            return e.name in POSITIVE_CALLS
        case ast.Binary(op="*" | "/" | "+") | ast.Of():
            return is_positive(e.left) and is_positive(e.right)
        case _:
            return False


def word(e: ast.Expr) -> str:
    """A dotted name as one word; empty for anything else."""
    if isinstance(e, ast.Name):
        return e.name
    if isinstance(e, ast.Field):
        base = word(e.base)
        return f"{base}.{e.name}" if base else ""
    return ""


def _parts(e: ast.Expr) -> list[ast.Expr]:
    if isinstance(e, ast.Field):
        return []
    inside = [getattr(e, name) for name in e.__dataclass_fields__ if name != "span"]
    flat = [x for part in inside for x in (part if isinstance(part, tuple) else (part,))]
    return [x for x in flat if hasattr(x, "span")]


def _frame(e: ast.Expr) -> tuple[object, ...]:
    """What an expression says besides its parts: its operator, a call's name."""
    names = (n for n in e.__dataclass_fields__ if n != "span")
    said = (getattr(e, n) for n in names)
    return tuple(x for x in said if isinstance(x, str | int))


def _bare(e: ast.Expr) -> object:
    return word(e) or _frame(e)
