"""Whether the tables beside the bars are the shipped ones (floor 1).

A session taken out of the calendar, or a lot changed in the instrument table, would still read well
and give wrong figures. `sums.txt` holds the SHA-256 of each such file, as `sha256sum` writes it.
"""

from hashlib import sha256
from pathlib import Path

from engine.base.errors import UserError
from engine.base.resources import data_dir

SUMS = "sums.txt"
TABLES = ("instruments.json", "manifest.json", "shocks.json", "xnys.txt")
_MEND = "install seawall again; after a change on purpose: python tools/build_sums.py"


def sums_of(folder: Path) -> str:
    """The text of `sums.txt` for the tables in `folder`."""
    return "".join(f"{_sha256((folder / name).read_bytes())}  {name}\n" for name in TABLES)


def verify_table(path: Path, data: bytes) -> None:
    """UserError unless `data` is what `sums.txt` beside `path` says.

    A folder of one's own may do without `sums.txt`; the shipped one may not.
    """
    sums = path.parent / SUMS
    try:
        lines = sums.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        if path.parent != data_dir():
            return
        raise UserError(f"{sums} is missing", _MEND) from None
    except (OSError, ValueError) as problem:
        raise UserError(f"{sums} cannot be read: {problem}", _MEND) from None
    if f"{_sha256(data)}  {path.name}" not in lines:
        raise UserError(f"{path} is corrupt: its sha256 is not that of {SUMS}", _MEND)


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()
