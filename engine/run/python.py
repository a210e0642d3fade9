"""Runs emitted source as plain Python (floor 7): first small runs, and a check on both ends."""

import linecache
import math
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from engine.emit.module import Module
from engine.graph.gate import gate, gate_truth
from engine.graph.plan import Plan
from engine.ops import BY_NAME
from engine.run.cache import digest
from engine.run.program import Layer, Program, nothing


def kernels(module: Module) -> dict[str, Any]:
    """What the module's text calls by name, as plain Python."""
    named: dict[str, Any] = {text: BY_NAME[op].kernel for text, op in module.kernels}
    given = {"gate": gate, "gate_truth": gate_truth, "zeros": zeros}
    return {**named, **given, "nan": math.nan, "inf": math.inf}


def zeros(count: int) -> list[float]:
    """Fresh cells."""
    return [0.0] * count


def execute(text: str, name: str, given: dict[str, Any], file: str | None = None) -> ModuleType:
    """Run a module's text under a name known before it runs; tracebacks show the text."""
    module = ModuleType(name)
    module.__dict__.update(given)
    module.__file__ = file or f"<{name}>"
    sys.modules[name] = module
    linecache.cache[module.__file__] = (len(text), None, text.splitlines(True), module.__file__)
    try:
        exec(compile(text, module.__file__, "exec"), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def columns(values: Any) -> list[list[float]]:
    """Columns as lists of plain floats: arrays would hand numpy scalars to the kernels."""
    return [c.tolist() if hasattr(c, "tolist") else list(c) for c in values]


def table(columns: int, length: int) -> list[list[float]]:
    """Fresh columns."""
    return [[0.0] * length for _ in range(columns)]


def load_layer(plan: Plan, module: Module) -> Layer:
    """A layer that runs the emitted text as it stands."""
    made, text = _made(module), module.text
    market = _market(plan, module, made.run)
    return Layer(plan, module.layout.row_width, market, made.step, made.across, table, text)


def _made(module: Module) -> ModuleType:
    return execute(module.text, f"sw_{digest(module.text)}_python", kernels(module))


def load(plan: Plan, module: Module) -> Program:
    """A program that runs the emitted text as it stands."""
    made = _made(module)
    return Program(
        plan=plan,
        layout=module.layout,
        runner="python",
        market=_market(plan, module, made.run),
        step=made.step,
        rule=made.rule,
        stops=getattr(made, "stops", nothing),
        decide=getattr(made, "decide", nothing),
        source=module.text,
    )


def _market(
    plan: Plan, module: Module, run: Callable[..., None]
) -> Callable[[Any, Any, int], list[float]]:
    width = module.layout.row_width

    def market(inputs: Any, has: Any, n: int) -> list[float]:
        out = [math.nan] * (n * width)
        run(n, columns(inputs), columns(has), out, list(plan.buffer))
        return out

    return market
