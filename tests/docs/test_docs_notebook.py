"""The worked notebook runs as it stands, in a kernel of this very Python, and draws."""

import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def written() -> NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """The notebook with the outputs of a fresh kernel; an error in a cell fails right here."""
    home = tmp_path_factory.mktemp("jupyter")
    spec = home / "kernels" / "seawall"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    env = {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(home / "ipython"), "TMPDIR": str(home)}
    kernel = {"argv": argv, "display_name": "seawall", "language": "python", "env": env}
    (spec / "kernel.json").write_text(json.dumps(kernel))
    notebook = written()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_PATH", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            patch.setenv(name, str(home))
        place = {"metadata": {"path": str(NOTEBOOK.parent)}}
        client = NotebookClient(notebook, timeout=60, kernel_name="seawall", resources=place)
        client.execute()
    return notebook


def html_of(notebook: NotebookNode, source: str) -> str:
    """The HTML output of the one code cell whose text ends so."""
    (cell,) = [c for c in notebook.cells if c.cell_type == "code" and c.source.endswith(source)]
    return "".join(o["data"]["text/html"] for o in cell.outputs if "text/html" in o.get("data", {}))


def test_the_stored_notebook_is_valid_and_holds_no_outputs() -> None:
    nbformat.validate(written())
    cells = [c for c in written().cells if c.cell_type == "code"]
    assert len(cells) >= 10
    assert all(c.outputs == [] and c.execution_count is None for c in cells)


def test_every_cell_runs_without_an_error_or_a_warning(executed: NotebookNode) -> None:
    cells = [c for c in executed.cells if c.cell_type == "code"]
    outputs = [o for c in cells for o in c.outputs]
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    assert not [o for o in outputs if o.output_type in ("error", "stream")]


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        ("setup", "Buy two-sigma dips, sell the return to the mean"),
        ("findings", "did you mean `close`?"),
        ("run", "<polyline"),
        ("bare", "weak_days"),
        ("files=rule)", "entry dip"),
        ("both", "portfolio"),
    ],
)
def test_results_draw_themselves(executed: NotebookNode, source: str, drawn: str) -> None:
    html = html_of(executed, "\n" + source if "=" not in source else source)
    assert '<div class="seawall">' in html
    assert drawn in html
    assert "<script" not in html


def test_limits_make_the_difference_that_the_notebook_speaks_of(executed: NotebookNode) -> None:
    assert "stroke-dasharray" in html_of(executed, "\nrun")
    assert "stroke-dasharray" not in html_of(executed, "\nbare")
