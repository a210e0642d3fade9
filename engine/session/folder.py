"""The folder of a run (floor 9): `<out>/<id>/`, complete or not there at all.

The id is a hash of rules, data, settings and versions, so equal inputs name the same folder and
fill it with the same bytes. It is written beside its place and then renamed. A folder of that
id that is already there is compared byte for byte and rebuilt when it differs: nothing in it is
ever trusted.
"""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.base.errors import UserError

Files = Mapping[str, bytes]
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def digest(*parts: bytes) -> str:
    """The SHA-256 of length-prefixed parts, as hex."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()


def canonical(value: object) -> bytes:
    """JSON of one spelling: sorted keys, no blanks, no nan."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def readable(value: object) -> bytes:
    """JSON for people and tools, keys in the order given, no nan."""
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def lines(rows: Iterable[object]) -> bytes:
    """One JSON value per line."""
    return "".join(
        json.dumps(r, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"
        for r in rows
    ).encode()


def write_folder(out: Path, name: str, files: Files) -> tuple[Path, str]:
    """Put `files` into `out/name`, whole; also says what was found there and mended ("" for
    nothing)."""
    place = out / name
    try:
        out.mkdir(parents=True, exist_ok=True)
        found = _found(place, files)
        if found != "same":
            _replace(out, place, files)
    except OSError as problem:
        why = (problem.strerror or str(problem)).lower()
        raise UserError(
            f"cannot write the run to {place}: {why}; nothing of it was kept", _other_place(problem)
        ) from None
    return place, f"{place} was {found} and has been rebuilt" if found == "damaged" else ""


def _other_place(problem: OSError) -> str:
    if problem.errno in FULL:
        return "free some space there, or choose another place: --out DIR"
    if isinstance(problem, FileExistsError | NotADirectoryError):
        return "a file stands in the way: choose a folder with --out DIR"
    return "choose a folder that you may write to: --out DIR"


def _found(place: Path, files: Files) -> str:
    """`absent`, `same`, or `damaged`: anything but exactly these files with exactly these bytes."""
    if not os.path.lexists(place):
        return "absent"
    if not place.is_dir() or {p.name for p in place.iterdir()} != set(files):
        return "damaged"
    same = all(_bytes(place / n) == content for n, content in files.items())
    return "same" if same else "damaged"


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _replace(out: Path, place: Path, files: Files) -> None:
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=out))
    try:
        for name, content in files.items():
            (making / name).write_bytes(content)
        making.chmod(0o755)
        _clear(place)
        making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _clear(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    elif os.path.lexists(place):
        place.unlink()
