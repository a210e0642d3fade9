"""How a command ends when something went wrong (floor 11): one sentence, one hint, one exit code.

A traceback is for our own faults, and only where somebody asked for it.
"""

import errno
import json
import os
import shlex
import sys
from collections.abc import Sequence
from itertools import pairwise

from engine.base.diagnostics import RuleErrors
from engine.base.errors import UserError
from engine.cli.exits import FINDINGS, INTERRUPTED, OUR_FAULT, PIPE_CLOSED, USAGE
from engine.cli.screen import screen


def ending(problem: BaseException, words: Sequence[str]) -> int:
    """Say what happened and return the exit code for it."""
    try:
        if wants_traceback(words):
            import traceback

            traceback.print_exception(problem)
        return _say(problem, words)
    except OSError:
        silence()
        return PIPE_CLOSED


def wants_traceback(words: Sequence[str]) -> bool:
    """Whether the user asked to see our insides."""
    return "--traceback" in words or os.environ.get("SEAWALL_TRACEBACK", "") not in ("", "0")


def _say(problem: BaseException, words: Sequence[str]) -> int:
    if isinstance(problem, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(problem, BrokenPipeError):
        silence()
        return PIPE_CLOSED
    if isinstance(problem, RuleErrors):
        return say_diagnostics(problem, words)
    if isinstance(problem, UserError):
        return say_error(problem.message, problem.help, words, USAGE)
    if isinstance(problem, OSError):
        return _say_os_error(problem, words)
    if isinstance(problem, ModuleNotFoundError) and not _is_ours(problem.name or ""):
        return _say_uninstalled(problem.name or "", words)
    return _say_fault(problem, words)


def say_error(message: str, help: str, words: Sequence[str], code: int) -> int:
    """Print one error: to standard error for people, as JSON to standard output for programs."""
    if wants_json(words):
        print(json.dumps({"version": 1, "error": {"code": code, "message": message, "help": help}}))
        return code
    view = screen(color_of(words), sys.stderr)
    print(view.paint("error:", "bold", "red"), view.plain(message), file=sys.stderr)
    if help:
        print(view.paint("help:", "bold"), view.plain(help), file=sys.stderr)
    return code


def say_diagnostics(problem: RuleErrors, words: Sequence[str]) -> int:
    """Print what is wrong with rule text that could not be run."""
    from engine.cli.findings import print_findings

    print_findings(problem.diagnostics, wants_json(words), color_of(words))
    return FINDINGS


def silence() -> None:
    """Point standard output nowhere, so that Python's own flush at exit stays quiet too."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return


def wants_json(words: Sequence[str]) -> bool:
    """Whether the words ask for JSON, known before they are parsed."""
    return "--format=json" in words or ("--format", "json") in pairwise(words)


def color_of(words: Sequence[str]) -> str:
    """The colour choice among the words, known before they are parsed."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word.startswith("--color="):
            return word.removeprefix("--color=")
        if word == "--color" and following in ("always", "never"):
            return following
    return "auto"


def _say_os_error(problem: OSError, words: Sequence[str]) -> int:
    reason = (problem.strerror or str(problem)).lower()
    is_full = problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if problem.filename is None:
        silence()
        room = "free some space, or send the output elsewhere; a finished run is kept in its folder"
        help = room if is_full else "send the output elsewhere: `seawall ... > FILE`"
        return say_error(f"reading or writing failed: {reason}", help, words, USAGE)
    help = "check the name and its permissions, or name another place"
    if is_full:
        help = "free some space there, or name another place"
    return say_error(f"cannot use `{problem.filename}`: {reason}", help, words, USAGE)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in ("engine", "seawall", "")


def _say_uninstalled(module: str, words: Sequence[str]) -> int:
    message = f"the package `{module}` is not installed for this Python, {sys.executable}"
    help = "`make dryrun` installs all of them into .venv; then run `.venv/bin/seawall`"
    return say_error(message, help, words, USAGE)


def _say_fault(problem: BaseException, words: Sequence[str]) -> int:
    what = f"{type(problem).__name__}: {problem}".rstrip(": ")
    message = f"seawall itself failed, this is our fault and not yours ({what})"
    again = shlex.join(["seawall", *(w for w in words if w != "--traceback"), "--traceback"])
    help = f"please report it with `seawall --version` and what `{again}` prints"
    return say_error(message, help, words, OUR_FAULT)
