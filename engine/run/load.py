"""One door to the runners (floor 7)."""

from collections.abc import Iterable
from dataclasses import replace

from engine.emit.layout import layout_of
from engine.emit.module import emit
from engine.emit.names import node_names
from engine.graph.plan import Plan
from engine.run import python, walk
from engine.run.program import Layer, Program, Runner, choose


def pick(plans: Iterable[Plan], lane_bars: int) -> Runner:
    """The runner that answers first for these plans; the cache is asked only if it matters."""
    if choose(lane_bars, cached=True) == "python":
        return "python"
    from engine.run import cpu

    every = (part for plan in plans for part in (*plan.layers, plan))
    return choose(lane_bars, all(cpu.is_cached(emit(part)) for part in every))


def load(plan: Plan, runner: Runner) -> Program:
    """Make a plan runnable; numba is imported for `njit` only."""
    program = _load(plan, runner)
    if not plan.layers:
        return program
    layers = tuple(_layer(layer, runner) for layer in plan.layers)
    text = "\n\n".join([*(x.source for x in layers if x.source), program.source])
    return replace(program, layers=layers, source=text)


def _layer(plan: Plan, runner: Runner) -> Layer:
    if runner == "walk":
        width = layout_of(plan, node_names(plan)).row_width
        return Layer(plan, width, walk.market(plan), None, walk.across(plan), python.table)
    module = emit(plan)
    if runner == "python":
        return python.load_layer(plan, module)
    from engine.run import cpu

    return cpu.load_layer(plan, module)


def _load(plan: Plan, runner: Runner) -> Program:
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
