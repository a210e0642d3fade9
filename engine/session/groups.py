"""Desks, asset classes and symbols as parts of a run that limits watch (floor 9)."""

from collections.abc import Sequence

from engine.base.errors import UserError
from engine.base.frozen import dataclass
from engine.base.near import near
from engine.check.tighten import Nested, nested
from engine.check.typed import CheckedLimit, CheckedSwitch, Scope
from engine.session.desk import FIRM
from engine.session.firm import Limits, Scene, Strategy
from engine.session.wire import Entry


@dataclass(frozen=True, slots=True)
class Part:
    """Where one set of a block's rows is in force: a book, or books together, or symbols. group:
    its name."""

    scopes: tuple[Scope, ...]
    book: int = FIRM
    group: str = ""
    books: tuple[int, ...] = ()
    symbols: tuple[int, ...] = ()


def desks(strategies: Sequence[Strategy]) -> list[Part]:
    """Each desk with the books of its strategies."""
    names = dict.fromkeys(s.desk for s in strategies if s.desk)
    books = {n: tuple(k for k, s in enumerate(strategies) if s.desk == n) for n in names}
    return [Part(("desk",), group=n, books=found) for n, found in books.items()]


def groups(scene: Scene, symbols: Sequence[str]) -> list[Part]:
    """Each asset class and each symbol that trades."""
    kinds = [scene.firm.series[s].instrument.kind for s in symbols]
    classes = {x: tuple(i for i, k in enumerate(kinds) if k == x) for x in dict.fromkeys(kinds)}
    found = [Part(("asset class",), group=x, symbols=at) for x, at in classes.items()]
    return [*found, *(Part(("symbol",), group=s, symbols=(i,)) for i, s in enumerate(symbols))]


def tightened(firm: Sequence[Limits], strategies: Sequence[Strategy]) -> tuple[str, ...]:
    """What is known beforehand of limits of inner scopes that are named after outer ones."""
    outer = [b.checked for b in firm]
    said = [_told(n) for n in nested(outer, ())]
    for strategy in strategies:
        own = [b.checked for b in strategy.limits]
        mine = (n for n in nested(outer, own) if n.inner.is_own)
        said += [f"{strategy.name}: {_told(n)}" for n in mine]
    return tuple(dict.fromkeys(said))


def _told(found: Nested) -> str:
    return f"{found.inner.name} {PROVED[found.proof]} {found.outer.name}"


PROVED = {
    "tighter": "is proved at least as tight as",
    "idle": "is looser and never binds before",
    "at run time": "is compared order by order, the tighter one wins, with",
}


def check_groups(entries: Sequence[Entry], limits: Sequence[Limits]) -> None:
    """A desk or strategy that a scope names must be wired, or its limit would hold for nobody."""
    known = {"desk": {e.desk for e in entries} - {""}, "strategy": {e.name for e in entries}}
    for block in limits:
        for limit in block.checked.limits:
            _check_group(limit, known.get(limit.scope))
        for switch in block.checked.switches:
            _check_group(switch, known.get(switch.scope))


def _check_group(row: CheckedLimit | CheckedSwitch, known: set[str] | None) -> None:
    if not row.group or known is None or row.group in known:
        return
    close = near(row.group, known)
    hint = (
        f"did you mean `{close}`?" if close else f"there are {', '.join(sorted(known)) or 'none'}"
    )
    place = f"{row.span.file}:{row.span.line}:{row.span.column}"
    message = (
        f"{place}: the limit `{row.name}` is for the {row.scope} `{row.group}`, which is not there"
    )
    raise UserError(message, hint)
