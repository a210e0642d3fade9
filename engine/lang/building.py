"""What the tree builders share: the source, the findings, and the reading of numbers (floor 3)."""

from datetime import date

from engine.base.diagnostics import Diagnostic
from engine.base.spans import Source, Span
from engine.lang.ast import Literal
from engine.lang.scan import Token

EPOCH = date(1970, 1, 1).toordinal()
_DIGITS = 15


class Building:
    """The text being built from, and what was found wrong on the way."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []

    def span(self, at: tuple[int, int]) -> Span:
        """The span of a pair of offsets."""
        return self.source.span(*at)

    def of(self, token: Token) -> Span:
        """The span of a token."""
        return self.source.span(token.start, token.end)

    def error(self, code: str, token: Token, message: str, help: str) -> None:
        """Note an error at a token."""
        self.problems.append(Diagnostic(code, self.of(token), message, help))


def number(building: Building, token: Token) -> float:
    """The float nearest to what is written: `$` and `x` are not counted, `%` is hundredths."""
    digits = token.text.strip("$%x").replace("_", "")
    whole = digits.split(".", 1)[0]
    if len(whole) > _DIGITS:
        building.error(
            "SW131",
            token,
            f"number has more than {_DIGITS} digits",
            "write a number that a 64-bit float holds exactly",
        )
        return 0.0
    if len(whole) > 1 and whole.startswith("0"):
        building.error(
            "SW131",
            token,
            f"`{token.text}` starts with a zero",
            "drop the zero; thousands are grouped with `_`, as in `1_000`",
        )
    return float(digits + "e-2" if token.text.endswith("%") else digits)


def whole(building: Building, token: Token) -> int:
    """The value of a count, which must have no fraction."""
    value = number(building, token)
    if value != int(value):
        building.error(
            "SW131", token, f"`{token.text}` is not a whole number", "write a count such as `3`"
        )
    return int(value)


def day(building: Building, token: Token) -> int:
    """Days since 1970-01-01 of a written date."""
    try:
        return date.fromisoformat(token.text).toordinal() - EPOCH
    except ValueError:
        building.error(
            "SW132",
            token,
            f"`{token.text}` is no day of the calendar",
            "write year, month and day, as in `2020-03-16`",
        )
        return 0


def minutes(building: Building, token: Token) -> int:
    """Minutes since midnight of a written time."""
    hour, minute = (int(part) for part in token.text.split(":"))
    if hour > 23 or minute > 59:
        building.error(
            "SW132",
            token,
            f"`{token.text}` is no time of the day",
            "write hours and minutes from `00:00` to `23:59`",
        )
    return hour * 60 + minute


def duration(building: Building, token: Token) -> tuple[float, str]:
    """Count and letters of a duration such as `5m`."""
    letters = token.text.lstrip("0123456789")
    return number(building, token._replace(text=token.text[: -len(letters)])), letters


def negated(building: Building, at: tuple[int, int], value: Literal) -> Literal:
    """A literal with a minus sign before it."""
    return Literal(building.span(at), value.kind, -value.value, value.unit, f"-{value.text}")


def unquoted(token: Token) -> str:
    """The inside of a string or quoted symbol."""
    return token.text[1:-1]
