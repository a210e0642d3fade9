"""The worked examples of docs/spec.md: each runs, and comes out as its table says.

A table's first columns are bars, one column a symbol: `open high low close` with `volume` if it
matters, behind `B:` for a second symbol; a line `.` is a session without a bar. `actions` are a
bar's split and dividend (`3:2 split, 2 dividend`). The others are what must come out on each bar:
`fills` (`10 at 100`, with symbol and strategy in front where there are several), `ends` (orders
that ended unfilled: `10 day over`), `equity`, `interest`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.records.desk import CostRow
from semantics.make import LAPSED, MONDAY, RATE, Bars, Case, flat, run

SPEC = (Path(__file__).resolve().parents[2] / "docs" / "spec.md").read_text()
RULES = re.findall(r"```rule\nrules 1\n(.*?)```", SPEC, re.DOTALL)
TABLES = re.findall(r"```worked (\w+) ?([^\n]*)\n(.*?)```", SPEC, re.DOTALL)
BARS = re.compile(r"(?:(\w+): )?open +high +low +close")
COSTS = ("slippage", "participation", "per_share", "commission", "spread")
SHOWN = {"fills", "ends", "equity", "interest"}
ACTIONS = "actions"


@dataclass(frozen=True)
class Table:
    """bars: per symbol one line a bar. shown: per column one cell a bar."""

    bars: dict[str, list[str]]
    shown: dict[str, list[str]]
    actions: list[str]

    @property
    def count(self) -> int:
        return len(next(iter(self.bars.values())))


def read(text: str) -> Table:
    """A worked table: bars and what must come out."""
    head, *lines = text.strip().splitlines()
    names = [cell.strip() for cell in head.split("|")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    assert all(len(row) == len(names) for row in rows), f"{head}: a row has too few or many cells"
    table = Table({}, {}, [])
    for k, name in enumerate(names):
        found = BARS.match(name)
        assert found or name in SHOWN or name == ACTIONS, f"a column `{name}` is not compared"
        cells = [row[k] for row in rows]
        if name == ACTIONS:
            table.actions.extend(cells)
        elif found:
            table.bars[found[1] or "A"] = cells
        else:
            table.shown[name] = cells
    return table


def told(case: Case, count: int) -> dict[str, list[str]]:
    """What came out, in the words of a table."""
    fills: list[list[str]] = [[] for _ in range(count)]
    ends: list[list[str]] = [[] for _ in range(count)]
    books = [b.name for b in case.desk.books]
    symbols = [i.symbol for i in case.desk.instruments]

    def where(book: int, symbol: int) -> str:
        parts = [books[book]] if len(books) > 1 else []
        parts += [symbols[symbol]] if len(symbols) > 1 else []
        return " ".join([*parts, ""])

    for f in case.history.fills:
        price = round(f.price, 6)
        fills[f.bar].append(f"{where(f.book, f.symbol)}{f.qty:g} at {price:.10g}")
    for x in case.history.lapses:
        ends[x.bar].append(f"{where(x.book, x.symbol)}{x.qty:g} {LAPSED[x.reason]}")
    return {
        "fills": [", ".join(on) for on in fills],
        "ends": [", ".join(on) for on in ends],
        "equity": [f"{v:.10g}" for v in case.equity],
        "interest": [f"{v:.10g}" if v else "" for v in case.history.interest],
    }


def play(name: str, set_up: str, table: Table) -> Case:
    """Run the rule block of this name on the table's bars."""
    (text,) = (rule for rule in RULES if rule.startswith(f"strategy {name} "))
    said = dict(pair.split("=") for pair in set_up.split())
    first, tick = said.pop("first", MONDAY), float(said.pop("tick", "0.01"))
    given: dict[str, Bars | str] = {
        symbol: Bars("\n".join(lines), first, tick=tick, actions=tuple(table.actions))
        for symbol, lines in table.bars.items()
    }
    rate = said.pop("rate", "")
    if rate:
        given[RATE] = Bars(flat(" ".join([rate] * table.count)), first, kind="rate")
    cash = float(said.pop("cash", "100000"))
    assert set(said) <= set(COSTS), f"{name}: a set-up of `{said}` is not known"
    costs = CostRow(interest=bool(rate), **{k: float(v) for k, v in said.items()})
    return run(text, given, costs=costs, cash=cash)


def test_the_spec_has_worked_examples() -> None:
    names = {name for name, _, _ in TABLES}
    assert names >= {"ticked", "settled", "ordered", "both", "gapped", "chased", "partial"}
    assert names >= {"brief", "reversed", "bull", "raw", "stuck", "lonely", "negative", "rotated"}


@pytest.mark.parametrize(("name", "set_up", "text"), TABLES, ids=[t[0] for t in TABLES])
def test_a_worked_example_comes_out(name: str, set_up: str, text: str) -> None:
    table = read(text)
    out = told(play(name, set_up, table), table.count)
    assert {column: out[column] for column in table.shown} == table.shown
