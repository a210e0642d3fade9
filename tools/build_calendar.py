"""Write data/xnys.txt: the New York sessions as weekdays minus listed holidays.

Why: importing a calendar library costs half a second at start, so the product reads this small file
instead. Run it in a scratch environment that has exchange-calendars; the product never imports it.

    python tools/build_calendar.py data/xnys.txt
    python tools/build_sums.py
"""

import argparse
from collections.abc import Iterable
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

FIRST, LAST = date(1980, 1, 1), date(2030, 12, 31)

HEAD = """\
# New York Stock Exchange sessions: every weekday from `first` to `last` is a session unless listed
# after `closed`. `early HH:MM` lists sessions that close early; `unplanned`, closures that were
# decided at short notice (attacks, storms, mourning). Dates after a year are MM-DD.
# Written by tools/build_calendar.py from exchange-calendars {version} (Apache-2.0); do not edit.
name xnys
zone America/New_York
hours 09:30 16:00
first {first}
last {last}
"""


def by_year(word: str, days: Iterable[date]) -> list[str]:
    """One line per year: `closed 1980 01-01 02-18 ...`."""
    years: dict[int, list[str]] = {}
    for day in sorted(days):
        years.setdefault(day.year, []).append(day.strftime("%m-%d"))
    return [f"{word} {year} {' '.join(found)}" for year, found in years.items()]


def holidays(sessions: set[date]) -> list[date]:
    """The weekdays of the whole range that are no session."""
    span = (LAST - FIRST).days + 1
    days = (FIRST + timedelta(n) for n in range(span))
    return [day for day in days if day.weekday() < 5 and day not in sessions]


def text_of(calendar: Any, version: str) -> str:
    """The whole file."""
    sessions = {stamp.date() for stamp in calendar.sessions}
    lines = by_year("closed", holidays(sessions))
    unplanned = {stamp.date() for stamp in calendar.adhoc_holidays}
    lines += by_year("unplanned", (day for day in unplanned if FIRST <= day <= LAST))
    closes: dict[str, list[date]] = {}
    for stamp in calendar.early_closes:
        local = calendar.session_close(stamp).tz_convert("America/New_York")
        closes.setdefault(local.strftime("%H:%M"), []).append(stamp.date())
    for clock in sorted(closes):
        lines += by_year(f"early {clock}", closes[clock])
    return HEAD.format(version=version, first=FIRST, last=LAST) + "\n".join(lines) + "\n"


def main() -> None:
    """Read the arguments and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("target", type=Path, help="the file to write, normally data/xnys.txt")
    target: Path = parser.parse_args().target
    library: Any = import_module("exchange_calendars")  # only a scratch environment has it

    calendar = library.get_calendar("XNYS", start=str(FIRST), end=str(LAST))
    target.write_text(text_of(calendar, library.__version__), encoding="utf-8")
    print(
        f"{target}: {len(calendar.sessions):,} sessions, {len(calendar.early_closes)} early closes"
    )


if __name__ == "__main__":
    main()
