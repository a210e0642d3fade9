"""One door to the runners (floor 7)."""

from collections.abc import Iterable
from dataclasses import replace

from engine.emit.layout import layout_of
from engine.emit.module import emit
from engine.emit.names import node_names
from engine.graph.plan import Plan
from engine.run import python, walk
from engine.run.program import Layer, Program, Runner, choose


def pick(plans: Iterable[Plan], lane_bars: int, with_account: bool = False) -> Runner:
    """The runner that answers first for these plans; the cache is asked only if it matters.
    with_account: the account loop runs them, compiled or not as they are."""
    if choose(lane_bars, True, with_account) == "python":
        return "python"
    cached = is_ready(plans) if with_account else _are_cached(plans)
    return choose(lane_bars, cached, with_account)


def is_ready(plans: Iterable[Plan]) -> bool:
    """Whether machine code of these plans and of the account loop lies ready in the cache."""
    from engine.run import bundle

    return bundle.is_cached() and _are_cached(plans)


def _are_cached(plans: Iterable[Plan]) -> bool:
    from engine.run import cpu

    every = (part for plan in plans for part in (*plan.layers, plan))
    return all(cpu.is_cached(emit(part)) for part in every)


def late(plan: Plan) -> Program:
    """A plan whose machine code lies in the cache, loaded by the process that first calls it."""
    from engine.run import cpu

    program = cpu.late(plan, emit(plan))
    return _layered(program, tuple(cpu.late_layer(layer, emit(layer)) for layer in plan.layers))


def load(plan: Plan, runner: Runner) -> Program:
    """Make a plan runnable; numba is imported for `njit` only."""
    return _layered(_load(plan, runner), tuple(_layer(layer, runner) for layer in plan.layers))


def _layered(program: Program, layers: tuple[Layer, ...]) -> Program:
    if not layers:
        return program
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
