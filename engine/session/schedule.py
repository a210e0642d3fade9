"""An exchange's sessions as arrays (floor 9): those that took place, and those that were planned.

A closure at short notice counts as planned until it has passed, even where it was announced some
days before: nothing may know of it too early, and knowing of it late costs little.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.records.calendar import Calendar

Days = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Schedule:
    """One exchange's days in ascending order."""

    calendar: Calendar

    @cached_property
    def sessions(self) -> Days:
        """Every day on which the exchange opened."""
        return np.asarray(self.calendar.days, dtype=np.int32)

    @cached_property
    def planned(self) -> Days:
        """Every day on which it was to open until the last moment."""
        both = np.append(self.sessions, np.asarray(self.calendar.unplanned, dtype=np.int32))
        return np.sort(both)
