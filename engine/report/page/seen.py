"""Runs as sections look at them (floor 10): the row of summary.json, its place there, and the cell
behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, cast

from engine.base.dates import iso
from engine.records.desk import Desk
from engine.report.facts import Cell as Facts
from engine.report.facts import crises, failed, saved, strategies
from engine.report.page.blocks import Fig, Form
from engine.session.cell import Cell, Ran
from engine.session.figures import plain
from engine.session.result import Result

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """One run. at: its index in summary.json's `runs`; first_trade, first_verdict: how many rows of
    trades.parquet and verdicts.jsonl come before its own.
    """

    at: int
    row: Row
    cell: Cell
    first_trade: int
    first_verdict: int

    @property
    def strategy(self) -> str:
        """The strategy's name, or the portfolio's."""
        return str(self.row["strategy"])

    @property
    def crisis(self) -> str:
        """The crisis' name."""
        return str(self.row["crisis"])

    @property
    def ran(self) -> Ran | None:
        """What was run, None without data."""
        return self.cell.ran

    @property
    def id(self) -> str:
        """Its place on the page: names of files are free, places are numbers."""
        return f"run-{self.at}"

    @cached_property
    def failed(self) -> bool:
        """Whether an expectation does not hold."""
        return bool(failed(cast(Facts, self.row)))

    @property
    def passed(self) -> bool | None:
        """Held everything, failed something, or None: nothing was decided."""
        if self.failed:
            return False
        return True if any(e["holds"] for e in self.row["expectations"]) else None

    def fig(self, form: Form, *keys: str | int, ends: str = "") -> Fig:
        """The figure under `keys` in this run's row; None where the row has nothing there."""
        value: Any = self.row
        for key in keys:
            value = _under(value, key)
        return Fig(value, form, self.pointer(*keys), ends)

    def saved(self) -> Fig:
        """Return with the limits minus return without them."""
        less = self.pointer("without_limits", "return")
        return Fig(saved(cast(Facts, self.row)), "points", f"{self.pointer('return')} -{less}")

    def trade(self, form: Form, k: int, key: str, value: float | None) -> Fig:
        """A figure of its k-th round trip, as trades.parquet holds it."""
        return Fig(plain(value), form, f"trades.parquet#/{self.first_trade + k}/{key}")

    def verdict(self, form: Form, k: int, key: str, value: float | None) -> Fig:
        """A figure of its k-th verdict, as verdicts.jsonl holds it."""
        return Fig(plain(value), form, f"verdicts.jsonl#/{self.first_verdict + k}/{key}")

    def pointer(self, *keys: str | int) -> str:
        """Where a figure of this row stands in summary.json."""
        return "/".join(["", "runs", str(self.at), *map(escape, keys)])


def _under(value: Any, key: str | int) -> Any:
    if value is None:
        return None
    if isinstance(key, int):
        return value[key]
    return value.get(key)


@lru_cache(maxsize=4096)
def escape(key: str | int) -> str:
    """A key as one step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def seen(result: Result) -> tuple[Seen, ...]:
    """Every run of a result, in the order of summary.json."""
    found: list[Seen] = []
    trades = verdicts = 0
    for row, cell in zip(result.summary["runs"], result.cells, strict=True):
        found.append(Seen(len(found), row, cell, trades, verdicts))
        if cell.ran is not None:
            trades += len(cell.ran.history.round_trips)
            verdicts += len(cell.ran.history.verdicts)
    return tuple(found)


def facts(*runs: Seen) -> list[Facts]:
    """Rows as the sentences of the terminal report take them."""
    return [cast(Facts, r.row) for r in runs]


def iso_days(days: Sequence[int]) -> tuple[str, ...]:
    """Days as text, the same for every picture of a crisis."""
    return _iso_days(tuple(days))


@lru_cache(maxsize=64)
def _iso_days(days: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(iso(d) for d in days)


def crises_of(runs: Sequence[Seen]) -> list[str]:
    """Crisis names in time order."""
    return crises(facts(*runs))


def strategies_of(runs: Sequence[Seen]) -> list[str]:
    """Strategy names as set up, the portfolio last."""
    return strategies(facts(*runs))


def crisis_id(runs: Sequence[Seen], crisis: str) -> str:
    """A crisis' place on the page."""
    return f"crisis-{crises_of(runs).index(crisis)}"


def book_prefix(desk: Desk, book: int) -> str:
    """`fade: ` where several books trade, nothing for a lone one."""
    return f"{desk.books[book].name}: " if len(desk.books) > 1 else ""


def total(form: Form, figs: Sequence[Fig]) -> Fig:
    """The sum of figures, those without a value left out; `of` names them all."""
    known = [f for f in figs if f.value is not None]
    value = sum(f.value for f in known if f.value is not None) if known else None
    return Fig(value, form, " ".join(f.of for f in known))
