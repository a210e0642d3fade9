"""Diagnostic codes: YAML, 8xx (floor 0)."""

from engine.base.codes.spec import Code

_GOOD = "version: 1\nstrategies: []\n"

YAML: tuple[Code, ...] = (
    Code(
        "SW801",
        "no valid YAML",
        "The file cannot be read as YAML: mostly indentation, a tab, or a quote left open.",
        "version: 1\nstrategies:\n\t- name: fade\n",
        _GOOD,
    ),
    Code(
        "SW802",
        "key written twice",
        "Most YAML readers silently keep the last of two equal keys; here they are an error.",
        "version: 1\nversion: 1\nstrategies: []\n",
        _GOOD,
    ),
    Code(
        "SW803",
        "YAML feature that is not read",
        "Anchors, aliases, merge keys and tags make a file say one thing and mean another.",
        "version: 1\naccount: &a {cash: 1000}\nbroker: *a\nstrategies: []\n",
        "version: 1\naccount: {cash: 1000}\nstrategies: []\n",
    ),
    Code(
        "SW804",
        "too much in one file",
        "A file holds one document of at most a million characters, nested at most 20 levels.",
        _GOOD + "---\nversion: 1\n",
        _GOOD,
    ),
    Code(
        "SW805",
        "key is no text",
        "Keys are plain words.",
        "version: 1\n[a, b]: 1\nstrategies: []\n",
        _GOOD,
    ),
    Code(
        "SW810",
        "unknown key",
        "The key is not known at this place. Unknown keys are errors: they may be misspelt.",
        "version: 1\nacount: {cash: 1000}\nstrategies: []\n",
        "version: 1\naccount: {cash: 1000}\nstrategies: []\n",
    ),
    Code(
        "SW811",
        "key missing",
        "A key that has no sensible default is missing.",
        "version: 1\n",
        _GOOD,
    ),
    Code(
        "SW812",
        "value of the wrong kind",
        "The value is not of the kind that this key takes.",
        "version: 1\naccount: {cash: plenty}\nstrategies: []\n",
        "version: 1\naccount: {cash: $1_000_000}\nstrategies: []\n",
    ),
    Code(
        "SW813",
        "value out of range",
        "The number is below or above what makes sense here.",
        "version: 1\naccount: {cash: -1}\nstrategies: []\n",
        "version: 1\naccount: {cash: 1}\nstrategies: []\n",
    ),
    Code(
        "SW814",
        "strategy named twice",
        "Reports, books and journals know a strategy by its name, so names are unique.",
        "version: 1\nstrategies:\n"
        "  - {name: fade, rules: fade.rule}\n  - {name: fade, rules: fade.rule}\n",
        "version: 1\nstrategies:\n"
        "  - {name: fade, rules: fade.rule}\n  - {name: fade_2, rules: fade.rule}\n",
    ),
    Code(
        "SW815",
        "file missing",
        "A path in the file starts from the folder that the file is in.",
        "version: 1\nlimits: [no_such.rule]\nstrategies: []\n",
        "version: 1\nlimits: [fade.rule]\nstrategies: []\n",
    ),
    Code(
        "SW816",
        "no value for a param",
        "A param takes a literal of the rule language: a number, percentage or number with a unit.",
        "version: 1\nstrategies:\n  - {name: fade, rules: fade.rule, params: {n: [20]}}\n",
        "version: 1\nstrategies:\n  - {name: fade, rules: fade.rule, params: {n: 20 bars}}\n",
    ),
    Code(
        "SW817",
        "keys that exclude each other",
        "Own data are one `file`, named by `symbols`, or `files` by symbol: both would leave open "
        "which one counts.",
        "version: 1\ndata: {source: csv, file: fade.rule, files: {A: fade.rule}}\nstrategies: []\n",
        "version: 1\ndata: {source: csv, files: {A: fade.rule}}\nstrategies: []\n",
    ),
)
