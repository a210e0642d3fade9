"""From a set-up that names a source, over the network, to a run that repeats without it."""

import json
import math
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.base.dates import iso
from engine.base.diagnostics import RuleErrors
from engine.base.errors import UserError
from engine.cli.checking import Checked, check_setup
from engine.cli.main import main
from engine.feeds.embedded import load
from engine.feeds.net.wire import Wire
from engine.session.dryrun import dryrun
from engine.session.fetch import FetchOptions, Row, fetch, plan
from engine.session.fetched import MARGIN
from engine.session.load import load_firm
from engine.session.options import DryrunOptions, Outcome
from tests.feeds.loopback import (
    Chart,
    Request,
    Server,
    alpaca_page,
    each,
    price,
    says,
    serving,
    sessions,
)

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
RULE = """rules 1
strategy plain "Holds what rose over ten days" {
  clock 1d on xnys
  data vix : pts = "VIX" daily stale after 2 bars
  entry long up {
    when close > sma(close, 10 bars) and vix < 90 pts
    size 10% of equity
    order market
  }
}
scenario "spring" "After the shipped data" { replay 2023-03-01 .. 2023-05-31 }
scenario "before" "Inside the shipped data" { replay 2020-02-03 .. 2020-06-30 }
"""
SETUP = """version: 1
data:
  source: yfinance
  cache: bars
  symbols: [KRE]
strategies: [{name: plain, rules: plain.rule, universe: [SP500, KRE]}]
scenarios: [plain.rule]
"""
DAYS = sessions("2019-01-02", "2025-12-31")


def shipped(symbol: str) -> Callable[[int], float]:
    """The shipped closes, read when the test runs, and a formula after their end."""
    series = load(symbol)
    held = dict(zip(series.days.tolist(), series.close.tolist(), strict=True))
    last = int(series.days[-1])
    return lambda day: held.get(day) or held[last] * (1 + 0.02 * math.sin((day - last) / 9))


def charts() -> dict[str, Chart]:
    rate = shipped("UST3M")

    def bill(day: int) -> float:
        return 100 * 360 * rate(day) / (365 + 91 * rate(day))

    return {
        "^GSPC": Chart(DAYS, close=shipped("SP500"), kind="INDEX"),
        "^VIX": Chart(DAYS, close=shipped("VIX"), kind="INDEX"),
        "^IRX": Chart(DAYS, close=bill, kind="INDEX"),
        "KRE": Chart(DAYS, close=price, kind="ETF"),
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "plain.rule").write_text(RULE)
    (tmp_path / "strategies.yaml").write_text(SETUP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(monkeypatch) as found:
        found.chart = [each(charts())]
        yield found


Shown = pytest.CaptureFixture[str]


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's own wire, without its waits."""
    monkeypatch.setattr("engine.session.fetch.Wire", lambda _: wire())


def wire() -> Wire:
    return Wire(6000, timeout=5.0, sleep=lambda _: None)


def get(options: FetchOptions | None = None, now: datetime = NOW) -> list[Row]:
    made = plan(options or FetchOptions(), now)
    return list(fetch(made, lambda _: None, wire(), now))


def run(folder: Path, crises: tuple[str, ...] = ("spring",)) -> Outcome:
    return dryrun(DryrunOptions(crises=crises, runner="python", limits=False, out=folder / "runs"))


def status(outcome: Outcome) -> list[object]:
    return [r["status"] for r in outcome.summary["runs"]]  # type: ignore[attr-defined]


def said(outcome: Outcome) -> str:
    return "\n".join(outcome.summary["notices"])  # type: ignore[arg-type]


def test_the_plan_is_exactly_what_ships_and_cache_lack(folder: Path) -> None:
    made = plan(FetchOptions(), NOW)
    found = {w.symbol: (w.ticker, iso(w.first), iso(w.last)) for w in made.wants}
    assert set(found) == {"SP500", "KRE"}, "VIX and UST3M ship to 2024"
    overlap = sessions("2022-01-03", "2022-12-28")[-(20 + MARGIN)]
    assert found["SP500"] == ("^GSPC", iso(overlap), "2023-05-31")
    assert found["KRE"][2] == "2023-05-31"
    assert found["KRE"][1] < "2020-01-16", "the earlier crisis needs it too, with its warm-up"


def test_one_crisis_needs_less(folder: Path) -> None:
    made = plan(FetchOptions(crises=("spring",)), NOW)
    (kre,) = [w for w in made.wants if w.symbol == "KRE"]
    assert "2023-01-01" < iso(kre.first) < "2023-02-15"
    assert plan(FetchOptions(crises=("before",)), NOW).wants[0].symbol == "KRE"


def test_before_fetching_a_run_says_what_is_missing_and_how_to_get_it(folder: Path) -> None:
    outcome = run(folder)
    assert status(outcome) == ["no-data"]
    assert "not fetched yet: SP500 2022-11-15..2023-05-31, KRE" in said(outcome)
    assert "`seawall data fetch`" in said(outcome)


def test_a_window_of_ones_own_is_fetched_by_the_command_that_is_told(
    folder: Path, server: Server, swift: None, capsys: Shown
) -> None:
    words = ["dryrun", "--from", "2024-01-02", "--to", "2024-03-28", "--out", str(folder / "runs")]
    assert main([*words, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (told,) = [n for n in found["notices"] if n.startswith("not fetched yet")]
    command = told.partition("`seawall ")[2].partition("`")[0]
    assert command.startswith("data fetch SP500 KRE --from 2022-11-15 --to 2024-03-28")
    assert main(shlex.split(command)) == 0
    capsys.readouterr()
    assert main([*words, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [r["status"] for r in found["runs"]] == ["ran"]


def test_after_fetching_it_runs_without_the_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patch, serving(patch) as server:
        server.chart = [each(charts())]
        rows = get()
    assert [(r.symbol, r.status) for r in rows] == [("SP500", "fetched"), ("KRE", "fetched")]
    assert all((folder / r.file).is_file() for r in rows if r.file)
    monkeypatch.setattr("socket.socket.connect", None)
    outcome = run(folder)
    assert status(outcome) == ["ran"]
    assert "SP500: after 2022-12-28 fetched from yfinance (^GSPC)" in said(outcome)
    assert "KRE: fetched from Yahoo Finance, adjusted for splits, dividends left out" in said(
        outcome
    )
    assert plan(FetchOptions(), NOW).wants == ()


def test_a_run_repeats_and_its_id_follows_the_bars(folder: Path, server: Server) -> None:
    get()
    first = run(folder).summary["id"]
    again = FetchOptions(symbols=("KRE",), first=DAYS[900], last=DAYS[1000])
    assert get(again, NOW.replace(month=3))[0].status == "fetched"
    assert run(folder).summary["id"] == first, "the same bars, fetched on another day"
    changed = charts() | {"KRE": Chart(DAYS, close=lambda d: price(d) + 1, kind="ETF")}
    server.chart = [each(changed)]
    get(FetchOptions(symbols=("KRE",)))
    assert run(folder).summary["id"] != first


def test_what_is_cached_besides_does_not_change_a_run(folder: Path, server: Server) -> None:
    get()
    first = run(folder).summary["id"]
    server.chart = [each(charts() | {"TSLA": Chart(DAYS)})]
    get(FetchOptions(symbols=("TSLA",), first=DAYS[0]))
    assert run(folder).summary["id"] == first


def test_one_symbol_that_fails_keeps_the_others(folder: Path, server: Server) -> None:
    well = each(charts())

    def answer(request: Request) -> tuple[int, str]:
        return (500, "busy") if request.ticker == "^GSPC" else well(request)

    server.chart = [answer]
    rows = {r.symbol: r for r in get()}
    assert (rows["SP500"].status, rows["KRE"].status) == ("failed", "fetched")
    assert "HTTP 500" in rows["SP500"].message
    server.chart = [each(charts())]
    assert [w.symbol for w in plan(FetchOptions(), NOW).wants] == ["SP500"]


def test_offline_ends_after_the_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.feeds.loopback import turn

    turn(monkeypatch, 1)
    rows = get()
    assert [r.status for r in rows] == ["failed", "not tried"]
    assert "refused" in rows[0].message


def test_a_damaged_file_is_an_error_for_a_run_and_replaced_by_a_fetch(
    folder: Path, server: Server
) -> None:
    (file,) = [r.file for r in get() if r.symbol == "KRE" and r.file]
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(UserError, match="damaged"):
        run(folder)
    (row,) = get()
    assert (row.symbol, row.status) == ("KRE", "fetched")
    assert "damaged" in row.notes[0]
    assert status(run(folder)) == ["ran"]


def test_bars_that_disagree_with_shipped_ones_are_not_kept(folder: Path, server: Server) -> None:
    right = shipped("SP500")
    wrong = Chart(DAYS, close=lambda d: right(d) * 1.01, kind="INDEX")
    server.chart = [each(charts() | {"^GSPC": wrong})]
    rows = {r.symbol: r for r in get()}
    assert rows["SP500"].status == "failed"
    assert "shipped close" in rows["SP500"].message
    assert not list(folder.glob("bars/*/*GSPC*"))


def test_an_unfinished_session_is_not_kept(folder: Path, server: Server) -> None:
    now = datetime(2023, 5, 10, 15, tzinfo=UTC)
    rows = get(now=now)
    assert {iso(r.last) for r in rows if r.last} == {"2023-05-09"}
    assert plan(FetchOptions(), now).wants == (), "nothing more has closed"
    assert {iso(w.last) for w in plan(FetchOptions(), NOW).wants} == {"2023-05-31"}


def test_named_symbols_are_fetched_again_and_never_shrink(folder: Path, server: Server) -> None:
    get()
    (row,) = get(FetchOptions(symbols=("KRE",), first=DAYS[900], last=DAYS[1000]))
    assert row.first is not None
    assert row.first < DAYS[300]
    assert status(run(folder)) == ["ran"]


def test_what_the_crises_lack_is_fetched_with_what_is_there(folder: Path, server: Server) -> None:
    (early,) = get(FetchOptions(symbols=("KRE",), first=DAYS[0], last=DAYS[400]))
    (row,) = [r for r in get() if r.symbol == "KRE"]
    assert row.first == early.first == DAYS[0]
    assert row.last is not None
    assert iso(row.last) == "2023-05-31"


def test_a_new_name_needs_a_first_day_and_a_source(folder: Path, server: Server) -> None:
    with pytest.raises(UserError, match="from when"):
        plan(FetchOptions(symbols=("TSLA",)), NOW)
    with pytest.raises(UserError, match="nothing of `TSLA`"):
        plan(FetchOptions(symbols=("TSLA",), first=DAYS[9], last=DAYS[8]), NOW)
    (folder / "strategies.yaml").write_text(SETUP.replace("yfinance", "embedded"))
    with pytest.raises((UserError, RuleErrors)) as caught:
        plan(FetchOptions(), NOW)
    assert "source: yfinance" in getattr(caught.value, "help", "")
    made = plan(FetchOptions(symbols=("TSLA",), source="yfinance", first=DAYS[0]), NOW)
    assert made.wants[0].ticker == "TSLA"
    assert made.held.folder == folder / "cache" / "bars" or made.held.folder == Path("bars")


def test_without_a_set_up_symbols_must_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UserError, match=r"no strategies.yaml"):
        plan(FetchOptions(source="yfinance"), NOW)
    made = plan(FetchOptions(symbols=("SP500",), source="yfinance"), NOW)
    assert made.held.folder == tmp_path / "cache" / "bars"
    assert made.wants[0].ticker == "^GSPC"


def test_tickers_map_our_names(folder: Path, server: Server) -> None:
    text = SETUP.replace("symbols: [KRE]", "tickers: {KRE: BANKS}")
    (folder / "strategies.yaml").write_text(text)
    server.chart = [each(charts() | {"BANKS": Chart(DAYS, kind="ETF")})]
    assert {r.ticker for r in get()} == {"^GSPC", "BANKS"}
    assert status(run(folder)) == ["ran"]


def test_two_names_of_one_ticker_share_a_file_that_suits_both(folder: Path, server: Server) -> None:
    text = SETUP.replace("symbols: [KRE]", "symbols: [KRE, OTHER]\n  tickers: {OTHER: KRE}")
    late = "universe: [OTHER, SP500]}, {name: late, rules: late.rule, universe: [KRE]}"
    (folder / "strategies.yaml").write_text(text.replace("universe: [SP500, KRE]}", late))
    head = RULE.partition("scenario")[0].replace("plain", "late")
    (folder / "late.rule").write_text(head.replace("10 bars", "150 bars"))
    spans = {w.symbol: w.first for w in plan(FetchOptions(), NOW).wants}
    assert spans["KRE"] == spans["OTHER"]
    assert [r.status for r in get()] == ["fetched"] * 3
    assert len(list(folder.glob("bars/*/KRE.*"))) == 1
    assert plan(FetchOptions(), NOW).wants == ()


def test_total_return_is_said(folder: Path, server: Server) -> None:
    (folder / "strategies.yaml").write_text(SETUP.replace("cache:", "adjust: total\n  cache:"))
    server.chart = [each(charts() | {"KRE": Chart(DAYS, kind="ETF", adjusted=0.5)})]
    get()
    loaded = load_firm(DryrunOptions(runner="python", limits=False, crises=("spring",)))
    series = loaded.firm.series["KRE"]
    assert series.instrument.total_return
    assert series.close[-1] == pytest.approx(0.5 * price(int(series.days[-1])))
    assert any("splits and dividends" in n for n in loaded.firm.notices)


def test_a_symbol_of_another_currency_is_refused(folder: Path, server: Server) -> None:
    server.chart = [each(charts() | {"KRE": Chart(DAYS, kind="ETF", currency="EUR")})]
    get()
    with pytest.raises(UserError, match="trades in EUR"):
        run(folder)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("cache: bars", "adjust: raw", "adjust: raw"),
        ("cache: bars", "options: {feed: sip}", "SW810"),
        ("cache: bars", "files: {KRE: plain.rule}", "SW817"),
        ("cache: bars", "file: plain.rule", "file"),
        ("source: yfinance", "source: yahoo", "SW812"),
        ("source: yfinance", "source: embedded\n  adjust: split", "adjust"),
        ("source: yfinance\n", "source: embedded\n  tickers: {KRE: X}\n", "tickers"),
        ("source: yfinance", "source: alpaca\n  options: {feed: otc}", "feed: otc"),
    ],
)
def test_what_a_set_up_may_not_say(folder: Path, old: str, new: str, word: str) -> None:
    (folder / "strategies.yaml").write_text(SETUP.replace(old, new))
    with pytest.raises((UserError, RuleErrors)) as caught:
        load_firm(DryrunOptions(runner="python"))
    found = caught.value
    told = found.message if isinstance(found, UserError) else found.diagnostics[0].code
    assert word in told


def test_check_knows_declared_symbols_and_no_others(folder: Path) -> None:
    def errors() -> list[str]:
        found = Checked()
        check_setup(folder / "strategies.yaml", found)
        return [d.message for d in found.diagnostics if d.severity == "error"]

    assert errors() == []
    (folder / "strategies.yaml").write_text(SETUP.replace("[SP500, KRE]", "[SP500, KRX]"))
    assert errors() == ["no data for the symbol `KRX`"]


def test_a_fetched_level_is_read_and_not_traded(folder: Path, server: Server) -> None:
    rule = RULE.replace('"VIX"', '"FEAR"').replace("vix < 90 pts", "vix > 0 pts")
    (folder / "plain.rule").write_text(rule)
    said = "instruments: {FEAR: {kind: volatility}}\n"
    text = SETUP.replace("symbols: [KRE]", "symbols: [KRE]\n  tickers: {FEAR: ^VXN}")
    (folder / "strategies.yaml").write_text(text + said)
    server.chart = [each(charts() | {"^VXN": Chart(DAYS, close=lambda d: 20.0, kind="INDEX")})]
    assert {r.symbol for r in get()} == {"SP500", "KRE", "FEAR"}
    outcome = run(folder)
    assert status(outcome) == ["ran"]
    series = load_firm(DryrunOptions(runner="python")).firm.series["FEAR"]
    assert not series.instrument.tradable
    assert set(series.close.tolist()) == {20.0}


def test_alpaca_from_set_up_to_run(
    folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APCA_API_KEY_ID", "an-id")
    monkeypatch.setenv("APCA_API_SECRET_KEY", "a-secret")
    text = SETUP.replace(
        "source: yfinance", "source: alpaca\n  adjust: raw\n  options: {feed: sip}"
    )
    (folder / "strategies.yaml").write_text(text.replace("[SP500, KRE]", "[KRE]"))
    days = sessions("2023-01-03", "2023-05-31")
    server.bars = [alpaca_page("KRE", days[:40], "more"), alpaca_page("KRE", days[40:])]
    (row,) = get(FetchOptions(crises=("spring",)))
    assert (row.status, row.bars) == ("fetched", sum(d >= row.first for d in days if row.first))
    assert row.file is not None
    assert row.file.name == "KRE.raw-sip.parquet"
    assert server.seen[0].query["feed"] == "sip"
    outcome = run(folder)
    assert status(outcome) == ["ran"]
    assert "KRE: fetched from Alpaca, prices as paid" in said(outcome)
    held = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    assert b"a-secret" not in held


def test_alpaca_has_no_indices(folder: Path) -> None:
    (folder / "strategies.yaml").write_text(SETUP.replace("yfinance", "alpaca"))
    made = plan(FetchOptions(), NOW)
    assert [w.symbol for w in made.wants] == ["KRE"]
    assert made.none == ("SP500",)


@pytest.mark.parametrize("verb", ["check", "dryrun"])
def test_a_run_loads_no_network_package(folder: Path, verb: str) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from engine.cli.main import main; "
        f"main([{verb!r}, 'strategies.yaml']); print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    packages = {"yfinance", "alpaca", "curl_cffi", "requests", "urllib3", "pandas", "http.client"}
    assert not loaded & packages
    if verb == "check":
        assert not loaded & {"numpy", "pyarrow", "engine.feeds.net.cache"}


def test_only_the_feeds_name_network_packages() -> None:
    users = {
        p.relative_to(ROOT).as_posix()
        for p in (ROOT / "engine").rglob("*.py")
        for name in ("yfinance", "alpaca.data", "curl_cffi", "requests")
        if f"import {name}" in p.read_text() or f'package("{name}' in p.read_text()
    }
    assert {
        u for u in users if u not in ("engine/feeds/__init__.py", "engine/feeds/net/sources.py")
    } == {
        "engine/feeds/yfinance.py",
        "engine/feeds/alpaca.py",
    }


# ---------------------------------------------------------------- the command


def test_the_command_tells_each_symbol(
    folder: Path, server: Server, swift: None, capsys: Shown
) -> None:
    assert main(["data", "fetch"]) == 0
    out = capsys.readouterr().out
    assert "fetching 2 symbols from Yahoo Finance into bars" in out
    assert "SP500 (^GSPC)" in out
    assert main(["data", "fetch"]) == 0
    assert "nothing to fetch" in capsys.readouterr().out
    assert main(["data", "list"]) == 0
    out = capsys.readouterr().out
    assert "fetched, in the cache:" in out
    assert "KRE" in out.partition("in the cache:")[2]
    server.chart = [each(charts() | {"KRE": Chart(DAYS, dividends={DAYS[-5]: 0.4})})]
    assert main(["data", "fetch", "KRE"]) == 0
    capsys.readouterr()
    assert main(["data", "show", "KRE"]) == 0
    out = capsys.readouterr().out
    assert "adjusted for splits, dividends left out; in USD; dates of America/New_York" in out
    assert f"dividend of 0.4 on {iso(DAYS[-5])}" in out
    assert main(["data", "show", "SP500"]) == 0
    assert "^GSPC" in capsys.readouterr().out


def test_the_command_exits_2_when_something_failed(
    folder: Path, server: Server, swift: None, capsys: Shown
) -> None:
    server.chart = [each({k: v for k, v in charts().items() if k != "KRE"})]
    assert main(["data", "fetch"]) == 2
    shown = capsys.readouterr()
    assert "KRE" in shown.out
    assert "knows no such ticker" in shown.out
    assert "1 of 2 could not be fetched; what was fetched is kept" in shown.err
    assert main(["data", "fetch", "--format", "json"]) == 2
    assert '"status": "failed"' in capsys.readouterr().out


def test_waits_are_told_on_the_other_stream(
    folder: Path, server: Server, swift: None, capsys: Shown
) -> None:
    server.chart = [says(429, "Too Many Requests"), each(charts())]
    assert main(["data", "fetch"]) == 0
    assert "HTTP 429); try 2 of 4" in capsys.readouterr().err


def test_a_name_by_hand_says_how_the_set_up_reads_it(
    folder: Path, server: Server, swift: None, capsys: Shown
) -> None:
    server.chart = [each(charts() | {"TSLA": Chart(DAYS)})]
    assert main(["data", "fetch", "TSLA", "--from", "2023-01-03", "--to", "2023-03-31"]) == 0
    shown = capsys.readouterr().out
    assert "TSLA              2023-01-03..2023-03-31  62 bars" in shown
    assert "`data: {source: yfinance, symbols: [KRE, TSLA]}`" in shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "2023-02-01", "--to", "2023-01-01", "KRE"), "--from lies after --to"),
        (("--from", "2023-02-01"), "for named symbols"),
        (("a.yaml", "b.yaml"), "two set-ups"),
        (("--source", "yahoo"), "none of"),
        (("UST2Y",), "could not be fetched"),
        (("KRE", "--adjust", "raw"), "no prices of --adjust raw"),
        (("KRE", "--source", "alpaca", "--from", "2023-01-03"), "needs keys"),
        (("absent.yaml",), "absent.yaml"),
    ],
)
def test_mistakes_exit_2(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Shown, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.delenv("APCA_API_KEY_ID", raising=False)
    assert main(["data", "fetch", *words]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert "Traceback" not in err
