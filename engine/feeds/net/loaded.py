"""The cache as a feed (floor 8): bars that were fetched, without going online."""

from collections.abc import Callable, Mapping
from pathlib import Path

from engine.base.errors import UserError
from engine.feeds.net.cache import default_folder, place, read
from engine.feeds.net.join import fresh, fresh_series
from engine.records.series import Series


def load_cached(
    source: str, adjust: str, settings: Mapping[str, str] | None = None
) -> Callable[[str, int | None, int | None, Mapping[str, str]], Series]:
    """A feed's `load` over the cache: it never goes online, what is absent is a UserError."""

    def load(
        symbol: str, first: int | None, last: int | None, options: Mapping[str, str]
    ) -> Series:
        folder = Path(options["cache"]) if "cache" in options else default_folder()
        kept = {name: options.get(name, usual) for name, usual in (settings or {}).items()}
        ticker = options.get("ticker", symbol)
        path = place(folder, source, ticker, options.get("adjust", adjust), kept)
        cached = read(path)
        if cached is None:
            help = f"run `seawall data fetch --source {source} {symbol} --from DATE`"
            raise UserError(f"no bars of `{symbol}` are cached from {source}", help)
        return fresh_series(fresh(symbol, cached.about), cached).between(first, last)

    return load
