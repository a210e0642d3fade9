"""Checks over all bars of a user's file (floor 8): order, sessions, gaps, jumps, false opens.

Each takes bars and gives the bars to keep; nothing is ever filled in.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log

from engine.base.dates import date_of, iso
from engine.feeds.own.finding import Findings
from engine.feeds.own.values import Bar, lost_action
from engine.records.calendar import Calendar

JUMP = 0.5
SPLITS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 50.0, 100.0)
NEAR_SPLIT = 0.04
FALSE_OPENS = 0.5
"""Above this share of opens equal to the previous close, the opens are taken as not real."""
_ENOUGH = 20


def in_order(bars: Sequence[Bar], findings: Findings) -> list[Bar]:
    """Bars by ascending day: a newest-first file is turned round, anything else is an error."""
    pairs = list(pairwise(bars))
    if len(bars) > 1 and all(a.day > b.day for a, b in pairs):
        findings.warn("order", bars[0].row, "the file is newest first: it is read from its end")
        return list(reversed(bars))
    rows: dict[int, int] = {}
    for bar in bars:
        if bar.day in rows:
            text = f"{iso(bar.day)} stands in row {rows[bar.day]} already"
            findings.error(
                "duplicate", bar.row, text, "one row per session: seawall reads daily bars"
            )
        rows.setdefault(bar.day, bar.row)
    for before, bar in pairs:
        if bar.day < before.day:
            text = f"{iso(bar.day)} comes after {iso(before.day)}"
            findings.error("order", bar.row, text, "sort the rows by date")
    return list(bars)


def on_sessions(bars: Sequence[Bar], calendar: Calendar, findings: Findings) -> list[Bar]:
    """The bars of days on which the exchange was open."""
    kept: list[Bar] = []
    for bar in bars:
        if not calendar.is_session(bar.day) and bar.acts:
            lost_action(bar.row, bar.day, findings)
        elif not calendar.first <= bar.day <= calendar.last:
            text = f"{iso(bar.day)} is outside the {calendar.name} calendar: the row is left out"
            reach = f"it reaches from {iso(calendar.first)} to {iso(calendar.last)}"
            findings.warn("outside", bar.row, text, reach, bar.day)
        elif not calendar.is_session(bar.day):
            text = f"{date_of(bar.day):%A} {iso(bar.day)} is no {calendar.name} session"
            text += ": the row is left out"
            findings.warn("session", bar.row, text, "was it filled forward?", bar.day)
        else:
            kept.append(bar)
    return kept


def find_gaps(bars: Sequence[Bar], calendar: Calendar, findings: Findings) -> None:
    """Sessions inside the file's span that have no row."""
    for before, bar in pairwise(bars):
        missing = len(calendar.sessions(before.day + 1, bar.day - 1))
        if missing:
            word = "session is" if missing == 1 else "sessions are"
            text = f"{missing} {word} missing before {iso(bar.day)}"
            help = "nothing is filled in: rules see no bar there"
            findings.warn("gap", bar.row, text, help, bar.day)


def find_jumps(bars: Sequence[Bar], findings: Findings) -> None:
    """Closes that look like an unadjusted split, or move by more than half in a day."""
    for before, bar in pairwise(bars):
        ratio = before.close / bar.close
        if bar.split != 1.0 and _is_done(ratio, bar.split):
            text = f"a split of {bar.split:g} for 1, and the close goes from {before.close:g} to "
            help = "prices adjusted for splits hold them already: remove the column of splits"
            findings.error("split", bar.row, f"{text}{bar.close:g}", help)
        if bar.dividend > before.close / 2:
            text = f"a dividend of {bar.dividend:g} where the close before was {before.close:g}"
            findings.warn(
                "dividend", bar.row, text, "check the row against another source", bar.day
            )
        ratio = ratio / bar.split
        split = likely_split(ratio)
        move = f"the close goes from {before.close:g} to {bar.close:g}"
        if split:
            text = f"{move}, which looks like a split of {split}"
            findings.warn("split", bar.row, text, "use prices adjusted for splits", bar.day)
        elif abs(1 / ratio - 1) > JUMP:
            text = f"{move}, {bar.close / before.close - 1:+.0%} in a day"
            findings.warn("jump", bar.row, text, "check the row against another source", bar.day)


def _is_done(ratio: float, split: float) -> bool:
    """Whether a close moved as if nothing was split: nearer to 1 than to the split."""
    return abs(log(ratio)) < abs(log(ratio / split))


def likely_split(ratio: float) -> str | None:
    """`2 for 1` when a price fell to about a half, `1 for 10` when it rose tenfold; else None."""
    for size in SPLITS:
        if abs(ratio / size - 1) <= NEAR_SPLIT:
            return f"{size:g} for 1"
        if abs(ratio * size - 1) <= NEAR_SPLIT:
            return f"1 for {size:g}"
    return None


def opens_are_real(bars: Sequence[Bar], findings: Findings) -> bool:
    """Whether the opens can have been traded at: not where most repeat the previous close."""
    pairs = list(pairwise(bars))
    repeats = sum(1 for before, bar in pairs if bar.open == before.close)
    if len(pairs) < _ENOUGH or repeats <= FALSE_OPENS * len(pairs):
        return True
    text = f"{repeats / len(pairs):.0%} of the opens are the previous close: they are not real"
    findings.warn("open", bars[0].row, text, "orders fill at the close instead")
    return False


def ranges_are_real(bars: Sequence[Bar], findings: Findings) -> bool:
    """Whether highs and lows were recorded: not where nearly all bars are one price four times."""
    flat = sum(1 for bar in bars if bar.open == bar.high == bar.low == bar.close)
    if len(bars) < _ENOUGH or flat <= 0.9 * len(bars):
        return True
    text = f"{flat / len(bars):.0%} of the bars have one price four times: closes only"
    findings.warn("range-flat", bars[0].row, text, "open, high and low are na")
    return False
