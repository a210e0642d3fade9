"""Write data/sums.txt, the SHA-256 of the instrument table, the manifest, the shocks and the
calendar.

python tools/build_sums.py
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.records.sums import SUMS, sums_of  # noqa: E402

if __name__ == "__main__":
    target = ROOT / "data" / SUMS
    target.write_text(sums_of(target.parent), encoding="utf-8", newline="\n")
