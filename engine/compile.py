"""The only place that chains parse, check, build, plan, emit and load (between floors 7 and 8)."""

from collections.abc import Iterable, Mapping

from engine.base.clocks import DAILY
from engine.check.typed import CheckedLimits, CheckedStrategy, Typed
from engine.graph.build import build_limits, build_strategy, build_values
from engine.graph.node import Graph
from engine.graph.plan import Plan, make_plan
from engine.graph.simplify import simplify
from engine.graph.verify import verify_graph, verify_plan
from engine.run.program import Program, Runner


def plan_graph(graph: Graph) -> Plan:
    """Simplify, verify and plan a graph."""
    verify_graph(graph)
    simple = simplify(graph)
    verify_graph(simple)
    plan = make_plan(simple)
    verify_plan(plan)
    return plan


def plan_strategy(checked: CheckedStrategy, notes: bool = False) -> Plan:
    """The plan of a strategy; with `notes`, lets and parts of conditions are kept for `why`."""
    return plan_graph(build_strategy(checked, notes))


def plan_limits(checked: CheckedLimits) -> Plan:
    """The plan of a limits block."""
    return plan_graph(build_limits(checked))


def plan_values(name: str, values: Mapping[str, Typed], every: str = DAILY) -> Plan:
    """The plan of loose values, each an output of `rule`: for `eval` and claims."""
    return plan_graph(build_values(name, values, every))


def compile_strategy(
    checked: CheckedStrategy, runner: Runner = "python", notes: bool = False
) -> Program:
    """A strategy ready to run."""
    return load_plan(plan_strategy(checked, notes), runner)


def compile_limits(checked: CheckedLimits, runner: Runner = "python") -> Program:
    """A limits block ready to run."""
    return load_plan(plan_limits(checked), runner)


def compile_values(
    name: str, values: Mapping[str, Typed], runner: Runner = "walk", every: str = DAILY
) -> Program:
    """Loose values on the bars of a clock, ready to run."""
    return load_plan(plan_values(name, values, every), runner)


def choose_runner(plans: Iterable[Plan], lane_bars: int, with_account: bool = False) -> Runner:
    """The runner that answers first: python for small runs, njit where compiling pays.
    with_account: the account loop comes with it."""
    from engine.run.load import pick

    return pick(plans, lane_bars, with_account)


def is_ready(plans: Iterable[Plan]) -> bool:
    """Whether machine code of these plans and of the account loop lies in the cache."""
    from engine.run.load import is_ready

    return is_ready(plans)


def late_program(plan: Plan) -> Program:
    """A plan of which machine code lies in the cache, loaded by the process that first runs it."""
    from engine.run.load import late

    return late(plan)


def load_plan(plan: Plan, runner: Runner) -> Program:
    """Load a plan; numba is imported for `njit` only."""
    from engine.run.load import load

    return load(plan, runner)
