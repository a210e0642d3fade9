"""One meaning across the universe: layers walked, run and stepped, compiled or not, answer alike to
the bit; no symbol sees another's future; the order of the universe changes nothing."""

import random
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.base.spans import source
from engine.check import check_file
from engine.compile import load_plan, plan_strategy
from engine.graph.plan import Plan
from engine.lang.parse import parse
from engine.ops import ACROSS
from engine.records.catalogue import load_catalogue
from engine.run.across import compared, stepped
from engine.run.program import Program, Runner
from tests.typed_generators import bits, data

N = 40
NAMES = ("CCC", "AAA", "EEE", "BBB", "DDD")
HOLDS = {
    "equal": "hold top 2 by close when close > open",
    "inverse_vol(5 bars)": "hold top 3 by roc(close, 2 bars)",
    "vol_target(20%, 4 bars)": "hold top 2 by rank(close on 1w) + rank(volume)",
    "vol_target(20%, 4 bars, 150%)": "",
    "2 * percentile_across(close) / sum_across(close / open)": "",
    "if breadth(close > sma(close, 3 bars)) > 50% then 10% else 0%": "hold top 2 by -volume",
    "min(zscore_across(sma(rank(close), 3 bars)), 1)": "hold top 3 by mean_across(close) - close",
    "if among_bottom(close, 2) for 2 bars then equity / equity else 0": "",
    "count_across(rank(rank(close) - rank(open)) <= 2) / 10": "",
}


@cache
def plan_of(weight: str) -> Plan:
    return plan_from(HOLDS.get(weight, ""), weight)


def plan_from(hold: str, weight: str) -> Plan:
    text = f"rules 1\nstrategy s {{\nclock 1d on xnys\n{hold}\nweight {weight}\n}}\n"
    file, problems = parse(source("s.rule", text))
    meant, found = check_file(file, {}, load_catalogue())
    assert [str(d) for d in (*problems, *found) if d.severity != "warning"] == []
    return plan_strategy(meant.strategies[0])


def instants(seed: int, future: int | None = None) -> Callable[..., tuple[Any, Any]]:
    """Columns of each symbol, which differ by its name; from `future` on all are others."""

    drawn: dict[tuple[int, str], Any] = {}

    def draw(plan: Plan, name: str) -> tuple[Any, Any]:
        inputs, has = data(plan, N, _seed(seed, name))
        if future is not None:
            other, more = data(plan, N, _seed(seed + 999, name))
            inputs = [a[:future] + b[future:] for a, b in zip(inputs, other, strict=True)]
            has = [a[:future] + b[future:] for a, b in zip(has, more, strict=True)]
        return inputs, has

    def columns(plan: Plan, name: str, given: Mapping[str, Any]) -> tuple[Any, Any]:
        if (id(plan), name) not in drawn:
            drawn[id(plan), name] = draw(plan, name)
        inputs, has = drawn[id(plan), name]
        filled = [given.get(c.name, x) for c, x in zip(plan.inputs, inputs, strict=True)]
        return filled, has

    return columns


def _seed(seed: int, name: str) -> int:
    return seed * 1000 + sum(map(ord, name))


def tables(
    plan: Plan, runner: Runner, seed: int, future: int | None = None, names: Any = NAMES
) -> dict[str, list[bytes]]:
    """Every symbol's market table, by `market`."""
    program, columns = load_plan(plan, runner), instants(seed, future)
    given = compared(program, names, columns, N)
    made = {name: program.market(*columns(plan, name, given[name]), N) for name in names}
    return {name: bits([float(v) for v in table]) for name, table in made.items()}


def stepped_tables(plan: Plan, runner: Runner, seed: int) -> dict[str, list[bytes]]:
    """The same, one instant after another by `step`."""
    program, columns, names = load_plan(plan, runner), instants(seed), sorted(NAMES)
    flat = np.array if runner == "njit" else list
    parts = [*(layer.plan for layer in program.layers), plan]
    states = [[flat(list(p.market_cells.init)) for p in parts] for _ in names]
    told: dict[str, list[float]] = {name: [] for name in names}
    for t in range(N):
        rows = stepped(program, states, lambda p, k, g, t=t: _now(columns, flat, p, names[k], g, t))
        for name, row in zip(names, rows, strict=True):
            told[name] += [float(v) for v in row]
    return {name: bits(table) for name, table in told.items()}


def _now(columns: Any, flat: Any, plan: Plan, name: str, given: Any, t: int) -> tuple[Any, Any]:
    inputs, has = columns(plan, name, {})
    known = [given.get(c.name, x[t]) for c, x in zip(plan.inputs, inputs, strict=True)]
    return flat([float(v) for v in known]), flat([float(h[t]) for h in has])


@pytest.mark.parametrize("weight", HOLDS)
def test_the_walk_the_run_and_the_step_agree(weight: str) -> None:
    plan = plan_of(weight)
    for seed in (1, 2):
        walked = tables(plan, "walk", seed)
        assert tables(plan, "python", seed) == walked
        assert stepped_tables(plan, "python", seed) == walked


def test_every_operator_that_compares_symbols_is_tried() -> None:
    used = {
        layer.graph.nodes[n].name
        for w in HOLDS
        for layer in plan_of(w).layers
        for n in layer.across
    }
    assert used == {op.name for op in ACROSS}
    assert max(len(plan_of(w).layers) for w in HOLDS) >= 2


def random_score(rng: random.Random, depth: int) -> str:
    """A number of any symbol's bars in which comparisons and windows nest."""
    if depth == 0:
        return rng.choice(
            ("close / open", "roc(close, 2 bars)", "high / low", "volume / volume[1]")
        )
    inner, other = random_score(rng, depth - 1), random_score(rng, rng.randrange(depth))
    n = rng.randint(1, 4)
    forms = (
        f"rank({inner})",
        f"percentile_across({inner})",
        f"zscore_across({inner})",
        f"({inner}) / sum_across({other})",
        f"({inner}) - mean_across({inner})",
        f"count_across({inner} > {other}) / 10",
        f"breadth({inner} > 1 and {other} < 2)",
        f"if among_top({inner}, {n}) then {other} else {inner}",
        f"if among_bottom({inner}, {n}) for 2 bars then 1 else {other}",
        f"sma({inner}, {n + 1} bars) + (close / open on 1w)",
        f"ema({inner}, {n + 1} bars)[{n}] * ({other})",
    )
    return f"({rng.choice(forms)})"


@pytest.mark.parametrize("seed", range(12))
def test_random_comparisons_agree_and_see_no_future(seed: int) -> None:
    rng = random.Random(seed)
    hold = f"hold top {rng.randint(1, 4)} by rank({random_score(rng, 3)})"
    plan = plan_from(hold, rng.choice(("equal", "inverse_vol(3 bars)", random_score(rng, 2))))
    walked = tables(plan, "walk", seed)
    assert tables(plan, "python", seed) == walked
    assert stepped_tables(plan, "python", seed) == walked
    later = tables(plan, "python", seed, future=30)
    for name in NAMES:
        cells = 30 * len(walked[name]) // N
        assert later[name][:cells] == walked[name][:cells]


@pytest.mark.parametrize("weight", HOLDS)
def test_no_symbol_sees_what_another_does_later(weight: str) -> None:
    plan, cut = plan_of(weight), 23
    before, after = tables(plan, "python", 5), tables(plan, "python", 5, future=cut)
    for name in NAMES:
        cells = cut * len(before[name]) // N
        assert after[name][:cells] == before[name][:cells]
        assert after[name] != before[name]


@pytest.mark.parametrize("weight", HOLDS)
def test_the_order_of_the_universe_changes_nothing(weight: str) -> None:
    plan, names = plan_of(weight), list(NAMES)
    want = tables(plan, "python", 6)
    for seed in range(3):
        random.Random(seed).shuffle(names)
        assert tables(plan, "python", 6, names=tuple(names)) == want


@pytest.fixture
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.getbasetemp() / "njit"
        patch.setenv("SEAWALL_CACHE", str(folder))
        yield folder


@pytest.mark.usefixtures("own_cache")
def test_compiled_layers_agree() -> None:
    plan = plan_of("min(zscore_across(sma(rank(close), 3 bars)), 1)")
    walked = tables(plan, "walk", 3)
    assert tables(plan, "njit", 3) == walked
    assert stepped_tables(plan, "njit", 3) == walked


def test_a_plan_without_comparison_has_no_layer() -> None:
    program: Program = load_plan(plan_of("equal"), "python")
    assert len(program.layers) == 2  # whom to hold, then how many they are
    text = "rules 1\nstrategy s {\nclock 1d on xnys\nweight 50%\n}\n"
    meant, _ = check_file(parse(source("s.rule", text))[0], {}, load_catalogue())
    plain = load_plan(plan_strategy(meant.strategies[0]), "python")
    assert plain.layers == () and plain.plan.layers == ()
