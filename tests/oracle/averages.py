"""Windows and averages over a symbol's bars, each worked out anew from all the bars it needs."""

from collections.abc import Callable

from .rounded import SLIP, Num, divide, largest, total

Column = Callable[[str, int], Num | None]
"""A column of the symbol so many of its own bars ago."""


class Unread(Exception):
    """An expression that this oracle does not read."""


def mean_of_known(values: list[Num | None], is_long: bool = False) -> Num | None:
    """Rule 20: the mean of the known volumes; na when fewer than half are known."""
    known = [v for v in values if v is not None]
    if 2 * len(known) < len(values):
        return None
    return divide(_carried(known, is_long), Num(float(len(known))))


def _carried(values: list[Num], is_long: bool) -> Num:
    """A sum that is carried from bar to bar, which rounds more often than adding it up: only
    numbers that are short in binary leave no doubt, where all before them were (not is_long)."""
    added = total(values)
    is_short = not is_long and all(
        v.off == 0.0 and v.value * SHORT == int(v.value * SHORT) for v in values
    )
    return added if is_short else Num(added.value, 64 * (added.off + abs(added.value) * SLIP))


SHORT = 1024.0
"""Multiples of its inverse add up without rounding."""


def window(name: str, values: list[Num | None], is_long: bool = False) -> Num | None:
    """na inside a window makes the window na."""
    known = [v for v in values if v is not None]
    if len(known) < len(values):
        return None
    if name == "highest":
        return largest(known)
    if name == "lowest":
        return -largest(-v for v in known)
    added = _carried(known, is_long)
    return added if name == "sum" else divide(added, Num(float(len(values))))


def _true_range(column: Column, back: int) -> Num | None:
    """The range of a bar, from the close before it where that lies outside."""
    high, low, before = column("high", back), column("low", back), column("close", back + 1)
    if high is None or low is None or before is None:
        return None
    return largest([high - low, abs(high - before), abs(low - before)])


def atr(column: Column, length: int, back: int) -> Num | None:
    """Wilder's average of the true ranges, begun with the mean of the first that are known."""
    ranges: list[Num] = []
    while (found := _true_range(column, back + len(ranges))) is not None:
        ranges.append(found)
    if column("close", back + len(ranges) + 1) is not None:
        raise Unread("an average over a bar without a range")
    if len(ranges) < length:
        return None
    ranges.reverse()
    value = divide(total(ranges[:length]), Num(float(length)))
    for r in ranges[length:]:
        assert value is not None
        value = divide(value * Num(length - 1.0) + r, Num(float(length)))
    assert value is not None
    return Num(value.value, 64.0 * (value.off + abs(value.value) * SLIP))
