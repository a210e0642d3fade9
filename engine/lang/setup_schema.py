"""The JSON Schema of strategies.yaml, derived from its table of keys (floor 3)."""

from collections.abc import Callable
from typing import Any

from engine.lang import setup_keys as keys

Json = dict[str, Any]

DRAFTS = {
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft-07": "http://json-schema.org/draft-07/schema#",
}


def _text(shape: keys.Text) -> Json:
    return {"enum": list(shape.choices)} if shape.choices else {"type": "string", "minLength": 1}


def _number(shape: keys.Number) -> Json:
    bounds = {"minimum": shape.low, "maximum": shape.high}
    return {"type": "number"} | {name: low for name, low in bounds.items() if low is not None}


def _ratio(shape: keys.Ratio) -> Json:
    number = _number(keys.Number(0.0, shape.high))
    percent = {"type": "string", "pattern": keys.RATIO_TEXT}
    if shape.high == 1.0:
        percent["pattern"] = r"^(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%$"
    return {"anyOf": [number, percent]}


def _record(shape: keys.Record) -> Json:
    named = {
        name: schema_of(key.shape) | {"description": key.doc} for name, key in shape.keys.items()
    }
    required = [name for name, key in shape.keys.items() if key.is_required]
    rest: Json = {"required": required} if required else {}
    if shape.apart:
        rest["not"] = {"anyOf": [{"required": list(pair)} for pair in shape.apart]}
    return {"type": "object", "properties": named, "additionalProperties": False} | rest


def _amount(_: keys.Amount) -> Json:
    return {"anyOf": [_number(keys.Number()), {"type": "string", "pattern": keys.AMOUNT_TEXT}]}


def _param(_: keys.Param) -> Json:
    return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": keys.PARAM_TEXT}]}


def _named(shape: keys.Named) -> Json:
    return {"type": "object", "additionalProperties": schema_of(shape.item)}


_SHAPES: dict[type, Callable[[Any], Json]] = {
    keys.Text: _text,
    keys.Number: _number,
    keys.Positive: lambda _: {"type": "number", "exclusiveMinimum": 0},
    keys.Version: lambda shape: {"const": shape.known},
    keys.Amount: _amount,
    keys.Ratio: _ratio,
    keys.Flag: lambda _: {"type": "boolean"},
    keys.Param: _param,
    keys.Free: lambda _: {"type": "object"},
    keys.Many: lambda shape: {"type": "array", "items": schema_of(shape.item)},
    keys.Named: _named,
    keys.Either: lambda shape: {"anyOf": [_text(shape.text), schema_of(shape.other)]},
    keys.Record: _record,
}


def schema_of(shape: keys.Shape) -> Json:
    """The JSON Schema of one shape."""
    return _SHAPES[type(shape)](shape)


def setup_schema(draft: str) -> Json:
    """The schema of the whole file in one of DRAFTS; the two differ in their `$schema` alone."""
    head = {"$schema": DRAFTS[draft], "title": "strategies.yaml", "description": "A seawall set-up"}
    return head | schema_of(keys.SETUP)
