"""Clocks as text (floor 0): `5m`, `1h`, `1d`, `1w`, `1mo`.

Bars of minutes are cut from each session's open on; a session's last one ends at its close.
"""

import re

DAILY = "1d"
SESSION = 390
"""Minutes of a full New York session, 09:30 to 16:00."""

_PER = {"m": 1, "min": 1, "h": 60}


def minutes_in(clock: str | None) -> int:
    """Minutes of one bar of an intraday clock; 0 for a day, a longer clock or none."""
    found = re.fullmatch(r"(\d+)(min|m|h)", clock or "")
    return int(found[1]) * _PER[found[2]] if found else 0


def bars_a_day(clock: str) -> int:
    """Bars of a clock in one full session, at least 1."""
    length = minutes_in(clock)
    return -(-SESSION // length) if length else 1
