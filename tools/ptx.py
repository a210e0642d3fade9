"""Compiles every shipped rule for sm_90 without a GPU, and writes docs/gpu.md.

python tools/ptx.py            write the page
python tools/ptx.py --check    exit 1 when a rule's source is unfit for a GPU, or the page stale
Says so and exits 0 where the `gpu` extra is not installed.
"""

import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.base.resources import rules_dir  # noqa: E402
from engine.check import check_file, load_uses, read_near  # noqa: E402
from engine.compile import plan_limits, plan_strategy  # noqa: E402
from engine.emit.module import emit  # noqa: E402
from engine.graph.plan import Plan  # noqa: E402
from engine.lang.parse import parse_file  # noqa: E402
from engine.records.catalogue import load_catalogue  # noqa: E402
from engine.run.cuda import compile_run, faults, missing  # noqa: E402

PAGE = ROOT / "docs" / "gpu.md"
NO_SPILL = 60
"""Rules of at most so many nodes may spill nothing."""


def shipped() -> Iterator[tuple[str, Plan]]:
    """Every strategy and limits block of the shipped rule files, with its plan."""
    for path in sorted(p for p in rules_dir().glob("**/*.rule") if p.parent.name != "lib"):
        file, _ = parse_file(path)
        used, _ = load_uses(file, read_near)
        checked, _ = check_file(file, used, load_catalogue())
        for strategy in checked.strategies:
            yield strategy.name, plan_strategy(strategy)
        for limits in checked.limits:
            yield limits.name, plan_limits(limits)


def main(words: Sequence[str]) -> int:
    """Compile, lint, and write or compare the page."""
    lacks = missing()
    if lacks:
        print(f"skipped: {lacks}")
        return 0
    rows, wrong = [], []
    for name, plan in shipped():
        made = compile_run(plan, emit(plan))
        nodes = len(plan.market)
        wrong += [f"{name}: {fault}" for fault in faults(made.ptx)]
        if made.spilled_bytes and nodes <= NO_SPILL:
            wrong.append(f"{name}: {nodes} nodes spill {made.spilled_bytes} bytes")
        rows.append((name, nodes, made.registers, made.spilled_bytes, made.stack_bytes))
        print(f"{name}: {nodes} nodes, {made.registers} registers", flush=True)
    for line in wrong:
        print(line, file=sys.stderr)
    text = page(rows)
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
    if "--check" not in words:
        PAGE.write_text(text, encoding="utf-8")
    elif stale:
        print("stale: docs/gpu.md; run python tools/ptx.py", file=sys.stderr)
    return 1 if wrong or (stale and "--check" in words) else 0


def page(rows: Sequence[tuple[str, int, int, int, int]]) -> str:
    """The note, one row a rule."""
    table = "\n".join(f"| `{a}` | {b} | {c} | {d} | {e} |" for a, b, c, d, e in rows)
    return (
        "# The rules as GPU source\n\n<!-- made by tools/ptx.py -->\n\n"
        "The emitted `run` of every shipped rule, compiled for sm_90 without a GPU: one thread a"
        " lane, state in registers, rings in memory. The PTX holds no fused product, no"
        " approximation, no flush of tiny values and no call, so that it rounds as Python does."
        " Nothing here has run on a GPU: speed is not measured.\n\n"
        f"Made with numba-cuda {version('numba-cuda')} and ptxas {version('nvidia-cuda-nvcc')}.\n\n"
        "| rule | market nodes | registers | bytes spilled | stack bytes |\n"
        f"| --- | --- | --- | --- | --- |\n{table}\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
