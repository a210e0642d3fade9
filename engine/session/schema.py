"""The JSON Schema of summary.json (floor 9), made from one table of keys."""

from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "number"}
_MAYBE: Schema = {"type": ["number", "null"]}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_DATE: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


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
_COMPARED: Schema = {
    "anyOf": [_object({"return": _RETURN, "max_drawdown": _DRAWDOWN}), {"type": "null"}]
}

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
        "fired": _said(_COUNT, "orders it denied or clipped; for switches, times entered"),
        "saved": _said(_MAYBE, "return with it minus return without it alone; negative: it cost"),
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
        "conditions": _rows({"text": _TEXT, "true": _COUNT}),
    }
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
    "no_trade_reason": {"type": ["string", "null"]},
    "worst_overshoot": _said(
        _MAYBE, "most lost beyond a trade's planned loss, as a share of start equity"
    ),
    "ruined": _said({"type": "boolean"}, "equity fell to nothing, which ended the run"),
    "limits": _LIMITS,
    "expectations": _EXPECTATIONS,
    "funnel": _FUNNEL,
    "without_limits": _COMPARED,
    "buy_and_hold": _COMPARED,
    "waived": _said(_TEXTS, "limits that the scenario waives, with the reason"),
    "notices": _TEXTS,
}
"""Every key of one run."""


def summary_schema() -> Schema:
    """The JSON Schema (2020-12) of summary.json."""
    top = _object(
        {
            "version": {"const": 1},
            "verdict": _said({"enum": ["pass", "fail"]}, "fail: an expectation does not hold"),
            "id": _said(_TEXT, "the run's name: a hash of rules, data, settings and versions"),
            "trials": _said(_COUNT, "params set by hand on the command line"),
            "notices": _TEXTS,
            "runs": {"type": "array", "items": _object(RUN)},
        }
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "summary.json of a seawall dry-run",
        **top,
    }
