"""The second checker on the shipped set-up: every order of real crises, judged anew."""

from pathlib import Path

import numpy as np
import pytest
from oracle.judge import judge
from oracle.laws import Law, Rules

from engine.base.resources import rules_dir
from engine.lang import ast
from engine.lang.parse import parse_file
from engine.session.cell import Cell
from engine.session.dryrun import play_window
from engine.session.firm import Firm, Scene
from engine.session.inputs import World, published
from engine.session.load import load_firm
from engine.session.options import DryrunOptions

ROOT = Path(__file__).resolve().parents[2]
CRISES = ("1987-black-monday", "2008-gfc", "2020-covid")
WARM_UP = 40
COLUMNS = ("open", "high", "low", "close", "volume")


@pytest.fixture(scope="module")
def played() -> tuple[Firm, list[Cell]]:
    options = DryrunOptions(files=(ROOT / "strategies.yaml",), crises=CRISES)
    firm = load_firm(options).firm
    return firm, [cell for k in range(len(firm.windows)) for cell in play_window(firm, k)]


def house(firm: Firm, cell: Cell) -> Law:
    """The house limits with the VIX as this window knows it."""
    file, _ = parse_file(rules_dir() / "limits" / "house.rule")
    block = next(b for b in file.blocks if isinstance(b, ast.LimitsBlock))
    scene = Scene(firm, cell.window)
    line = scene.line(WARM_UP)
    waived = frozenset(w.partition(":")[0].removeprefix("house.") for w in cell.waived)
    resumes: dict[str, tuple[int, ...]] = {}
    for name, bar, _ in cell.window.scenario.resumes if cell.window.scenario else ():
        resumes[name] = (*resumes.get(name, ()), bar)
    vix = published(firm.series["VIX"], line, 2)
    return Law(block, None, {"vix": vix.tolist()}, line.start, {}, waived, resumes)


def rules_of(firm: Firm, name: str) -> Rules:
    """A strategy's text, for its stops; params at their defaults."""
    strategy = next(s for s in firm.strategies if s.name == name)
    file, _ = parse_file(Path(strategy.checked.span.file))
    return Rules(next(b for b in file.blocks if isinstance(b, ast.Strategy)))


def before(firm: Firm, cell: Cell) -> list[dict[str, list[float]]]:
    """The bars of each symbol just before the window."""
    world = World(Scene(firm, cell.window).line(WARM_UP), firm.series)
    found = []
    for symbol in cell.symbols:
        bars = world.bars(symbol)
        here = np.flatnonzero(bars.has[: world.line.start])
        found.append({c: bars.column(c)[here].tolist() for c in COLUMNS})
    return found


def test_no_order_of_the_shipped_crises_escapes(played: tuple[Firm, list[Cell]]) -> None:
    firm, cells = played
    orders = exits = 0
    for cell in cells:
        if cell.ran is not None:
            desk = cell.ran.desk
            rules = [rules_of(firm, b.name) for b in desk.books]
            told = judge(desk, cell.ran.history, [house(firm, cell)], rules, before(firm, cell))
            wrong = told.of("escape", "disagreement")
            assert wrong == [], f"{cell.strategy} in {cell.window.crisis}: {wrong[0]}"
            orders, exits = orders + told.orders, exits + told.exits
    assert orders > 300 and exits > 150
