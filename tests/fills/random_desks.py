"""Random desks: everything the account loop can meet, drawn from one seed."""

from dataclasses import replace
from random import Random
from typing import Any

from engine import fields as field
from engine.records.desk import (
    CLS,
    DAY,
    GTC,
    IOC,
    LIMIT,
    MARKET,
    OPG,
    STOP,
    STOP_LEVEL,
    STOP_LIMIT,
    TRAIL_MONEY,
    TRAIL_RATIO,
    BookRow,
    CostRow,
    Desk,
    InstrumentRow,
    LevelRow,
    LimitRow,
    LimitSetRow,
    SwitchRow,
    Tape,
)

from .make import (
    ENTRIES,
    EXIT_PRICE,
    EXIT_WHEN,
    EXITS,
    LEVEL_BASE,
    LEVEL_SLOPE,
    LEVELS,
    LIMITS,
    NAN,
    OUTS,
    PRICE,
    SECOND,
    SIZE,
    TRAIL,
    WEIGHT,
    WHEN,
    WIDTH,
    entry,
    exit_row,
    line_stops,
)

NAMES = 3


def folding_rule(
    row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int
) -> None:
    """Wants what the script says, trails 4% off the best close since entry, and keeps a count."""
    for k in range(OUTS):
        out[o + k] = row[r + k]
    last = fields[f + field.MARKET_LAST]
    if fields[f + field.POSITION_QTY] != 0.0:
        if not last <= cells[c]:
            cells[c] = last
        out[o + TRAIL] = cells[c] * 0.96
        out[o + TRAIL + 1] = cells[c] * 1.04
    cells[c + 1] += 1.0
    if fields[f + field.POSITION_AGE] >= 6.0:
        out[o + EXIT_WHEN] = 2.0


def house_rule(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
    """Switches from the script; the last also enters 3% below the peak since the cells began."""
    equity = fields[f + field.ACCOUNT_EQUITY]
    if equity > cells[c]:
        cells[c] = equity
    for k in range(LIMITS):
        out[o + k] = row[r + k]
    if equity <= 0.97 * cells[c]:
        out[o] = 2.0


def house_decide(
    row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int
) -> None:
    """A cap from stop distance, a cap from room, a ban and a reduce-only from the script."""
    out[o] = 0.02 * fields[f + field.ACCOUNT_EQUITY] / fields[f + field.ORDER_STOP_DISTANCE]
    out[o + 1] = fields[f + field.ACCOUNT_EXPOSURE_ROOM] / fields[f + field.ORDER_PRICE]
    out[o + 2] = row[r + 2]
    out[o + 3] = 2.0 if fields[f + field.ACCOUNT_POSITIONS] >= 4.0 else 0.0


def safe_decide(
    row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int
) -> None:
    """house_decide for plain Python, where dividing by zero raises."""
    distance = fields[f + field.ORDER_STOP_DISTANCE]
    if distance == 0.0:
        fields[f + field.ORDER_STOP_DISTANCE] = NAN
    house_decide(row, r, fields, f, cells, c, out, o)


def random_desk(seed: int, spreads: bool = False, splits: bool = False) -> Desk:
    """spreads: every book trades spreads; else about one in ten does. splits: the tape may hold
    splits and dividends."""
    rng = Random(seed)
    count, symbols = rng.randint(8, 40), rng.randint(1, NAMES)
    books = tuple(_book(rng, count, symbols, k, spreads) for k in range(rng.randint(1, 3)))
    sets = tuple(_set(rng, count, symbols, len(books)) for _ in range(rng.randint(0, 2)))
    made = Desk(
        cash=rng.choice([10000.0, 100000.0, 1234567.89]),
        instruments=tuple(
            InstrumentRow(
                f"S{k}",
                rng.choice([1.0, 1.0, 10.0, 0.001]),
                rng.choice([0.0, 0.01, 0.05, 0.25]),
                rng.random() < 0.8,
                rng.choice([NAN, 0.03, 0.5]),
            )
            for k in range(symbols)
        ),
        costs=_costs(rng),
        books=books,
        limit_sets=sets,
        tape=_tape(rng, count, symbols),
    )
    return replace(made, tape=split(made.tape, rng)) if splits else made


def _costs(rng: Random) -> CostRow:
    return CostRow(
        per_share=rng.choice([0.0, 0.01]),
        per_order=rng.choice([0.0, 1.0]),
        commission=rng.choice([0.0, 0.0005]),
        slippage=rng.choice([0.0, 0.001]),
        spread=rng.choice([0.0, 0.02]),
        participation=rng.choice([0.0, 0.0, 0.1]),
        interest=rng.random() < 0.7,
        buying_power=rng.choice([1.0, 1.0, 2.0]),
    )


def _tape(rng: Random, count: int, symbols: int) -> Tape:
    days, day = [], 20000
    for _ in range(count):
        day += rng.choice([1, 1, 1, 3])
        days.append(day)
    columns: list[list[list[float]]] = [[] for _ in range(7)]
    for _ in range(symbols):
        for column, values in zip(columns, _symbol(rng, count), strict=True):
            column.append(values)
    o, h, low, c, v, present, at_close = columns
    ends = [float(rng.random() < 0.3) for _ in range(count)]
    rate = [rng.choice([NAN, 0.0, 0.02, 0.05]) for _ in range(count)]
    cycle = rng.choice([0, 1, 2, 5, 7])
    due = [t + rng.choice([cycle, cycle, min(cycle, 3)]) for t in range(count)]
    return Tape(days, o, h, low, c, v, present, at_close, ends, ends, rate, due)


RATIOS = (2.0, 2.0, 1.5, 4.0 / 3.0, 0.1, 0.5, 7.0)


def split(tape: Tape, rng: Random) -> Tape:
    """The tape with some splits and dividends, its prices from then on in new shares."""
    columns = [[list(row) for row in c] for c in (tape.open, tape.high, tape.low, tape.close)]
    actions = []
    for symbol in range(len(tape.open)):
        for bar in range(1, len(tape.days)):
            here = tape.present[symbol][bar] and rng.random() < 0.15
            if here:
                ratio, paid = rng.choice([(1.0, None), (rng.choice(RATIOS), None), (1.0, 0.37)])
                ratio = rng.choice(RATIOS) if rng.random() < 0.1 else ratio
                actions.append((bar, symbol, ratio, rng.choice([paid or 0.0, 0.81, 0.0])))
                for column in columns:
                    row = column[symbol]
                    row[bar:] = [round(v / ratio, 4) for v in row[bar:]]
    o, h, low, c = columns
    return replace(tape, open=o, high=h, low=low, close=c, actions=tuple(sorted(actions)))


def _symbol(rng: Random, count: int) -> list[list[float]]:
    price, rows = 100.0, []
    close_only = rng.random() < 0.1
    for _ in range(count):
        o = round(price * (1 + rng.gauss(0, 0.02)), 2)
        c = round(o * (1 + rng.gauss(0, 0.03)), 2)
        h = round(max(o, c) * (1 + abs(rng.gauss(0, 0.01))), 2)
        low = round(min(o, c) * (1 - abs(rng.gauss(0, 0.01))), 2)
        v = rng.choice([NAN, 500.0, 3000.0, 100000.0])
        present = rng.random() < 0.93
        at_close = float(close_only or rng.random() < 0.05)
        if not present:
            o = h = low = c = v = NAN
        elif close_only:
            o = h = low = NAN
        rows.append([o, h, low, c, v, float(present), at_close])
        price = c if present else price
    return [list(column) for column in zip(*rows, strict=True)]


def _cells(rng: Random, count: int) -> list[float]:
    cells = [0.0] * (count * WIDTH)
    for r in range(0, len(cells), WIDTH):
        for k in range(ENTRIES):
            cells[r + WHEN + k] = rng.choice([0.0] * 5 + [1.0, 2.0, 2.0])
            cells[r + SIZE + k] = rng.choice([NAN, 0.4, 20.0, 55.0, 4000.0])
            cells[r + PRICE + k] = rng.choice([NAN, 0.0, 95.0, 99.0, 101.0, 105.0])
        for k in range(EXITS):
            cells[r + EXIT_WHEN + k] = rng.choice([0.0] * 6 + [1.0, 2.0])
            cells[r + EXIT_PRICE + k] = rng.choice([NAN, 97.0, 103.0])
        for k in range(LEVELS):
            cells[r + TRAIL + k] = rng.choice([NAN, 90.0, 97.0, 103.0])
            cells[r + LEVEL_BASE + k] = rng.choice([NAN, -4.0, 4.0, -2.0])
            cells[r + LEVEL_SLOPE + k] = 1.0
        for k in range(ENTRIES):
            cells[r + SECOND + k] = rng.choice([NAN, 0.02, 0.03, 3.0, 96.0, 104.0])
        cells[r + WEIGHT] = rng.choice([NAN, 0.0, 0.3, 0.7, -0.4])
    return cells


def _book(rng: Random, count: int, symbols: int, b: int, spreads: bool) -> BookRow:
    if spreads or rng.random() < 0.1:
        return _spreads(rng, count, symbols, b)
    entries = rng.randint(0, ENTRIES)
    weight = WEIGHT if entries == 0 or rng.random() < 0.2 else -1
    own = sorted(rng.sample(range(symbols), rng.randint(1, symbols)))
    has_folds = rng.random() < 0.5
    covered = tuple(range(entries)) if rng.random() < 0.6 else (0,)
    sides = [rng.choice([1, 1, -1]) for _ in range(entries)]
    adds = [_adds(rng, k, sides) for k in range(entries)]
    return BookRow(
        name=f"book{b}",
        capital=rng.choice([1.0, 2.0, 3.5]),
        symbols=tuple(own),
        entries=tuple(
            entry(k, sides[k], *_order(rng), money=rng.random() < 0.3, **adds[k])
            for k in range(entries)
        ),
        exits=tuple(exit_row(k, covered, *_order(rng)) for k in range(rng.randint(0, EXITS))),
        levels=tuple(
            LevelRow(f"l{k}", rng.randint(0, 2), covered, k, TRAIL + k)
            for k in range(rng.randint(0, LEVELS))
        ),
        weight_out=weight,
        rebalance=rng.randint(0, 2),
        may_fire=-1,
        row_width=WIDTH,
        out_width=OUTS,
        stops_width=LEVELS,
        cells_init=(0.0, 0.0),
        fold_cells=2 if has_folds else 1,
        rows=tuple(_cells(rng, count) for _ in own),
        rule=folding_rule,
        stops=line_stops,
        drift=Random(31 * count + b).choice([-1.0, -1.0, 0.02, 0.3]),
    )


def _spreads(rng: Random, count: int, symbols: int, b: int) -> BookRow:
    """A book of one or two spreads, each over all of its symbols, with stops of some legs."""
    own = sorted(rng.sample(range(symbols), min(symbols, 2)))
    legs = [(spread, leg) for spread in range(rng.randint(1, 2)) for leg in range(len(own))]
    legs = legs[:ENTRIES]
    tif = rng.choice([DAY, GTC])
    cells = [_cells(rng, count) for _ in own]
    for row in cells:
        for r in range(0, len(row), WIDTH):
            for k, (spread, _) in enumerate(legs):
                first = [s for s, _ in legs].index(spread)
                row[r + WHEN + k] = row[r + WHEN + first]  # the legs of a spread fire together
    return BookRow(
        name=f"book{b}",
        capital=rng.choice([1.0, 2.0]),
        symbols=tuple(own),
        entries=tuple(
            entry(k, rng.choice([1, -1]), MARKET, tif, rng.random() < 0.3, spread=spread, leg=leg)
            for k, (spread, leg) in enumerate(legs)
        ),
        exits=tuple(
            exit_row(k, tuple(j for j, (s, _) in enumerate(legs) if s == k), MARKET, DAY)
            for k in range(legs[-1][0] + 1)
        ),
        levels=tuple(
            LevelRow(f"l{k}", STOP_LEVEL, (k,), k, -1)
            for k in range(Random(31 * count + b).randint(0, min(LEVELS, len(legs))))
        ),
        weight_out=-1,
        rebalance=0,
        may_fire=-1,
        row_width=WIDTH,
        out_width=OUTS,
        stops_width=LEVELS,
        cells_init=(0.0, 0.0),
        fold_cells=1,
        rows=tuple(cells),
        rule=folding_rule,
        stops=line_stops,
    )


def _order(rng: Random) -> tuple[int, int]:
    """A kind of order and how long it works, as the language allows them."""
    tif = rng.choice([DAY, DAY, DAY, GTC, GTC, IOC, OPG, CLS])
    kinds = [MARKET, MARKET, LIMIT]
    if tif in (DAY, GTC):
        kinds += [STOP, STOP, STOP_LIMIT, TRAIL_RATIO, TRAIL_MONEY]
    return rng.choice(kinds), tif


def _adds(rng: Random, k: int, sides: list[int]) -> dict[str, int]:
    """How often the k-th entry adds to a position: its own, or an earlier one's of its side."""
    if rng.random() < 0.6:
        return {}
    hosts = [j for j in range(k) if sides[j] == sides[k]]
    return {"adds": rng.randint(1, 3), "joins": hosts[0] if hosts else -1}


def _set(rng: Random, count: int, symbols: int, books: int) -> LimitSetRow:
    rows = [
        [rng.choice([0.0] * 8 + [NAN, 2.0]) for _ in range(count * LIMITS)]
        for _ in range(symbols + 1)
    ]
    limits = (
        LimitRow("loss", 1, True, rng.random() < 0.8, 0),
        LimitRow("room", 1, False, False, 1),
        LimitRow("ban", 0, False, rng.random() < 0.5, 2),
        LimitRow("reduce", 2, False, False, 3),
    )
    over = rng.choice(("book", "book", "desk", "class"))
    some = tuple(sorted(rng.sample(range(symbols), rng.randint(1, symbols))))
    return LimitSetRow(
        name="house",
        book=rng.randint(-1, books - 1),
        books=tuple(sorted(rng.sample(range(books), rng.randint(1, books))))
        if over == "desk"
        else (),
        symbols=some if over == "class" else (),
        limits=tuple(rng.sample(limits, rng.randint(0, len(limits)))),
        switches=tuple(
            SwitchRow(
                f"s{k}",
                k,
                rng.randint(0, 1),
                rng.choice([-1, 2, 3]),
                rng.choice([0, 3]),
                True,
                (rng.randint(0, count),),
            )
            for k in range(3)
            if rng.random() < 0.4
        ),
        row_width=LIMITS,
        out_width=LIMITS,
        decide_width=LIMITS,
        cells_init=(0.0,),
        rows=tuple(rows[:-1]),
        clock_rows=rows[-1],
        rule=house_rule,
        decide=safe_decide,
    )
