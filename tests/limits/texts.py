"""Random limits and strategies as rule text: every form the judge reads, from one seed.

A strategy here exists to send orders: many, of every kind, long and short, sized to meet limits.
"""

from dataclasses import dataclass
from random import Random

PERCENT = ("2%", "7.5%", "10%", "25%", "33%", "50%", "80%", "100%", "125%")
SMALL = ("0.25%", "1%", "2%", "3.5%", "6%")
SHARES = ("5 shares", "37 shares", "100 shares", "250 shares", "900 shares", "4_000 shares")
MONEY = ("$500", "$4_000", "$25_000", "$60_000")
BARS = ("2 bars", "3 bars", "5 bars", "8 bars")
DEPTHS = ("1 bars", "5 bars", "20 bars")
LEVELS = ("15 pts", "20 pts", "25.5 pts", "30 pts")
WINDOWS = ("60s", "2d", "3 bars", "8 bars", "70 bars", "today", "week", "month")


@dataclass(frozen=True)
class Names:
    """What a text may name. lists: of symbols, `days`: of dates, `agendas`: of events. more:
    whether limits of every kind are drawn, or only those that read the account as it is. past:
    whether there are bars from before the run."""

    symbols: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    agendas: tuple[str, ...] = ()
    past: bool = False
    more: bool = True


PLAIN = Names(more=False)


# ---------------------------------------------------------------- limits


def limits_text(rng: Random, name: str, switches: bool = True, names: Names = PLAIN) -> str:
    """A limits block of up to six limits and three switches."""
    rows = ['data vix : pts = "VIX" daily stale after 2 bars']
    if rng.random() < 0.3:
        rows.append(f"param share = {rng.choice(PERCENT)} in 1% .. 200%")
        rows.append("limit by_param on order clip qty to share of equity / order.price")
    if rng.random() < 0.3:
        rows.append(f"let room = {rng.choice(PERCENT)} of equity - exposure.gross")
        rows.append("limit by_let on order clip qty to room / order.price")
    rows += [limit_text(rng, f"l{k}", names) for k in range(rng.choice((1, 2, 2, 3, 3, 4, 6)))]
    if switches:
        count = rng.choice((0, 0, 0, 1, 1, 2, 3))
        rows += [switch_text(rng, f"s{k}", names) for k in range(count)]
    rng.shuffle(rows)
    return f"limits {name} {{\n" + "\n".join(f"  {r}" for r in rows) + "\n}\n"


def scope_text(rng: Random, names: Names) -> str:
    """Whom a row watches: all, each of a kind, or one by its name."""
    if not names.more or rng.random() < 0.5:
        return rng.choice(("", "", "scope firm ", "scope strategy "))
    kinds = {"desk": names.desks, "strategy": names.strategies, "asset class": names.kinds}
    kind = rng.choice((*kinds, "symbol", "symbol"))
    found = kinds.get(kind, names.symbols)
    return f"scope {kind} " + (f"{rng.choice(found)} " if found and rng.random() < 0.3 else "")


def limit_text(rng: Random, name: str, names: Names = PLAIN) -> str:
    """One limit of any action; refusals mostly look for something rare, or nothing would pass."""
    on = rng.choice(("order", "order", "entry"))
    scope = scope_text(rng, names)
    action = rng.choice(("clip", "clip", "deny", "deny", "reduce"))
    ending = rng.choice(
        (
            "",
            'else skip because "n"',
            'else skip because "s"',
            'else deny because "d"',
            'because "b"',
        )
    )
    if action == "clip":
        on = rng.choice((on, on, "position")) if names.more else on
        more = names.more and rng.random() < 0.4
        said = f"clip qty to {more_cap_text(rng, names) if more else cap_text(rng)}"
    elif names.more and rng.random() < 0.5:
        said = f"{'deny' if action == 'deny' else 'reduce only'} when {counted_text(rng, names)}"
    else:
        when = condition_text(rng)
        if rng.random() < 0.75:
            when = f"({when}) and ({rare_text(rng)})"
        said = f"{'deny' if action == 'deny' else 'reduce only'} when {when}"
    return f"limit {name} on {on} {scope}{said} {ending}"


def cap_text(rng: Random, depth: int = 1) -> str:
    """A number of shares."""
    share, small = rng.choice(PERCENT), rng.choice(SMALL)
    caps = (
        rng.choice(SHARES),
        f"{share} of equity / order.price",
        f"({share} of equity - exposure.gross) / order.price",
        f"({share} of equity - market.symbol_value) / order.price",
        f"{small} of equity / order.stop_distance",
        "account.exposure_room / order.price",
        "cash / last",
        "min(cash, account.settled_cash) / order.price",
        f"{rng.choice(MONEY)} / order.price",
        f"{share} of adv({rng.choice(BARS)})",
        f"{share} of volume",
        f"{rng.choice(SHARES)} - abs(position.qty)",
        f"{small} of start.equity / abs(order.price - close[1])",
        f"order.qty * {share}",
        f"{share} of equity / highest(close, {rng.choice(BARS)})",
    )
    if depth and rng.random() < 0.2:
        two = cap_text(rng, 0), cap_text(rng, 0)
        form = rng.choice(("min", "max", "if"))
        if form == "if":
            return f"if {condition_text(rng, 0)} then {two[0]} else {two[1]}"
        return f"{form}({two[0]}, {two[1]})"
    return rng.choice(caps)


def more_cap_text(rng: Random, names: Names) -> str:
    """A number of shares that goes by what is held together, was lost, or by a slower clock."""
    share = rng.choice(PERCENT)
    group = rng.choice(("sector", "class", "symbol", "book", "desk"))
    return rng.choice(
        (
            f"({share} of equity - exposure({group})) / order.price",
            f"({share} of equity - correlated(40%, 12 bars)) / order.price",
            f"({share} of equity - 20 * value_at_risk(90%, 15 bars)) / order.price",
            f"({share} of equity - 3 * lost({rng.choice(WINDOWS)})) / order.price",
            f"{rng.choice(SMALL)} of equity / {range_text(rng)}",
            f"({share} of equity - stress_loss({rng.choice(DEPTHS)})) / order.price",
            f"({share} of equity - abs(beta_exposure(SP500, 12 bars))) / order.price",
            f"{share} of equity / (close on 1w)",
            f"{share} of equity / (highest(high, 2 bars) on 1w)",
            f"{share} of (volume on 1w)",
        )
    )


def range_text(rng: Random) -> str:
    """How far a symbol moves on a bar."""
    n = rng.choice(BARS)
    return rng.choice(
        (f"atr({n})", f"atr({n})", f"stdev(close, {n})", f"abs(close - ema(close, {n}))")
    )


def event_text(rng: Random, name: str) -> str:
    """How near an event of a list lies."""
    return rng.choice(
        (
            f"blackout({name}, 2 bars, 1 bars)",
            f"blackout({name}, 0 bars, 0 bars)",
            f"sessions_to({name}) <= 2",
            f"sessions_since({name}) between 1 to 4",
            f"not (sessions_to({name}) > 1)",
        )
    )


def counted_text(rng: Random, names: Names) -> str:
    """A condition that counts in a window, looks at what moves together, or at a list."""
    window, few = rng.choice(WINDOWS), rng.randint(1, 6)
    share, small = rng.choice(PERCENT), rng.choice(SMALL)
    symbol = rng.choice(names.symbols or ("AAA",))
    group = rng.choice(("sector", "class", "symbol", "book", "desk"))
    tail = rng.choice(("value_at_risk", "expected_shortfall", "parametric_var"))
    level = rng.choice(("80%", "90%", "95%"))
    return rng.choice(
        (
            f"orders({window}) >= {few + 1}",
            f"cancels({window}) >= {few}",
            f"fills({window}) >= {few}",
            f"denials({window}) >= {few}",
            f"stops_hit({window}) >= 1",
            f"losing_trips({window}) >= {few}",
            f"lost({window}) > {small} of start.equity",
            f"losses.consecutive >= {few}",
            f"gain({rng.choice(('today', 'week', 'month'))}) <= -{small} of equity",
            f"account.settled_cash - order.notional < {share} of start.equity",
            f"orders({window}) >= 3 and fills({window}) < 40% * orders({window})",
            f"repeats({window}) >= {few}",
            f"duplicates({window}) >= {rng.randint(1, 2)}",
            f"exposure({group}) > {share} of equity",
            f"correlated({rng.choice(('10%', '40%'))}, 12 bars) > {share} of equity",
            f"{tail}({level}, {rng.choice((10, 15, 20))} bars) > {small} of equity",
            f"order.symbol is in {rng.choice(names.lists or ('banned',))}",
            f"market.date is in {rng.choice(names.days or ('quiet',))}",
            event_text(rng, rng.choice(names.agendas or ("fomc",))),
            f"stress_loss({rng.choice(DEPTHS)}) > {share} of equity",
            f"abs(beta_exposure(SP500, {rng.choice((10, 15))} bars)) > {share} of equity",
            "session.left_in_week == 0",
            "session.before_holiday or session.half_day",
            "session.left_in_month <= 1",
            f"{range_text(rng)} > {rng.choice(('2%', '5%'))} of close",
            "close < sma(close, 2 bars) on 1w",
            "close > (high on 1w)",
            "(close on 1w) < (close[1] on 1w)",
            "(close on 1mo) > close",
            "(low on 1w)[1] > close",
            f"close of {symbol} < sma(close, 3 bars) of {symbol}",
            f"close crosses above sma(close, {rng.choice(BARS)})",
            f"(system.killed or model.drift > 0.5) and {rare_text(rng)}",
            "not (quote.age > 5 or positions.count < 3)",
        )
    )


def condition_text(rng: Random, depth: int = 2) -> str:
    """A condition over an order."""
    if depth and rng.random() < 0.3:
        a, b = condition_text(rng, depth - 1), condition_text(rng, depth - 1)
        form = rng.choice(("and", "or", "not"))
        return f"not ({a})" if form == "not" else f"({a}) {form} ({b})"
    share, small, bars = rng.choice(PERCENT), rng.choice(SMALL), rng.choice(BARS)
    over = rng.choice((">", ">=", "<", "<="))
    return rng.choice(
        (
            f"drawdown {over} {small}",
            f"exposure.gross {over} {share} of equity",
            f"exposure.net {over} {share} of equity",
            f"positions.count {over} {rng.randint(1, 6)}",
            f"pnl.today {over} -{small} of equity",
            f"return {over} -{small}",
            f"not order.price within {small} of last",
            f"not order.price within {share} of close[1]",
            f"order.qty {over} {rng.choice(SHARES)}",
            f"order.notional {over} {rng.choice(MONEY)}",
            f"order.notional {over} {share} of equity",
            f"order.stop_distance {over} {small} of order.price",
            "order.stop_distance is na",
            f"order.is_short and position.qty {over} 0 shares",
            f"order.is_long and drawdown {over} {small}",
            f"abs(position.value) {over} {share} of equity",
            f"market.symbol_value {over} {share} of equity",
            f"market.borrow_rate {over} {small}",
            f"cash {over} {share} of start.equity",
            f"account.bars {over} {bars}",
            f"equity {over} {rng.choice(('97%', '99%'))} of peak(equity)",
            f"close {over} sma(close, {bars})",
            f"close {over} close[{rng.randint(1, 3)}]",
            f"close > close[1] for {bars}",
            f"close between lowest(close, {bars}) * 101% to highest(close, {bars}) * 99%",
            f"volume {over} {rng.choice(SHARES)}",
            "volume is na",
            f"vix {over} {rng.choice(LEVELS)}",
            f"order.price {over} position.entry_price",
            f"order.price * order.qty {over} {rng.choice(MONEY)} + exposure.gross",
        )
    )


def rare_text(rng: Random) -> str:
    """A condition that is seldom true."""
    return rng.choice(
        (
            f"exposure.gross > {rng.choice(('80%', '95%', '120%'))} of equity",
            f"positions.count >= {rng.randint(4, 8)}",
            f"order.notional > {rng.choice(('20%', '40%'))} of equity",
            f"close > close[1] for {rng.choice(BARS)}",
            "market.symbol_value > 30% of equity",
            f"drawdown > {rng.choice(SMALL)}",
            f"close == highest(close, {rng.choice(BARS)})",
            "vix > 22 pts",
            "volume < 1_000 shares",
        )
    )


def switch_text(rng: Random, name: str, names: Names = PLAIN) -> str:
    """A pause, flatten or halt with a way back."""
    kind = rng.choice(("pause", "flatten", "halt"))
    scope = scope_text(rng, names)
    back = rng.choice(
        (
            f"resume when {calm_text(rng)}",
            f"resume after {rng.randint(1, 6)}d",
            'resume by hand "desk"',
            f"resume when {calm_text(rng)} resume after {rng.randint(4, 9)}d",
        )
    )
    storm = trouble_text(rng, names) if names.more and rng.random() < 0.5 else storm_text(rng)
    return f"{kind} {name} {scope}{{ enter when {storm} {back} allow exits }}"


def storm_text(rng: Random) -> str:
    """When a switch enters."""
    small = rng.choice(SMALL)
    return rng.choice(
        (
            f"vix > {rng.choice(LEVELS)}",
            f"vix > {rng.choice(LEVELS)} for {rng.choice(BARS)}",
            f"pnl.today <= -{small} of equity",
            f"equity <= {rng.choice(('96%', '98%', '99.5%'))} of peak(equity)",
            f"drawdown > {small}",
            f"drawdown > {small} for 2 bars",
            f"exposure.gross > {rng.choice(PERCENT)} of equity",
            f"positions.count >= {rng.randint(2, 6)}",
            f"return < -{small} or vix >= {rng.choice(LEVELS)}",
        )
    )


def trouble_text(rng: Random, names: Names) -> str:
    """When a switch enters, by what was counted or might be lost."""
    window, few = rng.choice(WINDOWS), rng.randint(2, 5)
    return rng.choice(
        (
            f"losing_trips({window}) >= {few}",
            f"stops_hit({window}) >= {few - 1}",
            f"orders({window}) > {few + 4}",
            f"denials({window}) >= {few}",
            f"cancels({window}) >= {few}",
            f"fills({window}) > {few}",
            f"lost({window}) > {rng.choice(SMALL)} of equity",
            f"losses.consecutive >= {few}",
            f"losses.consecutive >= {few} for 2 bars",
            f"gain({rng.choice(('today', 'week', 'month'))}) <= -{rng.choice(SMALL)} of equity",
            f"account.settled_cash < {rng.choice(PERCENT)} of equity",
            f"value_at_risk(95%, 15 bars) > {rng.choice(SMALL)} of equity",
            f"stress_loss({rng.choice(DEPTHS)}) > {rng.choice(PERCENT)} of equity",
            f"beta_exposure(SP500, 10 bars) > {rng.choice(PERCENT)} of equity",
            event_text(rng, rng.choice(names.agendas or ("fomc",))),
            "session.left_in_week == 0",
        )
    )


def calm_text(rng: Random) -> str:
    """When a switch lets go."""
    return rng.choice(
        (
            f"vix < {rng.choice(LEVELS)}",
            f"vix < {rng.choice(LEVELS)} for {rng.choice(BARS)}",
            f"drawdown < {rng.choice(SMALL)}",
            f"equity > {rng.choice(('95%', '99%'))} of peak(equity)",
            "pnl.today > $0",
            "positions.count == 0",
        )
    )


# ---------------------------------------------------------------- strategies


def strategy_text(rng: Random, name: str, names: Names = PLAIN, may_spread: bool = True) -> str:
    """A strategy with up to four entries, with a weight, or of spreads."""
    rows = ["clock 1d on xnys"]
    if may_spread and names.more and len(names.symbols) > 1 and rng.random() < 0.25:
        rows += spread_rows(rng, names)
    elif rng.random() < 0.25:
        a, b = rng.choice(("40%", "90%", "130%")), rng.choice(("0%", "10%", "-30%"))
        rows.append(f"weight if {signal_text(rng)} then {a} else {b}")
        rows.append(f"rebalance {rng.choice(('daily', 'daily', 'weekly'))}")
    else:
        for k in range(rng.randint(1, 4)):
            rows += entry_rows(rng, f"e{k}", names)
        age = rng.randint(1, 4)
        rows.append(f"exit out {{ when position.age >= {age} bars order market }}")
    return f"strategy {name} {{\n" + "\n".join(f"  {r}" for r in rows) + "\n}\n"


def spread_rows(rng: Random, names: Names) -> list[str]:
    """One or two spreads over two or three legs."""
    count = min(len(names.symbols), rng.choice((2, 2, 3)))
    legs = rng.sample(names.symbols, count)
    rows = [f"leg x{k} = {symbol}" for k, symbol in enumerate(legs)]
    for j in range(rng.choice((1, 1, 2))):
        orders = [
            f"{rng.choice(('buy', 'sell'))} x{k} size {rng.choice((*SHARES, *MONEY))}"
            for k in range(count)
        ]
        tif = rng.choice(("", " for gtc"))
        when = f"close of x0 {rng.choice(('>', '<'))} (close of x1) * {rng.choice((50, 100, 200))}%"
        sent = " ".join(orders)
        rows.append(f"entry spread p{j} {{ when {when} {sent} order market{tif} }}")
    rows.append(f"exit out {{ when position.age >= {rng.randint(1, 4)} bars order market }}")
    return rows


def entry_rows(rng: Random, name: str, names: Names) -> list[str]:
    """An entry of any order kind, with its levels."""
    side = rng.choice(("long", "long", "short"))
    kinds = ("market", "market", "limit", "stop")
    kind = rng.choice((*kinds, "market", "stop_limit", "trailing") if names.more else kinds)
    share = rng.choice(("97%", "99%", "100%", "102%"))
    price = "" if kind == "market" else f" close * {share}"
    tif = rng.choice(("", " for gtc"))
    if names.more and kind in ("market", "limit") and rng.random() < 0.2:
        tif = rng.choice((" for ioc", " for opg", " for cls"))
    if kind == "stop_limit":
        kind = "stop"
        price += f" limit close * {'103%' if side == 'long' else '96%'}"
    if kind == "trailing":
        price = f" {rng.choice(('2%', '3%', '$1', '$0.5'))}"
    size = rng.choice(
        (
            rng.choice(SHARES),
            f"{rng.choice(PERCENT)} of equity / close",
            f"{rng.choice(SMALL)} of equity / (2% of close)",
            rng.choice(MONEY),
        )
    )
    row = f"entry {side} {name} {{ when {signal_text(rng)} size {size} order {kind}{price}{tif} }}"
    return [row, *level_rows(rng, name, side == "long")]


def level_rows(rng: Random, entry: str, is_long: bool) -> list[str]:
    """Stops, trails and targets of one entry, on the side where they belong."""
    near, far, gain = ("97%", "93%", "102%") if is_long else ("103%", "107%", "98%")
    rows = (
        f"stop near_{entry} of {entry} at position.entry_price * {near}",
        f"stop far_{entry} of {entry} at position.entry_price * {far}",
        f"trail trail_{entry} of {entry} at close * {near}",
        f"target gain_{entry} of {entry} at position.entry_price * {gain}",
    )
    return [row for row in rows if rng.random() < 0.35]


def signal_text(rng: Random) -> str:
    """Something that is true often."""
    return rng.choice(
        (
            "close > close[1]",
            "close < close[1]",
            "close > $1",
            "close >= sma(close, 3 bars)",
            "close < highest(close, 4 bars)",
        )
    )
