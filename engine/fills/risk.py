"""What holdings would have lost on each of the last bars (floor 2): value at risk, expected
shortfall, how far symbols move together and with a benchmark, and what past crises would cost.

Positions, working entries and the order being judged are held still and put through each bar's
returns, symbol by symbol, so that whatever moved together then moves together here. A symbol
without a bar did not move; one whose history does not reach back makes the answer unknown.
"""

from math import sqrt

from engine.fills import layout as at
from engine.fills.booking import magnitude
from engine.fills.cap import INFINITE
from engine.records import desk


def values_at_risk(
    n: at.Ints,
    s: at.Floats,
    ask: int,
    key: int,
    side: float,
    qty: float,
    price: float,
    is_gross: bool,
) -> int:
    """Where in s the value of each symbol lies: positions, working entries, and the order of `key`
    (-1: none), over the seats that the set covers. It is signed, so that what is long in one book
    and short in another cancels, unless `is_gross`."""
    first = n[ask + at.ASK_STATE] + 1
    for i in range(n[at.SYMBOL_COUNT]):
        s[first + i] = 0.0
    covers = n[n[ask + at.ASK_SET] + at.SET_COVERS]
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        if n[covers + i] != 0 and s[n[seat + at.SEAT_STATE] + at.BUSY] != 0.0:
            cell = first + n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_NUMBER]
            last = s[n[n[seat + at.SEAT_SYMBOL] + at.SYMBOL_STATE] + at.LAST]
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                other = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                held = s[n[other + at.KEY_STATE] + at.QTY]
                if held != 0.0:
                    s[cell] += magnitude(held * last) if is_gross else held * last
                order = n[other + at.KEY_ORDERS]
                if s[order + at.WORKING] != 0.0:
                    notional = s[order + at.LEFT] * s[order + at.PRICE]
                    s[cell] += notional if is_gross else s[order + at.SIDE] * notional
    if key >= 0:
        s[first + n[n[key + at.KEY_SYMBOL] + at.SYMBOL_NUMBER]] += side * qty * price
    return first


def reaches(w: at.Run, bars: int) -> bool:
    """Whether every history holds the returns of so many bars up to now."""
    return int(w.s[at.TODAY]) + w.n[at.HISTORY_LEAD] - bars + 1 >= 0


def returns_of(w: at.Run, symbol: int) -> int:
    """Where on the tape a symbol's return of now lies; earlier ones lie before it."""
    n = w.n
    here = int(w.s[at.TODAY]) + n[at.HISTORY_LEAD]
    return n[at.HISTORY] + symbol * (n[at.HISTORY_LEAD] + n[at.BARS]) + here


def replay_returns(w: at.Run, ask: int, first: int) -> bool:
    """Put the values through the last bars' returns; whether all of them are known."""
    n = w.n
    s = w.s
    gains = first + n[at.SYMBOL_COUNT]
    now = returns_of(w, 0)
    length = returns_of(w, 1) - now
    is_long_enough = reaches(w, n[ask + at.ASK_BARS])
    for k in range(n[ask + at.ASK_BARS]):
        gain = 0.0
        for i in range(n[at.SYMBOL_COUNT]):
            if s[first + i] != 0.0:
                if not is_long_enough:
                    return False
                gain += s[first + i] * w.tape[now + i * length - k]
        if gain != gain:
            return False
        s[gains + k] = gain
    return True


def tail(n: at.Ints, s: at.Floats, ask: int, gains: int) -> float:
    """The loss that was passed on the worst bars only: the largest of the rest of them, or, for the
    expected shortfall, their mean; never below nothing. It uses the gains up."""
    worst = 0.0
    total = 0.0
    count = n[ask + at.ASK_BUCKETS]
    for _ in range(count):
        lowest = 0
        for k in range(n[ask + at.ASK_BARS]):
            if s[gains + k] < s[gains + lowest]:
                lowest = k
        worst = -s[gains + lowest]
        total += worst
        s[gains + lowest] = INFINITE
    loss = total / count if n[ask + at.ASK_KIND] == desk.SHORTFALL else worst
    return loss if loss > 0.0 else 0.0


def deviation(n: at.Ints, s: at.Floats, ask: int, gains: int) -> float:
    """Population standard deviation of the gains."""
    bars = n[ask + at.ASK_BARS]
    total = 0.0
    for k in range(bars):
        total += s[gains + k]
    mean = total / bars
    squares = 0.0
    for k in range(bars):
        far = s[gains + k] - mean
        squares += far * far
    return sqrt(squares / bars)


def risk(w: at.Run, ask: int, key: int, side: float, qty: float, price: float) -> float:
    """Value at risk or expected shortfall, in money; nan when a symbol's history is too short."""
    n = w.n
    s = w.s
    first = values_at_risk(n, s, ask, key, side, qty, price, False)
    if not replay_returns(w, ask, first):
        return at.NAN
    gains = first + n[at.SYMBOL_COUNT]
    if n[ask + at.ASK_KIND] == desk.PARAMETRIC:
        return s[n[ask + at.ASK_STATE]] * deviation(n, s, ask, gains)
    return tail(n, s, ask, gains)


def correlated(w: at.Run, ask: int, key: int) -> float:
    """Gross value of the symbols that moved with the order's by at least the level, itself too."""
    n = w.n
    s = w.s
    first = values_at_risk(n, s, ask, -1, 0.0, 0.0, 0.0, True)
    mine = n[n[key + at.KEY_SYMBOL] + at.SYMBOL_NUMBER]
    total = 0.0
    for i in range(n[at.SYMBOL_COUNT]):
        if s[first + i] != 0.0:
            together = 1.0 if i == mine else correlation(w, mine, i, n[ask + at.ASK_BARS])
            if together != together:
                return at.NAN
            if together >= s[n[ask + at.ASK_STATE]]:
                total += s[first + i]
    return total


def correlation(w: at.Run, a: int, b: int, bars: int) -> float:
    """Correlation of two symbols' returns over the last bars; nan where either did not move."""
    if not reaches(w, bars):
        return at.NAN
    aa, bb, ab = moments(w, a, b, bars)
    if aa > 0.0 and bb > 0.0:
        return ab / (sqrt(aa) * sqrt(bb))
    return at.NAN


def moments(w: at.Run, a: int, b: int, bars: int) -> tuple[float, float, float]:
    """Squares of two symbols' returns over the last bars about their means, and their products, in
    sum."""
    tape = w.tape
    now_a = returns_of(w, a)
    now_b = returns_of(w, b)
    sum_a = 0.0
    sum_b = 0.0
    for k in range(bars):
        sum_a += tape[now_a - k]
        sum_b += tape[now_b - k]
    mean_a = sum_a / bars
    mean_b = sum_b / bars
    aa = 0.0
    bb = 0.0
    ab = 0.0
    for k in range(bars):
        x = tape[now_a - k] - mean_a
        y = tape[now_b - k] - mean_b
        aa += x * x
        bb += y * y
        ab += x * y
    return aa, bb, ab


def beta_exposure(w: at.Run, ask: int, key: int, side: float, qty: float, price: float) -> float:
    """Signed values times the beta of each symbol to the benchmark, in sum; nan where a beta is not
    known."""
    n = w.n
    s = w.s
    first = values_at_risk(n, s, ask, key, side, qty, price, False)
    total = 0.0
    for i in range(n[at.SYMBOL_COUNT]):
        if s[first + i] != 0.0:
            total += s[first + i] * beta(w, n[ask + at.ASK_IDS], i, n[ask + at.ASK_BARS])
    return total


def beta(w: at.Run, market: int, symbol: int, bars: int) -> float:
    """How far a symbol moved for each move of the market over the last bars, by least squares; nan
    where the market did not move."""
    if not reaches(w, bars):
        return at.NAN
    mm, _, mx = moments(w, market, symbol, bars)
    if mm > 0.0:
        return mx / mm
    return at.NAN


def stress(w: at.Run, ask: int, key: int, side: float, qty: float, price: float) -> float:
    """The largest loss in any shock of a crisis that had ended before this day, never below
    nothing; nan where none had, or where a move is not known."""
    n = w.n
    s = w.s
    first = values_at_risk(n, s, ask, key, side, qty, price, False)
    today = w.tape[n[at.CLOCK] + int(s[at.TODAY]) * at.CLOCK_WIDTH + at.DAY]
    width = 1 + n[at.SYMBOL_COUNT]
    worst = at.NAN
    for k in range(n[ask + at.ASK_BUCKETS]):
        shock = first + n[at.SYMBOL_COUNT] + k * width
        if s[shock] < today:
            loss = 0.0
            for i in range(n[at.SYMBOL_COUNT]):
                if s[first + i] != 0.0:
                    loss -= s[first + i] * s[shock + 1 + i]
            if loss != loss:
                return at.NAN
            if worst != worst or loss > worst:
                worst = loss if loss > 0.0 else 0.0
    return worst
