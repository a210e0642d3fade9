"""What one limit's value means for one order, and how answers combine (floor 2).

deny beats clip beats allow, and the smallest cap wins, so the order of limits never matters.
"""

from engine.fills.cap import round_lot
from engine.records import account, desk


def said_by(action: int, value: float, skips: bool, qty: float, lot: float) -> int:
    """PASSED, BOUND, REFUSED, SKIPPED or UNKNOWN_DENIED, given the limit's value for `qty` shares.

    A cap binds when fewer lots fit under it than were asked.
    """
    is_unknown = value != value
    if action != desk.CLIP:
        is_unknown = is_unknown or value == 1.0
    if is_unknown:
        return account.SKIPPED if skips else account.UNKNOWN_DENIED
    if action == desk.CLIP:
        return account.BOUND if round_lot(value, lot) < qty else account.PASSED
    return account.REFUSED if value == 2.0 else account.PASSED


def refuses(said: int) -> bool:
    """Whether an answer denies the order."""
    return said == account.REFUSED or said == account.UNKNOWN_DENIED


def rank_of(kind: int, on: int) -> int:
    """Precedence of a switch that is on; one on for an unknown condition blocks like a pause."""
    return kind if on == 1 else desk.PAUSE
