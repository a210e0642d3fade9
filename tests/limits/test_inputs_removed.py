"""Every limit and every input of it, removed in turn: what is not known lets no new risk through.

Taking an input away leaves one of two things. Either the limit cannot be evaluated, and denies (or
skips, where the text says so); or the rest of it decides alone, and then it must decide so whatever
the input might have been. A switch is judged likewise: unknown blocks.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from typed_generators import fields as random_fields

from engine import fields as field
from engine.base.resources import rules_dir
from engine.check import check_file, load_uses, read_near
from engine.check.typed import CheckedLimits
from engine.compile import compile_limits
from engine.fields import BY_NAME, FIELDS
from engine.fills.verdict import refuses, said_by
from engine.lang.parse import parse_file
from engine.records import account
from engine.records.desk import CLIP, DENY
from engine.run.program import Program
from engine.session.desk import ACTIONS
from limits.faults import ALL_ELSE, mended
from limits.texts import limits_text
from limits.worlds import meant, random_series, random_vix, shipped

NAN = float("nan")
QTY = 100.0
TRIES = 60


@dataclass(frozen=True)
class Case:
    """A compiled block."""

    checked: CheckedLimits
    program: Program


def shipped_blocks() -> list[CheckedLimits]:
    found = []
    for path in sorted((rules_dir() / "limits").glob("*.rule")):
        found += _blocks(path)
    return found


def _blocks(path: Path) -> list[CheckedLimits]:
    file, _ = parse_file(path)
    used, _ = load_uses(file, read_near)
    return list(check_file(file, used, shipped())[0].limits)


def random_blocks() -> list[CheckedLimits]:
    """Blocks that read everything which random limits can read."""
    rng = Random(5)
    series = {"AAA": random_series(rng, "AAA", 10, True), "VIX": random_vix(rng, 10)}
    texts = [*(limits_text(rng, f"b{k}") for k in range(12)), ALL_ELSE]
    return [meant(text, series)[1].limits[0] for text in texts]


BLOCKS = [*shipped_blocks(), *random_blocks()]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [Case(b, compile_limits(b)) for b in BLOCKS]


# ---------------------------------------------------------------- what a block reads


def cells_read(program: Program) -> Iterator[tuple[str, int]]:
    """Every input of a block: fields by their slot, market columns by their place in a row."""
    nodes = program.plan.graph.nodes
    slots = {n.name: program.plan.field_slot(n.name) for n in nodes if n.kind == "field"}
    yield from slots.items()
    yield from ((f"row {name}", k) for k, name in enumerate(program.layout.columns))


def put(name: str, k: int, row: list[float], now: list[float], value: float) -> None:
    (row if name.startswith("row ") else now)[k] = value


def unknown(program: Program, name: str, k: int) -> float:
    """What stands in a cell that is not known: a truth is 1, a number is nan."""
    return 1.0 if _is_truth(program, name, k) else NAN


def _is_truth(program: Program, name: str, k: int) -> bool:
    if not name.startswith("row "):
        return BY_NAME[name.partition("(")[0]].unit == "truth"
    return program.plan.graph.nodes[program.plan.frontier[k]].truth


def some_value(program: Program, name: str, k: int, rng: Random) -> float:
    if _is_truth(program, name, k):
        return rng.choice([0.0, 2.0])
    scale = rng.choice([0.0, 0.001, 0.5, 1.0, 30.0, 1e3, 1e5, 1e7])
    value = rng.choice([1.0, 1.0, -1.0]) * scale * (1 + rng.random())
    return value if name.startswith("row ") else mended(name, value)


def random_row(program: Program, rng: Random) -> list[float]:
    columns = range(program.layout.row_width)
    return [some_value(program, "row ", k, rng) for k in columns]


def a_moment(program: Program, rng: Random) -> tuple[list[float], list[float], list[float]]:
    """A row, fields and cells in which everything is known."""
    now = [v if v == v else 50.0 for v in random_fields(rng, rng.choice([0.0, 70.0]))]
    now += [float(rng.randrange(9)) for _ in program.plan.extra_fields]
    for f in FIELDS:
        if f.slot >= 0:
            truth = f.unit == "truth"
            now[f.slot] = rng.choice([0.0, 2.0]) if truth else mended(f.name, now[f.slot])
    now[field.ORDER_QTY] = QTY
    return random_row(program, rng), now, list(program.layout.cells_init)


# ---------------------------------------------------------------- limits


def shares_left(case: Case, row: list[float], now: list[float], cells: list[float]) -> list[float]:
    """How many shares each limit leaves of an order; infinite where it has nothing against it."""
    out = [0.0] * case.program.layout.decide_width
    case.program.decide(row, 0, list(now), 0, list(cells), 0, out, 0)
    found = []
    for limit in case.checked.limits:
        value = out[case.program.layout.decide_out(f"limit.{limit.name}")]
        said = said_by(ACTIONS[limit.action], value, limit.otherwise == "skip", QTY, 1.0)
        if refuses(said):
            found.append(0.0)
        elif said == account.SKIPPED:
            found.append(NAN)
        else:
            found.append(value if said == account.BOUND else math.inf)
    return found


@pytest.mark.parametrize("k", range(len(BLOCKS)), ids=[b.name for b in BLOCKS])
def test_no_new_risk_passes_without_an_input(cases: list[Case], k: int) -> None:
    case, rng = cases[k], Random(k)
    for name, at in cells_read(case.program):
        for _ in range(4):
            row, now, cells = a_moment(case.program, rng)
            put(name, at, row, now, unknown(case.program, name, at))
            without = shares_left(case, row, now, cells)
            most = [math.inf] * len(without)
            for _ in range(TRIES):
                put(name, at, row, now, some_value(case.program, name, at, rng))
                tried = shares_left(case, row, now, cells)
                most = [min(m, t) for m, t in zip(most, tried, strict=True)]
            for limit, left, least in zip(case.checked.limits, without, most, strict=True):
                is_asked = "is na" in limit.text  # then the text itself says what unknown means
                if left == left and not is_asked:  # else it said `else skip`
                    assert left <= max(least, 0.0), f"{limit.name} without {name}"


def test_the_test_would_see_a_limit_that_takes_unknown_for_no() -> None:
    assert said_by(DENY, 1.0, False, QTY, 1.0) == account.UNKNOWN_DENIED
    assert said_by(CLIP, NAN, False, QTY, 1.0) == account.UNKNOWN_DENIED


@pytest.mark.parametrize("k", range(len(BLOCKS)), ids=[b.name for b in BLOCKS])
def test_a_switch_without_an_input_blocks(cases: list[Case], k: int) -> None:
    """Unknown enters a pause and blocks beside a halt or flatten; false must be false for all."""
    case, rng = cases[k], Random(k)
    outs = [f"switch.{s.name}.enter" for s in case.checked.switches]
    if not outs:
        return
    for name, at in cells_read(case.program):
        for _ in range(4):
            row, now, cells = a_moment(case.program, rng)
            put(name, at, row, now, unknown(case.program, name, at))
            without = entered(case, outs, row, now, cells)
            for _ in range(TRIES):
                put(name, at, row, now, some_value(case.program, name, at, rng))
                tried = entered(case, outs, row, now, cells)
                for switch, calm, other in zip(outs, without, tried, strict=True):
                    assert calm != 0.0 or other == 0.0, f"{switch} without {name}"


def entered(
    case: Case, outs: list[str], row: list[float], now: list[float], cells: list[float]
) -> list[float]:
    out = [0.0] * case.program.layout.out_width
    case.program.rule(row, 0, list(now), 0, list(cells), 0, out, 0)
    found = [out[case.program.layout.rule_out(name)] for name in outs]
    return [1.0 if v != v else v for v in found]
