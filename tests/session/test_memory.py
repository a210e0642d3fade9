"""A flatten or halt that resumes restarts its own memory, and no other's; scopes run apart."""

from engine.base.spans import source
from engine.check import check_file
from engine.check.typed import CheckedLimits
from engine.lang.parse import parse
from engine.records.catalogue import load_catalogue
from engine.session.memory import parts, restarts

HALT = 'halt floor scope firm { enter when equity <= 85% of peak(equity) resume by hand "desk" }'
DAY = "flatten day scope firm { enter when pnl.today <= -3% of equity resume after 2d }"
DIP = "flatten dip scope firm { enter when equity <= 95% of peak(equity) resume after 5d }"


def block(*rows: str) -> CheckedLimits:
    file, problems = parse(
        source("x.rule", "rules 1\nlimits house {\n" + "\n".join(rows) + "\n}\n")
    )
    checked, found = check_file(file, {}, load_catalogue())
    assert not [d for d in (*problems, *found) if d.severity == "error"]
    return checked.limits[0]


def test_only_flattens_and_halts_that_remember_restart() -> None:
    found = {s.name: restarts(s) for s in block(HALT, DAY, DIP).switches}
    assert found == {"floor": True, "day": False, "dip": True}


def test_one_memory_stays_in_one_set() -> None:
    house = block(HALT, DAY)
    assert parts(house) == (house,)


def test_two_memories_are_run_apart_under_one_name() -> None:
    house = block("limit few on order deny when positions.count >= 3", HALT, DAY, DIP)
    names = [([x.name for x in p.limits], [s.name for s in p.switches]) for p in parts(house)]
    assert names == [(["few"], ["day"]), ([], ["floor"]), ([], ["dip"])]
    assert {p.name for p in parts(house)} == {"house"}


def test_rows_of_different_scopes_are_run_apart() -> None:
    own = "limit own on entry scope strategy clip qty to 2% of equity / order.price"
    house = block(own, "limit few on order deny when positions.count >= 3", HALT)
    names = [([x.name for x in p.limits], [s.name for s in p.switches]) for p in parts(house)]
    assert names == [(["own"], []), (["few"], ["floor"])]


def test_what_a_slower_clock_shows_of_the_market_is_no_memory_of_the_account() -> None:
    house = block("limit low on order deny when (close on 1w) < (low on 1w)[1]", HALT)
    assert parts(house) == (house,)
