"""The pages of `seawall data`, as lines for people and as values for programs (floor 11)."""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.base.dates import iso
from engine.records.catalogue import Catalogue, Dataset, Source
from engine.records.coverage import BARS, CLOSES, NOTHING, PARTLY, Coverage
from engine.records.instrument import DataSpan, Instrument

MARKS = (
    ("N", "cannot be traded", lambda i: not i.tradable),
    ("A", "adjusted for splits", lambda i: i.adjusted),
    ("T", "dividends counted in", lambda i: i.total_return),
    ("O", "bars whose open is not real", lambda i: _false_opens(i)),
    ("L", "known one session later", lambda i: i.available > 0),
)
LETTERS = {BARS: "O", CLOSES: "C", PARTLY: "part", NOTHING: "-"}


def list_page(catalogue: Catalogue, crises: Sequence[Coverage], width: int) -> list[str]:
    """The whole list as lines: symbols by dataset, the marks, the crises."""
    lines: list[str] = []
    for dataset in catalogue.datasets:
        lines += [dataset.title, *_dataset_lines(catalogue, dataset), ""]
    legend = [f"{letter} {text}" for letter, text, _ in MARKS]
    lines += [*wrapped(f"marks: {', '.join(legend)}", "", width), ""]
    if crises:
        lines += crisis_table(crises)
        lines += ["", "O highs and lows, C closes only, part: not the whole window, - none"]
    lines += ["`seawall data show SYMBOL` tells the caveats and the source"]
    return lines


def _dataset_lines(catalogue: Catalogue, dataset: Dataset) -> list[str]:
    rows = [i for i in catalogue.instruments if i.dataset == dataset.name]
    return [f"  {i.symbol:<13}{_span(i)}  {letters(i):<6}{marks(i):<4}{i.title}" for i in rows]


def crisis_table(crises: Sequence[Coverage]) -> list[str]:
    """Crises down, one symbol of each dataset across."""
    names = [name for name, _ in crises[0].cells]
    head = f"{'crisis':<22}" + "".join(f"{name:<8}" for name in names)
    rows = [
        f"{row.crisis:<22}" + "".join(f"{LETTERS[has]:<8}" for _, has in row.cells)
        for row in crises
    ]
    notes = [f"{row.crisis}: {row.note}" for row in crises if row.note]
    return [head.rstrip(), *(row.rstrip() for row in rows), "", *notes]


def show_page(instrument: Instrument, dataset: Dataset, width: int) -> list[str]:
    """One symbol in full: what it is, what can be relied on when, caveats, where it comes from."""
    lines = [
        f"{instrument.symbol}: {instrument.title}",
        *_facts(instrument),
        "",
        "can be relied on:",
    ]
    lines += [f"  {iso(s.first)} to {iso(s.last)}  {', '.join(known(s))}" for s in instrument.spans]
    if instrument.splits:
        lines += ["", "splits in the raw prices:"]
        lines += [f"  {iso(split.day)}  {split.ratio:g} for 1" for split in instrument.splits]
    lines += ["", "caveats:"]
    lines += [line for text in instrument.caveats for line in wrapped(text, "  ", width)]
    lines += ["", f"source ({dataset.file}, {dataset.bytes:,} bytes):"]
    return lines + [line for source in dataset.sources for line in _source_lines(source, width)]


def _facts(i: Instrument) -> list[str]:
    trade = f"traded in lots of {i.lot:g}" if i.tradable else "not tradable; read it with `data`"
    sector = f", {i.sector}" if i.sector else ""
    lag = "known at its own close" if not i.available else f"known {i.available} session later"
    prices = "adjusted for splits" if i.adjusted else "not adjusted"
    dividends = "dividends counted in" if i.total_return else "dividends left out"
    facts = [
        f"  {i.kind}{sector}, in {i.currency}, {trade}",
        f"  columns: {', '.join(i.column_names)}",
    ]
    if i.kind not in ("volatility", "rate"):
        facts.append(f"  prices: {prices}, {dividends}")
    return [*facts, f"  {lag}"]


def _source_lines(source: Source, width: int) -> list[str]:
    return [
        f"  {iso(source.first)} to {iso(source.last)}  {source.package} {source.version}, "
        f"licence {source.licence}",
        *wrapped(source.caution, "    ", width),
    ]


def known(span: DataSpan) -> list[str]:
    """What a span holds, in words."""
    opens = "open" if span.real_open else "no tradable open"
    return [
        "close",
        opens,
        "high and low" if span.high_low else "no high or low",
        "volume" if span.volume else "no volume",
    ]


def letters(instrument: Instrument) -> str:
    """`OHLC`, `OHLCV` or `C`."""
    return "".join(name[0].upper() for name in instrument.column_names)


def marks(instrument: Instrument) -> str:
    """The letters of MARKS that apply."""
    return "".join(letter for letter, _, applies in MARKS if applies(instrument))


def listing(catalogue: Catalogue, crises: Iterable[Coverage]) -> dict[str, Any]:
    """The list for programs."""
    return {
        "version": 1,
        "instruments": [instrument_json(i) for i in catalogue.instruments],
        "crises": [
            {
                "id": row.crisis,
                "first": iso(row.first),
                "last": iso(row.last),
                "data": dict(row.cells),
                "note": row.note,
            }
            for row in crises
        ],
    }


def instrument_json(i: Instrument) -> dict[str, Any]:
    """One instrument for programs."""
    return {
        "symbol": i.symbol,
        "title": i.title,
        "dataset": i.dataset,
        "kind": i.kind,
        "tradable": i.tradable,
        "currency": i.currency,
        "sector": i.sector,
        "columns": list(i.column_names),
        "adjusted": i.adjusted,
        "total_return": i.total_return,
        "available": i.available,
        "spans": [_span_json(s) for s in i.spans],
        "splits": [{"date": iso(s.day), "ratio": s.ratio} for s in i.splits],
        "caveats": list(i.caveats),
    }


def dataset_json(dataset: Dataset) -> dict[str, Any]:
    """Where an instrument's data come from, for programs."""
    sources = [
        {
            "package": s.package,
            "version": s.version,
            "wheel_sha256": s.wheel_sha256,
            "licence": s.licence,
            "caution": s.caution,
            "first": iso(s.first),
            "last": iso(s.last),
        }
        for s in dataset.sources
    ]
    return {"file": dataset.file, "sha256": dataset.sha256, "sources": sources}


def _span_json(span: DataSpan) -> dict[str, Any]:
    return {
        "first": iso(span.first),
        "last": iso(span.last),
        "real_open": span.real_open,
        "high_low": span.high_low,
        "volume": span.volume,
    }


def wrapped(text: str, indent: str, width: int) -> list[str]:
    """Text in lines of the terminal's width; later lines stand two further in."""
    from textwrap import wrap

    return wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  ")


def _span(instrument: Instrument) -> str:
    spans = instrument.spans
    return f"{iso(spans[0].first)}..{iso(spans[-1].last)}" if spans else "no data"


def _false_opens(instrument: Instrument) -> bool:
    bars = [span for span in instrument.spans if span.high_low]
    return instrument.tradable and any(not span.real_open for span in bars)
