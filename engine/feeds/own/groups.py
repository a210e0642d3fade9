"""What was found in a file, said once for each kind (floor 8).

Thirty holidays that a vendor filled forward are one fact, not thirty.
"""

from collections.abc import Sequence
from itertools import groupby

from engine.base.dates import iso
from engine.feeds.own.finding import Finding

MANY = {
    "blank": "rows without a close are left out",
    "session": "rows on days without a session of the exchange are left out",
    "outside": "rows outside the exchange's calendar are left out",
    "gap": "gaps: sessions before these rows are missing",
    "hours": "bars outside the session's hours are left out",
    "hole": "gaps inside sessions: bars beside these rows are missing",
    "split": "closes move like an unadjusted split",
    "jump": "closes move by more than half in a day",
}
"""How several findings of a kind are told together, after their number."""


def grouped(findings: Sequence[Finding], are_kept: bool = True) -> list[str]:
    """A sentence for each kind of finding: as it is when alone, else counted with the first row.

    are_kept: summary.json holds each of them.
    """
    by_kind = sorted(findings, key=lambda f: f.kind)
    groups = [list(group) for _, group in groupby(by_kind, key=lambda f: f.kind)]
    return [_told(group, are_kept) for group in sorted(groups, key=lambda group: group[0].row)]


def _told(group: Sequence[Finding], are_kept: bool) -> str:
    first, count = group[0], sum(f.count for f in group)
    if count == 1 or first.kind not in MANY:
        return "; ".join(f"row {f.row}: {f.message}" for f in group)
    day = "" if first.day is None else f", {iso(first.day)}"
    text = f"{count:,} {MANY[first.kind]}, first row {first.row}{day}"
    if not are_kept:
        return text
    held = "all" if count == len(group) else f"the first {len(group) - 1}"
    return f"{text}; {held} in summary.json"
