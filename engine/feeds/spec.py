"""What a feed is (floor 8): a named way to get the bars of one symbol."""

from collections.abc import Callable, Mapping

from engine.base.frozen import dataclass
from engine.records.series import Series

Load = Callable[[str, int | None, int | None, Mapping[str, str]], Series]
"""load(symbol, first, last, options): days both included, None leaves an end open."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One row of FEEDS. network: it reaches out; options: the option names it reads, with help."""

    name: str
    title: str
    network: bool
    options: Mapping[str, str]
    load: Load
