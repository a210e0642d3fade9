"""What limits are told of an order's type and time in force."""

import pytest

from semantics.make import flat, limits, run, strategy

ORDERS = {
    "market": {"is_market"},
    "limit $9": set(),
    "limit $9 for gtc": {"rests"},
    "stop $11": {"is_stop"},
    "stop $11 limit $12 for gtc": {"is_stop", "rests"},
    "trailing 5%": {"is_stop"},
    "trailing $1": {"is_stop"},
    "market for opg": {"is_market", "at_auction"},
    "limit $9 for cls": {"at_auction"},
    "market for ioc": {"is_market"},
}


@pytest.mark.parametrize("field", ["is_market", "is_stop", "rests", "at_auction"])
@pytest.mark.parametrize("order", ORDERS)
def test_every_kind_of_entry(order: str, field: str) -> None:
    text = strategy(f"entry long up {{ when close == $10 size 5 shares order {order} }}")
    case = run(text + limits(f"limit x on order deny when order.{field}"), flat("10 11"))
    wanted = "denied" if field in ORDERS[order] else "allowed"
    assert case.outcomes == [(0, wanted)]


def test_a_weight_is_at_market_for_the_day() -> None:
    text = strategy("weight 10%\nrebalance daily")
    for field, outcome in (("is_market", "denied"), ("rests", "allowed")):
        case = run(text + limits(f"limit x on order deny when order.{field}"), flat("10 10"))
        assert case.outcomes[0] == (0, outcome)


def test_limits_on_entries_ask_nothing_of_a_weight() -> None:
    text = strategy("weight 10%\nrebalance daily")
    for rule in ("order.is_market", "correlated(50%, 2 bars) >= $0"):
        case = run(text + limits(f"limit x on entry deny when {rule}"), flat("10 10"))
        assert case.outcomes[0] == (0, "allowed")


def test_each_entry_of_a_book_is_told_of_itself() -> None:
    text = strategy(
        "entry long a { when close == $10 size 5 shares order limit $9 }\n"
        "entry long b { when close == $10 size 6 shares order stop $11 }"
    )
    case = run(text + limits("limit x on order deny when order.is_stop"), flat("10 10.5"))
    assert [(v[3], v[2]) for v in case.verdicts] == [(5, "allowed"), (6, "denied")]
