"""Reading the cells of one row of a user's file (floor 8): no guessed dates, plain numbers."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.base.dates import day_of, iso, parse_day
from engine.base.errors import UserError
from engine.feeds.own.finding import Findings

BLANK = ("", "null", "nan", "na", "n/a", "-", ".", "none")
SLACK = 1e-6
"""Adjusted prices carry rounding noise; a range may miss by this part of the price."""

_PLAIN = frozenset("0123456789+-.eE")


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the file; nan where a cell is blank. at: when a bar of minutes ends (see
    engine.feeds.own.minutes). dividend: money a share; split: new shares for one."""

    row: int
    day: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    at: int = field(default=0, kw_only=True)
    dividend: float = field(default=0.0, kw_only=True)
    split: float = field(default=1.0, kw_only=True)

    @property
    def acts(self) -> bool:
        """Whether a dividend or a split falls on it."""
        return self.dividend != 0.0 or self.split != 1.0


class Places(Protocol):
    """Reads the cell that says which bar a row is."""

    def place(self, text: str) -> tuple[int, int]: ...
    def day(self, text: str) -> int: ...


class BadCell(ValueError):
    """A cell that cannot be read: the message says why, `help` what to do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class DateReader:
    """How dates are written: `form` is a strptime format, or None for ISO dates.

    `zone` is the exchange's: a timestamp with another zone must fall on the same date there.
    """

    form: str | None
    zone: str

    def place(self, text: str) -> tuple[int, int]:
        """The day that a cell names; within it nothing."""
        return self.day(text), 0

    def day(self, text: str) -> int:
        """The day that a cell names; BadCell when it does not."""
        if self.form is not None:
            return self._stated(text, self.form)
        try:
            return parse_day(text) if len(text) == 10 else self._stamp(text)
        except ValueError as problem:
            if isinstance(problem, BadCell):
                raise
            raise BadCell(f"`{text[:40]}` is no date of the form YYYY-MM-DD", _help(text)) from None

    def _stated(self, text: str, form: str) -> int:
        try:
            return day_of(datetime.strptime(text, form).date())
        except ValueError:
            accepted = f"the stated format reads dates such as {_example(form)}"
            raise BadCell(f"`{text[:40]}` is no date of the form {form}", accepted) from None

    def _stamp(self, text: str) -> int:
        if len(text) < 10 or text[10] not in "T ":
            raise ValueError(text)
        stamp = datetime.fromisoformat(text)
        if stamp.tzinfo is None:
            return day_of(stamp.date())
        local = stamp.astimezone(known_zone(self.zone)).date()
        if local != stamp.date():
            raise BadCell(
                f"`{text}` is {local} in {self.zone}, so its session is unclear",
                "write the session's own date, YYYY-MM-DD, without time and zone",
            )
        return day_of(local)


def check_form(form: str) -> None:
    """Refuse a date format that does not name year, month and day."""
    probe = date(2019, 12, 25)
    try:
        good = datetime.strptime(probe.strftime(form), form).date() == probe
    except (ValueError, UnicodeError, OverflowError, re.error):
        good = False
    if not good:
        text = f"the date format `{form}` does not name year, month and day"
        raise UserError(text, "for example %d/%m/%Y or %m/%d/%Y or %Y%m%d")


def bar_of(
    cells: Sequence[str], row: int, columns: Mapping[str, int], dates: Places, out: Findings
) -> Bar | None:
    """The bar of one row; None when a cell is bad (an error) or the close is blank (a warning)."""
    try:
        day, at = dates.place(cells[columns["date"]].strip())
        found = {name: number(cells[at], name) for name, at in columns.items() if name != "date"}
    except BadCell as problem:
        out.error("value", row, str(problem), problem.help)
        return None
    acts = {"dividend": found.pop("dividend", 0.0), "split": found.pop("split", 1.0)}
    if math.isnan(found["close"]):
        if acts != NO_ACTION:
            lost_action(row, day, out)
            return None
        out.warn("blank", row, "the close is blank: the row is left out", day=day)
        return None
    values = [found.get(name, math.nan) for name in ("open", "high", "low", "close", "volume")]
    bar = Bar(row, day, *values, at=at, **acts)
    return bar if _sane(bar, out) else None


NO_ACTION = {"dividend": 0.0, "split": 1.0}
"""What a blank cell of these columns means, and so does a zero."""


def lost_action(row: int, day: int, out: Findings) -> None:
    """Refuse a file whose dividend or split stands on a row that cannot be used."""
    help = "move it to the first session with a price from then on"
    out.error(
        "action", row, f"a dividend or split of {iso(day)}, which is no bar of the file", help
    )


def split_of(word: str) -> float:
    """New shares for one: `2`, or `3:2` for three new ones for two old ones."""
    new, _, old = word.partition(":")
    return number(new, "split ratio") / number(old, "split ratio")


def number(text: str, name: str) -> float:
    """The number in a cell, nan when blank; BadCell when it is no plain positive number."""
    word = text.strip()
    if name in NO_ACTION:
        if word.lower() in BLANK or word.strip("0.") == "":
            return NO_ACTION[name]
        if ":" in word:
            return split_of(word)
    if word.lower() in BLANK:
        return math.nan
    try:
        value = float(word) if _PLAIN.issuperset(word) else math.inf
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise BadCell(f"{name} is `{word[:40]}`, which is no number", _number_help(word))
    if name == "volume" and value < 0:
        help = "leave the cell blank where the volume is not known"
        raise BadCell(f"volume is {word[:40]}: it must be zero or more", help)
    if name != "volume" and value <= 0:
        raise BadCell(f"{name} is {word[:40]}: it must be above zero", "correct or remove the row")
    return value


def _sane(bar: Bar, out: Findings) -> bool:
    """Whether high and low hold every known price of the bar."""
    known = [price for price in (bar.open, bar.close) if not math.isnan(price)]
    slack = bar.close * SLACK
    help = "adjusted closes beside raw prices do this; use one kind"
    if bar.high < max(known) - slack:
        out.error("range", bar.row, f"the high {bar.high:g} is below {max(known):g}", help)
    elif bar.low > min(known) + slack:
        out.error("range", bar.row, f"the low {bar.low:g} is above {min(known):g}", help)
    elif bar.high < bar.low:
        out.error("range", bar.row, f"the high {bar.high:g} is below the low {bar.low:g}", help)
    else:
        return True
    return False


@lru_cache(maxsize=8)
def known_zone(name: str) -> ZoneInfo:
    """A time zone by its name; BadCell when this machine knows none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadCell(
            f"the time zone {name} is not known on this machine",
            "write dates as YYYY-MM-DD, without time and zone",
        ) from None


def _example(form: str) -> str:
    return date(2020, 3, 16).strftime(form)


def _help(text: str) -> str:
    if "/" in text:
        return "state the date format: %m/%d/%Y is month first, %d/%m/%Y day first; never guessed"
    return "write every date as 2020-03-16"


def _number_help(word: str) -> str:
    """What to write instead, exactly where only one number can be meant."""
    bare = re.sub(r"^([-+]?)\s*[$€£¥]\s*|\s*[$€£¥]$", r"\1", word)
    if bare.endswith("%"):
        return "a percentage is no price or volume: another column may be meant"
    if re.fullmatch(r"\d{1,3},\d{3}", bare):
        return (
            f"write {bare.replace(',', '')} where the comma stands between thousands, "
            f"{bare.replace(',', '.')} where it is decimal"
        )
    for pattern, gone, point in _WRITTEN:
        if re.fullmatch(pattern, bare):
            plain = re.sub(gone, "", bare).replace(point, ".")
            return f"write {plain}: a point for decimals, nothing else between digits"
    if scaled := re.fullmatch(r"([-+]?\d+(?:\.\d+)?)([KMB])", bare, re.IGNORECASE):
        value = float(scaled[1]) * _SCALES[scaled[2].upper()]
        return f"write {value:.0f}, or leave the cell blank: it is rounded"
    if bare != word and set(bare) <= _PLAIN:
        return f"write {bare}, without the currency"
    return "write plain numbers, without currency signs or units; leave unknown ones blank"


_SCALES = {"K": 1e3, "M": 1e6, "B": 1e9}
_WRITTEN = (
    (r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", ",", "."),
    (r"[-+]?\d{1,3}(?:\.\d{3})+,\d+", r"\.", ","),
    (r"[-+]?\d{1,3}(?:[ '\u00a0\u202f\u2019]\d{3})+(?:,\d+)", r"[ '\u00a0\u202f\u2019]", ","),
    (r"[-+]?\d{1,3}(?:[ '\u00a0\u202f\u2019]\d{3})+(?:\.\d+)?", r"[ '\u00a0\u202f\u2019]", "."),
    (r"[-+]?\d+,\d+", "(?!)", ","),
)
"""Numbers as other places write them: their form, what stands between thousands, the decimal
sign."""
