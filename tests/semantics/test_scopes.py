"""Scopes: whose orders a limit judges, and whose money, exposure and gains it sees."""

import pytest

from engine.base.errors import UserError
from engine.compile import compile_limits, compile_strategy
from engine.session.cell import Window
from engine.session.dryrun import run_cells
from engine.session.firm import Account, Firm, Limits, Strategy
from engine.session.groups import check_groups, tightened
from engine.session.wire import Entry
from semantics.make import (
    FREE,
    Bars,
    Case,
    Given,
    checked,
    flat,
    limits,
    run,
    run_all,
    schedule,
    series,
    strategy,
)

UP = "entry long up { when close == $10 size SIZE shares order market }"


def buyer(name: str, size: int) -> str:
    return strategy(UP.replace("SIZE", str(size)), name)


TWO = buyer("one", 1000) + buyer("two", 1000)
DESKS = {"one": "fast", "two": "slow"}


def together(text: str, bars: Given, **more: object) -> Case:
    """All strategies in one account of 100,000, 50,000 for each of two."""
    return run_all(text, bars, **more)["portfolio"]  # type: ignore[arg-type]


def granted(case: Case) -> list[tuple[str, str, float]]:
    """(book, symbol, shares) that limits left of each entry."""
    desk = case.desk
    return [
        (desk.books[v.book].name, desk.instruments[v.symbol].symbol, v.granted)
        for v in case.history.verdicts
        if v.source == 0
    ]


def cap(scope: str, share: str = "10%") -> str:
    room = f"({share} of equity - exposure.gross) / order.price"
    return limits(f"limit cap on order {scope} clip qty to {room}")


AB = {"A": flat("10 11"), "B": flat("10 11")}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        # 10% of 100,000 is 10,000: 1,000 shares for the firm, then nothing is left
        ("scope firm", [1000, 0, 0, 0]),
        # 10% of each book's 50,000: 500 shares, on whatever symbol comes first
        ("scope strategy", [500, 0, 500, 0]),
        ("scope desk", [500, 0, 500, 0]),
        # `one` alone is on desk fast
        ("scope desk fast", [500, 0, 1000, 1000]),
        ("scope strategy two", [1000, 1000, 500, 0]),
        # 10,000 of the account's 100,000 in each symbol, both books together
        ("scope symbol", [1000, 1000, 0, 0]),
        ("scope symbol B", [1000, 1000, 1000, 0]),
        # both are stocks
        ("scope asset class", [1000, 0, 0, 0]),
        ("scope asset class stock", [1000, 0, 0, 0]),
    ],
)
def test_a_scope_says_whose_orders_and_whose_exposure(scope: str, expected: list[float]) -> None:
    case = together(TWO + cap(scope), AB, desks=DESKS)
    assert [x[2] for x in granted(case)] == expected


def test_two_strategies_of_one_desk_share_its_room() -> None:
    """10% of both books' 100,000 together: the second finds nothing."""
    case = together(TWO + cap("scope desk"), "10 10 10 10\n11 11 11 11",
                    desks={"one": "fast", "two": "fast"})  # fmt: skip
    assert [x[2] for x in granted(case)] == [1000, 0]


def test_a_strategy_without_a_desk_is_on_none() -> None:
    case = together(TWO + cap("scope desk"), "10 10 10 10\n11 11 11 11", desks={"one": "fast"})
    assert [x[2] for x in granted(case)] == [500, 1000]


def test_another_asset_class_has_its_own_room() -> None:
    bars = {"A": flat("10 11"), "I": Bars(flat("10 11"), kind="index")}
    case = together(TWO + cap("scope asset class"), bars, universe=["A", "I"])
    assert [x[2] for x in granted(case)] == [1000, 1000, 0, 0]


def test_the_tightest_scope_wins_and_all_that_bind_are_told() -> None:
    rows = "limit outer on order clip qty to 300 shares\n"
    rows += "limit inner on order scope symbol A clip qty to 800 shares\n"
    rows += "limit tight on order scope desk fast clip qty to 200 shares"
    case = run(buyer("one", 1000) + limits(rows), flat("10 11"), desks={"one": "fast"})
    assert case.verdicts[0][4] == 200
    assert sorted(name for _, name, _ in case.said) == ["inner", "outer", "tight"]


def test_a_pause_on_a_symbol_stops_that_symbol_alone() -> None:
    """A falls from 11 to 9 on bar 2, B rises: the loss of the day is A's."""
    text = strategy("entry long up { when close > $1 size 100 shares order market }")
    rows = (
        "pause sore scope symbol { enter when pnl.today <= -$150 resume after 1 bars allow exits }"
    )
    case = run(text + limits(rows), {"A": flat("10 11 9 9 9"), "B": flat("10 11 12 12 12")})
    # bought at the open of bar 1 (11); at the close of 2 A lost 2 x 100, B gained 100
    assert case.switched == [(2, "sore", True), (3, "sore", False)]
    stopped = [
        (v.bar, case.desk.instruments[v.symbol].symbol)
        for v in case.history.verdicts
        if v.outcome == 3
    ]
    assert stopped == []  # A is held: an entry while open is ignored, not put to anyone


def test_a_flatten_on_a_symbol_closes_that_symbol_alone() -> None:
    text = strategy("entry long up { when close > $1 size 100 shares order market }")
    rows = "flatten sore scope symbol { enter when pnl.today <= -$150 resume after 9 bars }"
    case = run(text + limits(rows), {"A": flat("10 11 9 9 9"), "B": flat("10 11 12 12 12")})
    assert [x[2:] for x in case.filled] == [("A", 100, 11), ("B", 100, 11), ("A", -100, 9)]
    stopped = [(v.bar, v.symbol) for v in case.history.verdicts if v.outcome == 3]
    assert stopped == [(3, 0), (4, 0)]  # new entries on A, while B is held


def test_a_halt_on_a_desk_sees_the_desks_own_money() -> None:
    """Each desk has 50,000. `one` holds 4,000 shares from 10; at 9 it lost 4,000: 8% of its own
    and 4% of the account's."""
    text = buyer("one", 4000) + strategy(
        "entry long up { when close == $9 size 10 shares order market }", "two"
    )
    rows = 'halt sunk scope desk { enter when drawdown >= 8% resume by hand "x" allow exits }'
    case = together(text + limits(rows), flat("10 10 9 9"), desks=DESKS)
    assert case.switched == [(2, "sunk", True)]
    sent = [x for x in granted(case) if x[2] > 0.0]
    assert sent == [("one", "A", 4000), ("two", "A", 10)]


def test_a_group_without_money_sees_the_accounts() -> None:
    """cash, start, peak and buying power are the account's; gains are the symbol's own."""
    rows = """limit a on order scope symbol deny when account.cash != $100_000
        limit b on order scope symbol deny when start.equity != $100_000
        limit c on order scope symbol deny when account.peak != $100_000
        limit d on order scope symbol deny when account.exposure_room != $100_000
        limit e on order scope symbol deny when pnl.today != $0
        limit f on order scope symbol deny when positions.count > 0"""
    case = run(buyer("one", 10) + limits(rows), flat("10 11"))
    assert case.outcomes == [(0, "allowed")]


def test_what_a_strategys_own_limit_adds_is_said_beforehand() -> None:
    held = {"A": series("A", Bars(flat("10 11")))}
    rows = "limit cap on order clip qty to {} shares"
    text = limits(rows.format(200), "house") + limits(rows.format(100), "own")
    house, own = (Limits(b, compile_limits(b), {}) for b in checked(text, held).limits)
    book = Strategy("one", None, None, ("A",), 1.0, (own,))  # type: ignore[arg-type]
    assert tightened([house], [book]) == ("one: own.cap is proved at least as tight as house.cap",)


def test_a_named_desk_or_strategy_must_be_there() -> None:
    held = {"A": series("A", Bars(flat("10 11")))}
    entries = (Entry("one", None, None, (), desk="fast"),)  # type: ignore[arg-type]
    for scope, hint in (("desk fst", "did you mean `fast`?"), ("strategy two", "there are one")):
        text = limits(f"limit cap on order scope {scope} deny when close > $1")
        (block,) = checked(text, held).limits
        with pytest.raises(UserError) as caught:
            check_groups(entries, [Limits(block, compile_limits(block), {})])
        assert hint in str(caught.value.help)


def own(name: str, rows: str, desk: str = "") -> list[float]:
    """What a strategy on a desk is granted of 1,000 shares under limits that it brings itself."""
    held = {"A": series("A", Bars(flat("10 11")))}
    (block,) = checked(limits(rows, "own"), held).limits
    rule = checked(buyer(name, 1000), held).strategies[0]
    mine = (Limits(block, compile_limits(block), {}),)
    book = Strategy(name, rule, compile_strategy(rule), ("A",), 1.0, mine, desk=desk)
    day = Window("case", "", *(int(d) for d in held["A"].days[[0, -1]]))
    firm = Firm((book,), (), (day,), Account(100_000.0, FREE), schedule(), held)
    cell = run_cells(firm)[0]
    assert cell.ran is not None
    return [v.granted for v in cell.ran.history.verdicts]


@pytest.mark.parametrize(
    ("scope", "left"),
    [("firm", 7), ("strategy", 7), ("strategy one", 7), ("desk", 7), ("desk fast", 7),
     ("desk slow", 1000), ("symbol", 7), ("symbol A", 7), ("asset class stock", 7)],
)  # fmt: skip
def test_a_strategys_own_limit_holds_on_its_desk_whatever_scope_says_so(
    scope: str, left: float
) -> None:
    assert own("one", f"limit few on order scope {scope} clip qty to 7 shares", "fast") == [left]
