"""How fetching fails (floor 8): every way as a row, in one plain sentence, retried or not."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.base.errors import UserError


@dataclass(frozen=True, slots=True)
class Way:
    """One row of WAYS. again: a later try may succeed; offline: no other symbol would do better."""

    text: str
    help: str
    again: bool = False
    offline: bool = False


_ONLINE = "check the connection; what is cached stays usable, dry-runs never go online"
_LATER = "wait some minutes, then run the same command again: it fetches only what is missing"

WAYS: Mapping[str, Way] = {
    "dns": Way(
        "the address of {host} was not found: this machine seems offline", _ONLINE, offline=True
    ),
    "refused": Way("{host} refused the connection", _ONLINE, again=True, offline=True),
    "broken": Way("the connection to {host} broke", _ONLINE, again=True),
    "timeout": Way("{host} did not answer in time", _ONLINE, again=True),
    "limited": Way("{host} asks for fewer requests (HTTP 429)", _LATER, again=True),
    "server": Way("{host} is in trouble", _LATER, again=True),
    "garbage": Way("the answer of {host} cannot be read", _LATER, again=True),
    "keys": Way("{host} does not accept the keys", "check them, and what they may read"),
    "unknown": Way("{host} knows no such ticker", "check it, or map it under `data: tickers`"),
    "empty": Way("{host} has no bars there", "check the ticker and the dates"),
    "refuses": Way("{host} refuses the request", "see what it says, then change the request"),
}


class Failure(Exception):
    """One symbol could not be fetched: `way` is a row of WAYS, `detail` what the other side said.

    Not an OSError: client libraries retry those by themselves, unpaced.
    """

    def __init__(self, way: str, host: str, detail: str = "") -> None:
        super().__init__(way)
        self.way = WAYS[way]
        self.kind = way
        said = " ".join(detail.split())
        self.message = self.way.text.format(host=host) + (f": {said}" if said else "")


def status_failure(status: int, host: str, detail: str = "") -> Failure | None:
    """The failure that an HTTP status means; None when it means none."""
    if status < 400:
        return None
    for codes, way in (((401, 403), "keys"), ((404,), "unknown"), ((429,), "limited")):
        if status in codes:
            return Failure(way, host, detail)
    if status >= 500:
        return Failure("server", host, f"HTTP {status}")
    return Failure("refuses", host, f"HTTP {status}{f', {detail}' if detail else ''}")


def connection_failure(problem: Exception, host: str) -> Failure:
    """The failure that a client library's exception means; by name, as libraries differ."""
    names = {kind.__name__ for kind in type(problem).__mro__}
    text = str(problem).lower()
    if "DNSError" in names or "resolve" in text or "resolution" in text:
        return Failure("dns", host)
    if "Timeout" in names or "TimeoutError" in names or "timed out" in text:
        return Failure("timeout", host)
    if "refused" in text or "could not connect" in text or "failed to connect" in text:
        return Failure("refused", host)
    return Failure("broken", host, type(problem).__name__)


def missing_package(name: str) -> UserError:
    """What to say where the optional packages are not installed."""
    text = f"fetching needs the package {name}, which is not installed"
    return UserError(text, 'pip install "seawall[feeds]"')
