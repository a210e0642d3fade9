"""The schema of summary.json, and the tables beside it."""

import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

from engine.base.dates import parse_day
from engine.base.resources import schemas_dir
from engine.session.funnel import COUNTS
from engine.session.parquet import Form, parquet
from engine.session.schema import FUNNEL_KEYS, summary_schema


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(summary_schema())


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


def test_the_committed_schema_is_fresh() -> None:
    path = schemas_dir() / "summary.schema.json"
    if not path.exists():
        pytest.skip("not generated yet")
    assert json.loads(path.read_text()) == summary_schema()
