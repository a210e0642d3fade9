"""Lines 15 to 20: limits, pauses, halts, and what they can be told."""

import pytest

from engine.records.desk import CostRow
from semantics.make import Bars, Case, Given, fired, flat, limits, run, strategy, volumes

BUY = strategy("entry long up { when close == $10 size 1000 shares order market }")


# ---------------------------------------------------------------- how answers combine

COMBINED = [
    ("the smallest cap wins, both are told", "clip qty to 300 shares", "clip qty to 200 shares",
     ("clipped", 200), [("a", "bound"), ("b", "bound")]),
    ("deny beats clip", "clip qty to 300 shares", "deny when close > $1",
     ("denied", 0), [("a", "bound"), ("b", "refused")]),
    ("a cap above the order does not bind", "clip qty to 1000 shares", "clip qty to 900 shares",
     ("clipped", 900), [("b", "bound")]),
    ("reduce only refuses an entry", "reduce only when close > $1", "deny when close > $99",
     ("denied", 0), [("a", "refused")]),
    ("a cap of nothing denies", "clip qty to 0 shares", "deny when close > $99",
     ("denied", 0), [("a", "bound")]),
    ("a negative cap denies", "clip qty to -5 shares", "deny when close > $99",
     ("denied", 0), [("a", "bound")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "outcome", "said"), [x[1:] for x in COMBINED], ids=[x[0] for x in COMBINED]
)
@pytest.mark.parametrize("swapped", [False, True])
def test_line_15_answers_combine_in_any_order(
    a: str, b: str, outcome: tuple[str, float], said: list[tuple[str, str]], swapped: bool
) -> None:
    rows = [f"limit a on order {a}", f"limit b on order {b}"]
    text = BUY + limits("\n".join(rows[::-1] if swapped else rows))
    case = run(text, flat("10 11"))
    assert [(v[2], v[4]) for v in case.verdicts] == [outcome]
    assert sorted((name, word) for _, name, word in case.said) == said


@pytest.mark.parametrize(("cap", "lot", "granted"), [("255 shares", 10, 250), ("9 shares", 10, 0)])
def test_line_15_a_clip_is_rounded_down_to_the_lot(cap: str, lot: float, granted: float) -> None:
    text = BUY + limits(f"limit a on order clip qty to {cap}")
    case = run(text, {"A": Bars(flat("10 11"), lot=lot)})
    assert case.verdicts[0][4] == granted


def test_line_15_a_clipped_order_is_checked_once_more() -> None:
    """200 shares are under the least order of 250: zero."""
    rows = (
        "limit a on order clip qty to 200 shares\nlimit b on order deny when order.qty < 250 shares"
    )
    case = run(BUY + limits(rows), flat("10 11"))
    assert case.verdicts == [(0, "entry", "denied", 1000, 0)]
    assert case.said == [(0, "a", "bound"), (0, "b", "refused")]


def test_line_15_a_strategys_scope_only_tightens() -> None:
    rows = "limit a on order clip qty to 500 shares\n"
    rows += "limit b on order scope strategy clip qty to 800 shares"
    assert run(BUY + limits(rows), flat("10 11")).verdicts[0][4] == 500


def test_line_15_heaviest_switch_is_named() -> None:
    rows = """
      pause p { enter when equity > $1 resume by hand "x" }
      halt  h { enter when equity > $1 resume by hand "x" }
      flatten f { enter when equity > $1 resume by hand "x" }"""
    case = run(BUY + limits(rows), flat("10 11"))
    assert case.outcomes == [(0, "blocked")]
    assert case.history.verdicts[0].switch == (0, 1)  # halt > flatten > pause


@pytest.mark.parametrize("kind", ["pause", "flatten", "halt"])
def test_line_15_a_switch_cancels_working_entries(kind: str) -> None:
    """The order rests at 9 from bar 1; the switch comes at the close of 2; bar 3 touches 9."""
    text = strategy("entry long up { when close == $10 size 10 shares order limit $9 for gtc }")
    rows = f'{kind} k {{ enter when account.bars >= 2 bars resume by hand "x" allow exits }}'
    case = run(text + limits(rows), flat("10 11 12 9"))
    assert case.switched == [(2, "k", True)]
    assert case.lapses == [(2, 10, "switched off")]
    assert case.fills == []


def test_line_15_flatten_exits_at_the_next_open() -> None:
    """Entered at the close of 2, out at the open of 3; a pause would leave the position alone."""
    rows = 'KIND k { enter when account.bars == 2 bars resume by hand "x" allow exits }'
    for kind, fills in (("flatten", [(1, 1000, 11), (3, -1000, 13)]), ("pause", [(1, 1000, 11)])):
        case = run(BUY + limits(rows.replace("KIND", kind)), flat("10 11 12 13 14"))
        assert case.fills == fills


def test_line_15_flatten_holds_entries_until_it_is_resumed() -> None:
    """Entered at the close of 1; after 2 days, at the close of 3, entries may come again."""
    text = strategy("entry long up { when close > $1 size 1 shares order market }")
    rows = "flatten k { enter when account.bars == 1 bars resume after 2d }"
    case = run(text + limits(rows), flat("10 10 10 10 10 10"))
    assert case.switched == [(1, "k", True), (3, "k", False)]
    # bought at the open of 1, sold at the open of 2, bought at the open of 4
    assert case.fills == [(1, 1, 10), (2, -1, 10), (4, 1, 10)]


# ---------------------------------------------------------------- what cannot be evaluated


@pytest.mark.parametrize(
    ("limit", "outcome", "said"),
    [
        ("deny when volume > 5 shares", "denied", "unknown, denied"),
        ("clip qty to 10% of volume", "denied", "unknown, denied"),
        ('deny when volume > 5 shares else skip because "no volume"', "allowed", "skipped"),
        ('clip qty to 10% of volume else skip because "no volume"', "allowed", "skipped"),
    ],
)
def test_line_16_cannot_be_evaluated(limit: str, outcome: str, said: str) -> None:
    case = run(BUY + limits(f"limit a on order {limit}"), flat("10 11"))
    assert case.outcomes == [(0, outcome)]
    assert case.said == [(0, "a", said)]


def feed(values: str, closes: str) -> Given:
    return {"A": flat(closes), "F": Bars(flat(values), kind="volatility")}


FEAR = 'data fear : pts = "F" daily stale after 2 bars\n'
NERVES = FEAR + "pause nerves { enter when fear > 30 pts resume when fear < 25 pts allow exits }"
EVERY = strategy("entry long up { when close > $1 size 1 shares order limit $0.5 }")


def blocked(case: Case) -> list[int]:
    """Bars whose entry was stopped by a pause, flatten or halt."""
    return [bar for bar, outcome in case.outcomes if outcome == "blocked"]


def test_line_16_a_stale_input_pauses() -> None:
    """20 at bar 0 and then nothing: known at 0, 1, 2; from 3 on it is stale and pauses."""
    case = run(EVERY + limits(NERVES), feed("20 . . . .", "10 10 10 10 10"), universe=["A"])
    assert case.switched == [(3, "nerves", True)]
    assert blocked(case) == [3, 4]


def test_line_16_an_input_not_yet_known_pauses() -> None:
    case = run(EVERY + limits(NERVES), feed(". 20 20", "10 10 10"), universe=["A"])
    assert case.switched == [(0, "nerves", True), (1, "nerves", False)]
    assert blocked(case) == [0]


def test_line_16_a_stale_feed_can_be_asked_for() -> None:
    rows = FEAR + "limit old on order deny when fear is stale"
    case = run(EVERY + limits(rows), feed("20 . . . .", "10 10 10 10 10"), universe=["A"])
    assert [v[2] for v in case.verdicts] == ["allowed"] * 3 + ["denied"] * 2


# ---------------------------------------------------------------- exits


def test_line_17_exits_always_pass() -> None:
    """Everything is denied once a position is there, and paused as well; the exit goes through."""
    text = strategy("""
      entry long up { when close == $10 size 10 shares order market }
      exit out of up { when close == $12 order market }""")
    rows = """
      limit no on order deny when positions.count >= 1
      pause p { enter when account.bars >= 2 bars resume by hand "x" allow exits }"""
    case = run(text + limits(rows), flat("10 11 12 13"))
    assert case.fills == [(1, 10, 11), (3, -10, 13)]


def test_line_17_a_shrinking_weight_passes_and_a_growing_one_does_not() -> None:
    """Paused from bar 2 on. At the close of 2 the weight shrinks to 10%, at 3 it would be 50%."""
    text = strategy("weight if close == $11 then 10% else 50%")
    rows = 'pause p { enter when account.bars >= 2 bars resume by hand "x" allow exits }'
    case = run(text + limits(rows), flat("10 10 11 10 10"))
    # 5000 at 10; at 11 equity 105000: 10500 / 11 = 954.5: sell 4046
    assert case.fills == [(1, 5000, 10), (3, -4046, 10)]
    assert case.outcomes[:3] == [(0, "allowed"), (2, "allowed"), (3, "blocked")]


COLLAR = limits("limit collar on entry deny when not order.price within 10% of last")


@pytest.mark.parametrize(
    ("order", "outcome"),
    [("limit $9", "allowed"), ("limit $8.99", "denied"), ("stop $11", "allowed"),
     ("stop $11.01", "denied"), ("market", "allowed")],
)  # fmt: skip
def test_line_17_the_collar_denies_entries(order: str, outcome: str) -> None:
    text = strategy(f"entry long up {{ when close == $10 size 1 shares order {order} }}")
    assert run(text + COLLAR, flat("10 10.5")).outcomes == [(0, outcome)]


def test_line_17_the_collar_leaves_stops_alone() -> None:
    """A stop 50% below the entry is not an order far from the market, but protection."""
    text = strategy("""
      entry long up { when close == $10 size 1 shares order market }
      stop hard at position.entry_price * 50%""")
    case = run(text + COLLAR, flat("10 10 4"))
    assert case.fills == [(1, 1, 10), (2, -1, 4)]


@pytest.mark.parametrize(
    ("side", "opens", "fills"),
    [("long", "109.9", True), ("long", "110.5", False), ("long", "50", True),
     ("short", "90.1", True), ("short", "89.5", False), ("short", "150", True)],
)  # fmt: skip
def test_line_17_an_entry_at_market_has_a_protection_price(
    side: str, opens: str, fills: bool
) -> None:
    text = strategy(f"entry {side} e {{ when close == $100 size 1 shares order market }}")
    case = run(text, f"100 100 100 100\n{opens} {opens} {opens} {opens}")
    assert bool(case.fills) == fills
    assert case.lapses == ([] if fills else [(1, 1, "protected")])


def test_line_17_exits_have_no_protection_price() -> None:
    text = strategy("""
      entry long up { when close == $100 size 1 shares order market }
      exit out of up { when close == $101 order market }""")
    assert run(text, flat("100 101 40")).fills == [(1, 1, 101), (2, -1, 40)]


def test_line_17_last_is_the_last_completed_close() -> None:
    """Bar 1 opened at 14: the order decided at its close of 10 is measured against 10."""
    text = strategy("entry long up { when open == $14 size 1 shares order limit $9.5 }")
    assert run(text + COLLAR, "12 12 12 12\n14 14 10 10").outcomes == [(1, "allowed")]


# ---------------------------------------------------------------- max_loss

RISK = limits("limit max_loss on entry clip qty to 2% of equity / order.stop_distance")


@pytest.mark.parametrize(
    ("level", "granted"),
    [
        ("stop hard at position.entry_price - $4", 500),  # 2000 / 4
        ("trail t at position.entry_price - $4", 500),
        ("trail t at peak(high) since entry - $5", 500),  # first at 101 - 5 = 96
        ("stop far at position.entry_price - $8\n stop hard at position.entry_price - $4", 500),
        ("target t at position.entry_price + $4", 0),
        ("", 0),
    ],
)
def test_line_18_max_loss(level: str, granted: float) -> None:
    text = strategy(f"entry long up {{ when close == $100 size 800 shares order market }}\n{level}")
    case = run(text + RISK, "100 101 99 100\n101 101 101 101")
    assert case.verdicts[0][4] == granted
    if granted == 0:
        assert case.said == [(0, "max_loss", "unknown, denied")]


def test_line_18_weights_are_not_entries() -> None:
    case = run(strategy("weight 50%") + RISK, flat("10 10"))
    assert case.fills == [(1, 5000, 10)]


def test_line_18_a_gap_goes_through_a_planned_loss() -> None:
    """500 shares planned to lose 2000; the gap to 80 costs 10000. Both are on the record."""
    text = strategy("""
      entry long up { when close == $100 size 800 shares order market }
      stop hard at position.entry_price - $4""")
    case = run(text + RISK, flat("100 100 80"))
    trip = case.history.round_trips[0]
    assert (trip.planned_loss, trip.pnl) == (2000, -10_000)


# ---------------------------------------------------------------- halts and hysteresis

HALT = 'halt floor { enter when equity <= 90% of peak(equity) resume by hand "desk" allow exits }'
HOLD = strategy("entry long up { when close == $10 size 5000 shares order market }")
FALL = "10 10 8 8 8 7 7 6.4 6.4"
"""5000 shares of 100000 in all at 10: equity 100, 100, 90, 90, 90, 85, 85, 82, 82 thousand."""


def scenario(body: str) -> str:
    return f'scenario "case" {{\n replay 2019-01-07 .. 2019-01-17\n{body}\n}}'


def test_line_19_by_hand_never_happens_by_itself() -> None:
    case = run(HOLD + limits(HALT), flat(FALL))
    assert case.switched == [(2, "floor", True)]
    assert list(case.history.paused[0][0]) == [0, 0, 1, 1, 1, 1, 1, 1, 1]


def test_line_19_a_resumed_halt_starts_a_new_peak() -> None:
    """Resumed at bar 4 with 90: the new floor is 81. 85 and 82 stay above it."""
    case = run(HOLD + limits(HALT) + scenario('resume floor at bar 4 by "desk"'), flat(FALL))
    assert case.switched == [(2, "floor", True), (4, "floor", False)]


def test_line_19_the_new_peak_is_that_of_the_resume() -> None:
    """As above, then 80: 80 <= 81."""
    case = run(
        HOLD + limits(HALT) + scenario('resume floor at bar 4 by "desk"'),
        flat("10 10 8 8 8 7 7 6.4 6"),
    )
    assert case.switched == [(2, "floor", True), (4, "floor", False), (8, "floor", True)]


def test_line_19_a_halt_whose_cause_lasts_is_not_resumed_and_forgets_nothing() -> None:
    """On the fresh peak of 90 the first half is false at bar 4, the second true; 82 at bar 7 is
    still measured from the peak of 100, so that the hand at bar 7 asks in vain as well."""
    lasting = HALT.replace("peak(equity)", "peak(equity) or equity < $95_000")
    hands = 'resume floor at bar 4 by "desk"\nresume floor at bar 7 by "desk"'
    case = run(HOLD + limits(lasting) + scenario(hands), flat(FALL))
    assert case.switched == [(2, "floor", True)]


def test_line_19_a_hand_before_the_halt_does_nothing() -> None:
    case = run(HOLD + limits(HALT) + scenario('resume floor at bar 1 by "desk"'), flat(FALL))
    assert case.switched == [(2, "floor", True)]


def test_line_19_entering_wins_over_resuming() -> None:
    """At bar 3 both are true: 40 > 30 and after 1 bar time is up. It stays until 20 is seen."""
    rows = FEAR + "pause p { enter when fear > 30 pts resume after 1d allow exits }"
    case = run(EVERY + limits(rows), feed("20 40 40 40 20 20", "10 10 10 10 10 10"), universe=["A"])
    assert case.switched == [(1, "p", True), (4, "p", False)]


def test_line_19_between_enter_and_resume_nothing_changes() -> None:
    """40 pauses; 28 is neither above 30 nor under 25; 20 resumes; 28 does not pause again."""
    case = run(
        EVERY + limits(NERVES), feed("20 40 28 28 20 28", "10 10 10 10 10 10"), universe=["A"]
    )
    assert case.switched == [(1, "nerves", True), (4, "nerves", False)]
    assert blocked(case) == [1, 2, 3]


def test_line_19_an_unknown_resume_stays() -> None:
    """`for 3 bars` sees a stale value in between: 3 known values under 25 in a row are needed."""
    rows = NERVES.replace("stale after 2 bars", "stale after 1 bars")
    rows = rows.replace("resume when fear < 25 pts", "resume when fear < 25 pts for 3 bars")
    values = "40 20 . . 20 20 20 20"  # known at 0 1 2, stale at 3, known from 4
    case = run(EVERY + limits(rows), feed(values, "10 10 10 10 10 10 10 10"), universe=["A"])
    assert case.switched == [(0, "nerves", True), (6, "nerves", False)]


# ---------------------------------------------------------------- adv


@pytest.mark.parametrize(
    ("known", "fires"),
    [
        ("100 200 300 400", {1: 150, 2: 200, 3: 250}),  # bar 0: one of four is under half
        ("100 - - 400", {3: 250}),
        ("- - - 400", {}),
        ("- - 300 400 500", {3: 350, 4: 400}),
    ],
)
def test_line_20_adv_is_the_mean_of_the_known(known: str, fires: dict[int, int]) -> None:
    for bar, mean in fires.items():
        text = strategy(f"""entry long up {{
          when adv(4 bars) == {mean} shares size 1 shares order market }}""")
        assert bar in fired(run(text, volumes(known)))
    text = strategy("entry long up { when adv(4 bars) > 0 shares size 1 shares order market }")
    assert fired(run(text, volumes(known))) == list(fires)


def test_line_20_an_adv_cap() -> None:
    """10% of (3000 + 5000) / 2 = 400; without a known volume it is skipped, as house says."""
    row = 'limit adv_cap on order clip qty to 10% of adv(2 bars) else skip because "no volume"'
    text = strategy("entry long up { when close == $10 size 1000 shares order market }")
    bars = "9 9 9 9 3000\n10 10 10 10 5000\n11 11 11 11 1"
    assert run(text + limits(row), bars).verdicts == [(1, "entry", "clipped", 1000, 400)]
    case = run(text + limits(row), flat("9 10 11"))
    assert case.verdicts == [(1, "entry", "allowed", 1000, 1000)]
    assert case.said == [(1, "adv_cap", "skipped")]


# ---------------------------------------------------------------- lists


def test_line_16_a_list_of_symbols() -> None:
    text = (
        "list banned : symbol = { B }\n"
        + strategy("entry long up { when close == $10 size 1 shares order market }")
        + limits("limit listed on order deny when order.symbol is in banned")
    )
    case = run(text, {"A": flat("10 11"), "B": flat("10 11")})
    assert [(v.symbol, v.granted) for v in case.history.verdicts] == [(0, 1), (1, 0)]
    assert any("as they stand today" in n for n in case.cell.notices)


def test_line_16_a_list_of_days() -> None:
    text = (
        "list closed : date = { 2019-01-08 }\n"
        + EVERY
        + limits("limit listed on order deny when market.date is in closed")
    )
    case = run(text, flat("10 10 10"))
    assert [v[2] for v in case.verdicts] == ["allowed", "denied", "allowed"]


def test_line_15_costs_do_not_change_what_limits_see() -> None:
    """The order's price is the last close, before slippage."""
    text = BUY + limits("limit a on order clip qty to $5_000 / order.price")
    case = run(text, flat("10 11"), costs=CostRow(slippage=0.01, interest=False))
    assert case.verdicts[0][4] == 500


def test_the_rest_of_an_entry_that_an_exit_cancelled_no_longer_counts() -> None:
    """10% of 1000 shares fill a bar: 100 of the 300 are in when the exit comes. The other entry,
    judged at that close, sees those 100 alone: $3300 less $1100 leave room for 200 shares at 11."""
    text = strategy("""
  entry long a { when close == $10 size 300 shares order market for gtc }
  entry long b { when close == $11 size 250 shares order market }
  exit out of a { when close == $11 order market }""")
    rows = "limit cap on order clip qty to ($3_300 - exposure.gross) / order.price"
    bars = Bars("10 10 10 10 1000\n11 11 11 11 1000")
    case = run(text + limits(rows), bars, costs=CostRow(interest=False, participation=0.1))
    assert [v for v in case.verdicts if v[1] == "entry"][1] == (1, "entry", "clipped", 250, 200)
