"""Which runner a session takes (floor 9): the one asked for, or the one that answers first.

Rules are loaded as plain Python. A session large enough for machine code takes it where all of it
lies ready in the cache; only one that is far larger waits for a compiler, and says so.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from engine.base.errors import UserError
from engine.compile import choose_runner, is_ready, late_program, load_plan
from engine.graph.plan import Plan
from engine.run.program import Program, Runner
from engine.session.firm import Firm, Limits, Strategy, all_blocks
from engine.session.options import DryrunOptions, Progress
from engine.session.timeline import timeline

RUNNERS: dict[str, Runner] = {"walk": "walk", "python": "python", "njit": "njit"}
USUAL_WARM_UP = 250
"""Sessions of warm-up that are reckoned with, whatever each rule's own is."""


def asked_runner(options: DryrunOptions) -> Runner | None:
    """The runner that the command line names, if any."""
    if options.runner is not None and options.runner not in RUNNERS:
        known = ", ".join(RUNNERS)
        raise UserError(f"no runner `{options.runner}`", f"there are {known}")
    return RUNNERS[options.runner] if options.runner else None


def with_runner(firm: Firm, asked: Runner | None, progress: Progress) -> Firm:
    """The firm, whose rules are loaded for `asked` or as plain Python, ready to run: in machine
    code where that is asked for or answers first."""
    if (asked or choose_runner(_plans(firm), _work(firm), with_account=True)) != "njit":
        return firm
    ready = is_ready(_plans(firm))
    if not ready:
        progress(0, 0, "compiling rules to machine code (kept for the next run)")
    make: Callable[[Plan], Program] = late_program if ready else partial(load_plan, runner="njit")

    def made(limits: Limits) -> Limits:
        return replace(limits, program=make(limits.program.plan))

    def compiled(strategy: Strategy) -> Strategy:
        own = tuple(map(made, strategy.limits))
        return replace(strategy, program=make(strategy.program.plan), limits=own)

    return replace(
        firm,
        strategies=tuple(map(compiled, firm.strategies)),
        limits=None if firm.limits is None else tuple(map(made, firm.limits)),
        compiled=True,
    )


def _plans(firm: Firm) -> list[Plan]:
    blocks = all_blocks(firm.limits, firm.strategies)
    return [s.program.plan for s in firm.strategies] + [b.program.plan for b in blocks]


def _work(firm: Firm) -> int:
    """Lane-bars of all cells."""
    lines = [timeline(firm.schedule, w.first, w.last, USUAL_WARM_UP) for w in firm.windows]
    lanes = sum(len(s.universe) for s in firm.strategies)
    return sum(line.days.size for line in lines) * lanes
