"""How much a cell's figures owe to luck in its fills (floor 9): run again with every order a bar
later, and with every cost doubled: commission, slippage, spread, impact and borrow rates.

A run in which no order was placed is the same run however late orders arrive. One in which nothing
was filled paid no cost, and dearer fills only shrink what buying power allows; one that paid none
has none to double. Those are not run again. The others branch off where the first order is placed.
"""

from engine.records.account import ALLOWED, CLIPPED, History
from engine.records.desk import CostRow, Desk
from engine.run.account import Trunk
from engine.run.branch import dearer, dearer_tape, later
from engine.session.cell import Sensitivity

COSTS = ("per_share", "per_order", "commission", "slippage", "spread", "impact")
"""The fields of CostRow that are money paid."""


def sensitivity(trunk: Trunk, history: History) -> Sensitivity:
    """The same cell delayed by a bar, and at twice the costs."""
    run, first = trunk.run, first_order(history)
    if first is None:
        return Sensitivity(history.equity, history.equity)
    doubled = history.equity
    if has_costs(run.desk, history):
        doubled = trunk.branch(first, dearer, dearer_tape(run.desk, run.n, trunk.tape))
    return Sensitivity(trunk.branch(first, later), doubled)


def first_order(history: History) -> int | None:
    """The bar of the first order that was placed: exits are noted as verdicts too."""
    placed = (v.bar for v in history.verdicts if v.outcome in (ALLOWED, CLIPPED))
    return next(placed, None)


def has_costs(desk: Desk, history: History) -> bool:
    """Whether any fill or short position has a price that doubling changes."""
    return bool(history.fills) and (_charges(desk.costs) or any(history.borrow))


def _charges(costs: CostRow) -> bool:
    return any(getattr(costs, name) for name in COSTS)
