"""strategies.yaml as frozen values: what trades, on what data, with what cash (floor 3).

It wires and never computes: paths are made absolute to the file's folder, literals are read, and
nothing is defaulted. None means that the file is silent.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.base.diagnostics import Diagnostic, Note, in_order
from engine.base.frozen import dataclass
from engine.base.spans import Span
from engine.lang.ast import Literal
from engine.lang.read import Pairs, read_yaml
from engine.lang.setup_keys import SETUP
from engine.lang.shapes import Checking, Values, check_shape

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DataSetup:
    """Where market data comes from: one `file`, or `files` by symbol, never both, or a network.

    `mapping` gives a file's column for each of ours, `tickers` a network's name for our symbols.
    """

    span: Span
    spans: Mapping[str, Span]
    source: str
    symbols: tuple[str, ...] | None
    cache: Path | None
    adjust: str | None
    tickers: Mapping[str, str]
    file: Path | None
    files: Mapping[str, Path]
    mapping: Mapping[str, str]
    options: Pairs | None


@dataclass(frozen=True, slots=True)
class InstrumentSetup:
    """What the file says of one symbol, by key."""

    symbol: str
    span: Span
    spans: Mapping[str, Span]
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs as written: dollars, basis points, and shares as ratios."""

    span: Span
    spans: Mapping[str, Span]
    commission_per_share: float | None
    commission_per_order: float | None
    commission_bps: float | None
    slippage_bps: float | None
    slippage_spread: float | None
    borrow_rate: float | None
    impact: float | None
    participation: float | None
    interest: bool | None


@dataclass(frozen=True, slots=True)
class Account:
    """Cash and costs; `buying_power` is a multiple of equity."""

    span: Span
    spans: Mapping[str, Span]
    cash: float | None
    currency: str | None
    buying_power: float | None
    costs: Costs | None


@dataclass(frozen=True, slots=True)
class StrategySetup:
    """One strategy: its rule file, params and what it trades; `universe` may be a name."""

    span: Span
    spans: Mapping[str, Span]
    name: str
    rules: Path
    universe: tuple[str, ...] | str | None
    capital: float | None
    params: Mapping[str, Literal]
    mode: str | None
    limits: tuple[Path, ...]
    desk: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """The whole file; `spans` gives the place of each top-level value."""

    path: Path
    span: Span
    spans: Mapping[str, Span]
    version: int
    data: DataSetup | None
    instruments: Path | tuple[InstrumentSetup, ...]
    account: Account | None
    limits: tuple[Path, ...]
    strategies: tuple[StrategySetup, ...]
    scenarios: tuple[Path, ...]
    alerts: Pairs | None
    broker: Pairs | None


def read_setup(path: Path) -> tuple[Setup | None, list[Diagnostic]]:
    """Read strategies.yaml; None when anything in it is wrong. Raises OSError when unreadable."""
    tree, problems = read_yaml(path)
    if problems:
        return None, in_order(problems)
    checking = Checking(path.parent)
    values = check_shape(checking, tree, SETUP)
    if values is not None:
        _unique_names(checking, values.values.get("strategies") or ())
    if checking.problems:
        return None, in_order(checking.problems)
    return _setup(path, values), []


def _unique_names(checking: Checking, strategies: tuple[Values | None, ...]) -> None:
    first: dict[str, Span] = {}
    for strategy in strategies:
        name = None if strategy is None else strategy.values.get("name")
        if strategy is None or name is None:
            continue
        span = strategy.spans["name"]
        if name in first:
            note = Note(first[name], "the first stands here")
            message = f"strategy `{name}` is named twice"
            help = "give each strategy a name of its own"
            diagnostic = Diagnostic("SW814", span, message, help, notes=(note,))
            checking.problems.append(diagnostic)
        first.setdefault(name, span)


def _setup(path: Path, v: Values) -> Setup:
    get = v.values.get
    return Setup(
        path=path,
        span=v.span,
        spans=v.spans,
        version=v.values["version"],
        data=_data(path.parent, get("data")),
        instruments=_instruments(get("instruments")),
        account=_account(get("account")),
        limits=get("limits") or (),
        strategies=tuple(_strategy(s) for s in v.values["strategies"]),
        scenarios=get("scenarios") or (),
        alerts=get("alerts"),
        broker=get("broker"),
    )


def _data(folder: Path, v: Values | None) -> DataSetup | None:
    if v is None:
        return None
    get = v.values.get
    cache = get("cache")
    return DataSetup(
        span=v.span,
        spans=v.spans,
        source=v.values["source"],
        symbols=get("symbols"),
        cache=None if cache is None else folder / cache,
        adjust=get("adjust"),
        tickers=get("tickers") or _NONE,
        file=get("file"),
        files=get("files") or _NONE,
        mapping=get("mapping") or _NONE,
        options=get("options"),
    )


def _instruments(v: Path | Mapping[str, Values] | None) -> Path | tuple[InstrumentSetup, ...]:
    if v is None or isinstance(v, Path):
        return v or ()
    return tuple(InstrumentSetup(name, x.span, x.spans, x.values) for name, x in v.items())


def _account(v: Values | None) -> Account | None:
    if v is None:
        return None
    get = v.values.get
    power, costs = get("buying_power"), _costs(get("costs"))
    return Account(v.span, v.spans, get("cash"), get("currency"), power, costs)


def _costs(v: Values | None) -> Costs | None:
    if v is None:
        return None
    get = v.values.get
    commission = _inside(get("commission"))
    slippage = _inside(get("slippage"))
    return Costs(
        span=v.span,
        spans=v.spans,
        commission_per_share=commission.get("per_share"),
        commission_per_order=commission.get("per_order"),
        commission_bps=commission.get("bps"),
        slippage_bps=slippage.get("bps"),
        slippage_spread=slippage.get("spread"),
        borrow_rate=get("borrow_rate"),
        impact=get("impact"),
        participation=get("participation"),
        interest=get("interest"),
    )


def _inside(v: Values | None) -> Mapping[str, Any]:
    return _NONE if v is None else v.values


def _strategy(v: Values) -> StrategySetup:
    get = v.values.get
    return StrategySetup(
        span=v.span,
        spans=v.spans,
        name=v.values["name"],
        rules=v.values["rules"],
        universe=get("universe"),
        capital=get("capital"),
        params=get("params") or _NONE,
        mode=get("mode"),
        limits=get("limits") or (),
        desk=get("desk") or "",
    )
