"""The JSON Schemas of summary.json and of a line of verdicts.jsonl (floor 9), each made from one
table of keys."""

from typing import Any, get_args

from engine.lang.ast import Severity
from engine.session.records import OUTCOMES, SAID, SOURCES
from engine.session.sides import MOST

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "number"}
_MAYBE: Schema = {"type": ["number", "null"]}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_DATE: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_CLOSE: Schema = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?$",
}
"""A bar's close: its day and, of a bar of minutes, its time."""
_MAYBE_DATE: Schema = {"type": ["string", "null"], "pattern": _DATE["pattern"]}


def _said(schema: Schema, text: str) -> Schema:
    return {**schema, "description": text}


def _object(properties: dict[str, Schema], more: bool = False) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": more,
    }


def _rows(properties: dict[str, Schema]) -> Schema:
    return {"type": "array", "items": _object(properties)}


_DRAWDOWN = _said(
    {"type": ["number", "null"], "maximum": 0},
    "deepest fall from a running peak, as a negative ratio: -0.2 is 20% below the peak",
)
_RETURN = _said(_MAYBE, "final over start equity, minus one: -0.112 is a loss of 11.2%")
_RATIOS = _said(
    _object(
        {
            "volatility": _said(_MAYBE, "standard deviation of daily returns, a year"),
            "sharpe": _said(_MAYBE, "mean over standard deviation, a year"),
            "sortino": _said(_MAYBE, "mean over the root mean square of min(return, 0), a year"),
            "calmar": _said(_MAYBE, "annual_return over the size of max_drawdown"),
            "var_95": _said(_MAYBE, "the 5% quantile of daily returns, linearly interpolated"),
            "es_95": _said(_MAYBE, "mean of the daily returns at or below var_95"),
            "annual_return": _said(_MAYBE, "compound growth a year"),
        }
    ),
    "from daily simple returns, the first measured from start equity; 252 sessions a year, "
    "standard deviations of a sample (ddof 1), risk-free rate 0; null where not defined",
)
_FIGURES: dict[str, Schema] = {"return": _RETURN, "max_drawdown": _DRAWDOWN}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_OUTCOME = _or_null(_object({**_FIGURES, "final_equity": _MAYBE}))
_COMPARED = _or_null(_object({**_FIGURES, "ratios": _RATIOS}))

FUNNEL_KEYS = (
    "bars",
    "undefined",
    "fired",
    "sent",
    "clipped",
    "denied",
    "blocked",
    "ignored",
    "unsized",
    "zero",
    "filled",
    "expired",
)
"""Counts of one entry, from bars evaluated to orders filled and expired."""

_LIMITS = _rows(
    {
        "name": _said(_TEXT, "block.limit"),
        "kind": {"enum": ["deny", "clip", "reduce", "pause", "halt", "flatten"]},
        "because": _said(_MAYBE_TEXT, "the reason that its text gives"),
        "fired": _said(_COUNT, "orders it denied or clipped; for switches, times entered"),
        "saved": _said(_MAYBE, "return with it minus return without it alone; negative: it cost"),
        "most_used": _said(
            {"type": ["number", "null"], "minimum": 0, "maximum": MOST},
            "the largest share of it that was used, at any close (switches) or order (the others): "
            "1 is where it acts, 0 that nothing was used; more than 10 is told as 10; every share "
            "stands in limits.parquet",
        ),
        "most_used_on": _said(_MAYBE_DATE, "the first day of that share"),
        "unmeasured": _said(_MAYBE_TEXT, "why no share is measured; null where one is"),
    }
)
_EXPECTATIONS = _rows(
    {
        "text": _TEXT,
        "holds": _said(
            {"type": ["boolean", "null"]}, "null: the window ended before it was decided"
        ),
        "detail": _TEXT,
    }
)
_FUNNEL = _rows(
    {
        "strategy": _TEXT,
        "entry": _TEXT,
        "symbol": _TEXT,
        **dict.fromkeys(FUNNEL_KEYS, _COUNT),
        "conditions": _said(
            _rows({"text": _TEXT, "true": _COUNT, "false": _COUNT, "undefined": _COUNT}),
            "bars on which each piece of the condition was what; the three sum to `bars`",
        ),
    }
)
_EVENTS = _rows(
    {
        "date": _said(_CLOSE, "the close at which it was entered or left"),
        "limit": _said(_TEXT, "block.switch"),
        "kind": {"enum": ["pause", "halt", "flatten"]},
        "entered": {"type": "boolean"},
        "value": _said(
            _MAYBE,
            "the number that its condition compared; null when something else turned it (time, a "
            "hand, an unknown input) or the number is not known",
        ),
        "because": _MAYBE_TEXT,
    }
)
_BREACHES = _rows(
    {
        "limit": _said(_TEXT, "block.switch"),
        "code": _said(_TEXT, "the reason code: block.switch.entered"),
        "severity": {"enum": list(get_args(Severity))},
        "group": _said(_MAYBE_TEXT, "the desk, strategy, class or symbol whose switch it is"),
        "cause": _said({"enum": ["condition", "unknown"]}, "unknown: an input was missing"),
        "breached": _said(
            _or_null(_CLOSE), "the first close beyond the bound; null where a run does not tell it"
        ),
        "acted": _said(_CLOSE, "the close at which it was entered: entries are cancelled there"),
        "bars": _said(_or_null(_COUNT), "from breached to acted"),
        "seconds": _said(_or_null(_COUNT), "the same by the clock; null on daily bars"),
        "flat": _said(
            _or_null(_CLOSE), "of a flatten: the close by which all that it covers was sold"
        ),
        "left": _said(_or_null(_CLOSE), "the close at which it was over; null: not in this run"),
        "value": _said(_MAYBE, "what it compares, at the close that went furthest beyond"),
        "bound": _said(_MAYBE, "what it is compared with, there"),
        "worst_on": _or_null(_CLOSE),
        "overshoot": _said(
            _MAYBE,
            "the share of the limit that was used there, less 1: 0.2 is a fifth beyond it; null "
            "where no share is measured",
        ),
    }
)
_PLANS = _rows(
    {
        "strategy": _TEXT,
        "entry": _TEXT,
        "trades": _said(_COUNT, "round trips with a planned loss"),
        "beyond": _said(_COUNT, "those of which prices took more than planned"),
        "overshoot": _said(
            _MAYBE, "the worst of them: what it lost beyond its plan, over the plan"
        ),
        "money": _said({"type": "number", "minimum": 0}, "the same in money, fees left out"),
        "symbol": _said(_MAYBE_TEXT, "of the worst; null when none went beyond"),
        "acted": _said(_or_null(_CLOSE), "where the worst ended"),
        "bars": _said(
            _or_null(_COUNT), "from the first close beyond the plan to there; 0: inside one bar"
        ),
    }
)
_DATA = _rows(
    {
        "symbol": _TEXT,
        "role": _said({"enum": ["traded", "feed"]}, "feed: read by rules or limits only"),
        "returns": _said(
            {"enum": ["price", "total", None]},
            "whether prices hold dividends; null for feeds and own data, of which it is not known",
        ),
        "adjusted": {"type": "boolean"},
        "bars": {"enum": ["ohlcv", "ohlc", "close only", "mixed"]},
        "opens": _said(
            {"enum": ["real", "not real", "mixed", None]},
            "whether anyone traded at them; null for feeds and where none was printed",
        ),
        "volume": {"enum": ["known", "unknown", "partly"]},
        "survivorship": _MAYBE_TEXT,
        "source": _said(_MAYBE_TEXT, "the dataset; `csv` for own data"),
        "first": _said(_MAYBE_DATE, "the first bar inside the window; null when there is none"),
        "last": _MAYBE_DATE,
    }
)
_WORST_DAYS = _rows(
    {"date": _DATE, "return": {"type": "number", "maximum": 0}, "buy_and_hold": _MAYBE}
)

RUN: dict[str, Schema] = {
    "strategy": _said(_TEXT, "name in strategies.yaml; `portfolio` holds all in one account"),
    "title": _TEXT,
    "crisis": _TEXT,
    "crisis_title": _TEXT,
    "status": _said(
        {"enum": ["ran", "partial", "no-data"]},
        "partial: too little history or part of the data missing; notices begin with the reason",
    ),
    "start": _DATE,
    "end": _DATE,
    "bars": _said(_COUNT, "sessions in the window"),
    "symbols": _TEXTS,
    "params": {"type": "object", "additionalProperties": _NUMBER},
    "start_equity": _NUMBER,
    "final_equity": _MAYBE,
    "return": _RETURN,
    "max_drawdown": _DRAWDOWN,
    "trades": _said(_COUNT, "round trips, the ones still open at the end included"),
    "orders": _said(_COUNT, "orders sent, exits included"),
    "denied": _said(
        _COUNT, "orders refused: by a limit, a pause, flatten or halt in force, or not shortable"
    ),
    "clipped": _said(_COUNT, "orders sent smaller than asked because of a limit"),
    "skipped": _said(_COUNT, "times a limit could not be evaluated and said `else skip`"),
    "paused_bars": _said(_COUNT, "bars at whose close a pause, flatten or halt was in force"),
    "halts": _said(_COUNT, "times a halt was entered"),
    "fees": _said(_NUMBER, "commissions paid; slippage is inside the prices"),
    "interest": _said(_NUMBER, "earned on cash, negative when cash was owed; part of equity"),
    "borrow": _said(_NUMBER, "paid for borrowed shares"),
    "dividends": _said(_NUMBER, "received on raw prices, less those paid on short positions"),
    "no_trade_reason": _MAYBE_TEXT,
    "worst_overshoot": _said(
        _MAYBE, "most lost beyond a trade's planned loss, as a share of start equity"
    ),
    "ruined": _said({"type": "boolean"}, "equity fell to nothing, which ended the run"),
    "limits": _LIMITS,
    "expectations": _EXPECTATIONS,
    "funnel": _FUNNEL,
    "without_limits": _COMPARED,
    "buy_and_hold": _COMPARED,
    "ratios": _RATIOS,
    "worst_days": _said(_WORST_DAYS, "the deepest daily losses, at most five, deepest first"),
    "events": _said(_EVENTS, "every entering and leaving of a switch, in order"),
    "breaches": _said(_BREACHES, "every time a switch was entered: how fast, how far beyond"),
    "plans": _said(_PLANS, "how the planned losses of each entry were kept"),
    "sensitivity": _object(
        {
            "delayed": _said(_OUTCOME, "run again with every order filling a bar later"),
            "doubled_costs": _said(
                _OUTCOME, "run again at twice the commissions, slippage, spread and borrow rates"
            ),
        }
    ),
    "data": _said(_DATA, "what the run was made on, as it is inside the window"),
    "waived": _said(_TEXTS, "limits left out by the scenario or the command line, with why"),
    "notices": _TEXTS,
}
"""Every key of one run."""


VERDICT: dict[str, Schema] = {
    "strategy": _TEXT,
    "crisis": _TEXT,
    "date": _said(_DATE, "the close at which the order was put to the limits"),
    "book": _TEXT,
    "symbol": _TEXT,
    "source": {"enum": list(SOURCES)},
    "rule": _TEXT,
    "side": {"enum": ["buy", "sell"]},
    "asked": _said(_MAYBE, "shares that the rule asked for"),
    "granted": _said(_MAYBE, "shares that the limits left of it"),
    "price": _MAYBE,
    "verdict": _said({"enum": ["allow", "clip", "deny", "none"]}, "none: it came to no order"),
    "outcome": {"enum": list(OUTCOMES)},
}
"""Every key of one verdict; `switch` and `limits` stand there when one had a say."""

_LOUD: dict[str, Schema] = {
    "severity": {"enum": list(get_args(Severity))},
    "group": _said(_MAYBE_TEXT, "the desk, strategy, class or symbol whose limit it is"),
    "because": _said(_MAYBE_TEXT, "the reason that its text gives"),
}

_SAID = _rows(
    {
        "limit": _said(_TEXT, "block.limit"),
        "said": {"enum": list(SAID)},
        "value": _said(_MAYBE, "a cap in shares, or a truth value"),
        "code": _said(_TEXT, "the reason code: block.limit and what it said"),
        **_LOUD,
    }
)


def summary_schema() -> Schema:
    """The JSON Schema (2020-12) of summary.json."""
    top = _object(
        {
            "version": {"const": 1},
            "verdict": _said(
                {"enum": ["pass", "fail"]}, "fail: an expectation does not hold, or nothing ran"
            ),
            "id": _said(_TEXT, "the run's name: a hash of rules, data, settings and versions"),
            "trials": _said(_COUNT, "params set by hand on the command line"),
            "notices": _TEXTS,
            "findings": _said(
                _rows({"file": _TEXT, "kind": _TEXT, "row": _COUNT, "message": _TEXT}),
                "what was odd in the user's own data, row by row",
            ),
            "runs": {"type": "array", "items": _object(RUN)},
        }
    )
    return _titled("summary.json of a seawall dry-run", top)


def verdict_schema() -> Schema:
    """The JSON Schema (2020-12) of one line of verdicts.jsonl."""
    more = {
        "switch": _said(_TEXT, "block.pause that is in force"),
        "code": _said(_TEXT, "the reason code of the switch"),
        **_LOUD,
        "limits": _SAID,
    }
    line = {**_object(VERDICT), "properties": {**VERDICT, **more}}
    return _titled("one line of verdicts.jsonl: an order as it was put to the limits", line)


def _titled(title: str, schema: Schema) -> Schema:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
