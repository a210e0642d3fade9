"""`seawall check strategies.yaml`: the set-up and everything it names, together."""

import pytest

from engine.cli import main as entry

RULE = """rules 1
strategy dip "Buy a dip" {
  clock 1d on xnys
  param n = 5 bars in 2 bars .. 50 bars
  entry long dips { when close < sma(close, n) size 5% of equity order market }
  exit back { when close > sma(close, n) order market }
  stop hard at position.entry_price * 95%
}
"""
LIMITS = """rules 1
limits desk "Ours" {
  data vix : pts = "VIX" daily stale after 2 bars
  pause calm scope firm { enter when vix > 30 pts resume when vix < 25 pts for 3 bars }
}
"""
SCENARIO = """rules 1
scenario "2020" "A year" {
  replay 2020-01-02 .. 2020-12-31
  waive desk.calm because "to see"
}
"""
SETUP = """version: 1
data: {source: embedded}
limits: [desk.rule]
strategies:
  - name: dip
    rules: dip.rule
    universe: [SP500]
    capital: 1
    params: {n: 7 bars}
scenarios: [year.rule]
"""


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, text in (("dip", RULE), ("desk", LIMITS), ("year", SCENARIO)):
        (tmp_path / f"{name}.rule").write_text(text)

    def run(setup: str = SETUP, **files: str):
        (tmp_path / "strategies.yaml").write_text(setup)
        for name, text in files.items():
            (tmp_path / f"{name}.rule").write_text(text)
        code = entry.main(["check"])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def test_a_clean_setup(check):
    assert check() == (0, "4 files: no findings\n")


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("universe:", "univers:", "strategies.yaml:7:5", "did you mean `universe`?"),
        ("[SP500]", "[SP5OO]", "strategies.yaml:7:15", "did you mean `SP500`?"),
        ("dip.rule", "dipp.rule", "strategies.yaml:6:12", "`dipp.rule` does not exist"),
        ("n: 7 bars", "m: 7 bars", "", "`m`"),
        ("n: 7 bars", "n: 700 bars", "strategies.yaml:9:", "700"),
        ("version: 1", "version: 1\nversion: 1", "strategies.yaml:2:1", "version"),
        ("capital: 1", "capital: yes", "strategies.yaml:8:", "capital"),
        ("    rules", "\trules", "strategies.yaml:6:1", ""),
    ],
)
def test_a_mistake_in_the_setup_has_its_place_and_help(check, old, new, place, message):
    code, out = check(SETUP.replace(old, new))
    assert place in out
    assert message in out
    assert code == 1


def test_names_across_files_are_checked(check):
    code, out = check(year=SCENARIO.replace("desk.calm", "desk.clam"))
    assert code == 1
    assert "did you mean `desk.calm`?" in out


def test_a_mistake_in_a_used_rule_file_is_found(check):
    code, out = check(dip=RULE.replace("close <", "clsoe <"))
    assert code == 1
    assert "dip.rule:5:26" in out and "did you mean `close`?" in out


def test_a_setup_that_is_no_text_is_told(check, tmp_path, capsys):
    (tmp_path / "strategies.yaml").write_bytes(b"\xff\xfe\x00")
    assert entry.main(["check", "strategies.yaml"]) == 1
    assert "strategies.yaml" in capsys.readouterr().out


def test_a_param_that_is_none_is_shown_once_and_where_it_is_set(check):
    code, out = check(SETUP.replace("n: 7 bars", "m: 7 bars"))
    assert code == 1
    assert "error[SW224]: no param `m` to set" in out
    assert out.count("strategies.yaml:9:") == 1
    assert "declared here" not in out


def test_what_a_broken_statement_hides_is_no_second_finding(check):
    code, out = check(dip=RULE.replace("param n = 5 bars in", "param n == 5 bars in"))
    assert code == 1
    assert "SW201" not in out and "SW224" not in out, out


def test_of_two_params_of_one_ending_the_wrong_one_is_shown(check):
    twice = "params: {dip.n: 7 bars, dap.n: 70 bars}"
    other = RULE.split("\n", 1)[1].replace("strategy dip", "strategy dap")
    code, out = check(SETUP.replace("params: {n: 7 bars}", twice), dip=RULE + other)
    assert code == 1
    assert f"strategies.yaml:9:{len('    ' + twice.split('70')[0]) + 1}" in out, out
    assert "note: declared here\n  dip.rule:11:3" in out, out
