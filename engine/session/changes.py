"""What changed since the last run of the same files (floor 9), from a small index in the out
folder.

The index only feeds sentences; when it cannot be read it is started afresh, when it cannot be
written the run stands all the same, and a sentence says so.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

INDEX = "last-runs.json"
_KEPT = 200

Figures = dict[str, dict[str, Any]]
"""`strategy crisis` -> its return, max_drawdown, status and failed expectations."""


def figures_of(summary: Mapping[str, Any]) -> Figures:
    """The figures of a summary that later runs are compared with."""
    return {
        f"{r['strategy']} {r['crisis']}": {
            "status": r["status"],
            "return": r["return"],
            "max_drawdown": r["max_drawdown"],
            "failed": [e["text"] for e in r["expectations"] if e["holds"] is False],
        }
        for r in summary["runs"]
    }


def compare_and_keep(
    out: Path, key: str, run: str, summary: Mapping[str, Any]
) -> tuple[str, ...] | None:
    """Sentences on what differs from the last run with this key; None when there was none."""
    index, trouble = _read(out / INDEX)
    before = index.pop(key, None)
    now = figures_of(summary)
    index[key] = {"run": run, "figures": now}
    unkept = _write(out, dict(list(index.items())[-_KEPT:]))
    if trouble or unkept:
        return tuple(filter(None, (trouble, unkept)))
    if before is None:
        return None
    try:
        return tuple(_differences(before["figures"], now))
    except (KeyError, TypeError, AttributeError):
        return (f"{out / INDEX} was damaged: the last run cannot be compared",)


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError):
        return {}, f"{path} could not be read and starts afresh: the last run cannot be compared"
    if not isinstance(found, dict):
        return {}, f"{path} was damaged and starts afresh: the last run cannot be compared"
    return found, ""


def _write(out: Path, index: Mapping[str, Any]) -> str:
    """Replace the index whole; says why it could not ("" when it could)."""
    text = json.dumps(index, separators=(",", ":"), allow_nan=False)
    made: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".index-", dir=out)
        made = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(made, out / INDEX)
    except OSError as problem:
        why = (problem.strerror or str(problem)).lower()
        return f"{out / INDEX} cannot be written ({why}): the next run cannot be compared with this"
    finally:
        if made is not None:
            made.unlink(missing_ok=True)
    return ""


def _differences(before: Figures, now: Figures) -> list[str]:
    said = [f"{cell}: new" for cell in now if cell not in before]
    said += [f"{cell}: no longer run" for cell in before if cell not in now]
    for cell, figures in now.items():
        if cell in before:
            said += _changed(cell, before[cell], figures)
    return said


def _changed(cell: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    said = []
    if old["status"] != new["status"]:
        said.append(f"status {old['status']} → {new['status']}")
    for key, word in (("return", "return"), ("max_drawdown", "deepest fall")):
        if _percent(old[key]) != _percent(new[key]):
            said.append(f"{word} {_percent(old[key])} → {_percent(new[key])}")
    said += [f"now fails `{t}`" for t in new["failed"] if t not in old["failed"]]
    said += [f"no longer fails `{t}`" for t in old["failed"] if t not in new["failed"]]
    return [f"{cell}: {', '.join(said)}"] if said else []


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f}%".replace("-", "−")
