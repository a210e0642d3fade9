"""Every source on the network (floor 8), by explicit table: one file in feeds/ and one entry."""

from engine.base.errors import UserError
from engine.base.near import near
from engine.feeds import alpaca, yfinance
from engine.feeds.net.spec import Source

SOURCES: tuple[Source, ...] = (yfinance.SOURCE, alpaca.SOURCE)


def source_of(name: str) -> Source:
    """The source of that name; UserError when there is none."""
    found = next((s for s in SOURCES if s.name == name), None)
    if found is None:
        names = [s.name for s in SOURCES]
        close = near(name, names)
        help = f"did you mean `{close}`?" if close else f"there are {', '.join(names)}"
        raise UserError(f"no source `{name}` to fetch from", help)
    return found
