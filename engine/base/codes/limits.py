"""Diagnostic codes 6xx: limits, pauses and halts (floor 0)."""

from engine.base.codes.examples import bare, limits, page, scenario
from engine.base.codes.spec import Code

_IN = "entry long dip { when close < open size 1% of equity order market }"
_OUT = "exit back of dip { when close > open order market }"
_VIX = 'data vix : pts = "VIX" daily stale after 2 bars'

LIMITS: tuple[Code, ...] = (
    Code(
        "SW601",
        "entry without a stop",
        page(
            "An entry has neither a stop nor a trail.",
            "House limits size every trade by its planned loss, and deny an entry that has none.",
            "add `stop hard at position.entry_price - 2 * atr(14 bars)` or a trail.",
        ),
        bare("clock 1d on xnys", _IN, _OUT),
        bare("clock 1d on xnys", _IN, _OUT, "stop hard at position.entry_price * 95%"),
    ),
    Code(
        "SW602",
        "cap that is no number of shares",
        page(
            "`clip qty to` is given something that does not count shares.",
            "A cap of $10,000 read as 10,000 shares would be no cap at all.",
            "divide an amount by `order.price`, take a share `of adv(20 bars)`.",
        ),
        limits("limit cap on order clip qty to 5% of equity"),
        limits("limit cap on order clip qty to 5% of equity / order.price"),
    ),
    Code(
        "SW603",
        "limit that decides nothing",
        page(
            "A limit or a pause can never bind, or binds always.",
            "The first only looks like safety; the second stops all trading.",
            "correct its condition.",
        ),
        limits("limit odd on order deny when order.qty < 0"),
        limits("limit odd on order deny when order.qty > 1_000_000 shares"),
    ),
    Code(
        "SW605",
        "pause without an end",
        page(
            "A pause, halt or flatten says when it starts and not how it ends.",
            "Whether a person or a rule lifts it must be decided before it happens.",
            'add `resume when …`, `resume after 2d` or `resume by hand "risk-desk"`.',
        ),
        limits(_VIX, "pause p { enter when vix > 30 pts allow exits }"),
        limits(_VIX, "pause p { enter when vix > 30 pts resume when vix < 25 pts allow exits }"),
    ),
    Code(
        "SW606",
        "pause that flaps",
        page(
            "A pause enters and resumes at one threshold, or both hold at once.",
            "It would switch on and off with every small move, and cancel orders each time.",
            "leave a gap between the two, or resume only `for 3 bars`.",
        ),
        limits(_VIX, "pause p { enter when vix > 30 pts resume when vix <= 30 pts allow exits }"),
        limits(_VIX, "pause p { enter when vix > 30 pts resume when vix < 25 pts allow exits }"),
    ),
    Code(
        "SW607",
        "scope that does not fit",
        page(
            "A scope contradicts what the limit is on, or names a group that there is not.",
            "The limit would watch something else than its author thinks.",
            "scopes are firm, desk, strategy, asset class and symbol; all but firm may name one.",
        ),
        limits("limit cap on order scope asset class stonk deny when positions.count >= 12"),
        limits("limit cap on order scope asset class stock deny when positions.count >= 12"),
    ),
    Code(
        "SW608",
        "inner limit looser than the outer one",
        page(
            "A limit of an inner scope, or of one strategy, has the name of an outer one and is "
            "proved to let more through.",
            "Both judge every order and the tighter one wins, so the inner one does nothing: "
            "whoever wrote it believes in room that is not there.",
            "make it tighter, rename it if it means something else, or drop it.",
        ),
        limits("limit cap on order clip qty to 100 shares")
        + "limits desks {\n  limit cap on order scope strategy clip qty to 200 shares\n}\n",
        limits("limit cap on order clip qty to 100 shares")
        + "limits desks {\n  limit cap on order scope strategy clip qty to 50 shares\n}\n",
    ),
    Code(
        "SW613",
        "scenario names what is not loaded",
        page(
            "A scenario runs, waives, resumes or asks about something that is not loaded.",
            "A waiver of a misspelt limit waives nothing.",
            "take the suggested name, or load the file that declares it.",
        ),
        scenario('waive house.vix_pause because "no VIX before 1990"'),
        scenario("expect always drawdown <= 20%"),
    ),
)
