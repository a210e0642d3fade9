"""Loaded into the commands of a page as `sitecustomize`: whoever goes online meets this machine.

The port is that of a server the test has started; it answers as Yahoo does, from a formula.
"""

import os
import sys
from typing import Any
from urllib.parse import urlsplit

PORT = os.environ.get("SEAWALL_TEST_PORT", "")


def turn() -> None:
    """Turn every address that the client packages open to the test's port."""
    from curl_cffi.requests import Session as Curl
    from requests import Session

    for session in (Curl, Session):
        plain = session.request

        def request(self: Any, method: str, url: str, _plain: Any = plain, **options: Any) -> Any:
            parts = urlsplit(url)
            query = f"?{parts.query}" if parts.query else ""
            turned = f"http://127.0.0.1:{PORT}/{parts.hostname}{parts.path}{query}"
            return _plain(self, method, turned, **options)

        session.request = request  # type: ignore[method-assign]


if PORT and "fetch" in sys.argv:
    turn()
