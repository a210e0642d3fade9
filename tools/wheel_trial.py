"""Tries the wheel as a stranger would: alone in an empty environment, from an empty folder.

python tools/wheel_trial.py            build the wheel and try it
python tools/wheel_trial.py FILE.whl   try this one

The environment is a new venv without pip, the checkout or anything of the tests. It holds the
wheel, installed by pip, and links to those packages, and only those, that the wheel's own metadata
ask for, followed through theirs. So a file that the wheel lacks, or a package that it does not
name, fails here, without a network. That the pins install from their hashes is what `make resolve`
and the first step of .ci/run show.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterable, Sequence
from email.parser import Parser
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]

SHIPPED = ("data", "grammar", "rules", "schemas", "strategies.yaml")
EVERY_MODULE = """
import importlib, pkgutil, engine
for module in pkgutil.walk_packages(engine.__path__, "engine."):
    importlib.import_module(module.name)
"""
FOREIGN = ("tests/", "tools/", "benchmarks/", "docs/")


def build(out: Path) -> Path:
    """The wheel, built from the checkout without a network."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    run([*command, str(ROOT)], ROOT)
    (wheel,) = out.glob("*.whl")
    return wheel


def look_inside(wheel: Path) -> list[Requirement]:
    """What the wheel asks for; raises when files are missing or do not belong."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (about,) = [n for n in names if n.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(archive.read(about).decode())
    missing = sorted(expected() - {*names})
    foreign = [n for n in names if n.startswith(FOREIGN)]
    if missing or foreign:
        raise SystemExit(f"the wheel lacks {missing} and should not hold {foreign[:5]}")
    wanted = [Requirement(text) for text in metadata.get_all("Requires-Dist") or []]
    return [r for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})]


def expected() -> set[str]:
    """Every file of the engine, and what ships with it, by its name in the wheel."""
    engine = {p.relative_to(ROOT).as_posix() for p in files_below(ROOT / "engine")}
    shipped = {p.relative_to(ROOT) for top in SHIPPED for p in files_below(ROOT / top)}
    return {"seawall.py", *engine, *(f"engine/shipped/{p.as_posix()}" for p in shipped)}


def files_below(path: Path) -> list[Path]:
    """The file itself, or all files of a folder, compiled ones left out."""
    found = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return [p for p in found if p.suffix != ".pyc"]


def closure(wanted: Iterable[Requirement]) -> list[str]:
    """The names of these requirements and of all that they require in turn."""
    found: list[str] = []
    waiting = list(wanted)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        here = distribution(name)
        if here.version not in requirement.specifier:
            raise SystemExit(f"{requirement} is asked for, {here.version} is here")
        if name in found:
            continue
        found.append(name)
        extras = requirement.extras or {""}
        for text in here.requires or ():
            inner = Requirement(text)
            if inner.marker is None or any(inner.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(inner)
    return sorted(found)


def link(names: Iterable[str], site: Path) -> None:
    """Link each package's own files and folders into the new environment."""
    for name in names:
        here = distribution(name)
        tops = {f.parts[0] for f in here.files or ()} - {"..", "__pycache__"}
        for top in tops:
            (site / top).symlink_to(Path(str(here.locate_file(top))).resolve())


def environment(folder: Path, wheel: Path, names: Sequence[str]) -> Path:
    """A new environment with the wheel and these packages; returns its `bin`."""
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    link(names, site)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    run([*pip, "install", "--no-deps", "--no-index", "--quiet", str(wheel)], folder)
    return folder / "bin"


def run(command: Sequence[str], cwd: Path, expected: int = 0) -> str:
    """Run a command by itself; raises with its output on another exit code."""
    drop = ("SEAWALL", "PYTHON", "VIRTUAL_ENV")
    settings = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
    done = subprocess.run(command, cwd=cwd, env=settings, capture_output=True, text=True)
    if done.returncode != expected:
        told = f"{done.stdout}\n{done.stderr}"
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}, not {expected}\n{told}")
    return done.stdout + done.stderr


def trial(bin: Path, empty: Path) -> None:
    """What the README promises somebody who has the wheel alone."""
    seawall = str(bin / "seawall")
    where = run([str(bin / "python"), "-c", "import engine; print(engine.__file__)"], empty)
    if not where.startswith(str(bin.parent)):
        raise SystemExit(f"the trial ran {where.strip()}, not the wheel")
    run([str(bin / "python"), "-c", EVERY_MODULE], empty)
    run([seawall, "new", "demo"], empty)
    demo = empty / "demo"
    for words in (["check"], ["test", "rules"], ["dryrun"]):
        last = run([seawall, *words], demo).strip().splitlines()[-1]
        print(f"seawall {' '.join(words):<12} exit 0   {last}")
    (summary,) = demo.glob("runs/*/summary.json")
    found = json.loads(summary.read_text())
    if found["verdict"] != "pass" or not all(r["status"] == "ran" for r in found["runs"]):
        raise SystemExit(f"{summary} does not tell of a pass")
    run([seawall, "new", "other", "--example", "breakout"], empty)
    run([seawall, "check", "strategies.yaml", "rules"], empty / "other")
    run([seawall, "data", "verify"], empty)
    if "installed copy" not in run([seawall, "new", "indicator", "mine"], empty, expected=2):
        raise SystemExit("`seawall new indicator` does not say that this is an installed copy")


def main(words: Sequence[str]) -> int:
    """Build, look inside, install alone, try; 0 when all of it works."""
    with tempfile.TemporaryDirectory(prefix="seawall-trial-") as name:
        folder = Path(name).resolve()
        wheel = Path(words[0]).resolve() if words else build(folder / "dist")
        names = closure(look_inside(wheel))
        print(f"{wheel.name}: {wheel.stat().st_size:,} bytes, needs {', '.join(names)}")
        (folder / "empty").mkdir()
        trial(environment(folder / "venv", wheel, names), folder / "empty")
    print("the wheel works alone")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
