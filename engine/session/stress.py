"""What past crises would do to the symbols of a run (floor 9), for limits on stress losses.

A shipped symbol that has bars in a crisis does what it did then. Any other does its beta times what
the market did, the beta measured over the year before the run; where that cannot be measured its
move is unknown, and so is every loss that holds it.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from engine.base.clocks import DAILY
from engine.base.dates import iso
from engine.records import desk
from engine.records.catalogue import load_catalogue
from engine.records.desk import AskRow, ShockRow
from engine.records.series import Series
from engine.records.shocks import MARKET, Shock, first_end, load_shocks
from engine.session.firm import Scene
from engine.session.inputs import Floats, World
from engine.session.timeline import Timeline, timeline

YEAR = 250
"""Sessions before the run over which a beta is measured."""
FEWEST = 60
"""Returns known of both, below which there is no beta."""


def shocks_asked(
    scene: Scene, symbols: Sequence[str], asks: Iterable[AskRow]
) -> tuple[ShockRow, ...]:
    """Every shock of the lengths that are asked for, as it would move these symbols."""
    lengths = {a.bars for a in asks if a.kind == desk.STRESS}
    if not lengths:
        return ()
    found = [s for s in load_shocks() if s.bars in lengths]
    own = {symbol: _own_moves(scene.firm.series[symbol]) for symbol in symbols}
    lacking = [x for x in symbols if any(x not in s.moves or not own[x] for s in found)]
    betas = betas_before(scene, lacking)
    return tuple(
        ShockRow(s.bars, s.ended, tuple(_move(s, x, own[x], betas) for x in symbols)) for s in found
    )


def _own_moves(series: Series) -> bool:
    """Whether the symbol is the shipped one: own data may have its name."""
    shipped = load_catalogue().symbol(series.symbol)
    return shipped is not None and shipped.dataset == series.instrument.dataset


def _move(shock: Shock, symbol: str, is_shipped: bool, betas: Mapping[str, float]) -> float:
    if is_shipped and symbol in shock.moves:
        return shock.moves[symbol]
    return betas[symbol] * shock.moves[MARKET]


def shocks_of_test(asks: Iterable[AskRow]) -> tuple[ShockRow, ...]:
    """Shocks for the one symbol of a test, which moves as the market does."""
    lengths = {a.bars for a in asks if a.kind == desk.STRESS}
    found = [s for s in load_shocks() if s.bars in lengths] if lengths else []
    return tuple(ShockRow(s.bars, s.ended, (s.moves[MARKET],)) for s in found)


# ---------------------------------------------------------------- betas


def betas_before(scene: Scene, symbols: Sequence[str]) -> dict[str, float]:
    """The beta of each symbol to the market, of daily returns over the year before the run; nan
    where too few are known."""
    if not symbols:
        return {}
    window = scene.window
    schedule = scene.firm.schedule.on(DAILY)
    line = timeline(schedule, window.first, window.last, YEAR + 1)
    world = World(line, scene.firm.series).at(int(line.window[0]))
    market = _returns(world, MARKET)
    return {s: _beta(market, _returns(world, s)) for s in symbols}


def _returns(world: World, symbol: str) -> Floats:
    closes = world.bars(symbol).close[: world.line.start]
    found: Floats = closes[1:] / closes[:-1] - 1.0
    return found


def _beta(market: Floats, mine: Floats) -> float:
    known = ~(np.isnan(market) | np.isnan(mine))
    if known.sum() < FEWEST:
        return float("nan")
    m, x = market[known] - market[known].mean(), mine[known] - mine[known].mean()
    squares = float(m @ m)
    return float(m @ x) / squares if squares > 0.0 else float("nan")


# ---------------------------------------------------------------- what is lacking


def shock_gap(line: Timeline) -> tuple[bool, str]:
    """Whether any crisis had ended by the window's last day, and what its first days lack ("" for
    nothing)."""
    first, last, ended = int(line.window[0]), int(line.window[-1]), first_end()
    if first > ended:
        return True, ""
    return last > ended, f"no shipped crisis had ended before {iso(ended)}"


def told(scene: Scene, symbols: Sequence[str], asks: Iterable[AskRow]) -> list[str]:
    """Which symbols move by their beta in some crisis, and by which."""
    lengths = {a.bars for a in asks if a.kind == desk.STRESS}
    days = scene.bare.line.window
    found = (
        [s for s in load_shocks() if s.bars in lengths and s.ended < days[-1]] if lengths else []
    )
    lacking = {
        x: dict.fromkeys(s.crisis for s in found if x not in s.moves or not own)
        for x, own in ((x, _own_moves(scene.firm.series[x])) for x in symbols)
    }
    betas = betas_before(scene, [x for x in symbols if lacking[x]])
    return [_sentence(x, betas[x], list(lacking[x])) for x in betas]


def _sentence(symbol: str, beta: float, crises: Sequence[str]) -> str:
    where = f"in {', '.join(crises)}"
    if beta != beta:
        return f"stress losses: what {symbol} would do {where} is not known"
    return (
        f"stress losses: {symbol} moves {beta:.2f} times as {MARKET} {where}, it has no bars there"
    )
