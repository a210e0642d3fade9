"""How much a cell's figures owe to luck in its fills (floor 9): run again with every order a bar
later, and with every cost doubled.

A run in which no order was placed is the same run however late orders arrive. One in which nothing
was filled paid no cost, and dearer fills only shrink what buying power allows; one that paid none
has none to double. Those are not run again.
"""

from engine.base.frozen import replace
from engine.records.account import ALLOWED, CLIPPED, History
from engine.records.desk import CostRow, Desk
from engine.run.account import run_equity
from engine.session.cell import Sensitivity

COSTS = ("per_share", "per_order", "commission", "slippage", "spread", "impact")
"""The fields of CostRow that are money paid."""


def sensitivity(desk: Desk, history: History, compiled: bool) -> Sensitivity:
    """The same cell delayed by a bar, and at twice the costs."""
    return Sensitivity(
        delayed=run_equity(delayed(desk), compiled=compiled)
        if has_orders(history)
        else history.equity,
        doubled_costs=run_equity(doubled(desk), compiled=compiled)
        if has_costs(desk, history)
        else history.equity,
    )


def delayed(desk: Desk) -> Desk:
    """The desk with every order one more bar under way."""
    return replace(desk, delay=desk.delay + 1)


def doubled(desk: Desk) -> Desk:
    """The desk at twice its commissions, slippage, spread, impact and borrow rates."""
    costs = replace(desk.costs, **{name: 2 * getattr(desk.costs, name) for name in COSTS})
    rows = tuple(replace(i, borrow_rate=2 * i.borrow_rate) for i in desk.instruments)
    moves = tuple([2 * v for v in line] for line in desk.tape.impact)
    return replace(desk, costs=costs, instruments=rows, tape=replace(desk.tape, impact=moves))


def has_orders(history: History) -> bool:
    """Whether any order was placed: exits are noted as verdicts too."""
    return any(v.outcome in (ALLOWED, CLIPPED) for v in history.verdicts)


def has_costs(desk: Desk, history: History) -> bool:
    """Whether any fill or short position has a price that doubling changes."""
    return bool(history.fills) and (_charges(desk.costs) or any(history.borrow))


def _charges(costs: CostRow) -> bool:
    return any(getattr(costs, name) for name in COSTS)
