"""The cache folder of compiled rules (floor 7). What lies in it is verified before use, never
trusted.

A module's file is named by the hash of its text or of all that it is made of. numba keeps machine
code beside it; a `.sum` file lists the SHA-256 of each of those files, of a module whose functions
are compiled one by one a file for each. Anything missing, cut short or changed is thrown away and
made again. A folder that cannot be written means running without a
cache, and saying so.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


def folder() -> Path:
    """$SEAWALL_CACHE, or `seawall` in the platform's cache folder."""
    own = os.environ.get("SEAWALL_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "seawall"


def digest(*texts: str) -> str:
    """The first 16 hex digits of the SHA-256 of texts."""
    sha = hashlib.sha256()
    for text in texts:
        sha.update(text.encode() + b"\0")
    return sha.hexdigest()[:16]


def write(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def place(name: str, text: str) -> Path | None:
    """The module's file, holding exactly `text`, with machine code that matches its sums or none.

    None when the folder cannot be written."""
    path = folder() / f"{name}.py"
    try:
        if not is_whole(name, text):
            _renew(name, text)
        _probe(path.parent / "__pycache__")
    except OSError:
        return None
    return path


def is_whole(name: str, text: str) -> bool:
    """Whether the module's file holds `text` and its machine code is complete and unchanged."""
    return is_sealed(name) and source(name) == text


def is_sealed(name: str, part: str = "") -> bool:
    """Whether the module's file and its machine code, or that of one function, are complete and as
    they were sealed."""
    try:
        sums = json.loads(_sums_file(name, part).read_text(encoding="utf-8"))
        return isinstance(sums, dict) and len(sums) > 1 and sums == _sums(name, part)
    except (OSError, ValueError):
        return False


def source(name: str) -> str:
    """The text of a module that lies in the folder."""
    return (folder() / f"{name}.py").read_text(encoding="utf-8")


def seal(name: str, part: str = "") -> None:
    """Note the sums of a module's file and of the machine code that numba has written, for all of
    it or for one function."""
    try:
        write(_sums_file(name, part), json.dumps(_sums(name, part), sort_keys=True))
    except OSError:
        return


def place_parts(name: str, text: str) -> Path | None:
    """The file of a module whose functions are sealed one by one, holding exactly `text`.

    None when the folder cannot be written."""
    path = folder() / f"{name}.py"
    try:
        if not _holds(name, text):
            _renew(name, text)
        _probe(path.parent / "__pycache__")
    except OSError:
        return None
    return path


def _renew(name: str, text: str) -> None:
    """Delete a module's machine code, and write its file where it holds another text. A file that
    another process compiles meanwhile is never gone."""
    for file in [*_code(name), _sums_file(name), *folder().glob(f"{name}.*.sum")]:
        file.unlink(missing_ok=True)
    if not _holds(name, text):
        write(folder() / f"{name}.py", text)


def _holds(name: str, text: str) -> bool:
    try:
        return source(name) == text
    except (OSError, ValueError):
        return False


def clear_part(name: str, part: str) -> None:
    """Delete a function's machine code unless it is as it was sealed."""
    if not is_sealed(name, part):
        for file in [*_code(name, part), _sums_file(name, part)]:
            file.unlink(missing_ok=True)


def _sums_file(name: str, part: str = "") -> Path:
    return folder() / (f"{name}.{part}.sum" if part else f"{name}.sum")


def _sums(name: str, part: str = "") -> dict[str, str]:
    files = [folder() / f"{name}.py", *_code(name, part)]
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def _code(name: str, part: str = "") -> Iterator[Path]:
    pattern = f"{name}.{part}-*.nb[ic]" if part else f"{name}.*.nb[ic]"
    yield from sorted((folder() / "__pycache__").glob(pattern))


def is_writable() -> bool:
    """Whether machine code can be kept."""
    try:
        _probe(folder() / "__pycache__")
    except OSError:
        return False
    return True


def _probe(path: Path) -> None:
    """Raise OSError unless a file can be made here."""
    path.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path, suffix=".tmp")
    os.close(handle)
    os.unlink(name)
