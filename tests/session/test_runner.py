"""Which runner a session takes: machine code only where it pays, and from the cache unasked."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from replays.own import bars_file

from engine.base.errors import UserError
from engine.run import bundle, cache, program
from engine.run.late import Late
from engine.session.dryrun import dryrun
from engine.session.load import load_firm, silent
from engine.session.options import DryrunOptions
from engine.session.runner import asked_runner

RULES = """
strategy swing "Buys 100 when the close rises" {
  clock 1d on xnys
  entry long up { when close > sma(close, 3 bars) size 100 shares order market }
  exit down of up { when close < sma(close, 3 bars) order market }
}
limits few { limit one on order deny when positions.count >= 1 because "one at a time" }
scenario "autumn" { replay 2020-03-03 .. 2020-04-20 start equity $100_000 costs 10 bps }
"""
BARS = [(100.0 + k % 7, 109.0, 90.0, 100.0 + (k * 5) % 9, 1e6) for k in range(34)]


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DryrunOptions]:
    """A small run whose machine code lies in the cache."""
    folder = tmp_path_factory.mktemp("runner")
    (folder / "own.rule").write_text("rules 1\n" + RULES)
    options = DryrunOptions(
        files=(folder / "own.rule",),
        data=bars_file(folder, "2020-03-02", BARS),
        symbol="OWN",
        runner="njit",
        out=folder / "compiled",
    )
    dryrun(options)
    yield options


def unasked(options: DryrunOptions, out: Path) -> DryrunOptions:
    return replace(options, runner=None, out=out)


def test_a_small_session_runs_as_plain_python(setup: DryrunOptions) -> None:
    firm = load_firm(unasked(setup, setup.out), silent).firm
    assert not firm.compiled and firm.strategies[0].program.runner == "python"


def test_a_larger_one_takes_machine_code_that_lies_ready_and_tells_the_same(
    setup: DryrunOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = dryrun(unasked(setup, tmp_path / "plain"))
    monkeypatch.setattr(program, "CACHED_SESSION", 1)
    said: list[str] = []
    options = unasked(setup, tmp_path / "late")
    firm = load_firm(options, lambda done, total, what: said.append(what)).firm
    assert firm.compiled and said == []
    assert firm.limits is not None
    for x in (*firm.strategies, *firm.limits):
        assert isinstance(x.program.rule, Late) and x.program.runner == "njit"
    late = dryrun(options)
    assert json.dumps(late.summary) == json.dumps(plain.summary)


def test_what_is_not_in_the_cache_is_not_waited_for(
    setup: DryrunOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(program, "CACHED_SESSION", 1)
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path))
    assert not load_firm(unasked(setup, setup.out), silent).firm.compiled


def test_the_process_that_loads_the_rules_imports_no_compiler(setup: DryrunOptions) -> None:
    """So it may fork, and its children share the windows."""
    code = f"""
import sys
from pathlib import Path
from engine.run import program
from engine.session.load import load_firm
from engine.session.options import DryrunOptions
program.CACHED_SESSION = 1
options = DryrunOptions(files=(Path({str(setup.files[0])!r}),), data=Path({str(setup.data)!r}),
                        symbol="OWN")
firm = load_firm(options).firm
print(firm.compiled, "numba" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "False"]


def test_an_unknown_runner_is_refused() -> None:
    with pytest.raises(UserError, match="no runner `fast`"):
        asked_runner(DryrunOptions(runner="fast"))


def test_an_account_compiled_for_another_processor_is_compiled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed and whole, but not in what numba looks for here."""
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path))
    name = bundle._name()
    cache.write(tmp_path / f"{name}.py", bundle.bundle(bundle.replay) + bundle.ENTRY)  # type: ignore[arg-type]
    cache.write(tmp_path / "__pycache__" / f"{name}.other.nbi", "machine code of another kind")
    cache.seal(name)
    assert bundle.is_cached()
    assert bundle._cached() is None
    monkeypatch.setattr(bundle, "_fresh", lambda: "compiled")
    assert bundle.compiled_replay.__wrapped__() == "compiled"
