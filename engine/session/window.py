"""The window of --from and --to (floor 9); an end that was not asked for is where the data end."""

from collections.abc import Sequence

from engine.base.dates import iso
from engine.base.errors import UserError
from engine.session.cell import Window
from engine.session.options import DryrunOptions
from engine.session.recorded import Recorded
from engine.session.wire import Entry


def own_window(options: DryrunOptions, held: Recorded, entries: Sequence[Entry]) -> Window:
    """The days asked for; an end that was not asked for is where the data end."""
    begins, ends = _data_ends(held, entries)
    first = options.first if options.first is not None else begins
    last = options.last if options.last is not None else ends
    if first > last:
        text = f"the window {iso(first)}..{iso(last)} is empty"
        raise UserError(text, f"the data run from {iso(begins)} to {iso(ends)}")
    return Window(f"{iso(first)}..{iso(last)}", "own window", first, last)


def _data_ends(held: Recorded, entries: Sequence[Entry]) -> tuple[int, int]:
    """The first and last day of own data; without any, those of the symbols that are traded."""
    own = [(int(x.days[0]), int(x.days[-1])) for x in held.own.values()]
    traded = [held.catalogue.symbol(x) for e in entries for x in e.universe]
    spans = own or [(s.first, s.last) for i in traded if i is not None for s in i.spans]
    if not spans:
        text = "nothing is known of when the data of the traded symbols begin and end"
        raise UserError(text, "give symbols that ship, or fetch these: `seawall data fetch`")
    return min(first for first, _ in spans), max(last for _, last in spans)


def open_ends(options: DryrunOptions, windows: Sequence[Window]) -> list[str]:
    """What to say of a window whose end nobody chose."""
    said = {"--from": options.first, "--to": options.last}
    lost = [name for name, day in said.items() if day is None]
    if len(lost) != 1:
        return []
    day = windows[0].first if lost[0] == "--from" else windows[0].last
    ends = "begins" if lost[0] == "--from" else "ends"
    return [f"the window {ends} where the data do, on {iso(day)}: no {lost[0]} was given"]
