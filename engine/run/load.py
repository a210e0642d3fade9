"""One door to the runners (floor 7)."""

from collections.abc import Iterable

from engine.emit.layout import layout_of
from engine.emit.module import emit
from engine.emit.names import node_names
from engine.graph.plan import Plan
from engine.run import python, walk
from engine.run.program import Program, Runner, choose


def pick(plans: Iterable[Plan], lane_bars: int) -> Runner:
    """The runner that answers first for these plans; the cache is asked only if it matters."""
    if choose(lane_bars, cached=True) == "python":
        return "python"
    from engine.run import cpu

    return choose(lane_bars, all(cpu.is_cached(emit(plan)) for plan in plans))


def load(plan: Plan, runner: Runner) -> Program:
    """Make a plan runnable; numba is imported for `njit` only."""
    if runner == "walk":
        return Program(
            plan=plan,
            layout=layout_of(plan, node_names(plan)),
            runner="walk",
            market=walk.market(plan),
            step=None,
            rule=walk.rule(plan),
            stops=walk.stops(plan),
            decide=walk.decide(plan),
        )
    module = emit(plan)
    if runner == "python":
        return python.load(plan, module)
    from engine.run import cpu

    return cpu.load(plan, module)
