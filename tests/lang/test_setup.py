"""strategies.yaml: what is read, what is refused, and that the published schema says the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from engine.base.spans import source
from engine.lang.read import Items, Pairs, Scalar, Tree, read_yaml_text
from engine.lang.setup import read_setup

ROOT = Path(__file__).parents[2]
WHOLE = """\
# yaml-language-server: $schema=schemas/strategies.schema.json
version: 1
data: {source: csv, symbols: [SPY, NO], cache: .cache, file: fade.rule, mapping: {close: Adj}}
instruments: {SPY: {kind: etf, lot: 1}}
account:
  cash: $1_000_000
  currency: USD
  buying_power: 2
  costs:
    commission: {per_share: 0.005, per_order: 1, bps: 0}
    slippage: {bps: 5, spread: 0.01%}
    borrow_rate: 2%
    participation: 0.1
    interest: true
limits: [fade.rule]
strategies:
  - name: fade
    rules: fade.rule
    universe: [SPY, QQQ]
    capital: 500_000
    params: {n: 20 bars, z_in: 2.0, aim: -10%, m: 1e3}
    mode: dry-run
    limits: [fade.rule]
  - {name: rotate, rules: fade.rule, universe: stocks20}
scenarios: [fade.rule]
alerts: {mail: desk@example.com}
broker: {kind: paper}
"""
ONE = "strategies: [{name: a, rules: fade.rule, %s}]"
CASES: list[tuple[str, bool]] = [
    (WHOLE, True),
    ("version: 1\nstrategies: []", True),
    ("version: 2\nstrategies: []", False),
    ("version: '1'\nstrategies: []", False),
    ("version: 1.0\nstrategies: []", True),
    ("strategies: []", False),
    ("version: 1", False),
    ("version: 1\nstrategies: {}", False),
    ("version: 1\nstrategies: []\nfoo: 1", False),
    ("version: 1\nstrategies: []\naccount: {cash: -1}", False),
    ("version: 1\nstrategies: []\naccount: {cash: true}", False),
    ("version: 1\nstrategies: []\naccount: {cash: 10%}", False),
    ("version: 1\nstrategies: []\naccount: {currency: 5}", False),
    ("version: 1\nstrategies: []\naccount: {costs: {interest: yes}}", False),
    ("version: 1\nstrategies: []\naccount: {costs: {participation: 1.5}}", False),
    ("version: 1\nstrategies: []\naccount: {costs: {participation: 150%}}", False),
    ("version: 1\nstrategies: []\naccount: {costs: {borrow_rate: 150%}}", True),
    ("version: 1\nstrategies: []\naccount: {costs: {commission: {bps: 5 bps}}}", False),
    ("version: 1\nstrategies: []\ndata: {symbols: [SPY]}", False),
    ("version: 1\nstrategies: []\ndata: {source: embedded, symbols: [1]}", False),
    ("version: 1\nstrategies: []\ndata: {source: csv, files: {A: fade.rule}}", True),
    ("version: 1\nstrategies: []\ndata: {source: csv, files: [fade.rule]}", False),
    ("version: 1\nstrategies: []\ndata: {source: csv, files: {A: 1}}", False),
    (
        "version: 1\nstrategies: []\ndata: {source: csv, files: {A: fade.rule}, file: fade.rule}",
        False,
    ),
    (
        "version: 1\nstrategies: []\ndata: {source: csv, symbols: [A], files: {A: fade.rule}}",
        False,
    ),
    ("version: 1\nstrategies: []\nbroker: paper", False),
    ("version: 1\nstrategies: []\ninstruments: fade.rule", True),
    ("version: 1\nstrategies: []\ninstruments: {A: {}}", True),
    ("version: 1\nstrategies: []\ninstruments: {A: {kind: stock, tick: 0.5}}", True),
    ("version: 1\nstrategies: []\ninstruments: {A: {shortable: true, borrow_rate: 150%}}", True),
    ("version: 1\nstrategies: []\ninstruments: {A: {title: T, sector: S}}", True),
    ("version: 1\nstrategies: []\ninstruments: {A: {currency: USD, calendar: xnys}}", True),
    ("version: 1\nstrategies: []\ninstruments: {A: {lot: 0}}", False),
    ("version: 1\nstrategies: []\ninstruments: {A: {tick: -1}}", False),
    ("version: 1\nstrategies: []\ninstruments: {A: {kind: bond}}", False),
    ("version: 1\nstrategies: []\ninstruments: {A: {calendar: xlon}}", False),
    ("version: 1\nstrategies: []\ninstruments: {A: {adjusted: true}}", False),
    ("version: 1\nstrategies: []\ninstruments: {file: fade.rule}", False),
    ("version: 1\nstrategies: []\ninstruments: [A]", False),
    ("version: 1\n" + ONE % "mode: live", False),
    ("version: 1\n" + ONE % "mode: paper", True),
    ("version: 1\n" + ONE % "params: {n: [1]}", False),
    ("version: 1\n" + ONE % "params: {n: x}", False),
    ("version: 1\n" + ONE % "params: {n: '1e3'}", False),
    ("version: 1\n" + ONE % "params: {n: true}", False),
    ("version: 1\n" + ONE % "params: {n: '007'}", False),
    ("version: 1\n" + ONE % "params: {n: 5 %}", False),
    ("version: 1\n" + ONE % "params: {n: $5, m: 2020-03-16, k: '15:55', j: 5m}", True),
    ("version: 1\n" + ONE % "params: {n: 20  bars, m: 20bars}", True),
    ("version: 1\n" + ONE % "capital: $1", True),
    ("version: 1\n" + ONE % "capital: plenty", False),
    ("version: 1\n" + ONE % "universe: {}", False),
    ("version: 1\nstrategies: [{rules: fade.rule}]", False),
]


def plain(tree: Tree) -> Any:
    if isinstance(tree, Pairs):
        return {key.text: plain(value) for key, value in tree.pairs}
    if isinstance(tree, Items):
        return [plain(item) for item in tree.items]
    return tree.value


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    (tmp_path / "fade.rule").write_text("rules 1\n")

    def put(text: str) -> Path:
        path = tmp_path / "strategies.yaml"
        path.write_text(text)
        return path

    return put


def validators() -> list[Any]:
    folder = ROOT / "schemas"
    new = json.loads((folder / "strategies.schema.json").read_text())
    old = json.loads((folder / "strategies.draft07.schema.json").read_text())
    return [jsonschema.Draft202012Validator(new), jsonschema.Draft7Validator(old)]


@pytest.mark.parametrize(("text", "is_good"), CASES)
def test_reader_and_schemas_agree(write: Callable[[str], Path], text: str, is_good: bool) -> None:
    setup, problems = read_setup(write(text))
    assert (setup is not None) == is_good == (not problems), problems
    tree, _ = read_yaml_text(source("x", text))
    assert [v.is_valid(plain(tree)) for v in validators()] == [is_good, is_good]


def test_schemas_are_schemas_and_fresh() -> None:
    import subprocess
    import sys

    for validator in validators():
        validator.check_schema(validator.schema)
    command = [sys.executable, str(ROOT / "tools" / "build_schemas.py"), "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0


def test_values(write: Callable[[str], Path]) -> None:
    path = write(WHOLE)
    setup, problems = read_setup(path)
    assert problems == []
    assert setup is not None
    assert setup.data is not None
    assert setup.account is not None
    assert setup.account.costs is not None
    assert setup.data.symbols == ("SPY", "NO")
    assert setup.data.cache == path.parent / ".cache"
    assert setup.account.cash == 1_000_000
    assert setup.account.costs.borrow_rate == 0.02
    assert setup.account.costs.slippage_spread == pytest.approx(0.0001)
    fade, rotate = setup.strategies
    assert fade.capital == 500_000
    assert {k: (v.kind, v.value, v.unit) for k, v in fade.params.items()} == {
        "n": ("unit", 20.0, "bars"),
        "z_in": ("number", 2.0, None),
        "aim": ("percent", -0.1, None),
        "m": ("number", 1000.0, None),
    }
    assert fade.params["n"].span.line == 21
    assert fade.rules == path.parent / "fade.rule"
    assert (rotate.universe, rotate.mode, rotate.capital) == ("stocks20", None, None)
    assert setup.spans["limits"].line == 15


def test_every_problem_is_reported_with_its_place(write: Callable[[str], Path]) -> None:
    text = "version: 1\nacount: {}\nlimits: [gone.rule]\nstrategies:\n  - {name: a, mode: live}\n"
    found = [(d.span.line, d.span.column, d.code) for d in read_setup(write(text))[1]]
    assert found == [(2, 1, "SW810"), (3, 10, "SW815"), (5, 5, "SW811"), (5, 21, "SW812")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("12:30:00", "12:30:00"),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("~", None),
        ("null", None),
        ("True", True),
        (".5", 0.5),
        ("-2", -2),
        ("2020-03-16", "2020-03-16"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("=", "="),
        ("", None),
    ],
)
def test_core_scalars(text: str, value: object) -> None:
    tree, problems = read_yaml_text(source("x", f"a: {text}\n"))
    assert problems == []
    assert isinstance(tree, Pairs)
    scalar = tree.get("a")
    assert isinstance(scalar, Scalar)
    assert scalar.value == value
    assert type(scalar.value) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: 1\na: 2\n", "SW802", (2, 1)),
        ("a: &x 1\n", "SW803", (1, 4)),
        ("a: *x\n", "SW803", (1, 4)),
        ("a: !!str 1\n", "SW803", (1, 4)),
        ("<<: {b: 1}\n", "SW803", (1, 1)),
        ("a: 1\n---\nb: 2\n", "SW804", (2, 1)),
        ("[" * 30, "SW804", (1, 21)),
        ("a:\n\t- 1\n", "SW801", (2, 1)),
        ("a: [1\n", "SW801", (2, 1)),
        ("{a: 1}: 2\n", "SW805", (1, 1)),
        ("é: 1\né: 2\n", "SW802", (2, 1)),
    ],
)
def test_yaml_refusals(text: str, code: str, place: tuple[int, int]) -> None:
    _, problems = read_yaml_text(source("x", text))
    assert [(d.code, (d.span.line, d.span.column)) for d in problems] == [(code, place)]


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(b"version: 1\n\xff\n")
    assert [d.code for d in read_setup(path)[1]] == ["SW801"]
