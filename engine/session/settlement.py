"""When trades settle (floor 9): the cycle of US shares, by the day of the trade.

An account has one cycle, that of its market; so have the indices and the gold in it, which stand
for something that trades there. Cycles are counted in sessions: a day on which banks rest and the
exchange does not counts, as it should not.
"""

import numpy as np

from engine.base.dates import parse_day
from engine.session.timeline import Timeline, session_numbers

CYCLES = (
    ("1900-01-01", 5),
    ("1995-06-07", 3),
    ("2017-09-05", 2),
    ("2024-05-28", 1),
)
"""From which trade day on, how many sessions after it: custom, then SEC Rule 15c6-1 as amended."""

_STARTS = np.asarray([parse_day(day) for day, _ in CYCLES])
_LENGTHS = np.asarray([length for _, length in CYCLES])


def settles(line: Timeline) -> list[int]:
    """The session of the window at whose close each bar's trades have settled, 0 for the first; it
    may lie past the last."""
    lengths = _LENGTHS[_STARTS.searchsorted(line.window, "right") - 1]
    return [int(session) for session in session_numbers(line) + lengths]
