"""Lays a run out for lanes: columns and accounts, tile by tile, and what each tile may skip
(floor 7).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import fields as fields_of
from engine.emit.lanes import LANES, gate_words, has_plain_exits, shown, starts_at_once
from engine.emit.lanes_plan import PRICES, first_bars, lane_plan
from engine.fills import lane_layout as at
from engine.fills.price import MILLIONTHS
from engine.graph.node import op_of
from engine.graph.plan import Plan
from engine.ops.dense import SMALLEST
from engine.ops.window import ANCHOR, NEAR
from engine.run.lanes_fit import LaneRun, inputs_of, refusals
from engine.run.lanes_module import LaneProgram, load_lanes, tell

FEW = 8
"""Up to so many lanes run one by one."""
SPAN = 128.0
"""The most by which a price may exceed another of its window: half of what makes a sum rebuild."""
LARGEST = 1e100
PEAKS = (fields_of.ACCOUNT_PEAK, fields_of.ACCOUNT_DRAWDOWN, fields_of.ACCOUNT_PNL_TODAY)
MONEY = frozenset((fields_of.ACCOUNT_EQUITY, fields_of.ACCOUNT_CASH, *PEAKS))


@dataclass(frozen=True)
class Batch:
    """Tiles that run one after another on the same columns, in one call of compiled code.

    start: k and s of a tile before its first bar, a row for each or one for all. tiles: their
    numbers; places (a row each), warm and quiet: of each of them in turn (see lanes_module). All
    are arrays."""

    program: LaneProgram
    start: tuple[Any, Any]
    ins: Any
    tiles: Any
    places: Any
    warm: Any
    quiet: Any

    def parts(self, count: int) -> "list[Batch]":
        """The same tiles in so many batches, or fewer."""
        cuts = [cut for cut in np.array_split(np.arange(len(self.tiles)), count) if len(cut)]
        return [self._part(slice(cut[0], cut[-1] + 1)) for cut in cuts]

    def _part(self, cut: slice) -> "Batch":
        k, s = (rows if len(rows) == 1 else rows[cut] for rows in self.start)
        each = (self.tiles[cut], self.places[cut], self.warm[cut], self.quiet[cut])
        return Batch(self.program, (k, s), self.ins, *each)


@dataclass(frozen=True)
class Tiles:
    """Lanes laid out for a program."""

    run: LaneRun
    program: LaneProgram
    batch: Batch
    count: int
    bars: int

    @property
    def warm(self) -> tuple[int, ...]:
        """Of each tile the first bar that may run without tests."""
        return tuple(int(bar) for bar in self.batch.warm)


def prepare(
    run: LaneRun,
    lanes: int | None = None,
    compiled: bool = True,
    told: Callable[[str], None] = tell,
) -> Tiles:
    """Compile and lay out. lanes: 1 or LANES, else chosen by their count. Not compiled, the same
    text runs as plain Python, slowly. told: hears of a compile before it begins.

    Raises ValueError, with the reasons, when the run does not qualify."""
    found = refusals(run)
    if found:
        raise ValueError(f"these runs need the account loop: {'; '.join(found)}")
    count, bars = np.shape(run.columns["close"])
    wide = lanes or (1 if count <= FEW else LANES)
    plan = lane_plan(run.plan)
    given = _given(run, plan)
    program = load_lanes(plan, wide, tuple(given), compiled, told)
    groups = [range(k, min(k + wide, count)) for k in range(0, count, wide)]
    reaches = [int(op_of(n).reach(n.consts)) for n in plan.graph.nodes if n.kind == "op"]
    pad = max(reaches, default=0) + 1
    tiles, cells = np.arange(len(groups)), (bars + pad) * wide
    ins = np.empty((len(groups), len(given) * cells))
    for number, group in enumerate(groups):
        ins[number] = _laid(given, group, wide, pad)
    first = np.arange(len(given)) * cells + pad * wide
    places = tiles[:, None] * ins.shape[1] + first
    starts = [
        accounts(run, program, places_of(run, program, tuple(given), where, bars), group)
        for where, group in zip(places, groups, strict=True)
    ]
    k, s = (np.stack(rows) for rows in zip(*starts, strict=True))
    begins = [_begins(run, program, group, bars) for group in groups]
    warm, quiet = np.array(begins, dtype=np.int64).T.copy()
    batch = Batch(program, (k, s), ins.reshape(-1), tiles, places, warm, quiet)
    return Tiles(run, program, batch, count, bars)


def _given(run: LaneRun, plan: Plan) -> dict[str, Any]:
    """Every column of a tile by name: what the rule reads, then what fills need."""
    found = {name: run.columns[name] for name in inputs_of(plan)}
    return found | fill_columns(run, bool(run.book.levels))


def fill_columns(run: LaneRun, has_levels: bool) -> dict[str, Any]:
    """The columns that fills need, by name: ranges too where positions have levels."""
    needs = PRICES if has_levels else ("open", "close")
    if run.at_close is None or not np.any(run.at_close):
        return {name: run.columns[name] for name in needs}
    flags = np.asarray(run.at_close) != 0.0
    found = {
        "fill:" + name: np.where(flags, run.columns["close"], run.columns[name]) for name in needs
    }
    return found | {"close": run.columns["close"], "fill:flag": flags.astype(float)}


def _laid(given: Mapping[str, Any], group: range, wide: int, pad: int) -> Any:
    """Column, bar, lane, each column after so many bars of zeros; the last tile is filled up with
    its first lane."""
    lanes = [*group, *[group[0]] * (wide - len(group))]
    zeros = np.zeros(pad * wide)
    laid = [np.asarray(values)[lanes].T.reshape(-1) for values in given.values()]
    return np.concatenate([part for column in laid for part in (zeros, column)], dtype=float)


def _begins(run: LaneRun, program: LaneProgram, group: range, bars: int) -> tuple[int, int]:
    """From which bar a tile may run without tests, and from which a gate may open, where the bars
    before need no more than that."""
    warm = _warm(run, program, group, bars)
    known, fires = first_bars(program.how.plan, {})
    if warm < bars and known <= fires and starts_at_once(program.how):
        return 0, fires
    return warm, 0


def _warm(run: LaneRun, program: LaneProgram, group: range, bars: int) -> int:
    """The first bar that may run without tests: never, where a value is missing or too far off."""
    lanes = slice(group.start, group.stop)
    for name in inputs_of(program.how.plan):
        values = np.asarray(run.columns[name])[lanes]
        if not (np.abs(values) < LARGEST).all():
            return bars
    forms = program.how.forms
    sums = {n for n, row in forms.items() if row.leaving}
    names = {_series(program, n) for n in sums}
    if not all(is_level(np.asarray(run.columns[name])[lanes], program.reach) for name in names):
        return bars
    means = {(_series(program, n), _window(program, n)) for n, row in forms.items() if row.level}
    if any(rests(np.asarray(run.columns[name])[lanes], n) for name, n in means):
        return bars
    return program.warm


def _series(program: LaneProgram, n: int) -> str:
    nodes = program.how.plan.graph.nodes
    return nodes[nodes[n].args[0]].name


def _window(program: LaneProgram, n: int) -> int:
    return int(program.how.plan.graph.nodes[n].consts[0])


def rests(values: Any, n: int) -> bool:
    """Whether some n bars in a row may all be near the last: their mean is worked out anew."""
    still = np.abs(np.diff(values, axis=1)) <= 4.0 * NEAR * values[:, 1:]
    count = np.cumsum(still, axis=1, dtype=np.int32)
    return bool(np.any(count[:, n - 1 :] - count[:, : -(n - 1)] == n - 1))


def is_level(values: Any, reach: int) -> bool:
    """Whether no price in reach of a running sum is SPAN times another: then it is not rebuilt."""
    if not values.min() > SMALLEST:
        return False
    if values.max() < SPAN * values.min():
        return True
    edges = range(0, values.shape[1], ANCHOR)
    high = np.array([values[:, t : t + ANCHOR].max(axis=1) for t in edges])
    low = np.array([values[:, t : t + ANCHOR].min(axis=1) for t in edges])
    back = reach // ANCHOR + 2
    for k in range(len(high)):
        window = slice(max(0, k - back), k + 1)
        if not (high[window].max(axis=0) < SPAN * low[window].min(axis=0)).all():
            return False
    return True


def places_of(
    run: LaneRun, program: LaneProgram, names: tuple[str, ...], places: Any, bars: int
) -> list[int]:
    """The whole numbers of a tile; fills.lane says what each is."""
    book, how = run.book, program.how

    def column(name: str) -> int:
        for found in ("fill:" + name, name):
            if found in names:
                return int(places[names.index(found)])
        return -1

    entry = book.entries[0]
    k = [0] * at.EXIT_LIST
    k[at.BARS], k[at.FIRST] = bars, run.first
    k[at.AT_OPEN], k[at.AT_HIGH], k[at.AT_LOW] = column("open"), column("high"), column("low")
    k[at.AT_CLOSE], k[at.AT_FLAG] = column("close"), column("flag")
    k[at.COLUMNS] = program.layout.row_width
    k[at.READS] = int(book.reads is None or not book.reads <= MONEY)
    k[at.KEEPS_PEAK] = int(book.reads is None or any(f in book.reads for f in PEAKS))
    k[at.CELLS], k[at.FOLD] = len(program.layout.cells_init), program.layout.fold_cells
    k[at.SIDE], k[at.WHEN], k[at.SIZE] = entry.side, entry.when_out, entry.size_out
    k[at.IN_MONEY] = int(entry.size_in_money)
    k[at.EXITS], k[at.LEVELS] = len(book.exits), len(book.levels)
    k[at.EVENT_CELLS] = at.OWN_CELLS + len(book.levels)
    k[at.FIRE_AT], k[at.LEAVE_AT] = gate_words(how, "may_fire"), gate_words(how, "may_exit")
    k[at.PLAIN_EXITS] = int(not program.layout.cells_init and has_plain_exits(how))
    k += [x.when_out for x in book.exits]
    for level in book.levels:
        k += [level.kind, level.stops_out, level.rule_out]
    k[at.SHOWN_AT] = len(k)
    return k + shown(how)


def accounts(run: LaneRun, program: LaneProgram, k: Any, here: range) -> tuple[Any, Any]:
    """k and s of a tile of the lanes `here` before its first bar; trips come behind s."""
    layout, lanes = program.layout, program.how.lanes
    k, c = k.copy(), run.costs
    swept = np.zeros((at.SWEPT, lanes))
    swept[at.UP], swept[at.DOWN] = np.inf, -np.inf
    own = np.zeros((lanes, k[at.EVENT_CELLS]))
    own[:, at.OWN_CELLS :] = np.nan
    for j, lane in enumerate(here):
        row, cash = run.instruments[lane], run.cash[lane]
        swept[at.CASH, j] = swept[at.PEAK, j] = own[j, at.START] = cash
        own[j, at.LOT], own[j, at.TICKS] = row.lot, float(round(row.tick * MILLIONTHS))
        own[j, at.SHORTABLE], own[j, at.BORROW] = 2.0 if row.shortable else 0.0, row.borrow_rate
    parts: dict[int, Any] = {
        at.COST_AT: [c.per_share, c.per_order, c.commission, c.slippage, c.spread, c.buying_power],
        at.OWN_AT: own.reshape(-1),
        at.FIELDS_AT: np.full(2 * fields_of.WIDTH, np.nan),
        at.CELLS_AT: np.tile(np.array(layout.cells_init), lanes),
        at.INIT_AT: layout.cells_init,
        at.OUT_AT: np.zeros(max(layout.out_width, layout.stops_width)),
        at.ROW_AT: np.zeros(layout.row_width),
    }
    s, first = [swept.reshape(-1)], swept.size
    for place, part in parts.items():
        k[place] = first
        s.append(np.asarray(part, dtype=float))
        first += len(part)
    k[at.TRIPS_AT] = first
    k[at.FIRST_LANE] = here.start
    k[at.ALIVE] = -1 if len(here) == LANES else (1 << len(here)) - 1
    return np.array(k, dtype=np.int64), np.concatenate(s)
