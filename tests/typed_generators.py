"""Random typed strategies and limits over every row of OPS, with data to run them on.

Everything draws from one `random.Random`, whose seed hypothesis draws.
"""

import math
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.base.spans import NOWHERE
from engine.base.units import RATIO
from engine.check.typed import (
    CLOCK,
    SELF,
    Apply,
    CheckedEntry,
    CheckedExit,
    CheckedLevel,
    CheckedLimit,
    CheckedLimits,
    CheckedOrder,
    CheckedStrategy,
    CheckedSwitch,
    Column,
    Const,
    FieldRead,
    Fold,
    Frame,
    Kind,
    Named,
    Sample,
    Typed,
)
from engine.fields import WIDTH
from engine.graph.node import wants
from engine.graph.plan import Plan
from engine.ops import OPS
from engine.ops.spec import Op

NUMBER = Kind("number", RATIO)
TRUTH = Kind("truth")
WEEK = Frame(None, "1w")
SPY = Frame("SPY")
NUMBER_OPS = [op for op in OPS if op.result != "truth"]
TRUTH_OPS = [op for op in OPS if op.result == "truth"]
POSITION = ("position.qty", "position.entry_price", "position.age", "position.pnl")
ACCOUNT = ("account.equity", "account.peak", "account.drawdown")
ORDER = ("order.qty", "order.price", "order.stop_distance", "market.last")


@dataclass(frozen=True)
class Scope:
    """What an expression may read. state: ops with state may stand over fields and folds."""

    frame: Frame = SELF
    fields: tuple[str, ...] = ()
    folds: bool = False
    state: bool = False
    inside: bool = False

    def bars_only(self) -> "Scope":
        return replace(self, fields=(), folds=False)


def value(rng: random.Random, scope: Scope, depth: int, truth: bool) -> Typed:
    """A random expression of either kind."""
    return _truth(rng, scope, depth) if truth else _number(rng, scope, depth)


def _number(rng: random.Random, scope: Scope, depth: int) -> Typed:
    if depth <= 0:
        return _leaf(rng, scope)
    pick = rng.random()
    if pick < 0.12:
        return _leaf(rng, scope)
    if pick < 0.24 and not scope.inside:
        return _sampled(rng, scope, depth)
    if pick < 0.36 and scope.folds and not scope.inside:
        inner = replace(scope, inside=True, state=True)
        return Fold(_number(rng, inner, depth - 1), NUMBER)
    return apply(rng, rng.choice(NUMBER_OPS), scope, depth)


def _truth(rng: random.Random, scope: Scope, depth: int) -> Typed:
    if depth <= 0:
        ops = [op for op in TRUTH_OPS if all(a.kind == "number" for a in op.args)]
        return apply(rng, rng.choice(ops), scope, 1)
    if rng.random() < 0.05:
        return Const(float(rng.randrange(3)), TRUTH)
    if rng.random() < 0.1 and "order.qty" in scope.fields:
        return FieldRead("order.is_long", TRUTH)
    return apply(rng, rng.choice(TRUTH_OPS), scope, depth)


def apply(rng: random.Random, op: Op, scope: Scope, depth: int) -> Typed:
    """This op on random arguments."""
    needs = wants(op.name)
    stateful = needs.index or needs.ring or needs.scratch or needs.state
    if stateful and not scope.state:
        scope = scope.bars_only()
    series = [a for a in op.args if a.kind != "const"]
    args = tuple(value(rng, scope, depth - 1, a.kind == "truth") for a in series)
    consts = tuple(_const(rng, a.unit, a.low) for a in op.args if a.kind == "const")
    kind = TRUTH if op.result == "truth" else NUMBER
    columns = tuple(Column(c, scope.frame, NUMBER) for c in op.columns)
    return Apply(op.name, (*args, *columns), consts, scope.frame, kind)


def _const(rng: random.Random, unit: str, low: float) -> float:
    if unit == "bars":
        return float(rng.randint(int(low), max(7, int(low))))
    return float(max(low, rng.random()))


def _leaf(rng: random.Random, scope: Scope) -> Typed:
    pick = rng.random()
    if pick < 0.2:
        return Const(rng.choice([0.0, -0.0, 1.0, 2.0, 0.5, 100.0, math.nan]), NUMBER)
    if pick < 0.5 and scope.fields:
        return FieldRead(rng.choice(scope.fields), NUMBER)
    if scope.frame.symbol == "*":
        return Column("feed:VIX", scope.frame, NUMBER, 2)
    names = ("open", "high", "low", "close", "volume")
    return Column(rng.choice(names), scope.frame, NUMBER)


def _sampled(rng: random.Random, scope: Scope, depth: int) -> Typed:
    others = [f for f in (SELF, SPY, WEEK, CLOCK) if f != scope.frame]
    on_clock = scope.frame == CLOCK  # what runs once per close sees no symbol of an order
    inner = Scope(SPY, inside=True) if on_clock else Scope(rng.choice(others))
    value = _number(rng, inner, depth - 1)
    while not _reads_bars(value):  # a constant needs no bars, so nobody samples one
        value = _number(rng, inner, depth - 1)
    return Sample(value, scope.frame, NUMBER)


def _reads_bars(value: Typed) -> bool:
    if isinstance(value, Apply):
        return any(_reads_bars(a) for a in value.args)
    return isinstance(value, Column | Sample)


# ---------------------------------------------------------------- blocks


def named(name: str, typed: Typed) -> Named:
    return Named(name, f"text of {name}", typed, NOWHERE)


def entry(name: str, when: Typed, size: Typed, price: Typed | None = None) -> CheckedEntry:
    order = CheckedOrder("limit" if price is not None else "market", price, "day")
    return CheckedEntry(name, "long", named("when", when), size, "shares", order, "", NOWHERE)


def leave(name: str, when: Typed) -> CheckedExit:
    return CheckedExit(
        name, (), named("when", when), CheckedOrder("market", None, "day"), "", NOWHERE
    )


def level(kind: str, name: str, price: Typed) -> CheckedLevel:
    return CheckedLevel(kind, name, (), price, "", NOWHERE)  # type: ignore[arg-type]


def strategy(
    name: str,
    entries: Sequence[CheckedEntry] = (),
    exits: Sequence[CheckedExit] = (),
    levels: Sequence[CheckedLevel] = (),
    lets: Sequence[Named] = (),
    weight: Typed | None = None,
) -> CheckedStrategy:
    return CheckedStrategy(
        name, "", "1d", "xnys", None, (), (), tuple(lets), tuple(entries), tuple(exits),
        tuple(levels), weight, "", "daily", (), (), NOWHERE,
    )  # fmt: skip


def every_op(rng: random.Random) -> CheckedStrategy:
    """One strategy that uses every row of OPS on bars, on fields and since entry."""
    bars, inside = Scope(SELF), Scope(SELF, POSITION, inside=True, state=True)
    book = Scope(SELF, POSITION + ACCOUNT, state=True)
    exits, levels = [], []
    for op in OPS:
        market, decided = apply(rng, op, bars, 1), apply(rng, op, book, 1)
        folded = apply(rng, op, inside, 1)
        if op.result == "truth":
            values = [market, decided, Fold(folded, TRUTH)]
            exits += [leave(f"{op.name}_{k}", v) for k, v in enumerate(values)]
        else:
            values = [market, Fold(folded, NUMBER)]
            levels += [level("trail", f"{op.name}_{k}", v) for k, v in enumerate(values)]
            exits.append(leave(op.name, Apply("gt", (decided, market), (), SELF, TRUTH)))
    return strategy("every_op", exits=exits, levels=levels)


def random_strategy(rng: random.Random, depth: int = 4) -> CheckedStrategy:
    """A strategy with two entries, an exit, a stop and a trail, sharing a let now and then."""
    free = Scope(SELF, POSITION + ACCOUNT, folds=True, state=True)
    calm = Scope(SELF, POSITION + ACCOUNT, folds=True)
    stop = Scope(SELF, ("position.entry_price",), folds=True)
    shared = _number(rng, free.bars_only(), depth)
    whens = [_truth(rng, rng.choice([free, calm, free.bars_only()]), depth) for _ in range(3)]
    size = Apply("mul", (shared, FieldRead("account.equity", NUMBER)), (), SELF, NUMBER)
    return strategy(
        "rnd",
        [entry("a", whens[0], size, shared), entry("b", whens[1], _number(rng, free, depth))],
        [leave("x", whens[2])],
        [
            level("stop", "s", _number(rng, stop, depth)),
            level("trail", "t", _number(rng, calm, depth)),
        ],
        [named("shared", shared)],
        _number(rng, free, 2) if rng.random() < 0.3 else None,
    )


def random_limits(rng: random.Random, depth: int = 3) -> CheckedLimits:
    """Two limits and two switches; state over account fields is shared by rule and decide."""
    clock = Scope(CLOCK, ACCOUNT, state=True)
    order = Scope(SELF, ACCOUNT + ORDER)
    peak = Apply("peak", (_number(rng, replace(clock, fields=ACCOUNT), 1),), (), CLOCK, NUMBER)
    worse = Apply("lt", (FieldRead("account.equity", NUMBER), peak), (), SELF, TRUTH)
    either = Apply("or", (_truth(rng, order, depth), worse), (), SELF, TRUTH)
    cap = CheckedLimit(
        "cap", "order", "firm", "clip", _number(rng, order, depth), "deny", "", "", NOWHERE
    )
    no = CheckedLimit("no", "order", "firm", "deny", either, "deny", "", "", NOWHERE)
    enter, resume = _truth(rng, clock, depth), _truth(rng, clock, depth)
    pause = CheckedSwitch("pause", "p", "firm", enter, resume, 0, "", "", "", NOWHERE)
    halt = CheckedSwitch(
        "halt", "h", "firm", _truth(rng, clock, depth), None, 0, "", "", "", NOWHERE
    )
    return CheckedLimits("lim", "", (), (), (cap, no), (pause, halt), (), NOWHERE)


# ---------------------------------------------------------------- data

Columns = list[list[float]]


def data(
    plan: Plan, n: int, seed: int, gaps: float = 0.1, symbol: str = ""
) -> tuple[Columns, Columns]:
    """Inputs and bars for a plan: prices on a coarse grid (ties happen), na and missing bars too.

    A column's values depend on its name, its frame and the seed, not on the plan's order; on the
    lane's own symbol too, where it is named."""
    has = []
    for frame in plan.frames:
        rng = random.Random(f"{seed} {_whose(frame, symbol)}")
        has.append([_has(rng, frame, t, gaps) for t in range(n)])
    inputs = []
    for column in plan.inputs:
        rng = random.Random(f"{seed} {_whose(plan.frames[column.frame], symbol)} {column.name}")
        is_truth = plan.graph.nodes[column.node].truth
        draw = [_any_truth(rng) if is_truth else _price(rng, gaps) for _ in range(n)]
        here = has[column.frame]
        inputs.append([v if here[t] else math.nan for t, v in enumerate(draw)])
    return inputs, has


def _whose(frame: Frame, symbol: str) -> str:
    return f"{frame} {symbol}" if symbol and frame.symbol is None else f"{frame}"


def _has(rng: random.Random, frame: Frame, t: int, gaps: float) -> float:
    if frame.symbol == "*" and frame.clock is None:
        return 1.0
    if frame.clock is not None and t % 5 != 4:
        return 0.0
    return 0.0 if rng.random() < gaps else 1.0


def _any_truth(rng: random.Random) -> float:
    return float(rng.randrange(3))


def _price(rng: random.Random, gaps: float) -> float:
    if rng.random() < gaps / 3:
        return math.nan
    return float(rng.randint(90, 110)) + rng.choice([0.0, 0.25, 0.1])


def fields(rng: random.Random, qty: float, asked: int = 0) -> list[float]:
    """A `fields` list of a decision, and so many asked fields behind it."""
    cells = [rng.choice([0.0, 1.0, 99.5, 1e6, 0.25]) for _ in range(WIDTH + asked)]
    cells[0] = qty
    cells[1] = 100.0 + rng.random() if qty else math.nan
    cells[20], cells[21], cells[23] = 2.0, 0.0, 2.0
    return cells


def bits(values: Sequence[float]) -> list[bytes]:
    """Values to the bit, every nan alike."""
    return [struct.pack("<d", math.nan if v != v else float(v)) for v in values]
