"""What the exchange's calendar says of each instant (floor 9): one function per calendar field.

Counts towards something (`to_holiday`, `left_in_month`) go by what was planned at that close,
counts from something by what took place. A value that the calendar file cannot know is na.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.session.schedule import MINUTES, Days
from engine.session.timeline import Timeline, period_keys

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

FALSE, TRUE = 0.0, 2.0
FIRST_BAR = "session.first_bar"
"""The one calendar field that depends on whose bars are read."""
FRIDAY = 4
THIRD_FRIDAY = 14
"""The earliest day of the month, counted from 0, that can be its third Friday."""


def calendar_column(name: str, line: Timeline) -> Floats:
    """The values of one calendar field (engine.fields) on the timeline."""
    values: Floats = CALENDAR_FIELDS[name](line).astype(np.float64)
    return values


# ---------------------------------------------------------------- dates


def _day_of_week(line: Timeline) -> Places:
    return _weekday(line.days) + 1


def _day_of_month(line: Timeline) -> Places:
    return line.days - _month_starts(line.days) + 1


def _month(line: Timeline) -> Places:
    return period_keys(line.days, "1mo") % 12 + 1


def _year(line: Timeline) -> Places:
    return period_keys(line.days, "1mo") // 12 + 1970


def _weekday(days: NDArray[np.integer]) -> Places:
    return (days.astype(np.int64) + 3) % 7


def _month_starts(days: Days) -> Places:
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    starts: Places = months.astype("datetime64[D]").astype(np.int64)
    return starts


# ---------------------------------------------------------------- counts within a period


def _nth_of_month(line: Timeline) -> Places:
    keys = period_keys(line.sessions, "1mo")
    at = line.sessions.searchsorted(line.days)
    return at - keys.searchsorted(keys[at], "left") + 1


def _left_in_month(line: Timeline) -> Places:
    return _left_in(line, "1mo")


def _left_in_week(line: Timeline) -> Places:
    return _left_in(line, "1w")


def _left_in(line: Timeline, period: str) -> Places:
    keys = period_keys(line.schedule.planned, period)
    at = _planned_at(line)
    return keys.searchsorted(keys[at], "right") - 1 - at


def _planned_at(line: Timeline) -> Places:
    return line.schedule.planned.searchsorted(line.days)


# ---------------------------------------------------------------- to and from marked sessions


def _before_holiday(line: Timeline) -> Floats:
    return _is_on(line, _holiday_marks(line))


def _after_holiday(line: Timeline) -> Floats:
    """By what took place, planned or not."""
    marks = np.flatnonzero(_skips(line.sessions)) + 1
    return np.where(np.isin(line.sessions.searchsorted(line.days), marks), TRUE, FALSE)


def _half_day(line: Timeline) -> Floats:
    return _is_on(line, _half_day_marks(line))


def _expiry_day(line: Timeline) -> Floats:
    return _is_on(line, _expiry_marks(line))


def _to_holiday(line: Timeline) -> Floats:
    return _to(line, _holiday_marks(line))


def _to_half_day(line: Timeline) -> Floats:
    return _to(line, _half_day_marks(line))


def _to_expiry(line: Timeline) -> Floats:
    return _to(line, _expiry_marks(line))


def _holiday_marks(line: Timeline) -> Places:
    """Planned sessions before a weekday on which the exchange was to be closed."""
    return np.flatnonzero(_skips(line.schedule.planned))


def _half_day_marks(line: Timeline) -> Places:
    early = [day for day, _ in line.schedule.calendar.early]
    return np.flatnonzero(np.isin(line.schedule.planned, early))


def _expiry_marks(line: Timeline) -> Places:
    """The third Friday of each month or, where it is a holiday, the session before it."""
    planned = line.schedule.planned
    first: Places = np.unique(_month_starts(planned)) + THIRD_FRIDAY
    fridays = first + (FRIDAY - _weekday(first)) % 7
    marks: Places = planned.searchsorted(fridays[fridays <= planned[-1]], "right") - 1
    return marks


def _is_on(line: Timeline, marks: Places) -> Floats:
    return np.where(np.isin(_planned_at(line), marks), TRUE, FALSE)


def _to(line: Timeline, marks: Places) -> Floats:
    """Planned sessions from each instant to the next marked one after it; na past the last."""
    at = _planned_at(line)
    following = marks.searchsorted(at, "right")
    known = following < len(marks)
    return np.where(known, marks[np.where(known, following, -1)] - at, np.nan)


def _skips(days: Days) -> NDArray[np.bool_]:
    """Whether a weekday lies between each day and the next one."""
    weekdays = (days.astype(np.int64) + 3) // 7 * 5 + np.minimum(_weekday(days), FRIDAY)
    skips: NDArray[np.bool_] = np.diff(weekdays) > 1
    return skips


# ---------------------------------------------------------------- within a session


def first_bars(line: Timeline, has: Floats) -> Floats:
    """True on the first bar of each session on which a symbol has one."""
    here = np.flatnonzero(has)
    first = here[np.append(True, np.diff(line.days[here]) > 0)] if len(here) else here
    truth = np.full(len(line.days), FALSE)
    truth[first] = TRUE
    return truth


def _minutes(line: Timeline) -> Floats:
    return _within(line, line.instants - line.schedule.opens(line.days))


def _minutes_to_close(line: Timeline) -> Floats:
    return _within(line, line.schedule.closes(line.days) - line.instants)


def _time(line: Timeline) -> Floats:
    return _within(line, line.instants % MINUTES)


def _within(line: Timeline, minutes: Places) -> Floats:
    return minutes.astype(np.float64) if line.schedule.length else np.full(len(minutes), np.nan)


CALENDAR_FIELDS: Mapping[str, Callable[[Timeline], NDArray[np.number]]] = {
    "session.day_of_week": _day_of_week,
    "session.day_of_month": _day_of_month,
    "session.month": _month,
    "session.year": _year,
    "session.nth_of_month": _nth_of_month,
    "session.left_in_month": _left_in_month,
    "session.left_in_week": _left_in_week,
    "session.before_holiday": _before_holiday,
    "session.after_holiday": _after_holiday,
    "session.half_day": _half_day,
    "session.expiry_day": _expiry_day,
    "session.to_holiday": _to_holiday,
    "session.to_half_day": _to_half_day,
    "session.to_expiry": _to_expiry,
    "session.minutes": _minutes,
    "session.minutes_to_close": _minutes_to_close,
    "market.time": _time,
}
"""How each calendar field of the table is filled; engine.fields says what it means."""
