"""Can I have the same again? (floor 10): what the run was made from."""

import json
from collections.abc import Mapping
from typing import Any

from engine.report.page.blocks import Block, Fold, Table, Text
from engine.report.page.section import Section
from engine.session.result import Result


def make(result: Result) -> tuple[Block, ...]:
    """Versions, then hashes and settings on demand."""
    told = result.manifest
    return (
        Text(
            (
                f"This run is called {told['id']}: the hash of its rules, data, settings and "
                "versions. The same inputs give the same name and the same bytes, so a dry-run of "
                "the same files ends in this folder again.",
                *_by_hand(result),
            )
        ),
        Table("Versions.", ("part", "version"), _pairs(told["versions"])),
        Fold("hashes", "hashes", "SHA-256 of every rule file and data series", _hashes(told)),
        Fold("settings", "settings", "cash, costs, params and windows", _settings(told)),
    )


MANIFEST = Section("manifest", "The same again", make)


def _by_hand(result: Result) -> list[str]:
    trials = result.summary.get("trials", 0)
    if not trials:
        return []
    return [f"Params set by hand: {trials:,}. This is a trial, not the text as it was shipped."]


def _pairs(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(k), str(v)) for k, v in found.items())


def _hashes(told: Mapping[str, Any]) -> tuple[Block, ...]:
    rules = tuple((str(name), str(value)) for name, value in told["rules"])
    return (
        Table("Rule files.", ("file", "SHA-256"), rules),
        Table("Data series.", ("series", "SHA-256"), _pairs(told["data"])),
    )


def _settings(told: Mapping[str, Any]) -> tuple[Block, ...]:
    rows = tuple((k, _spelled(v)) for k, v in told["settings"].items())
    return (Table("As they were in force.", ("setting", "value"), rows),)


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
