"""What a source sent, made fit to keep (floor 8): sessions only, closed ones only, sane prices.

Nothing is filled in or repaired. What is left out becomes a note.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from engine.base.dates import date_of, day_of, iso
from engine.feeds.net.cache import About, Cached
from engine.feeds.net.spec import Answer, Ask
from engine.feeds.own import checks
from engine.feeds.own.finding import Findings
from engine.feeds.own.groups import grouped
from engine.feeds.own.values import SLACK, Bar
from engine.records.calendar import Calendar
from engine.records.instrument import COLUMNS


def closed_through(calendar: Calendar, now: datetime) -> int:
    """The last session that had closed by `now`: the bar of a later one is not finished."""
    day = day_of(now.astimezone(ZoneInfo(calendar.zone)).date())
    if calendar.is_session(day) and closing(calendar, day) <= now:
        return day
    before = calendar.previous(day)
    return calendar.first - 1 if before is None else before


def closing(calendar: Calendar, day: int) -> datetime:
    """The instant at which a session closes, early closes and summer time included."""
    minutes = timedelta(minutes=calendar.close_minute(day))
    local = datetime.combine(date_of(day), time()) + minutes
    return local.replace(tzinfo=ZoneInfo(calendar.zone)).astimezone(UTC)


def clean(answer: Answer, ask: Ask, source: str, calendar: Calendar, now: datetime) -> Cached:
    """The bars to keep with the facts of the fetch; without bars when none is fit."""
    findings = Findings()
    through = closed_through(calendar, now)
    bars = _finished(answer.bars, ask, through, findings)
    bars = _sane(checks.on_sessions(_once(bars, findings), calendar, findings), findings)
    checks.find_gaps(bars, calendar, findings)
    checks.find_jumps(bars, findings)
    about = About(
        source=source,
        ticker=ask.ticker,
        adjust=ask.adjust,
        options=dict(ask.options),
        first=ask.first,
        last=min(ask.last, through),
        fetched=day_of(now.date()),
        zone=answer.zone,
        currency=answer.currency,
        kind=answer.kind,
        notes=tuple(grouped(findings.all(), are_kept=False)),
        dividends=answer.dividends,
        splits=answer.splits,
    )
    columns = {
        name: np.array([getattr(b, name) for b in bars], dtype=np.float64) for name in COLUMNS
    }
    return Cached(about, np.array([b.day for b in bars], dtype=np.int32), columns)


def _finished(bars: Iterable[Bar], ask: Ask, through: int, findings: Findings) -> list[Bar]:
    kept = []
    for bar in sorted(bars, key=lambda b: b.day):
        if bar.day > through:
            text = f"{iso(bar.day)} had not closed: the row is left out"
            findings.warn("open-session", bar.row, text, day=bar.day)
        elif ask.first <= bar.day <= ask.last:
            kept.append(bar)
    return kept


def _once(bars: Sequence[Bar], findings: Findings) -> list[Bar]:
    found: dict[int, Bar] = {}
    for bar in bars:
        if bar.day in found:
            text = f"{iso(bar.day)} was sent twice: the first row is kept"
            findings.warn("duplicate", bar.row, text, day=bar.day)
        found.setdefault(bar.day, bar)
    return list(found.values())


def _sane(bars: Iterable[Bar], findings: Findings) -> list[Bar]:
    kept = []
    for bar in bars:
        if not (math.isfinite(bar.close) and bar.close > 0):
            text = f"{iso(bar.day)} has no close: the row is left out"
            findings.warn("blank", bar.row, text, day=bar.day)
        else:
            kept.append(_ranged(bar, findings))
    return kept


def _ranged(bar: Bar, findings: Findings) -> Bar:
    """The bar with what cannot be true unknown: prices not above zero, ranges that miss a price."""
    o, high, low = (_positive(price) for price in (bar.open, bar.high, bar.low))
    volume = bar.volume if math.isfinite(bar.volume) and bar.volume >= 0 else math.nan
    bar = replace(bar, open=o, high=high, low=low, volume=volume)
    prices = [p for p in (bar.open, bar.close) if not math.isnan(p)]
    slack = bar.close * SLACK
    if bar.high < max(prices) - slack or bar.low > min(prices) + slack:
        text = f"{iso(bar.day)} has a range that misses its open or close: open and range are na"
        findings.warn("range", bar.row, text, day=bar.day)
        return replace(bar, open=math.nan, high=math.nan, low=math.nan)
    return bar


def _positive(price: float) -> float:
    return price if math.isfinite(price) and price > 0 else math.nan
