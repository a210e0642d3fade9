"""A newcomer's machine: no permission, no space, an old Python, a poor terminal, Ctrl-C.

Each in a process of its own, with the environment as it would be; nothing half-written may be left.
"""

import ast
import ctypes
import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from newcomer import RULE, SHORT, Done, told

from engine.base.errors import UserError
from engine.session import changes, folder

PR_CAPBSET_DROP, DAC_OVERRIDE, DAC_READ_SEARCH = 24, 1, 2


def runs_of(place: Path, out: str = "runs") -> list[str]:
    """Everything that lies in the out folder, hidden files included."""
    found = place / out
    return sorted(p.name for p in found.iterdir()) if found.is_dir() else []


# ---------------------------------------------------------------- no permission, no space


def bound_by_modes() -> None:
    """In the child: root obeys the modes of files like anybody else, once it runs a program."""
    if os.geteuid() == 0:
        for capability in (DAC_OVERRIDE, DAC_READ_SEARCH):
            assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0


def run(place: Path, *words: str, before: Callable[[], None] | None = None, **env: str) -> Done:
    """seawall in `place`, after `before` has changed what the child may do."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **env}
    return subprocess.run(
        [sys.executable, "-m", "seawall", *words], cwd=place, env=settings, preexec_fn=before,
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def theirs(place: Path) -> Iterator[Path]:
    """A folder that may be read and not written."""
    place.chmod(0o555)
    yield place
    place.chmod(0o755)


@pytest.mark.parametrize("verb", ["check", "test", "dryrun"])
def test_a_file_that_may_not_be_read(theirs: Path, verb: str):
    (theirs / "plain.rule").chmod(0)
    done = run(theirs, verb, "plain.rule", before=bound_by_modes)
    told(done, 2, "`plain.rule` cannot be read: permission denied", "`chmod u+r plain.rule`")


def test_a_folder_that_may_not_be_written(theirs: Path):
    done = run(theirs, "dryrun", "plain.rule", *SHORT, before=bound_by_modes)
    told(done, 2, "cannot write the run to runs/", "permission denied", "--out DIR")
    assert runs_of(theirs) == []


@pytest.mark.parametrize("out", ["afile", "afile/runs"])
def test_a_file_where_the_out_folder_should_be(seawall, place: Path, out: str):
    (place / "afile").write_text("mine")
    done = seawall("dryrun", "plain.rule", *SHORT, "--out", out)
    told(done, 2, "cannot write the run to", "a file stands in the way", "--out DIR")
    assert (place / "afile").read_text() == "mine"


def no_big_files() -> None:
    """In the child: no file may grow beyond one kilobyte, as on a disk that is about full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


def test_no_room_for_the_run_leaves_nothing_behind(place: Path):
    done = run(place, "dryrun", "plain.rule", *SHORT, before=no_big_files)
    told(done, 2, "cannot write the run to runs/", "nothing of it was kept", "free some space")
    assert runs_of(place) == []


def test_no_room_keeps_an_earlier_run_as_it_was(place: Path):
    assert run(place, "dryrun", "plain.rule", *SHORT).returncode == 0
    before = {p: p.read_bytes() for p in (place / "runs").rglob("*") if p.is_file()}
    other = run(place, "dryrun", "plain.rule", *SHORT, "--cash", "5000", before=no_big_files)
    told(other, 2, "free some space")
    assert {p: p.read_bytes() for p in (place / "runs").rglob("*") if p.is_file()} == before


def test_a_disk_that_fills_half_way_leaves_no_half_run(tmp_path: Path, monkeypatch):
    write = Path.write_bytes

    def fill(path: Path, data: bytes) -> int:
        if path.name == "second":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(UserError) as told:
        folder.write_folder(tmp_path, "abc", {"first": b"1", "second": b"2"})
    assert "no space left on device; nothing of it was kept" in told.value.message
    assert "free some space" in told.value.help
    assert list(tmp_path.iterdir()) == []


def test_an_index_that_cannot_be_written_loses_no_report(tmp_path: Path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(changes.os, "replace", full)
    said = changes.compare_and_keep(tmp_path, "key", "run", {"runs": []})
    assert said is not None
    assert "cannot be written (no space left on device)" in said[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_finds_no_room_leaves_the_finished_run(place: Path):
    with open("/dev/full", "w") as full:
        words = [sys.executable, "-m", "seawall", "dryrun", "plain.rule", *SHORT]
        settings = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            words, cwd=place, env=settings, stdout=full, stderr=subprocess.PIPE, text=True
        )  # fmt: skip
    assert done.returncode == 2
    assert "no space left on device" in done.stderr
    assert "a finished run is kept in its folder" in done.stderr
    assert list((place / "runs").glob("*/summary.json"))


# ---------------------------------------------------------------- an old Python, a lean one

OLD = [
    path
    for name in ("3.7", "3.8", "3.9", "3.10")
    for path in [
        shutil.which(f"python{name}"),
        *map(str, Path.home().glob(f".pyenv/versions/{name}.*/bin/python")),
    ]
    if path and "shims" not in path
]


@pytest.mark.parametrize("file", ["seawall.py", "engine/__init__.py"])
def test_what_an_old_python_reads_first_is_in_its_grammar(file: str):
    ast.parse((ROOT / file).read_text(), feature_version=(3, 8))


@pytest.mark.parametrize(
    "words", [["-m", "seawall", "check"], ["seawall.py"], ["-c", "import engine"]]
)
def test_an_old_python_gets_one_sentence(words: list[str]):
    """The very check, run by this Python: it is told that it is an old one."""
    code = (
        "import runpy, sys\n"
        "real, sys.version_info = sys.version_info, (3, 8, 18, 'final', 0)\n"
        "try:\n    import engine\nexcept SystemExit:\n    sys.version_info = real\n    raise"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    told(done, 2, "seawall needs Python 3.11, 3.12 or 3.13, this is 3.8", "make PYTHON=python3.12")
    for python in OLD:
        real = subprocess.run(
            [python, *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        told(real, 2, "seawall needs Python 3.11", "make PYTHON=python3.12")
        assert len(real.stderr.splitlines()) == 2


def test_a_python_without_the_packages_is_told_how_to_get_them(place: Path):
    """`python -m seawall` outside of .venv, the most common slip of all."""
    words = [sys.executable, "-S", "-m", "seawall", "dryrun", "plain.rule"]
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, cwd=place, env=settings, capture_output=True, text=True, check=False
    )
    told(done, 2, "is not installed for this Python", "`make dryrun`", "`.venv/bin/seawall`")


# ---------------------------------------------------------------- terminals


POOR = [
    {"LC_ALL": "C", "PYTHONIOENCODING": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"},
]  # fmt: skip


@pytest.mark.parametrize("env", POOR)
@pytest.mark.parametrize("words", [("dryrun", "plain.rule", *SHORT), ("check", "ümlaut.rule")])
def test_a_terminal_without_utf_8(place: Path, env: dict[str, str], words: tuple[str, ...]):
    (place / "ümlaut.rule").write_text(RULE.replace("close >", "clöse >"), encoding="utf-8")
    settings = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    line = [sys.executable, "-m", "seawall", *words]
    done = subprocess.run(line, cwd=place, env=settings, capture_output=True, check=False)
    assert done.returncode == (0 if words[0] == "dryrun" else 1)
    assert done.stderr == b""
    assert done.stdout.decode("latin-1" if env.get("PYTHONIOENCODING") == "latin-1" else "ascii")


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_none_is_wanted(place: Path, env: dict[str, str]):
    (place / "plain.rule").write_text(RULE.replace("close >", "clsoe >"))
    said = on_terminal(place, "check", "plain.rule", **env)
    assert "unknown name `clsoe`" in said
    assert "\x1b" not in said


def test_no_colour_in_a_pipe(place: Path):
    (place / "plain.rule").write_text(RULE.replace("close >", "clsoe >"))
    assert "\x1b" not in told(run(place, "check", "plain.rule"), 1, "unknown name `clsoe`")


def on_terminal(place: Path, *words: str, **env: str) -> str:
    """What seawall writes to a real terminal."""
    import pty

    ours, side = pty.openpty()
    base = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    settings = {**base, "TERM": "xterm", "PYTHONPATH": str(ROOT), **env}
    line = [sys.executable, "-m", "seawall", *words]
    with subprocess.Popen(line, cwd=place, env=settings, stdout=side, stderr=side):
        os.close(side)
        said = b""
        while True:
            try:
                said += os.read(ours, 4096)
            except OSError:  # Linux says so when the last writer is gone
                break
    os.close(ours)
    return said.decode()


def test_a_terminal_has_colour_unless_told_otherwise(place: Path):
    (place / "plain.rule").write_text(RULE.replace("close >", "clsoe >"))
    assert "\x1b[" in on_terminal(place, "check", "plain.rule")


def test_a_pipe_that_is_closed_early_is_quiet(place: Path):
    words = f"{sys.executable} -m seawall eval close --data SP500 | head -1"
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-c", words], cwd=place, env=settings, capture_output=True, check=False
    )
    assert (done.stdout, done.stderr) == (b"date,value\n", b"")


# ---------------------------------------------------------------- Ctrl-C


def interrupted(place: Path, wait: float, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Ctrl-C as a terminal sends it, to the whole group, some seconds after seawall listens."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "seawall", *words], cwd=place, env=settings, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True, preexec_fn=two_cores,
    )  # fmt: skip
    listens(process.pid)
    time.sleep(wait)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def two_cores() -> None:
    """In the child: two at most, so that no large machine is done before the signal comes."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def listens(pid: int) -> None:
    """Until Python has its SIGINT handler in place."""
    for _ in range(600):
        caught = Path(f"/proc/{pid}/status").read_text().split("SigCgt:")[1].split()[0]
        if int(caught, 16) & 1 << signal.SIGINT - 1:
            return
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("wait", [0.5, 1.0, 1.5, 2.0])
def test_ctrl_c_during_a_dryrun_of_many_processes(tmp_path: Path, wait: float):
    done = interrupted(ROOT, wait, "dryrun", "--runner", "walk", "--out", str(tmp_path / "runs"))
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
    assert runs_of(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_ctrl_c_during_check(place: Path):
    many = "\n".join(
        RULE.replace("plain", f"plain{n}").removeprefix("rules 1\n") for n in range(3000)
    )
    (place / "many.rule").write_text("rules 1\n" + many)
    done = interrupted(place, 0.5, "check", "many.rule")
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_ctrl_c_while_the_run_is_written_leaves_no_half_run(tmp_path: Path, monkeypatch):
    def stop(path: Path, data: bytes) -> int:
        assert any(p.name.startswith(".making-") for p in tmp_path.iterdir())
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", stop)
    with pytest.raises(KeyboardInterrupt):
        folder.write_folder(tmp_path, "abc", {"first": b"1"})
    assert list(tmp_path.iterdir()) == []
