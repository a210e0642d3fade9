"""Fields of the system that trades (floor 2): what it knows of itself, its models, its quotes."""

from engine.fields.spec import LIMITS, FieldSpec


def _live(name: str, title: str, unit: str = "ratio") -> FieldSpec:
    return FieldSpec(name, unit, title, "in replays", LIMITS, -1, live=True)


LIVE: tuple[FieldSpec, ...] = (
    _live("system.heartbeat_age", "Seconds since the trading process last gave a sign of life."),
    _live("system.reconciled", "Whether positions and cash agree with the broker's.", "truth"),
    _live("system.api_budget", "Requests that the broker still takes in this minute."),
    _live("system.clock_skew", "Seconds between our clock and the exchange's, positive."),
    _live("system.killed", "Whether a person has pulled the kill switch.", "truth"),
    _live("system.warnings", "Warnings from before the open that nobody has acknowledged."),
    _live(
        "system.same_build",
        "Whether every server runs the same build, config and limits, by their hashes.",
        "truth",
    ),
    _live("system.limits_age", "Bars since the limits in force were last signed.", "bars"),
    _live("model.age", "Bars since the model was last trained.", "bars"),
    _live("model.drift", "How far the model's inputs have moved from those it was trained on."),
    _live("model.confidence", "The model's own probability of its signal, 0 to 1."),
    _live(
        "model.in_range", "Whether every feature lies within the range it was trained on.", "truth"
    ),
    _live(
        "feed.vix",
        "The VIX as its live source last told it; na once that is 15 minutes old.",
        "pts",
    ),
    _live("feed.vix_age", "Seconds since the instant of that figure."),
    _live("quote.age", "Seconds since the symbol's last quote."),
    _live("quote.spread", "Best offer minus best bid of the symbol.", "price"),
    _live("quote.halted", "Whether trading in the symbol is halted.", "truth"),
)
