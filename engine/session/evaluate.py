"""One expression over one series (floor 9): the quickest way to look at an indicator."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.base.dates import iso
from engine.base.diagnostics import Diagnostic, RuleErrors, in_order
from engine.base.errors import UserError
from engine.base.near import near
from engine.base.resources import rules_dir
from engine.base.spans import Source, Span, source
from engine.check import check_file, load_uses, read_near
from engine.check.typed import Named
from engine.compile import compile_values
from engine.lang.parse import parse, parse_expr
from engine.records.catalogue import Catalogue
from engine.records.series import Series
from engine.run.program import Program
from engine.session.inputs import World
from engine.session.lists import FALSE, TRUE
from engine.session.market import Markets, symbols_read
from engine.session.recorded import Recorded, recorded
from engine.session.schedule import Schedule
from engine.session.timeline import Timeline
from engine.session.universe import data_set

FILE = "<expression>"
Point = tuple[str, float | None]


def evaluate(
    text: str, data: Path | str, symbol: str | None = None, across: Sequence[str] = ()
) -> list[Point]:
    """The value of an expression at each bar of a CSV file or an embedded symbol; None while
    undefined. A condition is 1 or 0. across: symbols or data sets that it is compared with.

    Raises RuleErrors for what is wrong in the expression, UserError for the data.
    """
    held, name = _data(data, symbol)
    named = check_expression(text, held.catalogue)
    program = compile_values("eval", {"value": named.value}, "python")
    universe = _universe(across, held.catalogue)
    if program.layers and not universe:
        help = "name them: `--across stocks20`, or symbols; `seawall data list` shows both"
        raise UserError(f"`{text}` compares symbols with {name}, and none is named", help)
    series = held.series(list(dict.fromkeys([name, *universe, *sorted(symbols_read([program]))])))
    series[name] = _as_recorded(series[name])
    days = series[name].days
    schedule = Schedule(held.calendar)
    line = Timeline(schedule, days[np.isin(days, schedule.sessions)], 0)
    values = _values(program, Markets(World(line, series)), name, universe)
    is_truth = named.value.kind.name == "truth"
    return [(iso(int(d)), _shown(v, is_truth)) for d, v in zip(line.days, values, strict=True)]


def _data(data: Path | str, symbol: str | None) -> tuple[Recorded, str]:
    path = Path(data)
    if path.exists():
        held = recorded(path, symbol)
        return held, next(iter(held.own))
    held = recorded(None, None)
    if held.catalogue.symbol(str(data)) is None:
        close = held.catalogue.near(str(data))
        help = f"did you mean `{close}`?" if close else "name a CSV file or an embedded symbol"
        raise UserError(f"`{data}` is neither a file nor a known symbol", help)
    return held, str(data)


def _as_recorded(series: Series) -> Series:
    """The series on its own dates: a reader looks at values, a rule would see a feed's later."""
    return replace(series, instrument=replace(series.instrument, available=0))


def _universe(across: Sequence[str], catalogue: Catalogue) -> tuple[str, ...]:
    """The symbols named, those of a data set in its place."""
    found: list[str] = []
    for name in across:
        held = data_set(name, catalogue)
        if not held and catalogue.symbol(name) is None:
            close = near(name, [i.dataset for i in catalogue.instruments]) or catalogue.near(name)
            help = f"did you mean `{close}`?" if close else "`seawall data list` names them"
            raise UserError(f"`{name}` is neither a symbol nor a data set", help)
        found += held or (name,)
    return tuple(dict.fromkeys(found))


def _values(program: Program, markets: Markets, name: str, universe: Sequence[str]) -> list[float]:
    """The program's one output at each bar, with the fields of a flat account: all na."""
    layout = program.layout
    rows = markets.rows(program, name, universe)
    fields = [float("nan")] * 64
    cells, out, found = list(layout.cells_init), [0.0], []
    for bar in range(len(markets.world.line.days)):
        program.rule(rows, bar * layout.row_width, fields, 0, cells, 0, out, 0)
        found.append(out[0])
    return found


def _shown(value: float, is_truth: bool) -> float | None:
    if is_truth:
        return {FALSE: 0.0, TRUE: 1.0}.get(value)
    return None if value != value else value


# ---------------------------------------------------------------- checking one expression


def check_expression(text: str, catalogue: Catalogue) -> Named:
    """A checked expression; it may use every define of the shipped library."""
    _, problems = parse_expr(source(FILE, text))
    if problems:
        raise RuleErrors(in_order(problems))
    wrapped, offset, line = _wrapped(text)
    file, problems = parse(wrapped)
    used, more = load_uses(file, read_near)
    checked, found = check_file(file, used, catalogue)
    inside = [d for d in (*problems, *more, *found) if _is_inside(d, offset, len(text))]
    errors = [_moved(d, offset, line) for d in inside if d.severity in ("error", "later")]
    if errors:
        raise RuleErrors(in_order(errors))
    return next(x for s in checked.strategies for x in s.lets if x.name == "value_")


def _wrapped(text: str) -> tuple[Source, int, int]:
    """The expression as a let of a strategy, and where it begins there."""
    libraries = sorted((rules_dir() / "lib").glob("*.rule"))
    uses = "".join(f'use "lib/{p.name}"\n' for p in libraries)
    head = f"rules 1\n{uses}strategy eval_ {{\nclock 1d on xnys\nlet value_ =\n"
    return source(FILE, f"{head}{text}\n}}\n"), len(head), head.count("\n")


def _is_inside(found: Diagnostic, offset: int, length: int) -> bool:
    return found.span.file == FILE and offset <= found.span.start <= offset + length


def _moved(found: Diagnostic, offset: int, line: int) -> Diagnostic:
    """The diagnostic with its place in the expression alone."""
    s = found.span
    span = Span(
        FILE, s.start - offset, s.end - offset, s.line - line, s.column, s.end_line - line,
        s.end_column,
    )  # fmt: skip
    return replace(found, span=span, fix=None, notes=())
