"""What changed between two sheets of limits (floor 9): tightened, loosened, added, removed, waived.

The earlier sheet is another set-up, or the same one at a git revision.
"""

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from engine.base.errors import UserError
from engine.check.stricter import Direction, of_limits, of_switches
from engine.lang import ast
from engine.session.sheet import Sheet, SheetRow

How = Literal["added", "removed", "tightened", "loosened", "changed", "waived", "waived no longer"]
LOOSER: tuple[How, ...] = ("removed", "loosened", "changed", "waived")
"""What a second person should look at: it lets more through, or nobody can tell."""
SUFFIXES = (".rule", ".yaml", ".yml", ".csv", ".txt")


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is not as it was. before, after: its text; empty where there is none."""

    limit: str
    how: How
    before: str
    after: str

    @property
    def is_looser(self) -> bool:
        return self.how in LOOSER


def changes(old: Sheet, new: Sheet) -> tuple[Change, ...]:
    """Every difference, by limit."""
    was = {(r.own, r.limit): r for r in old.rows}
    now = {(r.own, r.limit): r for r in new.rows}
    found = [
        change
        for key in dict.fromkeys((*was, *now))
        for change in _row_changes(was.get(key), now.get(key))
    ]
    return (*found, *_waive_changes(old, new))


def _row_changes(old: SheetRow | None, new: SheetRow | None) -> Iterator[Change]:
    if old is None and new is not None:
        yield Change(new.limit, "added", "", _told(new))
    elif new is None and old is not None:
        yield Change(old.limit, "removed", _told(old), "")
    elif old is not None and new is not None:
        direction = direction_of(old, new)
        if direction != "same":
            yield Change(new.limit, direction, _told(old), _told(new))


def direction_of(old: SheetRow, new: SheetRow) -> Direction:
    """Which way a row moved; `changed` when the words it uses now mean something else."""
    if old.meaning != new.meaning or old.own != new.own:
        return "changed"
    if isinstance(old.node, ast.Limit) and isinstance(new.node, ast.Limit):
        return of_limits(old.node, new.node)
    if isinstance(old.node, ast.Switch) and isinstance(new.node, ast.Switch):
        return of_switches(old.node, new.node)
    return "changed"


def _told(row: SheetRow) -> str:
    words = "; ".join((row.text, *row.meaning))
    scope = "" if row.scope == "firm" else f" scope {row.scope}"
    return f"{row.kind}{scope} {words}; unknown {row.unknown}"


def _waive_changes(old: Sheet, new: Sheet) -> Iterator[Change]:
    was = {(crisis, name) for crisis, name, _ in old.waives}
    now = {(crisis, name): why for crisis, name, why in new.waives}
    for (crisis, name), why in now.items():
        if (crisis, name) not in was:
            yield Change(name, "waived", "", f"in {crisis} because {why}")
    for crisis, name in sorted(was - now.keys()):
        yield Change(name, "waived no longer", f"in {crisis}", "")


# ---------------------------------------------------------------- an earlier revision


@contextmanager
def earlier(setup: Path, revision: str) -> Iterator[Path]:
    """The set-up as it stood at a git revision, in a folder of its own for as long as needed."""
    top = _top(setup.resolve().parent, revision)
    commit = _commit(top, revision)
    names = _git(top, "ls-tree", "-r", "--name-only", "-z", commit).decode().split("\0")
    wanted = [n for n in names if n.endswith(SUFFIXES)]
    inside = setup.resolve().relative_to(top)
    if inside.as_posix() not in wanted:
        raise UserError(f"`{inside}` did not exist at {revision}", "name an older file instead")
    with TemporaryDirectory(prefix="seawall-limits-") as folder:
        packed = _git(top, "archive", "--format=tar", commit, "--", *wanted)
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder) / inside


def _top(folder: Path, revision: str) -> Path:
    if not folder.is_dir():
        raise UserError(f"there is no folder `{folder}`", "name a set-up that is there")
    try:
        return Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    except UserError:
        help = "name a file to compare with: --since old/strategies.yaml"
        raise UserError(f"`{revision}` is no file, and git keeps nothing here", help) from None


def _commit(top: Path, revision: str) -> str:
    try:
        return (
            _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
        )
    except UserError:
        help = "name a file, or a revision such as HEAD~1, a tag or a branch"
        raise UserError(f"`{revision}` is neither a file nor a git revision", help) from None


def _git(folder: Path, *words: str) -> bytes:
    """What git says; UserError when it is not there or refuses."""
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        help = "install git, or compare with a file: --since old/strategies.yaml"
        raise UserError("git is not installed", help) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        help = "compare with a file instead: --since old/strategies.yaml"
        raise UserError(said[0] if said else f"git {words[0]} failed", help)
    return done.stdout
