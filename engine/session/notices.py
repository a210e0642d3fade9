"""What a reader must know before trusting a cell (floor 9): how fills were made, what prices
leave out, who survived, what idle cash earned.
"""

from collections.abc import Iterable, Sequence

from engine.base.dates import iso
from engine.records.account import History
from engine.records.desk import Desk
from engine.records.instrument import Instrument
from engine.session.desk import CASH_RATE
from engine.session.firm import Scene, Strategy, all_blocks
from engine.session.lists import list_gap

SURVIVED = ("surviv", "hindsight")
"""Words of the caveats that stand in the summary; the rest stand in `seawall data show`."""


UNCAPPED = "fills had no volume cap: the bar's volume is unknown"
"""How the account loop's own sentence ends, which counts and so differs from cell to cell."""


def notices(scene: Scene, desk: Desk, history: History, symbols: Sequence[str]) -> tuple[str, ...]:
    """Sentences on one finished cell, each once, in the order of their weight."""
    held = [scene.firm.series[s].instrument for s in symbols]
    said = [
        *(n for n in history.notices if not n.endswith(UNCAPPED)),
        *_fills(desk, symbols),
        *_uncapped(desk, symbols),
        *_unmoved(desk, history, symbols),
        *_booked(desk, symbols),
        *_prices([i for i in held if scene.firm.series[i.symbol].dividend is None]),
        *_survivors(held),
        *_interest(scene, desk),
        *_cuts(history),
        *_lists(scene),
    ]
    return tuple(dict.fromkeys(said))


def alone(strategies: Sequence[Strategy], symbols: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Strategies that compare symbols and have one here: it is the best and the worst of all."""
    return tuple(
        f"{s.name} compares symbols, and {held[0]} is the only one here"
        for s, held in zip(strategies, symbols, strict=True)
        if s.program.layers and len(held) == 1
    )


def _fills(desk: Desk, symbols: Sequence[str]) -> list[str]:
    """Symbols that fill at closes on some or all bars of this window."""
    every, some = [], []
    for k, symbol in enumerate(symbols):
        marks = [a for a, p in zip(desk.tape.at_close[k], desk.tape.present[k], strict=True) if p]
        if marks and all(marks):
            every.append(symbol)
        elif any(marks):
            some.append(symbol)
    said = []
    if every:
        said.append(f"{_names(every)}: fills and stops at closes, opens are not real or not known")
    if some:
        said.append(f"{_names(some)}: fills and stops at closes on the bars without a real open")
    return said


def _uncapped(desk: Desk, symbols: Sequence[str]) -> list[str]:
    """Symbols whose fills no volume can cap, in words that do not change from cell to cell."""
    unknown = [s for s, line in zip(symbols, desk.tape.volume, strict=True) if _is_na(line)]
    if not desk.costs.participation or not unknown:
        return []
    return [f"{_names(unknown)}: fills are not capped by volume, none is known"]


def _unmoved(desk: Desk, history: History, symbols: Sequence[str]) -> list[str]:
    """Symbols of which some fill has no impact, for want of known bars before it."""
    if not desk.tape.impact:
        return []
    unknown = {f.symbol for f in history.fills if _is_na([desk.tape.impact[f.symbol][f.bar]])}
    names = [s for k, s in enumerate(symbols) if k in unknown]
    if not names:
        return []
    return [f"{_names(names)}: fills without impact, volume or volatility before them is unknown"]


def _booked(desk: Desk, symbols: Sequence[str]) -> list[str]:
    """What dividends and splits the account booked, or would have."""
    said = []
    for k, symbol in enumerate(symbols):
        mine = [a for a in desk.tape.actions if a[1] == k]
        counts = (
            ("split", sum(a[2] != 1.0 for a in mine)),
            ("dividend", sum(a[3] != 0.0 for a in mine)),
        )
        parts = [f"{n} {word}{'s' * (n != 1)}" for word, n in counts if n]
        if parts:
            said.append(f"{symbol}: raw prices, with {' and '.join(parts)} booked in this window")
    return said


def _is_na(line: Sequence[float]) -> bool:
    return all(v != v for v in line)


def _prices(held: Sequence[Instrument]) -> list[str]:
    """Which series leave dividends out and which hold them, and which are adjusted."""
    price = [i.symbol for i in held if not i.total_return]
    total = [i.symbol for i in held if i.total_return]
    adjusted = [i.symbol for i in held if i.adjusted]
    said = []
    if price:
        said.append(f"{_names(price)}: price return, dividends left out")
    if total:
        said.append(f"{_names(total)}: total return, dividends in the price")
    if adjusted:
        said.append(f"{_names(adjusted)}: adjusted prices, which nobody paid at the time")
    return said


def _survivors(held: Sequence[Instrument]) -> list[str]:
    found: dict[str, list[str]] = {}
    for instrument in held:
        for caveat in instrument.caveats:
            if any(word in caveat.lower() for word in SURVIVED):
                found.setdefault(caveat, []).append(instrument.symbol)
    return [f"{_names(symbols)}: {_lower(caveat)}" for caveat, symbols in found.items()]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def _interest(scene: Scene, desk: Desk) -> list[str]:
    if not desk.costs.interest or any(r == r for r in desk.tape.cash_rate):
        return []
    rate = scene.firm.series.get(CASH_RATE)
    span = " here"
    if rate is not None and len(rate) and len(desk.tape.days):
        first, last = int(rate.days[0]), int(rate.days[-1])
        if desk.tape.days[-1] < first:
            span = f" before {iso(first)}"
        elif desk.tape.days[0] > last:
            span = f" after {iso(last)}"
    return [f"idle cash earns nothing: no 3-month yield is known{span}"]


def _cuts(history: History) -> list[str]:
    cut = sum(f.cut > 0 for f in history.fills)
    many = "1 fill was" if cut == 1 else f"{cut} fills were"
    return [f"{many} cut short by buying power or volume"] if cut else []


def _lists(scene: Scene) -> list[str]:
    """What is not known of the lists that are declared: their age, or who was in them."""
    firm = scene.firm
    blocks = () if firm.limits is None else all_blocks(firm.limits, firm.strategies)
    found = [*(s.lists for s in firm.strategies), *(b.lists for b in blocks)]
    held = {name: listed for lists in found for name, listed in sorted(lists.items())}
    plain = sorted(name for name, listed in held.items() if not listed.is_dated)
    gaps = {n: list_gap(x, scene.line(0))[1] for n, x in sorted(held.items()) if x.is_dated}
    said = [f"lists {_names(plain)} are taken as they stand today"] if plain else []
    return [*said, *(f"{name}: {gap}" for name, gap in gaps.items() if gap)]


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
