"""The examples that hypothesis draws are the same on every run, so that a landing is decided by
what changed and not by luck. `SEAWALL_RANDOM=1 make test` draws fresh ones."""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True)
if not os.environ.get("SEAWALL_RANDOM"):
    settings.load_profile("same")
