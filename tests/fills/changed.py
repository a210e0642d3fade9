"""Desks changed as branches are: what a branch must equal, said in rows instead of cells."""

from dataclasses import replace

from engine.records.desk import Desk
from engine.session.sensitivity import COSTS


def less(desk: Desk, name: str) -> Desk:
    """The desk without the limit or switch of this name."""
    sets = tuple(
        replace(
            s,
            limits=tuple(x for x in s.limits if x.name != name),
            switches=tuple(x for x in s.switches if x.name != name),
        )
        for s in desk.limit_sets
    )
    return replace(desk, limit_sets=sets)


def delayed(desk: Desk) -> Desk:
    """The desk with every order one more bar under way."""
    return replace(desk, delay=desk.delay + 1)


def doubled(desk: Desk) -> Desk:
    """The desk at twice its commissions, slippage, spread, impact and borrow rates."""
    costs = replace(desk.costs, **{name: 2 * getattr(desk.costs, name) for name in COSTS})
    rows = tuple(replace(i, borrow_rate=2 * i.borrow_rate) for i in desk.instruments)
    moves = tuple([2 * v for v in line] for line in desk.tape.impact)
    return replace(desk, costs=costs, instruments=rows, tape=replace(desk.tape, impact=moves))
