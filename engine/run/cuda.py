"""Compiles emitted source for CUDA, offline (floor 7): the same text, fit for a GPU.

What: `run` of a rule, one thread a lane, as PTX for sm_90, and what ptxas makes of it. No GPU is
asked for and nothing is launched; the simulation around it is not written yet.
Why: source that only a CPU has ever compiled stops being fit for a GPU unnoticed. NVVM fuses a
product with the sum it feeds, which rounds once where Python rounds twice: here `mul_rn` is
libdevice's `dmul_rn`, and `faults` says what else in the PTX would answer in other bits.
numba-cuda is imported here only, and only when a rule is compiled: it is the `gpu` extra.
"""

import math
import re
import subprocess
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from engine.base.frozen import dataclass
from engine.emit.module import Module
from engine.graph.gate import gate, gate_truth
from engine.graph.plan import Plan
from engine.ops import BY_NAME
from engine.run.cache import digest
from engine.run.python import execute
from engine.run.sources import source_of

ARCHITECTURE = (9, 0)
DEVICE = "@cuda.jit(device=True, forceinline=True)"
LANE = """

def lane(n, inputs, has, out, buf):
    k = cuda.grid(1)
    if k < inputs.shape[0]:
        run(n, inputs[k], has[k], out[k], buf[k])
"""
"""The kernel around `run`: a thread a lane, nothing more."""

FORBIDDEN = {
    "fused": r"\b(fma|mad)\.\S*f(32|64)",
    "approximate": r"\.approx\b",
    "flushes tiny values": r"\.ftz\b",
    "calls": r"^\s*call\b",
}
"""PTX that would answer in other bits than Python does, or that is not in line."""


@dataclass(frozen=True)
class Compiled:
    """PTX of one rule; what ptxas says: registers a thread, bytes spilled, bytes on a stack."""

    ptx: str
    registers: int
    spilled_bytes: int
    stack_bytes: int


def missing() -> str:
    """What of the `gpu` extra is not installed, in words; empty when nothing is."""
    if find_spec("numba_cuda") is None:
        return "numba-cuda is not installed: pip install 'seawall[gpu]'"
    return "" if ptxas() else "ptxas is not installed: pip install 'nvidia-cuda-nvcc==13.0.*'"


@cache
def ptxas() -> Path | None:
    """The assembler that came with the CUDA wheels."""
    spec = find_spec("nvidia")
    places = [] if spec is None else [Path(p) for p in spec.submodule_search_locations or ()]
    return next((f for p in places for f in sorted(p.glob("*/bin/ptxas"))), None)


def faults(ptx: str) -> list[str]:
    """Lines that break the rules of FORBIDDEN, each with the rule."""
    lines = [line.strip() for line in ptx.splitlines()]
    return [f"{what}: {x}" for x in lines for what, sign in FORBIDDEN.items() if re.search(sign, x)]


def compile_run(plan: Plan, module: Module) -> Compiled:
    """The rule's `run` for sm_90. ValueError when ptxas refuses it."""
    cuda = _numba_cuda()
    columns, lanes = "float64[:, :, ::1]", "float64[:, ::1]"
    signature = f"void(int64, {columns}, {columns}, {lanes}, {lanes})"
    ptx, _ = cuda.compile(
        _lane(module, cuda), signature, device=False, abi="numba", cc=ARCHITECTURE
    )
    return _assembled(ptx)


@cache
def _numba_cuda() -> Any:
    """numba-cuda, told which device to compile for: there is none to ask."""
    import numpy as np

    if not hasattr(np, "row_stack"):  # numba-cuda 0.30 looks for it, numpy 2.5 dropped it
        setattr(np, "row_stack", np.vstack)  # noqa: B010
    from numba import cuda
    from numba.cuda import dispatcher

    device = SimpleNamespace(compute_capability=ARCHITECTURE)
    setattr(dispatcher, "get_current_device", lambda: device)  # noqa: B010
    return cuda


@cache
def kernel_text() -> str:
    """Every kernel as a device function; `mul_rn` as the product that never fuses."""
    text = source_of([gate, gate_truth, *(op.kernel for op in BY_NAME.values())], DEVICE)
    plain = re.search(r"def mul_rn\(.*?return a \* b\n", text, re.DOTALL)
    assert plain, "mul_rn is not what it was: look at ops/numbers.py"
    return text.replace(plain[0], plain[0].replace("a * b\n", "dmul_rn(a, b)\n"))


@cache
def _kernels() -> ModuleType:
    from numba.cuda import libdevice

    given = {"cuda": _numba_cuda(), "dmul_rn": libdevice.dmul_rn}
    return execute(kernel_text(), "sw_cuda_kernels", given)


def _lane(module: Module, cuda: Any) -> Any:
    """The kernel of one rule as a Python function that numba-cuda can compile."""
    text = module.text.replace("def run(", f"{DEVICE}\ndef run(") + LANE
    made = _kernels()
    own = {name: getattr(made, BY_NAME[op].kernel.__name__) for name, op in module.kernels}
    given = {"cuda": cuda, "nan": math.nan, "inf": math.inf, **own}
    name = f"sw_{digest(text)}_cuda"
    given |= {"gate": made.gate, "gate_truth": made.gate_truth}
    execute(text, name, given)
    return sys.modules[name].lane


def _assembled(ptx: str) -> Compiled:
    """What ptxas makes of the text."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rule.ptx"
        file.write_text(ptx, encoding="utf-8")
        command = [str(ptxas()), "-v", "-O3", "-arch=sm_90", "-o", str(file) + ".cubin", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"ptxas refuses the rule: {done.stderr.strip()}")

    def count(sign: str) -> int:
        found = re.search(sign, done.stderr)
        return int(found[1]) if found else 0

    spilled = count(r"(\d+) bytes spill stores") + count(r"(\d+) bytes spill loads")
    return Compiled(ptx, count(r"Used (\d+) registers"), spilled, count(r"(\d+) bytes stack frame"))
