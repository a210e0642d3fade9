"""`decide` answers alike to the bit: walked, as emitted Python, compiled; alone and in lanes.

A lane is one account of many in one flat list: every lane's row, fields, cells and answers lie at
offsets of their own, and what one lane is told must not reach another.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from engine.base.resources import rules_dir
from engine.check import check_file, load_uses, read_near
from engine.check.typed import CheckedLimits
from engine.compile import load_plan, plan_limits
from engine.fields import FIELDS, WIDTH
from engine.graph.plan import Plan
from engine.lang.parse import parse_file
from engine.records.catalogue import load_catalogue
from engine.run.program import Program, Runner
from limits.faults import is_truth
from limits.texts import Names, limits_text
from limits.worlds import LISTS, meant, random_series, random_vix

LANES = 40
SERIES = {"AAA": random_series(Random(1), "AAA", 4, True), "VIX": random_vix(Random(1), 4)}
TRUTHS = {f.slot for f in FIELDS if f.unit == "truth" and f.slot >= 0}
EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, 100.0, 1e6, 1e300, 5e-324, float("inf"), float("nan"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.getbasetemp() / "njit"
        patch.setenv("SEAWALL_CACHE", str(folder))
        yield folder


def plan(seed: int) -> Any:
    return plan_limits(meant(limits_text(Random(seed), f"b{seed}"), SERIES)[1].limits[0])


def number(rng: Random) -> float:
    if rng.random() < 0.2:
        return rng.choice(EDGES)
    return rng.choice((1, 1, -1)) * 10 ** rng.uniform(-3, 7)


def lane(program: Program, rng: Random) -> tuple[list[float], list[float], list[float]]:
    """A row, fields and cells, unknown values among them."""
    nodes = [program.plan.graph.nodes[n] for n in program.plan.frontier]
    row = [float(rng.choice((0, 1, 2))) if n.truth else number(rng) for n in nodes]
    now = [number(rng) for _ in range(WIDTH + len(program.plan.extra_fields))]
    asked = {WIDTH + k for k, name in enumerate(program.plan.extra_fields) if is_truth(name)}
    now = [float(rng.choice((0, 1, 2))) if k in TRUTHS | asked else v for k, v in enumerate(now)]
    truth = {
        k for n, k in program.plan.book_cells.kept.items() if program.plan.graph.nodes[n].truth
    }
    cells = [float(rng.choice((0, 1, 2))) if k in truth else number(rng)
             for k in range(len(program.layout.cells_init))]  # fmt: skip
    return row, now, cells


def alone(program: Program, lanes: Any, flat: Any) -> list[bytes]:
    """Each lane in lists of its own."""
    told = []
    for row, now, cells in lanes:
        out = flat([7.0] * (program.layout.decide_width + 1))
        program.decide(flat([*row, 0.0]), 0, flat(now), 0, flat([*cells, 0.0]), 0, out, 0)
        told.append(bits(out[:-1]))
        assert out[-1] == 7.0
    return told


def together(program: Program, lanes: Any, flat: Any) -> list[bytes]:
    """All lanes in one list of each kind, decided in a random order."""
    rows, now, cells = (flat([x for lane in lanes for x in lane[k]] + [0.0]) for k in range(3))
    width = program.layout.decide_width
    out = flat([7.0] * (width * len(lanes) + 1))
    sizes = [len(part) for part in lanes[0]]
    for k in Random(3).sample(range(len(lanes)), len(lanes)):
        at = [k * size for size in sizes]
        program.decide(rows, at[0], now, at[1], cells, at[2], out, k * width)
    return [bits(out[k * width : (k + 1) * width]) for k in range(len(lanes))]


def bits(values: Any) -> bytes:
    return b"".join(struct.pack("<d", float(v) if v == v else float("nan")) for v in values)


def agree(seed: int, runner: Runner, flat: Any) -> None:
    agree_on(plan(seed), runner, flat, seed)


def agree_on(made: Plan, runner: Runner, flat: Any, seed: int) -> None:
    walk, other = load_plan(made, "walk"), load_plan(made, runner)
    rng = Random(seed)
    lanes = [lane(walk, rng) for _ in range(LANES)]
    expected = alone(walk, lanes, list)
    assert together(walk, lanes, list) == expected
    assert alone(other, lanes, flat) == expected
    assert together(other, lanes, flat) == expected


@pytest.mark.parametrize("seed", range(30))
def test_emitted_python_agrees_with_the_walk(seed: int) -> None:
    agree(seed, "python", list)


# ---------------------------------------------------------------- compiled, many blocks in one


def together_in_one(blocks: Sequence[CheckedLimits]) -> CheckedLimits:
    """One block that holds the limits of all, told apart by a number: it compiles once."""
    limits = [
        replace(x, name=f"{x.name}_{k}") for k, block in enumerate(blocks) for x in block.limits
    ]
    return replace(blocks[0], name="bundle", limits=tuple(limits), switches=())


def shipped() -> list[CheckedLimits]:
    found = []
    for path in sorted((rules_dir() / "limits").glob("*.rule")):
        file, _ = parse_file(path)
        used, _ = load_uses(file, read_near)
        found += check_file(file, used, load_catalogue())[0].limits
    return [block for block in found if block.limits]


def drawn() -> list[CheckedLimits]:
    """Random blocks that read everything which random limits read."""
    texts = [limits_text(Random(seed), f"b{seed}", names=Names()) for seed in range(20)]
    texts += [limits_text(Random(seed), f"b{seed}") for seed in range(20)]
    return [meant(LISTS + text, SERIES)[1].limits[0] for text in texts]


@pytest.mark.parametrize("blocks", [shipped, drawn], ids=["shipped", "random"])
def test_compiled_agrees_with_the_walk(blocks: Callable[[], list[CheckedLimits]]) -> None:
    """Alone and in lanes, on known and unknown, sane and insane numbers."""
    made = plan_limits(together_in_one(blocks()))
    assert len(made.decide) > 150, "hardly anything is compared"
    agree_on(made, "njit", lambda values: np.array(values, dtype=np.float64), 7)
    agree_on(made, "python", list, 7)
