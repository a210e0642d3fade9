"""Names: one report for one mistake, near matches, params in force, used files, waivers."""

from dataclasses import replace

import pytest
from checking import checked, codes, found

from engine.base.diagnostics import Diagnostic
from engine.base.spans import NOWHERE, Source, Span, source
from engine.check import apply_ignores, check_file, check_scenario_names, load_uses
from engine.lang.ast import Literal
from engine.lang.ignores import ignores
from engine.lang.parse import parse_text
from engine.records.catalogue import load_catalogue

WRONG_ONCE = """rules 1
strategy s {
  let a = clsoe
  let b = a + open
  let c = sma(b, 20 bars) + a
  entry long up {
    when a > b and c crosses above a
    size 1% of equity / (a - b)
    order limit a
  }
  exit out of up { when a < c }
  stop hard at a - c
}
"""


def test_one_wrong_name_used_everywhere_is_one_report() -> None:
    assert codes(WRONG_ONCE) == ["SW201"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("clos", "close"),
        ("equty", "equity"),
        ("smaa(close, 20 bars)", "sma"),
        ("position.agge", "position.age"),
        ("position.entry", "position.entry_price"),
        ("close of SPYY", "SPY"),
        ("drawdwn", "drawdown"),
        ("20 barz", "bars"),
        ("mena", "mean"),
        ("zscoer(close)", "zscore"),
    ],
)
def test_wrong_names_get_the_nearest_right_one(wrong: str, right: str) -> None:
    text = (
        "rules 1\ndefine zscore(x) = x / sma(x, 20 bars)\n"
        "strategy s {\n  let mean = sma(close, 20 bars)\n"
        f"  exit out {{ when {wrong} > mean }}\n}}\n"
    )
    assert any(f"did you mean `{right}`?" in d.help for d in found(text))


def test_every_error_of_a_statement_is_reported_not_only_the_first() -> None:
    text = "rules 1\nstrategy s {\n  weight if clsoe > 1 and opne > 2 then 1 else 0\n}\n"
    assert codes(text) == ["SW201", "SW201"]


# ---------------------------------------------------------------- params

SWEPT = """rules 1
strategy s {
  param n = 20 bars in 10 bars .. 60 bars
  param aim = 10% in 5% .. 20%
  weight aim * close / sma(close, n)
}
"""


def _value(**params: float | Literal) -> list[float]:
    meant, problems = checked(SWEPT, params=params)  # type: ignore[arg-type]
    assert problems == []
    return [p.value for p in meant.strategies[0].params]


def test_params_have_their_defaults_or_the_values_in_force() -> None:
    assert _value() == [20.0, 0.10]
    assert _value(n=30) == [30.0, 0.10]
    assert _value(**{"s.n": 30, "aim": 0.2}) == [30.0, 0.2]
    fifteen = Literal(NOWHERE, "percent", 0.15, None, "15%")
    assert _value(aim=fifteen) == [20.0, 0.15]


def test_the_value_in_force_reaches_the_windows() -> None:
    meant, _ = checked(SWEPT, params={"n": 30})
    assert "(30.0,)" in repr(meant.strategies[0].weight)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"n": 5}, "SW215"),
        ({"n": 20.5}, "SW215"),
        ({"aim": 3}, "SW215"),
        ({"nn": 20}, "SW224"),
        ({"t.n": 20}, "SW224"),
        ({"aim": Literal(NOWHERE, "unit", 12.0, "bars", "12 bars")}, "SW215"),
    ],
)
def test_bad_overrides_are_reported(params: dict[str, float], code: str) -> None:
    assert codes(SWEPT, params=params) == [code]


# ---------------------------------------------------------------- use

FILES = {
    "a.rule": 'rules 1\nuse "b.rule"\nstrategy s { weight half(close) / close }\n',
    "b.rule": 'rules 1\nuse "c.rule"\ndefine half(x) = third(x) * 3 / 2\n',
    "c.rule": "rules 1\ndefine third(x) = x / 3\n",
    "ring.rule": 'rules 1\nuse "ring2.rule"\n',
    "ring2.rule": 'rules 1\nuse "ring.rule"\n',
    "lost.rule": 'rules 1\nuse "nowhere.rule"\nstrategy s { weight half(close) }\n',
}


def _read(path: str, span: Span) -> Source | None:
    return source(path, FILES[path]) if path in FILES else None


def _load(name: str) -> list[Diagnostic]:
    file, problems = parse_text(name, FILES[name])
    used, more = load_uses(file, _read)
    problems = [*problems, *more]
    return [*problems, *check_file(file, used, load_catalogue(), problems=problems)[1]]


def test_used_files_are_followed() -> None:
    assert _load("a.rule") == []


def test_rings_and_missing_files_are_reported_without_echoes() -> None:
    assert [d.code for d in _load("ring.rule")] == ["SW223"]
    assert [d.code for d in _load("lost.rule")] == ["SW222"]


# ---------------------------------------------------------------- waivers


def test_a_waiver_takes_one_warning_off_its_line() -> None:
    text = (
        "rules 1\nstrategy s {\n  weight 50%\n  let x = close  # seawall: ignore SW210 shown\n}\n"
    )
    assert codes(text) == []


def test_a_waiver_of_nothing_is_flagged_and_errors_stay() -> None:
    text = "rules 1\nstrategy s {\n  weight clsoe  # seawall: ignore SW201 no\n}\n"
    assert codes(text) == ["SW201", "SW515"]


def test_waivers_of_another_file_do_not_count() -> None:
    text = (
        "rules 1\nstrategy s {\n  weight 50%\n  let x = close  # seawall: ignore SW210 shown\n}\n"
    )
    waivers = ignores(source("other.rule", text))
    warning = next(d for d in found(text.replace("#", "# not")) if d.code == "SW210")
    assert apply_ignores([warning], waivers)[0].code in ("SW210", "SW515")
    assert len(apply_ignores([warning], waivers)) == 2


# ---------------------------------------------------------------- names of other files


def test_scenarios_are_held_against_what_is_loaded() -> None:
    text = (
        "rules 1\nlimits house {\n"
        "  pause stop_all { enter when drawdown > 10% resume after 2d }\n}\n"
        "strategy s { weight 50% }\n"
        "scenario c {\n  replay 2020-02-03 .. 2020-06-30\n  run house, s\n"
        '  waive house.stop_all because "known"\n  resume stop_all at bar 3 by "desk"\n'
        "  expect drawdown > 5% leads to paused(stop_all) in 1 bar\n}\n"
    )
    meant, problems = checked(text)
    assert problems == []
    scenario = replace(meant.scenarios[0], run=("hous",))
    reported = check_scenario_names(scenario, meant.strategies, meant.limits)
    assert [(d.code, d.help) for d in reported] == [("SW613", "did you mean `house`?")]
    assert len(check_scenario_names(meant.scenarios[0], (), ())) == 4


@pytest.mark.parametrize(
    ("define", "when", "code", "file"),
    [
        ("", "adx(14 bars) > 20", "SW211", "lib/adx.rule"),
        ("define strong(n) = cci(n) > 100\n", "strong(20 bars)", "SW201", "lib/cci.rule"),
    ],
)
def test_a_function_of_the_library_names_the_file_to_use(
    define: str, when: str, code: str, file: str
) -> None:
    text = f"""rules 1
{define}strategy s {{
  entry long up {{ when {when}  size 5 shares  order market }}
  exit out of up {{ when close < open }}
  stop hard at close * 90%
}}
"""
    (problem,) = [d for d in found(text) if d.severity == "error"]
    assert (problem.code, problem.help) == (code, f'it is in the library: add `use "{file}"`')
    assert problem.fix is None
    assert not codes(text.replace("rules 1\n", f'rules 1\nuse "{file}"\n', 1))
