"""Dates as whole days since 1970-01-01 (floor 0), so that every layer compares plain integers."""

from datetime import date

_EPOCH = date(1970, 1, 1).toordinal()


def day_of(value: date) -> int:
    """The day number of a date; 1970-01-01 is 0 and earlier dates are negative."""
    return value.toordinal() - _EPOCH


def date_of(day: int) -> date:
    """The date of a day number."""
    return date.fromordinal(day + _EPOCH)


def parse_day(text: str) -> int:
    """The day number of an ISO date such as `2020-03-16`; ValueError when it is none."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        raise ValueError(f"`{text}` is no date of the form YYYY-MM-DD")
    return day_of(date.fromisoformat(text))


def iso(day: int) -> str:
    """The ISO text of a day number."""
    return date_of(day).isoformat()


def weekday_of(day: int) -> int:
    """Monday is 0 and Sunday is 6."""
    return (day + 3) % 7
