"""The table of diagnostic codes, one file per family (floor 0)."""

from engine.base.codes.data import DATA
from engine.base.codes.limits import LIMITS
from engine.base.codes.logic import LOGIC
from engine.base.codes.names import NAMES
from engine.base.codes.spec import Code
from engine.base.codes.syntax import SYNTAX
from engine.base.codes.tests import TESTS
from engine.base.codes.time import TIME
from engine.base.codes.yaml import YAML

CODES: tuple[Code, ...] = (*SYNTAX, *NAMES, *TIME, *DATA, *LOGIC, *LIMITS, *TESTS, *YAML)

__all__ = ["CODES", "Code"]
