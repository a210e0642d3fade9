"""Which ways of writing a date read every date of a user's file (floor 8).

Only advises: a file that is not written in ISO dates or as stated is refused all the same, because
`03/04/2020` read the wrong way round is a wrong result and not an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

from engine.feeds.own.finding import Settings

_DAYS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%B %d, %Y",
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M:%S %p")
FORMS = tuple(day + time for time, day in product(_TIMES, _DAYS))
"""strptime formats that are looked for, the plainer first."""

UTC = "UTC"
_PACKED = "%Y%m%d"
_SECONDS = {10: 1, 13: 1000}
"""Digits of an instant counted from 1970, and how many of its units make a second."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the dates of a file look like. form: the format to go on with, where one is known."""

    help: str
    form: str | None = None
    settings: Settings = ()


def forms_of(texts: Sequence[str]) -> list[str]:
    """The formats that read every one of these dates."""
    left = list(FORMS)
    for text in dict.fromkeys(texts):
        left = [form for form in left if reads(form, text)]
    return left


def reads(form: str, text: str) -> bool:
    """Whether the text is a date of this form, all digits of a packed one included."""
    try:
        day = datetime.strptime(text, form)
    except ValueError:
        return False
    return not form.startswith(_PACKED) or text.startswith(day.strftime(_PACKED))


def advice(texts: Sequence[str], zone: str) -> Advice | None:
    """How to have these dates read; None when no one form fits them all."""
    counted = _instants(texts, zone)
    if counted is not None:
        return counted
    forms = forms_of(texts) if texts else []
    if len(forms) == 1:
        help = f"every date of the file reads as {forms[0]}: state `{_option(forms[0])}`"
        return Advice(help, forms[0], (("options", "date_format", forms[0]),))
    return _either(texts[0], forms) if forms else None


def _either(text: str, forms: Sequence[str]) -> Advice:
    """Day and month can be swapped throughout: both readings of the first date, and no choice."""
    told = [
        f"`{_option(form)}` reads `{text}` as {datetime.strptime(text, form):%Y-%m-%d}"
        for form in forms
    ]
    return Advice(f"state which, it is never guessed: {' and '.join(told)}", forms[0])


def _instants(texts: Sequence[str], zone: str) -> Advice | None:
    sizes = {len(text) if text.isdecimal() and text.isascii() else 0 for text in texts}
    if len(sizes) != 1 or not sizes <= set(_SECONDS):
        return None
    size = sizes.pop()
    unit = "seconds" if _SECONDS[size] == 1 else "milliseconds"
    stamp = int(texts[0]) / _SECONDS[size]
    here, there = (
        f"{datetime.fromtimestamp(stamp, ZoneInfo(z)):%Y-%m-%d %H:%M}" for z in (UTC, zone)
    )
    help = f"these are {unit} since 1970: {texts[0]} is {here} in UTC, {there} in {zone}"
    return Advice(f"{help}; write the session's own date, YYYY-MM-DD")


def _option(form: str) -> str:
    return f'options: {{date_format: "{form}"}}'
