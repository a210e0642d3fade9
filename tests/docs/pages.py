"""Reads a page of the docs into blocks and runs them one after the other, as a reader would.

A block's first line says what it is: ```rule, ```yaml, ```python, ```csv or ```console. With
`file=PATH` the block is written to that file. In a console block, lines that begin with `$ ` are
commands and `> ` carries one on; what follows is what they print, where a line of `...` stands for
any lines. A comment `# exit 1` behind a command says that it exits so; else 0 is meant.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\S*)[ ]?([^\n]*)\n(.*?)^```[ ]*$", re.DOTALL | re.MULTILINE)
EXIT = re.compile(r"\s+# exit (\d+)$")
KINDS = ("rule", "yaml", "python", "csv", "console")


@dataclass(frozen=True)
class Block:
    """One fenced block. file: where it is written, or empty."""

    page: str
    line: int
    kind: str
    file: str
    text: str


@dataclass(frozen=True)
class Command:
    """One command of a console block, the exit code it should have and what it should print."""

    text: str
    code: int
    prints: str


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page; an unknown kind is refused, so that none goes untested."""
    text = page.read_text(encoding="utf-8")
    assert text.count("\n```") + text.startswith("```") == 2 * len(FENCE.findall(text)), page
    found = []
    for match in FENCE.finditer(text):
        kind, info, body = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        assert kind in KINDS, f"{page.name}:{line}: a block of kind `{kind}` is not run"
        file = info.removeprefix("file=") if info.startswith("file=") else ""
        found.append(Block(page.name, line, kind, file, body))
    return found


def commands(block: Block) -> list[Command]:
    """The commands of a console block."""
    found: list[Command] = []
    for line in block.text.splitlines():
        if line.startswith("> ") and found and not found[-1].prints:
            last = found[-1]
            found[-1] = Command(f"{last.text}\n{line.removeprefix('> ')}", last.code, "")
        elif line.startswith("$ "):
            code = EXIT.search(line)
            text = EXIT.sub("", line.removeprefix("$ "))
            found.append(Command(text, int(code[1]) if code else 0, ""))
        else:
            assert found, f"{block.page}:{block.line}: output before any command"
            last = found[-1]
            found[-1] = Command(last.text, last.code, last.prints + line + "\n")
    return found


def play(page: Path, folder: Path, extra: dict[str, str] | None = None) -> int:
    """Run a page from top to bottom in an empty folder; how many commands ran."""
    ran, place, python = 0, folder, ""
    for block in blocks(page):
        where = f"{page.name}:{block.line}"
        if block.file:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.kind == "python":
            python += block.text
            done = _run([sys.executable, "-W", "ignore", "-c", python], place, extra)
            assert done.returncode == 0, f"{where}\n{done.stderr}"
            ran += 1
        elif block.kind == "console":
            for command in commands(block):
                place = _perform(command, place, where, extra)
                ran += 1
    return ran


def _perform(command: Command, place: Path, where: str, extra: dict[str, str] | None) -> Path:
    """Run one command; the folder that the next one runs in."""
    script = f"{command.text}\ncode=$?\npwd > '{place / '.here'}'\nexit $code"
    done = _run(["bash", "-c", script], place, extra)
    said = done.stdout + done.stderr
    assert done.returncode == command.code, f"{where}: {command.text}: {done.returncode}\n{said}"
    if command.prints.strip():
        assert matches(command.prints, said), (
            f"{where}: {command.text} should print\n{command.prints}\nand printed\n{said}"
        )
    here = place / ".here"
    there = Path(here.read_text().strip())
    here.unlink()
    return there


def matches(wanted: str, said: str) -> bool:
    """Line by line, `...` alone on a line standing for any lines, inside a line for any text."""
    parts = []
    for line in wanted.rstrip("\n").split("\n"):
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(p.rstrip()) for p in line.split("...")) + r"[ ]*\n")
    return re.fullmatch("".join(parts), said.rstrip("\n") + "\n") is not None


def _run(words: list[str], place: Path, extra: dict[str, str] | None):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "COLUMNS": "80", "NO_COLOR": "1", **(extra or {})}
    return subprocess.run(words, cwd=place, env=env, capture_output=True, text=True, timeout=300)
