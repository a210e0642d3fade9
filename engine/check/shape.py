"""What a value needs: the fields it reads, and the history before it settles (floor 4)."""

from engine.check.logic import conditions
from engine.check.scope import Ctx, report
from engine.check.typed import Apply, CheckedStrategy, FieldRead, Fold, Frame, Named, Sample, Typed
from engine.ops import BY_NAME

LONGEST = 9_600
"""Daily bars of the longest embedded series (the S&P 500 from 1985)."""

_PER = {None: 1, "1w": 5, "1mo": 21}


def settled(typed: Typed, seen: dict[int, tuple[Typed, int]]) -> int:
    """About how many daily bars pass before a value's seed no longer matters."""
    held = seen.get(id(typed))
    if held is not None:
        return held[1]
    bars = _settled(typed, seen)
    seen[id(typed)] = (typed, bars)
    return bars


def _settled(typed: Typed, seen: dict[int, tuple[Typed, int]]) -> int:
    match typed:
        case Apply():
            op = BY_NAME[typed.op]
            own = (op.settled or op.defined)(typed.consts)
            inner = max((settled(a, seen) for a in typed.args), default=0)
            return inner + int(own) * _per(typed.frame)
        case Sample():
            return settled(typed.value, seen)
        case Fold():
            return 0
        case _:
            return 0


def _per(frame: Frame) -> int:
    return _PER.get(frame.clock, 1)


def check_history(ctx: Ctx, block: CheckedStrategy) -> None:
    """Warn of conditions that want more history than any embedded series has."""
    seen: dict[int, tuple[Typed, int]] = {}
    for when in conditions(block):
        _check(ctx, when, seen)


def _check(ctx: Ctx, when: Named, seen: dict[int, tuple[Typed, int]]) -> None:
    bars = settled(when.value, seen)
    if bars > LONGEST:
        message = f"`{when.text}` settles after {bars:,} bars; the longest series has {LONGEST:,}"
        help = "shorten its windows; a wilder or ema of n bars settles after about 7n"
        report(ctx, "SW313", when.span, message, help, severity="warning")


def fields_in(typed: Typed) -> list[FieldRead]:
    """Every field that a value reads."""
    match typed:
        case FieldRead():
            return [typed]
        case Apply():
            return [f for a in typed.args for f in fields_in(a)]
        case Sample() | Fold():
            return fields_in(typed.value)
        case _:
            return []
