"""What `seawall limits --since` claims: a limit called tighter lets no more through, anywhere."""

import json
import re
import subprocess
from pathlib import Path
from random import Random

import pytest

from engine.check.stricter import of_limits, of_switches
from engine.cli import main as entry
from engine.compile import compile_limits
from engine.lang import ast
from limits.test_inputs_removed import Case, a_moment, shares_left
from limits.texts import limit_text
from limits.worlds import meant, random_series, random_vix

NUMBER = re.compile(r"(?<![\w.[])(\$?)(\d[\d_]*(?:\.\d+)?)(%? ?(?:shares|pts|bars)?)")
SERIES = {"AAA": random_series(Random(1), "AAA", 4, True), "VIX": random_vix(Random(1), 4)}
HEAD = 'limits house {\n  data vix : pts = "VIX" daily stale after 2 bars\n  '


def nudged(row: str, rng: Random) -> str:
    """The row with one of its numbers a little higher or lower."""
    found = [m for m in NUMBER.finditer(row) if "bars" not in m[3]]
    if not found:
        return row
    m = rng.choice(found)
    value = float(m[2].replace("_", "")) * rng.choice([0.8, 0.9, 1.25, 1.5])
    return f"{row[: m.start()]}{m[1]}{value:.4f}{m[3]}{row[m.end() :]}"


def block_of(row: str) -> tuple[ast.LimitsBlock, Case]:
    file, checked = meant(f"{HEAD}{row}\n}}\n", SERIES)
    block = next(b for b in file.blocks if isinstance(b, ast.LimitsBlock))
    return block, Case(checked.limits[0], compile_limits(checked.limits[0]))


def only_limit(block: ast.LimitsBlock) -> ast.Limit:
    return next(s for s in block.body if isinstance(s, ast.Limit))


def test_a_claimed_direction_holds_for_random_limits_and_accounts() -> None:
    claimed = {"tightened": 0, "loosened": 0, "changed": 0, "same": 0}
    for seed in range(120):
        rng = Random(seed)
        row = limit_text(rng, "l")
        other = nudged(row, rng)
        (old, before), (new, after) = block_of(row), block_of(other)
        direction = of_limits(only_limit(old), only_limit(new))
        claimed[direction] += 1
        for _ in range(30):
            row_cells, now_fields, cells = a_moment(before.program, rng)
            moment = [abs(v) for v in row_cells], now_fields, cells  # prices are above zero
            was, now = shares_left(before, *moment)[0], shares_left(after, *moment)[0]
            if was == was and now == now:  # neither skipped
                assert direction != "tightened" or now <= was, f"{row}\n{other}"
                assert direction != "loosened" or now >= was, f"{row}\n{other}"
                assert direction != "same" or now == was, f"{row}\n{other}"
    assert claimed["tightened"] > 15 and claimed["loosened"] > 15
    assert claimed["changed"] < 60, "hardly anything is told"


SWITCHES = [
    ("enter when vix > 30 pts", "enter when vix > 28 pts", "tightened"),
    ("enter when vix > 30 pts", "enter when vix > 31 pts", "loosened"),
    ("enter when vix > 30 pts", "enter when vix < 30 pts", "changed"),
    ("enter when pnl.today <= -3% of equity", "enter when pnl.today <= -2% of equity", "tightened"),
    ("enter when equity <= 85% of peak(equity)", "enter when equity <= 80% of peak(equity)",
     "loosened"),
    ("enter when vix > 30 pts for 2 bars", "enter when vix > 30 pts for 3 bars", "loosened"),
    ("enter when vix > 30 pts resume after 2d", "enter when vix > 30 pts resume after 3d",
     "tightened"),
    ("enter when vix > 30 pts resume when vix < 25 pts",
     "enter when vix > 30 pts resume when vix < 20 pts", "tightened"),
    ("enter when vix > 30 pts resume when vix < 25 pts",
     "enter when vix > 28 pts resume when vix < 27 pts", "changed"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "direction"), SWITCHES)
def test_switches(old: str, new: str, direction: str) -> None:
    found = []
    for said in (old, new):
        more = "" if "resume" in said else ' resume by hand "desk"'
        block, _ = block_of(f"halt h {{ {said}{more} allow exits }}")
        found.append(next(s for s in block.body if isinstance(s, ast.Switch)))
    assert of_switches(found[0], found[1]) == direction


# ---------------------------------------------------------------- the verb

RULE = """rules 1
limits house {
  limit cap on order clip qty to 10% of adv(20 bars) else skip because "no volume"
  limit many on order deny when positions.count >= 5
}
strategy s {
  clock 1d on xnys
  entry long up { when close > close[1] size 1 shares order market }
}
"""


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = entry.main(["limits", *words])
    return code, capsys.readouterr().out


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder under git with one rule file in it."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "s.rule"
    file.write_text(RULE, encoding="utf-8")
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "first")):
        subprocess.run(["git", *words], check=True, cwd=tmp_path)
    return file


def test_since_a_revision(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "s.rule", "--since", "HEAD") == (0, "no limit changed since HEAD\n")
    project.write_text(RULE.replace("10%", "5%"), encoding="utf-8")
    code, text = told(capsys, "s.rule", "--since", "HEAD")
    assert code == 0 and "house.cap tightened" in text
    project.write_text(RULE.replace("10%", "15%"), encoding="utf-8")
    code, text = told(capsys, "s.rule", "--since", "HEAD")
    assert code == 1 and "house.cap loosened" in text
    rows = [row for row in RULE.split("\n") if "limit many" not in row]
    project.write_text("\n".join(rows), encoding="utf-8")
    code, text = told(capsys, "s.rule", "--since", "HEAD")
    assert code == 1 and "house.many removed" in text


def test_the_hash_is_of_the_meaning_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def sheet_hash() -> str:
        return told(capsys, "s.rule")[1].split()[-1]

    before = sheet_hash()
    rows = RULE.split("\n")
    moved = [*rows[:2], rows[3], "# a comment", rows[2], *rows[4:]]
    project.write_text("\n".join(moved), encoding="utf-8")
    assert sheet_hash() == before
    project.write_text(RULE.replace("5\n", "6\n"), encoding="utf-8")
    assert sheet_hash() != before


def test_what_cannot_be_compared(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["limits", "s.rule", "--since", "no-such-thing"]) == 2
    assert "neither a file nor a git revision" in capsys.readouterr().err
    assert entry.main(["limits", "gone.rule"]) == 2


DESKS = """version: 1
limits: [s.rule]
strategies:
  - {name: a, rules: s.rule, universe: [SP500, JPM], desk: fast}
  - {name: b, rules: s.rule, universe: [JPM]}
"""
SCOPED = """
  limit on_desk on order scope desk fast deny when positions.count >= 5
  limit any_desk on order scope desk deny when positions.count >= 5
  limit stocks on order scope asset class stock deny when positions.count >= 5
  limit jpm on order scope symbol JPM deny when positions.count >= 5
  limit only_b on order scope strategy b deny when positions.count >= 5
"""


def test_scopes_say_whom_a_limit_binds(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = "  limit many on order deny when positions.count >= 5\n"
    project.write_text(RULE.replace(many, SCOPED), encoding="utf-8")
    project.with_name("strategies.yaml").write_text(DESKS, encoding="utf-8")
    assert entry.main(["limits", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    bound = {
        (p["strategy"], p["symbol"]): {name.partition(".")[2] for name in group["limits"]}
        for group in found["groups"]
        for p in group["pairs"]
    }
    assert bound == {
        ("a", "SP500"): {"cap", "on_desk", "any_desk"},
        ("a", "JPM"): {"cap", "on_desk", "any_desk", "stocks", "jpm"},
        ("b", "JPM"): {"cap", "stocks", "jpm", "only_b"},
    }
