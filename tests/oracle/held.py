"""What is held together, as limits ask of it: exposure of groups, of symbols that move alike, and
what may be lost (docs/spec.md section 7). Working entries count as filled."""

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.records.account import Verdict

from .crises import loss
from .rounded import Num, TooClose, exactly, total
from .scopes import Scope
from .tails import gains, slope, tail, together

if TYPE_CHECKING:
    from .standing import Standing


def group_exposure(here: "Standing", v: Verdict, scope: Scope, by: str) -> Num | None:
    """Exposure of the order's own sector, class, symbol, book or desk within a scope."""
    mine = group_name(here, v.book, v.symbol, by)
    if not mine:
        return None
    held = total(
        abs(exactly(h.qty) * exactly(here.ledger.last[s]))
        for (b, s, _), h in here.holdings(scope)
        if group_name(here, b, s, by) == mine
    )
    return held + total(
        exactly(w.left) * Num(w.price)
        for (b, s, _), w in here.working.items()
        if scope.covers(b, s) and group_name(here, b, s, by) == mine
    )


def group_name(here: "Standing", book: int, symbol: int, by: str) -> str:
    row = here.desk.instruments[symbol]
    names = {"sector": row.sector, "class": row.kind, "symbol": row.symbol}
    return {**names, "book": str(book), "desk": here.desk.books[book].desk}[by]


def correlated(here: "Standing", v: Verdict, scope: Scope, level: float, bars: int) -> Num | None:
    """Exposure of the symbols that moved with the order's at least so much, itself too."""
    found = Num(0.0)
    mine = here.returns.last(v.symbol, here.t, bars)
    for symbol in range(len(here.desk.instruments)):
        exposed = here.gross(scope, symbol)
        if not exposed.value:
            continue
        if symbol != v.symbol:
            theirs = here.returns.last(symbol, here.t, bars)
            alike = None if mine is None or theirs is None else together(mine, theirs)
            if alike is None:
                return None
            if abs(alike.value - level) <= alike.off:
                raise TooClose
            if alike.value < level:
                continue
        found = found + exposed
    return found


def at_risk(
    here: "Standing",
    scope: Scope,
    name: str,
    level: Decimal,
    bars: int,
    order: tuple[Verdict, float] | None,
) -> Num | None:
    """The loss of what is held and ordered on the last bars' returns."""
    found = gains(here.returns, holds(here, scope, order), here.t, bars)
    return None if found is None else tail(name, level, found)


def moving(
    here: "Standing", scope: Scope, benchmark: str, bars: int, order: tuple[Verdict, float] | None
) -> Num | None:
    """What is held and ordered, each symbol times its beta to a benchmark."""
    found, market = Num(0.0), here.returns.benchmark(benchmark, here.t, bars)
    for symbol, value in holds(here, scope, order).items():
        mine = here.returns.last(symbol, here.t, bars)
        if not value.value:
            if value.off:
                raise TooClose
            continue
        beta = None if market is None or mine is None else slope(mine, market)
        if beta is None:
            return None
        found = found + value * beta
    return found


def stressed(
    here: "Standing", scope: Scope, bars: int, order: tuple[Verdict, float] | None
) -> Num | None:
    """The loss of what is held and ordered in the worst of the crises that were over."""
    held = {here.desk.instruments[s].symbol: v for s, v in holds(here, scope, order).items()}
    return loss(here.crises, held, bars, int(here.desk.tape.days[here.t]))


def holds(here: "Standing", scope: Scope, order: tuple[Verdict, float] | None) -> dict[int, Num]:
    """The money in each symbol: positions, working entries and the order judged, signed."""
    held = {s: total(q * p for q, p in here.positions(scope, s)) for s in symbols(here, scope)}
    for (b, s, _), w in here.working.items():
        if scope.covers(b, s):
            held[s] = held[s] + exactly(w.left * w.side) * Num(w.price)
    if order is not None:
        v, qty = order
        held[v.symbol] = held[v.symbol] + Num(qty * v.side) * Num(v.price)
    return held


def symbols(here: "Standing", scope: Scope) -> list[int]:
    every = range(len(here.desk.instruments))
    return [s for s in every if scope.symbols is None or s in scope.symbols]
