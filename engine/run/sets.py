"""One strategy on one symbol under many sets of parameters at once (floor 7).

Why: to search a rule's windows is to replay one market a thousand times, and most of that work is
the same. Every operator that looks back is worked out once for all sets that read it; each set is a
lane, an account of its own. What comes out equals each set run alone, to the bit;
`sets_laying.prepare_sets` lays out, and refuses what does not qualify.
"""

from typing import Any

import numpy as np

from engine.run.lanes import LaneResult, each, play, shares
from engine.run.sets_laying import Sets


def run_sets(
    sets: Sets, threads: int = 1, curves: Any = None, room: int | None = None
) -> LaneResult:
    """Work out the shared columns, then run every set; lane k of the result is set k.

    curves, room: as in `lanes.run_lanes`."""
    sets.columns.fill(sets.batches[0].program.is_compiled)
    if curves is None:
        curves = np.empty((sets.count, sets.columns.bars - sets.run.market.first, 1))
    ends = np.zeros(sets.count, dtype=np.int64)
    cut = shares(sets.batches, threads)
    parts = each(lambda part: play(part, curves, ends, room), cut, threads)
    notice = next((b.program.notice for b in sets.batches if b.program.notice), "")
    return LaneResult(curves, parts, ends, notice)
