"""Every way a command can end, and its exit code."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import pytest

from engine.base.errors import UserError
from engine.cli import main as entry
from engine.cli.parser import Parser

ROOT = Path(__file__).resolve().parents[2]


class Verb:
    """A verb that does what a test wants."""

    HELP, EXAMPLE = "fails as asked", "seawall fake"

    def __init__(self, act):
        self.act = act

    @staticmethod
    def arguments(parser: Parser) -> None:
        parser.add_argument("--depth", type=int)

    def main(self, args: Namespace) -> int:
        return self.act()


def run(monkeypatch, act, *words: str) -> int:
    monkeypatch.setattr(entry, "load", lambda name: Verb(act))
    return entry.main(["fake", *words])


def fail(problem: BaseException):
    def act() -> int:
        raise problem

    return act


def test_a_verb_s_own_code_is_the_exit_code(monkeypatch):
    assert run(monkeypatch, lambda: 1) == 1


def test_a_user_error_is_two_with_its_help_and_no_traceback(monkeypatch, capsys):
    assert run(monkeypatch, fail(UserError("the file is gone", "name another"))) == 2
    err = capsys.readouterr().err
    assert err == "error: the file is gone\nhelp: name another\n"


def test_our_own_fault_is_three_one_sentence_and_what_to_report(monkeypatch, capsys):
    assert run(monkeypatch, fail(ZeroDivisionError("division by zero"))) == 3
    err = capsys.readouterr().err
    assert "our fault and not yours (ZeroDivisionError: division by zero)" in err
    assert "seawall fake --traceback" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("how", ["option", "environment"])
def test_a_traceback_is_shown_when_asked_for(monkeypatch, capsys, how):
    words = ["--traceback"] if how == "option" else []
    if how == "environment":
        monkeypatch.setenv("SEAWALL_TRACEBACK", "1")
    assert run(monkeypatch, fail(KeyError("x")), *words) == 3
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_quiet(monkeypatch, capsys):
    assert run(monkeypatch, fail(KeyboardInterrupt())) == 130
    assert capsys.readouterr() == ("", "")


def test_a_file_that_the_system_refuses_is_two(monkeypatch, capsys):
    assert run(monkeypatch, fail(PermissionError(13, "Permission denied", "x.rule"))) == 2
    assert "cannot use `x.rule`: permission denied" in capsys.readouterr().err


def test_errors_are_json_when_json_is_asked_for(monkeypatch, capsys):
    assert run(monkeypatch, fail(UserError("no", "yes")), "--format", "json") == 2
    told = json.loads(capsys.readouterr().out)
    assert told == {"version": 1, "error": {"code": 2, "message": "no", "help": "yes"}}


@pytest.mark.parametrize(
    ("words", "message", "help"),
    [
        (["dryrn"], "`dryrn` is no verb of seawall", "did you mean `dryrun`?"),
        (["zzzz"], "`zzzz` is no verb of seawall", "`seawall --help` lists the verbs"),
        (["--colour"], "`--colour` is no option of seawall", "did you mean `--color`?"),
        (["fields", "--fromat", "json"], "no option `--fromat`", "did you mean `--format`?"),
        (["fields", "--format", "jsn"], "`jsn` is none of text, json; did you mean `json`?", ""),
        (["fields", "positon.age"], "`positon.age` is no field", "did you mean `position.age`?"),
    ],
)
def test_misspelt_words_get_a_near_match(capsys, words, message, help):
    assert entry.main(words) == 2
    err = capsys.readouterr().err
    assert message in err
    assert help in err


def test_shared_options_may_stand_before_the_verb(capsys):
    assert entry.main(["--format", "json", "fields", "equity"]) == 0
    assert json.loads(capsys.readouterr().out)["fields"][0]["name"] == "account.equity"


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help_lists_every_verb(capsys, words):
    assert entry.main(words) == 0
    out = capsys.readouterr().out
    assert all(f"  {v.name} " in out and v.help in out for v in entry.VERBS)
    assert max(map(len, out.splitlines())) <= 80


def test_version(capsys):
    assert entry.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("seawall ")


def test_a_reader_that_goes_away_is_no_error():
    code = "import sys; from engine.cli.main import main; sys.exit(main(['fields']))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    assert (process.wait(), err) == (141, b"")


def test_a_closed_stdout_is_no_error():
    command = f"exec {sys.executable} -m seawall fields >&-"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_said():
    command = f"exec {sys.executable} -m seawall fields > /dev/full"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "error: reading or writing failed: no space left on device\n"
        "help: free some space, or send the output elsewhere; "
        "a finished run is kept in its folder\n"
    )


def test_a_terminal_without_unicode_gets_plain_characters(seawall):
    done = seawall("fields", "sma", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "sma(x: u, n: bars) -> u" in done.stdout


def test_a_stream_that_cannot_encode_degrades(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setattr(entry, "load", lambda name: Verb(lambda: print("−11.2% ✓ → ☃") or 0))
    assert entry.main(["fake"]) == 0
    assert raw.getvalue() == b"-11.2% P -> ?\n"


@pytest.mark.parametrize(
    ("words", "environment", "colored"),
    [
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {}, False),
        ([], {}, False),
    ],
)
def test_colour_is_a_choice(seawall, words, environment, colored):
    done = seawall("fields", "sma", *words, **environment)
    assert ("\x1b[" in done.stdout) is colored


def wait_until_it_listens(pid: int) -> None:
    """Until Python has its SIGINT handler in place, and half a second more."""
    for _ in range(600):
        caught = Path(f"/proc/{pid}/status").read_text().split("SigCgt:")[1].split()[0]
        if int(caught, 16) & 1 << signal.SIGINT - 1:
            break
        time.sleep(0.05)
    time.sleep(0.5)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
def test_ctrl_c_in_the_middle_of_a_dryrun_is_quiet(tmp_path):
    words = [sys.executable, "-m", "seawall", "dryrun", "--out", str(tmp_path / "runs")]
    process = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    wait_until_it_listens(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert not list((tmp_path / "runs").glob("*/summary.json"))
