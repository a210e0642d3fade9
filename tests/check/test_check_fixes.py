"""Fixes: a safe fix, put in, takes its finding away and brings no new error."""

import pytest
from checking import FILE, found
from test_check_cases import CASES
from test_check_codes import ROWS, SETTINGS

from engine.base.diagnostics import Diagnostic

TEXTS = [text for _, text, _ in CASES] + [row.bad for row in ROWS if row.id not in SETTINGS]


def _fixable(text: str) -> list[Diagnostic]:
    return [d for d in found(text) if d.fix is not None and d.fix.safe and d.span.file == FILE]


def _put_in(text: str, d: Diagnostic) -> str:
    assert d.fix is not None
    return text[: d.fix.span.start] + d.fix.text + text[d.fix.span.end :]


@pytest.mark.parametrize("text", [t for t in TEXTS if _fixable(t)])
def test_a_safe_fix_takes_its_finding_away(text: str) -> None:
    before = [d.code for d in found(text) if d.severity == "error"]
    for d in _fixable(text):
        after = [x for x in found(_put_in(text, d)) if x.span.start == d.span.start]
        assert (d.code, d.message) not in [(x.code, x.message) for x in after]
        left = [x.code for x in found(_put_in(text, d)) if x.severity == "error"]
        assert len(left) <= len(before)
