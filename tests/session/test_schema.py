"""The schema of summary.json, and the tables beside it."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest

from engine.base.dates import parse_day
from engine.base.resources import schemas_dir
from engine.session.dryrun import dryrun
from engine.session.funnel import COUNTS
from engine.session.options import DryrunOptions
from engine.session.parquet import Form, parquet
from engine.session.schema import FUNNEL_KEYS, summary_schema, verdict_schema


@pytest.mark.parametrize("schema", [summary_schema(), verdict_schema()])
def test_the_schema_is_a_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_funnel_has_every_count_that_an_account_keeps() -> None:
    assert set(FUNNEL_KEYS) == set(COUNTS)


def test_drawdowns_may_not_be_positive() -> None:
    run = summary_schema()["properties"]["runs"]["items"]["properties"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(0.2, run["max_drawdown"])
    jsonschema.validate(-0.2, run["max_drawdown"])
    jsonschema.validate(None, run["max_drawdown"])


FORM: Form = (("name", "text"), ("day", "date"), ("x", "float"), ("yes", "bool"))


def test_parquet_keeps_every_kind_of_value() -> None:
    columns = {
        "name": ["a", "", "Zürich"],
        "day": [parse_day("2020-03-02"), 0, -1],
        "x": [1.5, None, -0.25],
        "yes": [True, False, True],
    }
    made = parquet(columns, FORM)
    rows = pq.read_table(io.BytesIO(made)).to_pylist()
    assert [r["name"] for r in rows] == ["a", "", "Zürich"]
    assert [str(r["day"]) for r in rows] == ["2020-03-02", "1970-01-01", "1969-12-31"]
    assert [r["x"] for r in rows] == [1.5, None, -0.25]
    assert [r["yes"] for r in rows] == [True, False, True]
    assert parquet(columns, FORM) == made


def test_an_empty_table_is_a_table() -> None:
    made = parquet({name: [] for name, _ in FORM}, FORM)
    assert pq.read_table(io.BytesIO(made)).num_rows == 0


def test_a_dry_run_imports_neither_pandas_nor_numba() -> None:
    code = (
        "import sys; from engine.session.dryrun import dryrun; import engine.session.parquet as p;"
        "p.parquet({'x': [1.0]}, (('x', 'float'),));"
        "print([m for m in ('pandas', 'numba', 'jsonschema') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "make"), [("summary", summary_schema), ("verdict", verdict_schema)]
)
def test_the_committed_schema_is_fresh(name: str, make: Callable[[], dict[str, Any]]) -> None:
    path = schemas_dir() / f"{name}.schema.json"
    assert json.loads(path.read_text()) == make(), "run tools/build_schemas.py"


def test_a_shipped_run_fits_the_committed_schemas(tmp_path: Path) -> None:
    """Limits, pauses, waivers, partial and empty cells: as a run writes them."""
    crises = ("1987-black-monday", "2008-gfc", "2025-tariffs")
    names = ("fade", "rsi2")
    file = Path(__file__).resolve().parents[2] / "strategies.yaml"
    options = DryrunOptions(files=(file,), crises=crises, strategies=names, out=tmp_path)
    outcome = dryrun(options)
    summary = json.loads((schemas_dir() / "summary.schema.json").read_text())
    verdict = json.loads((schemas_dir() / "verdict.schema.json").read_text())
    told = json.loads((outcome.folder / "summary.json").read_text())
    jsonschema.validate(told, summary)
    assert {r["status"] for r in told["runs"]} >= {"ran"}
    lines = (outcome.folder / "verdicts.jsonl").read_text().splitlines()
    check = jsonschema.Draft202012Validator(verdict)
    for line in lines:
        check.validate(json.loads(line))
    assert any("limits" in json.loads(line) for line in lines)
    assert any("switch" in json.loads(line) for line in lines)
