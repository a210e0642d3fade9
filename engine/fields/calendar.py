"""Fields of the session (floor 2): what the exchange's calendar says and knew beforehand; market
columns without a slot."""

from engine.fields.spec import BOTH, FieldSpec

_END = "at the calendar's end"


def _calendar(name: str, title: str, na: str = "never", unit: str = "ratio") -> FieldSpec:
    return FieldSpec(f"session.{name}", unit, title, na, BOTH, -1, calendar=True)


def _intraday(name: str, title: str) -> FieldSpec:
    return FieldSpec(name, "ratio", title, "on daily bars", BOTH, -1, calendar=True, intraday=True)


CALENDAR: tuple[FieldSpec, ...] = (
    _calendar("first_bar", "Whether this is the symbol's first bar of the session.", unit="truth"),
    _intraday("session.minutes", "Minutes from the open to this close."),
    _intraday("session.minutes_to_close", "Minutes from here to the planned close."),
    _intraday("market.time", "Time of day in New York, as minutes after midnight: `10:30`."),
    _calendar("day_of_week", "Day of the week, Monday 1 to Friday 5."),
    _calendar("day_of_month", "Day of the month, 1 to 31."),
    _calendar("month", "Month, 1 to 12."),
    _calendar("year", "Year, such as 2020."),
    _calendar("nth_of_month", "Sessions of this month so far: 1 on its first."),
    _calendar("left_in_month", "Sessions still planned this month: 0 on its last."),
    _calendar("left_in_week", "Sessions still planned this week: 0 on its last."),
    _calendar("before_holiday", "Whether a holiday on a weekday follows.", unit="truth"),
    _calendar("after_holiday", "Whether a weekday without trading went before.", unit="truth"),
    _calendar("half_day", "Whether the session closes early.", unit="truth"),
    _calendar(
        "expiry_day",
        "Whether monthly options expire: the third Friday, or the session before if that is none.",
        unit="truth",
    ),
    _calendar("to_holiday", "Sessions from here to the next one before a holiday, 1 up.", _END),
    _calendar("to_half_day", "Sessions from here to the next half day, 1 up.", _END),
    _calendar("to_expiry", "Sessions from here to the next expiry day, 1 up.", _END),
)
