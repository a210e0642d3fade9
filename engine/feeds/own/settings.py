"""The YAML that mends a refused file (floor 8): the `data` of a strategies.yaml, to be pasted."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.feeds.own.finding import Finding, Settings
from engine.records.own import source_of_file

_PLAIN = re.compile(r"[A-Za-z_][\w./() -]*", re.ASCII)
_NOT_TEXT = ("y", "yes", "n", "no", "on", "off", "true", "false", "null")
"""Words that YAML reads as something else than text."""


def data_yaml(
    path: Path,
    symbol: str,
    findings: Iterable[Finding],
    mapping: Mapping[str, str],
    options: Mapping[str, str],
) -> str:
    """`data:` with what was said before and what the findings add; empty when they add nothing."""
    added = [setting for finding in findings for setting in finding.settings]
    if not added:
        return ""
    said: dict[str, dict[str, str]] = {"mapping": dict(mapping), "options": dict(options)}
    for group, key, value in added:
        said[group][key] = value
    lines = ["data:", f"  source: {source_of_file(path)}", f"  files: {flow({symbol: str(path)})}"]
    lines += [f"  {group}: {flow(rows)}" for group, rows in said.items() if rows]
    return "\n".join(lines)


def mapping_yaml(settings: Settings) -> str:
    """`mapping: {date: Datum, close: Schluss}`, from the settings that map columns."""
    return f"mapping: {flow({key: value for group, key, value in settings if group == 'mapping'})}"


def flow(rows: Mapping[str, str]) -> str:
    """A YAML mapping on one line."""
    return "{" + ", ".join(f"{_scalar(k)}: {_scalar(v)}" for k, v in rows.items()) + "}"


def _scalar(text: str) -> str:
    is_plain = _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _NOT_TEXT
    return text if is_plain else json.dumps(text, ensure_ascii=False)
