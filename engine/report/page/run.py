"""One run, opened (floor 10): its chart, what was promised, what the limits did, every trade."""

from collections.abc import Mapping

from engine.records.account import RoundTrip
from engine.report.details import funnel_texts
from engine.report.facts import PORTFOLIO
from engine.report.page.blocks import (
    Block,
    Command,
    Entry,
    Figure,
    Fold,
    Form,
    Mark,
    Table,
    Text,
)
from engine.report.page.cell_chart import run_chart
from engine.report.page.labels import spelled
from engine.report.page.orders import order_tables
from engine.report.page.seen import Seen, book_prefix, facts
from engine.report.sentences import sentence
from engine.report.words import count, money, percent, points
from engine.session.cell import Ran
from engine.session.result import Result


def run_fold(run: Seen, result: Result) -> Fold:
    """Everything about one run, behind its sentence."""
    assert run.ran is not None, "a run without data has no fold"
    blocks = (
        Text((" · ".join(spelled(run)),), "caveat"),
        Figure(_see(run), run_chart(run, run.ran, _see(run))),
        *_promises(run),
        *_limits(run),
        *order_tables(run, run.ran),
        *_ratios(run),
        *_worst_days(run),
        *_conditions(run),
        *_trades(run, run.ran),
        *_money(run),
        *_look(run, result),
    )
    said = sentence(run.strategy, facts(run))
    rest = said.removeprefix(f"{run.strategy} ")
    return Fold(run.id, run.strategy, rest, blocks, run.failed)


def _see(run: Seen) -> str:
    """What there is to see in the chart, from its numbers."""
    row = run.row
    text = f"{run.strategy} returned {percent(row['return'])}"
    if row["without_limits"] and row["without_limits"]["return"] is not None:
        text += f" ({percent(row['without_limits']['return'])} without limits)"
    if row["buy_and_hold"] and row["buy_and_hold"]["return"] is not None:
        text += f" where holding returned {percent(row['buy_and_hold']['return'])}"
    if row["paused_bars"]:
        text += f"; it was stopped on {row['paused_bars']:,} of {count(row['bars'], 'bar')}"
    return text + "."


def _promises(run: Seen) -> list[Block]:
    rows = tuple(
        (Mark(e["holds"]), str(e["text"]), str(e["detail"])) for e in run.row["expectations"]
    )
    if not rows:
        return []
    return [Table("What was expected of it.", ("", "expectation", "what came"), rows)]


# ---------------------------------------------------------------- limits


def _limits(run: Seen) -> list[Block]:
    """Limits that acted, the one that saved most first."""
    found = run.row["limits"]
    acted = [k for k, limit in enumerate(found) if limit["fired"]]
    if not acted:
        said = "No limit bound or stopped anything." if found else "It ran without limits."
        return [Text((said,))]
    acted.sort(key=lambda k: -(found[k]["saved"] or 0.0))
    says = "What each limit saved, in points of return: this run minus the run without that one."
    columns = ("limit", "fired", "saved, points", "because")
    return [Table(says, columns, tuple(_limit(run, k) for k in acted), sortable=True)]


def _limit(run: Seen, k: int) -> tuple[Entry, ...]:
    limit = run.row["limits"][k]
    return (
        str(limit["name"]),
        run.fig("count", "limits", k, "fired"),
        run.fig("points", "limits", k, "saved"),
        str(limit.get("because") or ""),
    )


# ---------------------------------------------------------------- figures

RATIOS: tuple[tuple[str, str, Form], ...] = (
    ("annual return", "annual_return", "percent"),
    ("volatility", "volatility", "percent"),
    ("Sharpe", "sharpe", "ratio"),
    ("Sortino", "sortino", "ratio"),
    ("Calmar", "calmar", "ratio"),
    ("daily VaR 95%", "var_95", "percent"),
    ("daily ES 95%", "es_95", "percent"),
)
LINES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("with limits", ()),
    ("without limits", ("without_limits",)),
    ("held", ("buy_and_hold",)),
)


def _ratios(run: Seen) -> list[Block]:
    if not run.row.get("ratios"):
        return []
    rows: tuple[tuple[Entry, ...], ...] = tuple(
        (title, *(run.fig(form, *keys, "ratios", key) for _, key, form in RATIOS))
        for title, keys in LINES
        if not keys or run.row[keys[0]]
    )
    says = "Return against risk, per year of 252 sessions, no risk-free rate taken off."
    return [Table(says, ("", *(title for title, _, _ in RATIOS)), rows)]


def _worst_days(run: Seen) -> list[Block]:
    days = run.row.get("worst_days", [])
    if not days:
        return []
    rows = tuple(
        (
            str(day["date"]),
            run.fig("percent", "worst_days", k, "return"),
            run.fig("percent", "worst_days", k, "buy_and_hold"),
        )
        for k, day in enumerate(days)
    )
    first = days[0]
    says = f"Its worst day was {first['date']}: {percent(first['return'], 1)}."
    return [Table(says, ("day", "return", "held"), rows)]


def _conditions(run: Seen) -> list[Block]:
    if run.strategy == PORTFOLIO:
        return []
    texts = tuple(funnel_texts(facts(run)))
    rows: tuple[tuple[Entry, ...], ...] = tuple(
        (
            str(row["entry"]),
            str(row["symbol"]),
            str(condition["text"]),
            *(
                run.fig("count", "funnel", k, "conditions", j, truth)
                for truth in ("true", "false", "undefined")
            ),
        )
        for k, row in enumerate(run.row["funnel"])
        for j, condition in enumerate(row["conditions"])
    )
    found: list[Block] = [Text(texts)] if texts else []
    if rows:
        columns = ("entry", "symbol", "condition", "true", "false", "undefined")
        found.append(Table("On how many bars each condition held.", columns, rows))
    return found


MONEY = ("fees", "interest", "borrow", "dividends")


def _money(run: Seen) -> list[Block]:
    """Where money went besides prices, and how far a gap went through a plan."""
    row = run.row
    parts = [f"{key} {money(row[key], 0)}" for key in MONEY if row[key]]
    said = [f"In its account: {', '.join(parts)}."] if parts else []
    over = row["worst_overshoot"]
    if over is not None and percent(over) != "0.0%":
        said.append(
            f"The worst trade lost {points(over)} of the start equity more than its stop planned: "
            "limits plan losses, they do not bound them."
        )
    if row["ruined"]:
        said.append("Its equity fell to nothing, which ended the run.")
    return [Text(tuple(said))] if said else []


def _look(run: Seen, result: Result) -> list[Block]:
    command = result.commands.get((run.strategy, run.crisis))
    if command is None:
        return []
    return [Table("To see why, bar by bar:", ("paste this",), ((Command(command),),))]


# ---------------------------------------------------------------- trades

Opening = tuple[int, int, int, int, bool]
"""A fill's book, symbol, entry and bar, and whether it bought."""

TRADE_COLUMNS = (
    "opened",
    "closed",
    "symbol",
    "entry",
    "side",
    "shares",
    "in at",
    "out at",
    "profit",
    "fees",
    "planned loss",
    "why",
)


def _trades(run: Seen, ran: Ran) -> list[Block]:
    trips = ran.history.round_trips
    if not trips:
        return []
    won = sum(t.pnl > 0 for t in trips)
    says = f"{count(len(trips), 'trade')}, {won:,} of them with a profit; prices in dollars."
    decided = _decided(ran)
    rows = tuple(_trade(run, ran, k, decided) for k in range(len(trips)))
    return [Table(says, TRADE_COLUMNS, rows, sortable=True)]


def _trade(run: Seen, ran: Ran, k: int, decided: Mapping[Opening, int]) -> tuple[Entry, ...]:
    trip = ran.history.round_trips[k]
    tape, book = ran.desk.tape, ran.desk.books[trip.book]
    symbol = ran.desk.instruments[trip.symbol].symbol
    entry = book.entries[trip.entry].name if 0 <= trip.entry < len(book.entries) else "weight"
    return (
        tape.told(trip.first_bar),
        tape.told(trip.last_bar) if trip.closed else "still open",
        symbol,
        book_prefix(ran.desk, trip.book) + entry,
        "long" if trip.side > 0 else "short",
        run.trade("shares", k, "qty", trip.qty),
        run.trade("price", k, "entry_price", trip.entry_price),
        run.trade("price", k, "exit_price", trip.exit_price),
        run.trade("money", k, "pnl", trip.pnl),
        run.trade("money", k, "fees", trip.fees),
        run.trade("money", k, "planned_loss", trip.planned_loss),
        _why(run, ran, trip, decided),
    )


def _why(run: Seen, ran: Ran, trip: RoundTrip, decided: Mapping[Opening, int]) -> Command | None:
    """The command that shows the bar on which the position's first order was decided."""
    bar = decided.get((trip.book, trip.symbol, trip.entry, trip.first_bar, trip.side > 0))
    if bar is None:
        return None
    symbol = ran.desk.instruments[trip.symbol].symbol
    close = ran.desk.tape.told(bar).replace(" ", "T")
    asked = f"{ran.desk.books[trip.book].name} {symbol} {close}"
    return Command(f"seawall why {asked}" + " --portfolio" * (run.strategy == PORTFOLIO))


def _decided(ran: Ran) -> dict[Opening, int]:
    """For each fill, the bar whose close decided it; the first where several are alike."""
    found: dict[Opening, int] = {}
    for f in ran.history.fills:
        found.setdefault((f.book, f.symbol, f.entry, f.bar, f.qty > 0), f.decided)
    return found
