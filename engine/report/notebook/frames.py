"""A finished run as pandas frames (floor 10): the figures of summary.json and the tables beside
it, under the same names.
"""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pandas as pd

from engine.report.facts import Cell, Event, Expectation, LimitRow, Ratios, crises, strategies

COMPARED = ("without_limits", "buy_and_hold")
"""Rows within a run's row: their figures become columns that begin with their name."""

LISTS = (
    *("limits", "expectations", "events"),
    *("breaches", "plans", "funnel", "worst_days", "data"),
)
"""Lists within a run's row; the first three are frames of their own."""

RATIOS = tuple(Ratios.__annotations__)
FIGURES = ("return", "max_drawdown", *RATIOS)
DATES = ("start", "end", "date", "first", "last")
NUMBERS = (
    *("start_equity", "final_equity", "worst_overshoot", *FIGURES),
    *(f"{name}_{key}" for name in COMPARED for key in FIGURES),
)
"""Columns of numbers that may all be missing."""

VERDICT = (
    *("strategy", "crisis", "date", "book", "symbol", "source", "rule", "side"),
    *("asked", "granted", "price", "outcome", "switch", "limits"),
)
SHARES = ("asked", "granted", "price")

Row = Mapping[str, Any]


def runs_frame(runs: Sequence[Row]) -> pd.DataFrame:
    """One row per run in the order of summary.json, with every figure of it."""
    return _typed(pd.DataFrame([_flat(run) for run in runs]), NUMBERS)


def _flat(run: Row) -> dict[str, Any]:
    plain = {k: v for k, v in run.items() if k not in (*COMPARED, *LISTS, "ratios")}
    plain |= {key: run["ratios"][key] for key in RATIOS}
    for name in COMPARED:
        other = run[name] or {}
        figures = {**other, **other.get("ratios", {})}
        plain |= {f"{name}_{key}": figures.get(key) for key in FIGURES}
    plain["expectations_held"] = sum(e["holds"] is True for e in run["expectations"])
    plain["expectations_failed"] = sum(e["holds"] is False for e in run["expectations"])
    return plain


def limits_frame(runs: Sequence[Row]) -> pd.DataFrame:
    """One row per run and limit: how often it fired and what it saved."""
    return _typed(_nested(runs, "limits", LimitRow), ("saved",))


def expectations_frame(runs: Sequence[Row]) -> pd.DataFrame:
    """One row per run and expectation; `holds` is missing where it was not decided."""
    return _nested(runs, "expectations", Expectation).astype({"holds": "boolean"})


def events_frame(runs: Sequence[Row]) -> pd.DataFrame:
    """One row for each time that a pause, flatten or halt was entered or left."""
    return _typed(_nested(runs, "events", Event), ("value",))


def _nested(runs: Sequence[Row], key: str, form: type) -> pd.DataFrame:
    rows = [{"strategy": r["strategy"], "crisis": r["crisis"], **x} for r in runs for x in r[key]]
    return pd.DataFrame(rows, columns=["strategy", "crisis", *form.__annotations__])


def matrix_frame(runs: Sequence[Row]) -> pd.DataFrame:
    """The deepest fall of each strategy (down) in each crisis (across, in order of time)."""
    cells = cast(Sequence[Cell], runs)
    rows, columns = strategies(cells), crises(cells)
    falls = {(r["strategy"], r["crisis"]): r["max_drawdown"] for r in runs}
    grid = [[falls.get((name, crisis)) for crisis in columns] for name in rows]
    index, across = pd.Index(rows, name="strategy"), pd.Index(columns, name="crisis")
    return pd.DataFrame(grid, index=index, columns=across, dtype=float)


def equity_frame(parquet: bytes) -> pd.DataFrame:
    """Every equity line by strategy, crisis and date, sorted by them: pandas looks up faster so."""
    frame = _typed(pd.read_parquet(io.BytesIO(parquet)))
    return frame.set_index(["strategy", "crisis", "date"]).sort_index()


def trades_frame(parquet: bytes) -> pd.DataFrame:
    """Every round trip."""
    return _typed(pd.read_parquet(io.BytesIO(parquet)))


def verdicts_frame(jsonl: bytes) -> pd.DataFrame:
    """Every order that was put to the limits; `limits` holds what those said that bound it."""
    rows = [json.loads(line) for line in jsonl.split(b"\n") if line]
    return _typed(pd.DataFrame(rows, columns=list(VERDICT)), SHARES)


def series_of(points: Sequence[tuple[str, float | None]], name: str) -> pd.Series:
    """Dated values as a series; undefined ones are nan."""
    index = pd.DatetimeIndex([day for day, _ in points], name="date")
    return pd.Series([value for _, value in points], index=index, name=name, dtype=float)


def _typed(frame: pd.DataFrame, numbers: Sequence[str] = ()) -> pd.DataFrame:
    """Dates as dates, and numbers as numbers even where all of them are missing."""
    dates = {name: pd.to_datetime(frame[name]) for name in DATES if name in frame}
    floats = {name: frame[name].astype(float) for name in numbers if name in frame}
    return frame.assign(**dates, **floats)
