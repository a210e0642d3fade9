"""What one field is (floor 2)."""

from typing import Literal

from engine.base.frozen import dataclass

Where = Literal["strategy", "limits", "scenario"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field.

    unit: a name of base.units.UNITS or `truth`. where: the blocks that may read it. na: when it
    has no value.
    slot: its place in `fields`, or -1 when it has none: it is only a `lookup` for `is in LIST`, it
    is `live`, of the `calendar` or `asked`. live: an input of the system
    that trades; a replay has none, so a limit that reads one has no data there, and tests give it
    by hand. calendar: a market column that the session makes of the exchange's calendar, which is
    known on bars of minutes only where it is `intraday` (limits ask the account loop for those).
    asked: it costs work, and the account loop answers it only for limits that read it. arg: what it
    takes in parentheses, if anything. alias: short spellings that mean the same (`equity`).
    """

    name: str
    unit: str
    title: str
    na: str
    where: tuple[Where, ...]
    slot: int
    arg: str | None = None
    alias: tuple[str, ...] = ()
    lookup: bool = False
    live: bool = False
    calendar: bool = False
    asked: bool = False
    intraday: bool = False


STRATEGY: tuple[Where, ...] = ("strategy",)
LIMITS: tuple[Where, ...] = ("limits",)
BOTH: tuple[Where, ...] = ("strategy", "limits")
ALL: tuple[Where, ...] = ("strategy", "limits", "scenario")
