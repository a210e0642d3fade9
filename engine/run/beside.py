"""A second process that compiles operators beside this one (floor 7).

Why: a compiler uses one core, and a first rule waits for every operator that it uses. This process
goes through them from the first, the other from the last, and each takes from the cache folder what
it finds there. Without the other, or should it fail, this one compiles all of them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from engine.run.cache import is_writable

Kind = Literal["kernel", "along"]
"""What is compiled of an operator: its kernel, or that along a block as well."""
WORTH = 8
"""Operators from which on another process pays: it takes a second to start."""
LAST = 30.0
"""Seconds that the last operator of the other may take."""
ROOT = str(Path(__file__).parent.parent.parent)


@contextmanager
def beside(kind: Kind, names: Sequence[str]) -> Iterator[None]:
    """While this runs another process compiles operators, the last one first."""
    pays = len(names) >= WORTH and _cores() > 1 and is_writable()
    other = _started(kind, names) if pays else None
    try:
        yield
    except BaseException:
        if other is not None:
            other.terminate()
        raise
    finally:
        if other is not None:
            _ended(other)


def _ended(other: "subprocess.Popen[bytes]") -> None:
    """Wait for what it has begun; all is compiled by then, so not for ever."""
    try:
        other.wait(LAST)
    except subprocess.TimeoutExpired:
        other.kill()
        other.wait()


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _started(kind: Kind, names: Sequence[str]) -> "subprocess.Popen[bytes] | None":
    before = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([ROOT, before] if before else [ROOT])
    command = [sys.executable, "-P", "-m", __name__, kind, *reversed(names)]
    try:
        return subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def main(kind: str, *names: str) -> None:
    """Compile operators, one after another, into the cache folder."""
    from engine.ops import BY_NAME
    from engine.run.along import load_along
    from engine.run.kernels import kernel_of

    for name in names:
        if kind == "along":
            load_along([name])
        else:
            kernel_of(BY_NAME[name], compile_it=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
