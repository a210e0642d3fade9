"""What to say of a file that cannot be read (floor 0), so that every verb says the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from engine.base.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

SETUP = "strategies.yaml"
MOST_SHOWN = 5


def unreadable(path: Path, problem: OSError | ValueError, kinds: Iterable[str]) -> UserError:
    """Why a path gives no text, and what to do. kinds: the suffixes of files it may stand for."""
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        return UserError(f"there is no file `{path}`", _instead(path, tuple(kinds)))
    if isinstance(problem, IsADirectoryError):
        return UserError(f"`{path}` is a folder", "name a file inside it")
    if isinstance(problem, PermissionError):
        from shlex import quote

        help = f"make it readable: `chmod u+r {quote(str(path))}`"
        return UserError(f"`{path}` cannot be read: permission denied", help)
    reason = problem.strerror if isinstance(problem, OSError) else None
    return UserError(
        f"`{path}` cannot be read: {(reason or str(problem)).lower()}", "check its name"
    )


def _instead(path: Path, kinds: tuple[str, ...]) -> str:
    """The file or folder that may be meant instead of a missing one, or what lies there."""
    from engine.base.near import near

    if not path.parent.is_dir():
        return f"there is no folder `{path.parent}` either; you are in {Path.cwd()}"
    there = sorted(path.parent.iterdir())
    beside = [p.name for p in there if p.name.endswith(kinds)]
    match = near(path.name, [*beside, *(p.name for p in there if p.is_dir())])
    if match:
        return f"did you mean `{path.with_name(match)}`?"
    shown = ", ".join(f"`{path.with_name(name)}`" for name in beside[:MOST_SHOWN])
    more = ", ..." if len(beside) > MOST_SHOWN else ""
    return (
        f"there are {shown}{more}" if beside else f"no {' or '.join(kinds)} file is in that folder"
    )


def no_setup() -> UserError:
    """There is no strategies.yaml where one was looked for; says where the nearest one is."""
    here = Path.cwd()
    near_by = (*here.parents, *sorted(p for p in here.glob("*") if p.is_dir()))
    found = next((p for p in near_by if os.path.isfile(p / SETUP)), None)
    message = f"there is no {SETUP} in this folder, {here}"
    if found is not None:
        from shlex import quote

        way = found.name if found.parent == here else str(found)
        return UserError(message, f"name the files, or go where there is one: `cd {quote(way)}`")
    return UserError(message, "name the files, or start a project: `seawall new demo`")
