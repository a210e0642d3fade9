"""Synthetic charts, seeded, for the tests of the page."""

import math
import random
from datetime import date, timedelta

from engine.report.page.chart import Band, Chart, Line, Mark, Panel

NASTY = "</script><script>alert('taken')</script>\u2028<b onmouseover=alert(1)>&"
LABELS = ("max drawdown", "daily loss", "volatility", "max drawdown", "three losses in a row")
KINDS = ("pause", "halt", "flatten", "pause", "pause")


def weekdays(count: int, start: date = date(2007, 10, 9)) -> tuple[str, ...]:
    every = (start + timedelta(days=n) for n in range(count * 2))
    return tuple(d.isoformat() for d in every if d.weekday() < 5)[:count]


def wander(bars: int, seed: int, start: float = 100_000.0) -> tuple[float, ...]:
    dice, values = random.Random(seed), [start]
    while len(values) < bars:
        values.append(values[-1] * math.exp(dice.gauss(0, 0.015)))
    return tuple(values)


def falls(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(v / max(values[: i + 1]) - 1 for i, v in enumerate(values))


def chart(id="crash", bars=360, marks=18, bands=5, name="with limits") -> Chart:
    """Three panels as in a report, from a seeded wander."""
    dice = random.Random(bars)
    price, ours, other = wander(bars, 1, 1565.0), wander(bars, 2), wander(bars, 3)
    held = tuple(v / price[0] * 1e5 for v in price)
    signs = ("buy", "sell", "stopped")
    bars_of = [dice.randrange(bars) for _ in range(marks)]
    found = tuple(Mark(b, price[b], signs[n % 3], f"mark {n}") for n, b in enumerate(bars_of))
    return Chart(
        id,
        "Our equity fell less than the index.",
        weekdays(bars),
        (
            Panel("SP500, close", "$", (Line("SP500", "price", price),), found),
            Panel("equity", "$", (Line(name, "ours", ours), Line("without limits", "other", other),
                                  Line("buy and hold", "held", held))),
            Panel("below the peak", "%", (Line(name, "ours", falls(ours)),
                                          Line("without limits", "other", falls(other)),
                                          Line("buy and hold", "held", falls(held))), fill=True),
        ),
        tuple(
            Band(at, min(bars - 1, at + bars // 40), LABELS[n % 5], KINDS[n % 5])
            for n in range(bands) for at in [int(bars * (0.05 + 0.9 * n / bands))]
        ),
    )  # fmt: skip
