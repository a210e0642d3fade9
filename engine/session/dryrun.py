"""The main job (floor 9): every strategy, and all of them together, through every window."""

from collections.abc import Callable, Sequence

from engine.base.dates import iso
from engine.base.errors import UserError
from engine.records.account import BLOCKED, DENIED, NOT_SHORTABLE
from engine.session.cell import PORTFOLIO, Cell
from engine.session.changes import compare_and_keep
from engine.session.figures import drawdown_line
from engine.session.firm import Firm, Scene, Strategy
from engine.session.folder import canonical, digest, lines, readable, write_folder
from engine.session.load import Loaded, load_firm, silent
from engine.session.manifest import manifest
from engine.session.options import DryrunOptions, Outcome, Progress
from engine.session.records import equity_table, limits_table, trades_table, verdict_rows
from engine.session.replay import replay
from engine.session.result import Render, Result, no_pages, nothing
from engine.session.share import beside, play_windows
from engine.session.summary import finding_row, summary

Troupe = tuple[str, str, tuple[Strategy, ...]]
"""A cell's name, its title and who plays in it."""


def dryrun(
    options: DryrunOptions,
    progress: Progress = silent,
    render: Render = no_pages,
    prepare: Callable[[], None] = nothing,
) -> Outcome:
    """Replay what the options ask for and write the run's folder, with the pages that `render`
    makes; `prepare` may make ready for that while other processes replay.

    Raises UserError or RuleErrors for what the user can mend.
    """
    loaded = load_firm(options, progress)
    if not loaded.firm.windows:
        help = "name a file of them under `scenarios`, or give the first and the last day"
        raise UserError("there is no crisis to replay", help)
    cells = run_cells(loaded.firm, progress, prepare)
    about = manifest(loaded)
    told = summary(
        cells,
        id=about["id"],
        trials=loaded.trials,
        notices=list(loaded.firm.notices),
        findings=[finding_row(*f) for f in loaded.findings],
    )
    result = Result(told, about, tuple(cells), _texts(loaded), commands(cells))
    bars = sum(c.line.bars for c in cells)
    with beside(loaded.firm, bars, lambda: render(result)) as pages:
        files = {
            "summary.json": readable(told),
            "trades.parquet": trades_table(cells),
            "equity.parquet": equity_table(cells),
            "limits.parquet": limits_table(cells),
            "verdicts.jsonl": lines(verdict_rows(cells)),
            "manifest.json": readable(about),
            **pages(),
        }
    folder, mended = write_folder(options.out, about["id"], files)
    changes = compare_and_keep(options.out, _key(options), about["id"], told)
    if mended:
        changes = (mended, *(changes or ()))
    page = next((folder / name for name in files if name.endswith(".html")), None)
    return Outcome(told, folder, changes, dict(result.commands), page)


def _texts(loaded: Loaded) -> dict[str, str]:
    """The rule files by name, as the manifest names them; their folders do not matter, and those
    of one name are numbered."""
    rules = {p for p in loaded.files if p.suffix == ".rule"}
    pairs = sorted((p.name, p.read_text(encoding="utf-8")) for p in rules)
    found: dict[str, str] = {}
    for name, text in pairs:
        number = sum(known.partition(" ")[0] == name for known in found)
        found[f"{name} ({number + 1})" if number else name] = text
    return found


def run_cells(
    firm: Firm, progress: Progress = silent, prepare: Callable[[], None] = nothing
) -> list[Cell]:
    """Every cell: windows in order of time, strategies as set up, the portfolio last."""
    troupes = len(troupes_of(firm))
    lines = [Scene(firm, w).line(0) for w in firm.windows]
    total = len(lines) * troupes
    played: dict[int, list[Cell]] = {}
    progress(0, total, firm.windows[0].crisis if firm.windows else "")
    sizes = [x.bars * troupes for x in lines]
    for k, cells in play_windows(firm, sizes, play_window, prepare):
        played[k] = cells
        progress(len(played) * troupes, total, firm.windows[k].crisis)
    return [cell for k in sorted(played) for cell in played[k]]


def play_window(firm: Firm, k: int) -> list[Cell]:
    """The cells of one window."""
    scene = Scene(firm, firm.windows[k])
    found = [(n, t, scene.players(group)) for n, t, group in troupes_of(firm)]
    return [replay(scene, name, title, players) for name, title, players in found if players]


def troupes_of(firm: Firm) -> list[Troupe]:
    """Each strategy alone, then all in one account. One strategy needs no portfolio: it is one."""
    alone: list[Troupe] = [(s.name, s.checked.title, (s,)) for s in firm.strategies]
    if len(firm.strategies) < 2:
        return alone
    return [*alone, (PORTFOLIO, "all strategies in one account", firm.strategies)]


def _key(options: DryrunOptions) -> str:
    """What makes two runs comparable: the same files and selection, whatever is inside them."""
    paths = [str(p.resolve()) for p in options.files] or ["strategies.yaml"]
    chosen = [list(options.crises), list(options.strategies), str(options.data), options.symbol]
    limits = [options.limits, sorted(options.waives)]
    return digest(canonical([paths, chosen, options.first, options.last, *limits]))[:16]


# ---------------------------------------------------------------- what to look at next


def commands(cells: Sequence[Cell]) -> dict[tuple[str, str], str]:
    """For each surprising cell of one strategy, the command that explains it."""
    found = {}
    for cell in cells:
        where = None if cell.strategy == PORTFOLIO else _surprise(cell)
        if where is not None:
            symbol, day = where
            text = f"seawall why {cell.strategy} {symbol} {iso(day)}"
            found[cell.strategy, cell.window.crisis] = text
    return found


def _surprise(cell: Cell) -> tuple[str, int] | None:
    """Symbol and day to look at: where it fell deepest when a claim failed, where a first order was
    refused, or the symbol's last bar when nothing traded."""
    ran = cell.ran
    if ran is None:
        return None
    days = ran.desk.tape.days
    first = cell.symbols[0]
    if any(j.holds is False for j in ran.judged):
        fall = drawdown_line(ran.history.equity, cell.start_equity)
        return (first, days[int(fall.argmax())]) if len(fall) else None
    for verdict in ran.history.verdicts:
        if verdict.outcome in (DENIED, BLOCKED, NOT_SHORTABLE):
            return ran.desk.instruments[verdict.symbol].symbol, days[verdict.bar]
    return (first, ran.last_day) if ran.no_trade_reason else None
