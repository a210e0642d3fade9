"""The sections of the report, in the order of the page (floor 10): one row each."""

from engine.report.page.section import Section
from engine.report.page.sections.crises import CRISES
from engine.report.page.sections.data import DATA
from engine.report.page.sections.limits import LIMITS
from engine.report.page.sections.manifest import MANIFEST
from engine.report.page.sections.rules import RULES
from engine.report.page.sections.sensitivity import SENSITIVITY
from engine.report.page.sections.verdict import VERDICT

SECTIONS: tuple[Section, ...] = (
    VERDICT,
    SENSITIVITY,
    LIMITS,
    CRISES,
    RULES,
    DATA,
    MANIFEST,
)
