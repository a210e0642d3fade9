"""Mutation testing of generated limits: every small change of a `decide` must be noticed.

    python tools/mutate_limits.py [--blocks 40] [--moments 400]

Takes the emitted `decide` of the shipped and of random limits blocks, changes one operator, number,
argument, place or statement at a time, and runs the mutant in this process on a fixed set of
moments. A mutant is killed when any answer differs, to the bit, from what the graph-walking runner
says. Prints the share killed and every survivor; exits 1 below 95%.
"""

import argparse
import ast
import copy
import random
import re
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
ENOUGH = 0.95

SWAPS = {
    "gt": ("ge", "lt"),
    "ge": ("gt", "le"),
    "lt": ("le", "gt"),
    "le": ("lt", "ge"),
    "eq": ("ne",),
    "ne": ("eq",),
    "and_": ("or_",),
    "or_": ("and_",),
    "mul": ("div",),
    "div": ("mul",),
    "min_": ("max_",),
    "max_": ("min_",),
    "within": ("between",),
}
"""Which kernel may stand where another does."""

EITHER_WAY = ("mul", "and_", "or_", "min_", "max_", "eq", "ne")
"""Kernels that mean the same with their arguments swapped."""
COMPARED: dict[str, Callable[..., float]] = {
    **dict.fromkeys(("gt", "ge", "lt", "le", "eq", "ne"), lambda a, b: a - b),
    "within": lambda x, part, centre: abs(x - centre) - part * abs(centre),
    "between": lambda x, low, high: (x - low) * (x - high),
}
"""How far a comparison is from its turning point: 0 there."""

INSANE = (float("inf"), float("-inf"), 0.0, 0.0, -1.0)
"""What most inputs cannot be: the guard before them turns on these."""

NEAR = (0.005, 0.04, 0.09, 0.11)
"""How far prices near each other may be apart."""

Moment = tuple[list[float], list[float], list[float]]
Decide = Callable[..., None]


@dataclass(frozen=True)
class Block:
    """A compiled block, its moments, and what the walker answers at each."""

    name: str
    source: str
    given: dict[str, Any]
    width: int
    moments: list[Moment]
    expected: list[bytes]


# ---------------------------------------------------------------- what is mutated


def blocks(count: int, moments: int) -> Iterator[Block]:
    """The shipped blocks, then random ones."""
    from limits.test_inputs_removed import shipped_blocks
    from limits.texts import limits_text
    from limits.worlds import meant, random_series, random_vix

    from engine.compile import load_plan, plan_limits

    rng = random.Random(11)
    series = {"AAA": random_series(rng, "AAA", 10, True), "VIX": random_vix(rng, 10)}
    checked = shipped_blocks()
    checked += [meant(limits_text(rng, f"b{k}"), series)[1].limits[0] for k in range(count)]
    for block in checked:
        if block.limits:
            plan = plan_limits(block)
            yield _block(block.name, load_plan(plan, "python"), load_plan(plan, "walk"), moments)


def _block(name: str, python: Any, walk: Any, count: int) -> Block:
    from engine.ops import BY_NAME

    tree = ast.parse(python.source)
    named = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and _is_name(n.func)}
    rng = random.Random(name)
    pool = _pool(tree)
    given = _kernels(named, BY_NAME)
    taken = [moment(python, rng, pool) for _ in range(count)]
    aim = Aim(python, tree, given)
    taken += [m for _ in range(count // 2) for m in aim.near(moment(python, rng, pool), rng)]
    taken += [m for _ in range(count // 8) for m in aim.beside(moment(python, rng, pool), rng)]
    taken += [m for _ in range(count // 20) for m in aim.alone(moment(python, rng, pool, True))]
    return Block(
        name=name,
        source=python.source,
        given=given,
        width=python.layout.decide_width,
        moments=taken,
        expected=[answer(walk.decide, m, python.layout.decide_width) for m in taken],
    )


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _kernels(named: set[str], ops: Any) -> dict[str, Any]:
    """Every kernel that the text or a swap may call, by its name in the text."""
    wanted = named | {other for name in named for other in SWAPS.get(name, ())}
    found = {n: ops[n.rstrip("_")].kernel for n in wanted if n.rstrip("_") in ops}
    return {**found, "nan": float("nan"), "inf": float("inf")}


def _pool(tree: ast.AST) -> list[float]:
    """The numbers of a text, and those at which its comparisons turn."""
    own = {float(n.value) for n in ast.walk(tree) if _is_number(n)}
    base = (0.0, 1.0, 100.0, 1_000.0, 100_000.0)
    return sorted({*base, *own, *(a * b for a in own for b in base)})


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def moment(program: Any, rng: random.Random, pool: list[float], is_known: bool = False) -> Moment:
    """A row, fields and cells: some random, some at a turning point, some unknown (unless all are
    known), with ties."""
    from engine import fields as field

    def value() -> float:
        pick = rng.random() if not is_known else rng.uniform(0.15, 1.0)
        if pick < 0.05:
            return float("nan")
        if pick < 0.15:
            return rng.choice(INSANE)
        if pick < 0.75:
            return rng.choice(pool) or float(is_known)
        return rng.choice((1, 1, 1 if is_known else -1)) * 10 ** rng.uniform(-3, 6)

    frontier = [program.plan.graph.nodes[n] for n in program.plan.frontier]
    row = [float(rng.choice((0, 1, 2))) if n.truth else value() for n in frontier]
    now = [value() for _ in range(field.WIDTH + len(program.plan.extra_fields))]
    truths = truths_of(program)
    now = [float(rng.choice((0, 2))) if k in truths else v for k, v in enumerate(now)]
    if rng.random() < 0.5:  # two amounts that are the same
        a, b = rng.sample([k for k in range(len(now)) if k not in truths], 2)
        now[a] = now[b]
    cells = [v if v == v else value() for v in program.layout.cells_init]
    return row, now, cells


def truths_of(program: Any) -> set[int]:
    """The cells of `fields` that hold yes or no."""
    from engine import fields as field

    asked = {program.plan.field_slot(n): n.partition("(")[0] for n in program.plan.extra_fields}
    found = {k for k, name in asked.items() if field.BY_NAME[name].unit == "truth"}
    return found | {f.slot for f in field.FIELDS if f.unit == "truth" and f.slot >= 0}


class Aim:
    """Finds moments at which a comparison turns: one field is moved until both sides are equal."""

    def __init__(self, program: Any, tree: ast.Module, given: dict[str, Any]) -> None:
        self.width = program.layout.decide_width
        self.gaps: list[float] = []
        self.pairs: list[tuple[float, float, float]] = []
        watched = {n: self._watched(f, COMPARED.get(n)) for n, f in given.items()}
        exec(compile(tree, "<watched>", "exec"), watched)
        self.decide = watched["decide"]
        decide = next(n for n in tree.body if getattr(n, "name", "") == "decide")
        text = ast.unparse(decide)
        fields = {int(k) for k in re.findall(r"fields\[f \+ (\d+)\]", text)}
        self.fields = sorted(fields - truths_of(program))
        truths = {
            k for k, n in enumerate(program.plan.frontier) if program.plan.graph.nodes[n].truth
        }
        columns = {int(k) for k in re.findall(r"row\[r \+ (\d+)\]", text)}
        self.columns = sorted(columns - truths)

    def _watched(self, kernel: Any, gap: Callable[..., float] | None) -> Any:
        if gap is None:
            return kernel

        def watched(*args: Any) -> Any:
            self.gaps.append(gap(*args))
            if gap is COMPARED["within"]:
                self.pairs.append(args)
            return kernel(*args)

        return watched

    def gap(self, at: Moment, k: int) -> float:
        """How far the k-th comparison is from turning; nan where it is not made."""
        self.gaps.clear()
        self.pairs.clear()
        answer(self.decide, at, self.width)
        return self.gaps[k] if k < len(self.gaps) else float("nan")

    def near(self, at: Moment, rng: random.Random) -> Iterator[Moment]:
        """The moment moved to a turning point, and a little to either side of it."""
        self.gap(at, 0)
        places = [(1, k) for k in self.fields] + [(0, k) for k in self.columns]
        if not self.gaps or not places:
            return
        which, (part, place) = rng.randrange(len(self.gaps)), rng.choice(places)
        root = self._root(at, which, part, place)
        if root is not None:
            for value in (root, root * 1.0005, root * 0.9995, root * 1.004, root * 0.996):
                yield self._moved(at, part, place, value)

    def beside(self, at: Moment, rng: random.Random) -> Iterator[Moment]:
        """The moment with a value moved near the one that it must be within a part of."""
        self.gap(at, 0)
        for part, places in ((1, self.fields), (0, self.columns)):
            for place in places:
                for x, most, centre in self.pairs:
                    if at[part][place] == x and abs(centre) < 1e9:
                        for far in (*NEAR, 0.998 * most, 1.008 * most):
                            value = centre * (1 + rng.choice((-1, 1)) * far)
                            yield self._moved(at, part, place, value)

    def alone(self, at: Moment) -> Iterator[Moment]:
        """The moment with one input that cannot be, all others known."""
        for part, places in ((1, self.fields), (0, self.columns)):
            for place in places:
                for value in (float("inf"), float("-inf"), 0.0, -0.2):
                    yield self._moved(at, part, place, value)

    def _root(self, at: Moment, which: int, part: int, place: int) -> float | None:
        """Where the gap is 0, by the secant rule."""
        a, b = 1.0, 1_000.0
        for _ in range(12):
            fa = self.gap(self._moved(at, part, place, a), which)
            fb = self.gap(self._moved(at, part, place, b), which)
            if fb == 0.0:
                return b
            if not fa - fb or fa != fa or fb != fb:
                return None
            a, b = b, b - fb * (a - b) / (fa - fb)
        return b if abs(fb) < 1e-6 else None

    def _moved(self, at: Moment, part: int, place: int, value: float) -> Moment:
        moved = [list(at[0]), list(at[1]), at[2]]
        moved[part][place] = value
        return moved[0], moved[1], moved[2]


def answer(decide: Decide, at: Moment, width: int) -> bytes:
    """What a `decide` writes, bit for bit, every nan alike."""
    row, now, cells = at
    out = [7.0] * (width + 1)
    decide(row, 0, now, 0, list(cells), 0, out, 0)
    return b"".join(struct.pack("<d", v if v == v else float("nan")) for v in out)


# ---------------------------------------------------------------- mutants


def mutants(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """Every small change of `decide`, with what it is."""
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "decide")
    places = [n for n in ast.walk(function) if isinstance(n, ast.Call | ast.BinOp | ast.Constant)]
    for k, place in enumerate(places):
        for said, change in changes(place):
            copied = copy.deepcopy(tree)
            other = next(
                n for n in copied.body if isinstance(n, ast.FunctionDef) and n.name == "decide"
            )
            same = [
                n for n in ast.walk(other) if isinstance(n, ast.Call | ast.BinOp | ast.Constant)
            ]
            change(same[k])
            yield f"line {place.lineno}: {said}", copied
    for k, line in enumerate(function.body):
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Subscript):
            copied = copy.deepcopy(tree)
            other = next(
                n for n in copied.body if isinstance(n, ast.FunctionDef) and n.name == "decide"
            )
            other.body[k] = ast.Pass()
            yield f"line {line.lineno}: never written", ast.fix_missing_locations(copied)


def changes(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """What may be done to one place of the text."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        for name in SWAPS.get(node.func.id, ()):
            yield f"{node.func.id} to {name}", _renamed(name)
        if node.func.id == "not_":
            yield "not_ dropped", _dropped
        if len(node.args) > 1 and node.func.id not in EITHER_WAY:
            yield f"arguments of {node.func.id} swapped", _swapped
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Mult | ast.Div):
        yield "operator changed", _flipped
    elif isinstance(node, ast.Constant) and isinstance(node.value, float):
        for value in (node.value * 1.01 + 0.001, -node.value - 0.5, 0.0):
            if value != node.value:
                yield f"{node.value} to {value:g}", _set_to(value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield f"place {node.value} to {node.value + 1}", _set_to(node.value + 1)


def _renamed(name: str) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        node.func.id = name
        if name == "between":
            node.args = [node.args[0], node.args[1], node.args[2]]

    return change


def _dropped(node: Any) -> None:
    node.func.id = "_same"


def _swapped(node: Any) -> None:
    node.args[0], node.args[1] = node.args[1], node.args[0]


def _flipped(node: Any) -> None:
    node.op = ast.Add()


def _set_to(value: float) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        node.value = value

    return change


def is_killed(block: Block, tree: ast.Module) -> bool:
    """Whether any moment tells the mutant from the walker."""
    space = {**block.given, "_same": lambda x: x}
    exec(compile(tree, "<mutant>", "exec"), space)
    for at, expected in zip(block.moments, block.expected, strict=True):
        try:
            if answer(space["decide"], at, block.width) != expected:
                return True
        except (ArithmeticError, IndexError, TypeError, ValueError):
            return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blocks", type=int, default=40)
    parser.add_argument("--moments", type=int, default=400)
    args = parser.parse_args()
    tried, survivors, limits = 0, [], 0
    for block in blocks(args.blocks, args.moments):
        tree = ast.parse(block.source)
        assert not is_killed(block, tree), f"{block.name}: emitted and walked differ"
        limits += block.width
        lines = block.source.splitlines()
        for said, mutant in mutants(tree):
            tried += 1
            if not is_killed(block, mutant):
                at = int(said.split(":")[0].removeprefix("line ")) - 1
                survivors.append(f"{block.name}, {said}\n    {lines[at].strip()}")
    share = 1 - len(survivors) / tried
    print(f"{limits} limits, {tried} mutants, {tried - len(survivors)} killed: {share:.1%}")
    print("\n".join(survivors))
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
