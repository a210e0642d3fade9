"""Diagnostic codes 4xx: data feeds, columns and lists (floor 0)."""

from engine.base.codes.examples import limits, page, rule
from engine.base.codes.spec import Code

_PAUSE = "pause p { enter when vix > 30 pts resume when vix < 25 pts allow exits }"

DATA: tuple[Code, ...] = (
    Code(
        "SW401",
        "unknown feed",
        page(
            "A `data` line names a series that the catalogue does not have.",
            "A pause on a feed that does not exist would never enter.",
            "take the suggested name, or see `seawall data list`.",
        ),
        limits('data vix : pts = "VIXX" daily stale after 2 bars', _PAUSE),
        limits('data vix : pts = "VIX" daily stale after 2 bars', _PAUSE),
    ),
    Code(
        "SW402",
        "feed in another unit",
        page(
            "A `data` line declares another unit than the series has.",
            "A yield of 4% declared as points would be compared with 4, not with 0.04.",
            "declare the unit that the help names.",
        ),
        limits(
            'data vix : price = "VIX" daily stale after 2 bars',
            "pause p { enter when vix > $30 resume when vix < $25 allow exits }",
        ),
        limits('data vix : pts = "VIX" daily stale after 2 bars', _PAUSE),
    ),
    Code(
        "SW403",
        "feed that never grows stale",
        page(
            "A feed of a limits block does not say how long its last value counts.",
            "When the feed dies, its last value would hold a limit open for ever.",
            "add `stale after 2 bars`; a stale input pauses.",
        ),
        limits('data vix : pts = "VIX" daily', _PAUSE),
        limits('data vix : pts = "VIX" daily stale after 2 bars', _PAUSE),
    ),
    Code(
        "SW404",
        "column that the symbol has not",
        page(
            "A rule reads a column of another symbol whose data do not hold it.",
            "It is na on every bar, so the condition never becomes true.",
            "read one of the columns that the help lists.",
        ),
        rule("volume of VIX > 0"),
        rule("close of VIX > 30 pts"),
    ),
    Code(
        "SW405",
        "event calendar not run yet",
        page(
            "A list of dates names a calendar of events instead of dates.",
            "No calendar of events is shipped today; a dry-run refuses the list.",
            "write the dates out, or declare `list NAME : event = file …` (docs/spec.md).",
        ),
        "rules 1\nlist blackout : date = { fomc }\n"
        "limits house {\n  limit quiet on order deny when market.date is in blackout\n}\n",
        "rules 1\nlist blackout : date = { 2020-03-15 }\n"
        "limits house {\n  limit quiet on order deny when market.date is in blackout\n}\n",
    ),
    Code(
        "SW406",
        "stale is for feeds",
        page(
            "`is stale` asks about something that is no feed.",
            "Only a feed declared with `data` keeps a last value that can grow old.",
            "write `is na`.",
        ),
        rule("close is stale"),
        rule("close is na"),
    ),
)
