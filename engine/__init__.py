"""seawall's engine: rule text in, verified account histories out. See ARCHITECTURE.md for the
floors."""

import sys

__version__ = "0.1.0"

# Nothing newer than Python 2 may stand here: an old one has to get as far as this sentence.
if sys.version_info < (3, 11):  # noqa: UP036
    said = "error: seawall needs Python 3.11, 3.12 or 3.13, this is {}.{} ({})\n"
    help = "help: name a newer one: `make PYTHON=python3.12 dryrun`, or run `.venv/bin/seawall`\n"
    sys.stderr.write(said.format(sys.version_info[0], sys.version_info[1], sys.executable) + help)
    raise SystemExit(2)
