"""Many runs of one strategy at once (floor 7): a lane is one symbol in a book of its own.

Why: replaying a rule over hundreds of symbols one account loop at a time repeats the same work. A
lane runs the same emitted rule and the same kernels; what comes out equals `run.account` to the
bit. `refusals` says which runs qualify: one entry at market, exits at market, stops, targets and
trails, costs, no limits. Nothing else is run differently: it is refused, with the reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import fields as fields_of
from engine.emit.lanes import LANES
from engine.emit.lanes_plan import PRICES, lane_plan, plan_refusals
from engine.fills import lane_layout as at
from engine.fills.price import MILLIONTHS
from engine.graph.plan import Plan
from engine.ops.window import ANCHOR, NEAR
from engine.records import desk
from engine.records.account import RoundTrip
from engine.records.desk import BookRow, CostRow, InstrumentRow
from engine.run.lanes_module import LaneProgram, load_lanes

FEW = 8
"""Up to so many lanes run one by one."""
SPAN = 128.0
"""The most by which a price may exceed another of its window: half of what makes a sum rebuild."""
LARGEST = 1e100
PEAKS = (fields_of.ACCOUNT_PEAK, fields_of.ACCOUNT_DRAWDOWN, fields_of.ACCOUNT_PNL_TODAY)
MONEY = frozenset((fields_of.ACCOUNT_EQUITY, fields_of.ACCOUNT_CASH, *PEAKS))


@dataclass(frozen=True)
class LaneRun:
    """One strategy on many symbols, each lane an account of its own with cash[lane].

    columns[name] is an array (lanes, first + bars), prices unadjusted by nothing here: what the
    rule reads, and always open, high, low and close. The account trades from bar `first` on; the
    bars before it only warm the rule up. at_close: 1.0 where a bar has no open of its own, same
    shape; None where all have. book: as for the account loop; its symbols and rows are not read.
    """

    plan: Plan
    book: BookRow
    instruments: Sequence[InstrumentRow]
    costs: CostRow
    cash: Sequence[float]
    columns: Mapping[str, Any]
    at_close: Any = None
    first: int = 0


@dataclass(frozen=True)
class LaneResult:
    """What the lanes did.

    curves: equity by tile, bar and lane of the tile (see `equity`). trips: one row a round trip, a
    lane's in the order closed: lane, side, first bar, last bar, shares, average price in,
    average price out, gain after fees, fees, planned loss, and 1 where it was closed. bars: how
    many were run of each lane, fewer where it was ruined."""

    curves: Any
    trips: Any
    bars: Any
    notice: str = ""

    def equity(self, lane: int) -> Any:
        """One lane's equity at each close; past its ruin it stays where it ended."""
        tile, place = divmod(lane, self.curves.shape[2])
        return self.curves[tile, :, place]

    def round_trips(self, lane: int) -> tuple[RoundTrip, ...]:
        """The round trips of one lane, as the account loop records them."""
        return tuple(_trip(e.tolist()) for e in self.trips[self.trips[:, 0] == lane])


def _trip(e: list[float]) -> RoundTrip:
    side, first, last = map(int, e[1:4])
    qty, paid, got, gain, fees, planned = e[4:10]
    return RoundTrip(0, 0, 0, side, first, last, qty, paid, got, gain, fees, planned, e[10] != 0.0)


@dataclass(frozen=True)
class Tiles:
    """Lanes laid out for a program: ins[tile], with what each tile may skip."""

    run: LaneRun
    program: LaneProgram
    places: Any
    ins: tuple[Any, ...]
    warm: tuple[int, ...]
    count: int
    bars: int
    starts: tuple[tuple[Any, Any], ...]


# ---------------------------------------------------------------- what qualifies


def refusals(run: LaneRun) -> tuple[str, ...]:
    """Why these lanes must run on the account loop instead; empty when they qualify."""
    return (*plan_refusals(run.plan), *_book(run), *_money(run), *_bars(run))


def _book(run: LaneRun) -> Iterator[str]:
    book = run.book
    if len(book.entries) != 1 or book.weight_out >= 0:
        yield "lanes hold one entry and no weight"
    if any(e.kind != desk.MARKET or e.tif != desk.DAY for e in book.entries):
        yield "an entry in lanes is at market, for the day"
    if any(e.kind != desk.MARKET for e in book.exits):
        yield "an exit in lanes is at market"


def _money(run: LaneRun) -> Iterator[str]:
    if run.costs.interest:
        yield "lanes pay no interest on cash"
    if run.costs.participation:
        yield "lanes have no cap by volume"
    if any(e.side < 0 for e in run.book.entries):
        rates = [row.borrow_rate for row in run.instruments]
        if any(rate == rate and rate != 0.0 for rate in rates):
            yield "lanes pay no borrow on short positions"


def _bars(run: LaneRun) -> Iterator[str]:
    missing = [name for name in (*PRICES, *_inputs(run.plan)) if name not in run.columns]
    if missing:
        yield f"the column {missing[0]} is not given"
        return
    shape = np.shape(run.columns["close"])
    if any(np.shape(run.columns[name]) != shape for name in run.columns):
        yield "all columns are (lanes, bars) of one shape"
    elif shape[0] != len(run.cash) or shape[0] != len(run.instruments) or shape[1] <= run.first:
        yield "each lane has an instrument, cash and at least one bar to trade"
    elif not all(np.isfinite(run.columns[name]).all() for name in PRICES):
        yield "a price is missing: a lane has every bar"
    elif not all(np.min(run.columns[name]) > 0.0 for name in PRICES):
        yield "a price is not above zero"


def _inputs(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.name for c in plan.inputs))


# ---------------------------------------------------------------- laying out


def prepare(run: LaneRun, lanes: int | None = None, compiled: bool = True) -> Tiles:
    """Compile and lay out. lanes: 1 or LANES, else chosen by their count. Not compiled, the same
    text runs as plain Python, slowly.

    Raises ValueError, with the reasons, when the run does not qualify."""
    found = refusals(run)
    if found:
        raise ValueError(f"these runs need the account loop: {'; '.join(found)}")
    count, bars = np.shape(run.columns["close"])
    wide = lanes or (1 if count <= FEW else LANES)
    plan = lane_plan(run.plan)
    given = _given(run, plan)
    program = load_lanes(plan, wide, tuple(given), compiled)
    groups = [range(k, min(k + wide, count)) for k in range(0, count, wide)]
    ins = tuple(_laid(given, group, wide) for group in groups)
    warm = tuple(_warm(run, program, group, bars) for group in groups)
    places = np.arange(len(given), dtype=np.int64) * bars * wide
    k = _places(run, program, tuple(given), places, bars)
    starts = tuple(_accounts(run, program, k, group) for group in groups)
    return Tiles(run, program, places, ins, warm, count, bars, starts)


def _given(run: LaneRun, plan: Plan) -> dict[str, Any]:
    """Every column of a tile by name: what the rule reads, then what fills need."""
    found = {name: run.columns[name] for name in _inputs(plan)}
    needs = PRICES if run.book.levels else ("open", "close")
    if run.at_close is None or not np.any(run.at_close):
        return found | {name: run.columns[name] for name in needs}
    flags = np.asarray(run.at_close) != 0.0
    for name in needs:
        found["fill:" + name] = np.where(flags, run.columns["close"], run.columns[name])
    return found | {"close": run.columns["close"], "fill:flag": flags.astype(float)}


def _laid(given: Mapping[str, Any], group: range, wide: int) -> Any:
    """Column, bar, lane; the last tile is filled up with its first lane."""
    lanes = [*group, *[group[0]] * (wide - len(group))]
    laid = [np.asarray(values)[lanes].T.reshape(-1) for values in given.values()]
    return np.concatenate(laid, dtype=float)


def _warm(run: LaneRun, program: LaneProgram, group: range, bars: int) -> int:
    """The first bar that may run without tests: never, where a value is missing or too far off."""
    lanes = slice(group.start, group.stop)
    for name in _inputs(program.how.plan):
        values = np.asarray(run.columns[name])[lanes]
        if not (np.abs(values) < LARGEST).all():
            return bars
    reach = max((ring.mask + 1 for ring in program.how.plan.market_cells.rings.values()), default=0)
    forms = program.how.forms
    sums = {n for n, row in forms.items() if row.leaving}
    names = {_series(program, n) for n in sums}
    if not all(_is_level(np.asarray(run.columns[name])[lanes], reach) for name in names):
        return bars
    means = {(_series(program, n), _window(program, n)) for n, row in forms.items() if row.level}
    if any(_rests(np.asarray(run.columns[name])[lanes], n) for name, n in means):
        return bars
    return program.warm


def _series(program: LaneProgram, n: int) -> str:
    nodes = program.how.plan.graph.nodes
    return nodes[nodes[n].args[0]].name


def _window(program: LaneProgram, n: int) -> int:
    return int(program.how.plan.graph.nodes[n].consts[0])


def _rests(values: Any, n: int) -> bool:
    """Whether some n bars in a row may all be near the last: their mean is worked out anew."""
    still = np.abs(np.diff(values, axis=1)) <= 4.0 * NEAR * values[:, 1:]
    count = np.cumsum(still, axis=1, dtype=np.int32)
    return bool(np.any(count[:, n - 1 :] - count[:, : -(n - 1)] == n - 1))


def _is_level(values: Any, reach: int) -> bool:
    """Whether no price in reach of a running sum is SPAN times another: then it is not rebuilt."""
    if not values.min() > 0.0:
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


def _places(
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
    k[at.BARS], k[at.FIRST], k[at.STRIDE] = bars, run.first, how.stride
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
    k[at.BLOCK] = max(1, ANCHOR // how.lanes)
    k += [x.when_out for x in book.exits]
    for level in book.levels:
        k += [level.kind, level.stops_out, level.rule_out]
    return k


# ---------------------------------------------------------------- running


def run_lanes(
    tiles: Tiles, threads: int = 1, curves: Any = None, room: int | None = None
) -> LaneResult:
    """Run every tile; each thread takes the next one.

    curves: an array for LaneResult.curves to write into, such as an earlier result's. room: round
    trips that a tile has room for at first; one that needs more runs again."""
    if curves is None:
        shape = (len(tiles.ins), tiles.bars - tiles.run.first, tiles.program.how.lanes)
        curves = np.empty(shape)
    numbers = range(len(tiles.ins))
    if threads == 1:
        done = [_run_tile(tiles, number, curves[number], room) for number in numbers]
    else:
        with ThreadPoolExecutor(threads) as pool:
            done = list(pool.map(lambda k: _run_tile(tiles, k, curves[k], room), numbers))
    trips = np.concatenate([trips for trips, _ in done])
    bars = np.concatenate([bars for _, bars in done])[: tiles.count]
    return LaneResult(curves, trips, bars, tiles.program.notice)


def _run_tile(tiles: Tiles, number: int, curve: Any, room: int | None) -> tuple[Any, Any]:
    """One tile's trips and bars; with more room once more when its trips did not fit."""
    if room is None:
        room = max(64, tiles.bars * tiles.program.how.lanes // 32)
    while True:
        k, s = _play(tiles, number, curve, room)
        count = int(k[at.TRIPS])
        if count <= room:
            break
        room = count
    lanes, first = tiles.program.how.lanes, int(k[at.TRIPS_AT])
    rows = s[first : first + count * at.TRIP_CELLS].reshape(count, at.TRIP_CELLS)
    rows[:, 0] += number * lanes
    own = s[k[at.OWN_AT] : k[at.OWN_AT] + lanes * k[at.EVENT_CELLS]].reshape(lanes, -1)
    return rows, own[:, at.LAST_BAR].astype(np.int64) + 1


def _play(tiles: Tiles, number: int, curve: Any, room: int) -> tuple[Any, Any]:
    """Run a tile from its first bar; what it leaves of k and s."""
    program, lanes = tiles.program, tiles.program.how.lanes
    cells, width = program.how.plan.market_cells, program.layout.row_width
    start = tiles.starts[number]
    k, s = list(start[0]), np.empty(len(start[1]) + room * at.TRIP_CELLS)
    s[: len(start[1])] = start[1]
    k[at.ROOM] = room
    words, floats = (_int_cells, _same) if program.is_compiled else (list, _viewed)
    k = words(k)
    program.tile(
        k,
        floats(s),
        floats(tiles.ins[number]),
        floats(np.empty(k[at.BLOCK] * width * lanes)),
        floats(curve.reshape(-1)),
        words(tiles.places),
        words(program.gates),
        tiles.warm[number],
        floats(np.empty(len(program.how.plan.inputs))),
        floats(np.ones(1)),
        floats(np.empty(max(width, 1))),
        floats(np.tile(np.array(cells.init), lanes)),
        floats(np.zeros(program.how.vec_rows * lanes)),
        words([0] * int(k[at.BLOCK])),
        words([0] * int(k[at.BLOCK])),
        program.addresses,
    )
    return k, s


def _int_cells(values: Any) -> Any:
    return np.array(values, dtype=np.int64)


def _viewed(values: Any) -> Any:
    """Plain floats out of an array, and slices that write through."""
    return memoryview(values)


def _same(values: Any) -> Any:
    return values


def _accounts(run: LaneRun, program: LaneProgram, k: Any, here: range) -> tuple[Any, Any]:
    """k and s of a tile before its first bar; the room for trips comes behind s."""
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
        at.FIELDS_AT: np.full(2 * fields_of.WIDTH + 1, np.nan),
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
    k[at.ALIVE] = -1 if len(here) == LANES else (1 << len(here)) - 1
    return k, np.concatenate(s)
