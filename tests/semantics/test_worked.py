"""The worked examples of docs/spec.md: each runs, and fills and earns what its table says."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.records.desk import CostRow
from semantics.make import FREE, MONDAY, RATE, Bars, flat, run

SPEC = (Path(__file__).resolve().parents[2] / "docs" / "spec.md").read_text()
RULES = re.findall(r"```rule\nrules 1\n(.*?)```", SPEC, re.DOTALL)
TABLES = re.findall(r"```worked (\w+) ?([^\n]*)\n(.*?)```", SPEC, re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One bar of a table: its prices, its fills and its interest."""

    bar: str
    fills: str
    interest: float


def rows_of(table: str) -> list[Row]:
    """The bars under the table's heading."""
    head, *lines = table.strip().splitlines()
    assert head.split()[:4] == ["open", "high", "low", "close"]
    found = []
    for line in lines:
        bar, fills, *rest = (cell.strip() for cell in line.split("|"))
        found.append(Row(bar, fills, float(rest[0] or 0) if rest else 0.0))
    return found


def test_the_spec_has_worked_examples() -> None:
    assert {name for name, _, _ in TABLES} >= {"ticked", "settled"}


@pytest.mark.parametrize(("name", "set_up", "table"), TABLES, ids=lambda text: text.split()[0])
def test_a_worked_example_comes_out(name: str, set_up: str, table: str) -> None:
    (text,) = (rule for rule in RULES if rule.startswith(f"strategy {name} "))
    said = dict(pair.split("=") for pair in set_up.split())
    rows, first = rows_of(table), said.get("first", MONDAY)
    bars = Bars("\n".join(r.bar for r in rows), first, tick=float(said.get("tick", 0.01)))
    given: dict[str, Bars | str] = {"A": bars}
    costs = FREE
    if "slippage" in said:
        costs = CostRow(slippage=float(said["slippage"]), interest=False)
    if "rate" in said:
        costs = CostRow()
        given[RATE] = Bars(flat(" ".join([said["rate"]] * len(rows))), first, kind="rate")
    case = run(text, given, costs=costs)
    told = {bar: f"{qty:g} at {price:g}" for bar, qty, price in case.fills}
    assert [told.get(bar, "") for bar in range(len(rows))] == [r.fills for r in rows]
    assert list(case.history.interest) == pytest.approx([r.interest for r in rows], abs=5e-5)
