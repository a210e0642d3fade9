"""Pauses, flattens, halts (floor 2): entered and left at each close by their limit set's rule.

Entering wins over resuming on one bar. While on, a resume is asked by condition, after so many
bars, or by hand at a given bar. A pause or flatten resumes when it is asked and its enter
condition is false. A halt restarts its set's cells when it resumes (so peak(equity) starts at that
bar), and resumes only if its enter condition is false on those fresh cells: so a drawdown halt can
be resumed at all, and one whose cause lasts stays. An enter condition that is unknown pauses: a
pause is entered, a halt or flatten blocks entries until its condition is known again.
"""

from engine.fills import layout as at
from engine.fills.events import note_switch
from engine.fills.facts import clear_order, write_limits_scope, write_money
from engine.fills.legs import end_legs
from engine.fills.mark import measure
from engine.fills.orders import cancel_entry
from engine.fills.verdict import rank_of
from engine.fills.windows import answer_asks
from engine.records import account, desk


def run_switches(w: at.Run, t: int) -> None:
    """Run every limit set's rule at this close, enter and leave switches, and block seats."""
    n = w.n
    s = w.s
    turned = s[at.SWITCHINGS]
    for k in range(n[at.SET_COUNT]):
        group = n[at.SETS] + k * at.SET_WIDTH
        if n[group + at.SET_SWITCH_COUNT] + n[group + at.SET_CELL_COUNT] != 0:
            call_rule(w, t, group, n[at.OUT_SET])
            for j in range(n[group + at.SET_SWITCH_COUNT]):
                switch = n[group + at.SET_SWITCHES] + j * at.SWITCH_WIDTH
                on = n[switch + at.SWITCH_STATE] + at.ON
                enter = n[switch + at.SWITCH_ENTER]
                if s[on] != 0.0 or (enter >= 0 and s[n[at.OUT_SET] + enter] != 0.0):
                    run_switch(w, t, group, switch)
                    if s[on] != 0.0:
                        e = n[at.TRACE] + t * n[at.TRACE_WIDTH] + n[at.TRACE_PAUSED]
                        s[e + n[switch + at.SWITCH_TRACE]] = 1.0
    if s[at.SWITCHINGS] != turned:  # a seat that was blocked before has no entry left to cancel
        block_seats(n, s)
        cancel_blocked(n, s, t)


def call_rule(w: at.Run, t: int, group: int, out: int) -> None:
    """Step a limit set's rule on the fields of its scope."""
    n = w.n
    s = w.s
    f = n[at.LIMIT_FIELDS]
    reads = n[group + at.SET_READS]
    if reads == at.READS_MONEY:
        write_money(s, n[group + at.SET_SCOPE], f)
    elif reads == at.READS_OTHERS:
        if s[at.CLEARED] != s[at.VERDICTS] + 1.0:  # only an order's own verdict leaves marks
            clear_order(s, f)
            s[at.CLEARED] = s[at.VERDICTS] + 1.0
        write_limits_scope(n, s, t, group, f)
        if n[group + at.SET_RULE_ASKS] != 0:
            answer_asks(w, group, f, n[group + at.SET_RULE_ASKS])
    r = t * n[group + at.SET_ROW_WIDTH]
    rows = w.rows[n[group + at.SET_CLOCK]]
    w.calls[n[group + at.SET_RULE]](rows, r, s, f, s, n[group + at.SET_CELLS], s, out)


def truth_at(s: at.Floats, out: int, k: int) -> int:
    """A truth value that a rule wrote; unknown when it is na, false when it has none (k is -1)."""
    if k < 0:
        return 0
    value = s[out + k]
    if value != value:
        return 1
    return int(value)


def run_switch(w: at.Run, t: int, group: int, switch: int) -> None:
    """Enter or leave one switch."""
    n = w.n
    s = w.s
    state = n[switch + at.SWITCH_STATE]
    on = int(s[state + at.ON])
    enter = truth_at(s, n[at.OUT_SET], n[switch + at.SWITCH_ENTER])
    is_pause = n[switch + at.SWITCH_KIND] == desk.PAUSE
    if on == 1:
        why = resume_asked(w, t, switch)
        if why >= 0 and may_resume(w, t, group, switch, enter):
            turn(n, s, t, group, switch, 0, why)
    elif enter == 2 or (enter == 1 and is_pause):
        turn(n, s, t, group, switch, 1, enter)
    elif enter == 1 and on == 0:
        turn(n, s, t, group, switch, 2, enter)
    elif enter == 0 and on == 2:
        turn(n, s, t, group, switch, 0, 0)


def turn(n: at.Ints, s: at.Floats, t: int, group: int, switch: int, on: int, value: int) -> None:
    """Put a switch on or off."""
    state = n[switch + at.SWITCH_STATE]
    s[state + at.ON] = on
    s[state + at.SINCE] = t
    note_switch(n, s, t, group, switch, on, value)


def sessions_between(w: at.Run, since: int, t: int) -> float:
    """How many sessions after the bar `since` a bar lies."""
    clock = w.n[at.CLOCK] + at.SESSION
    return w.tape[clock + t * at.CLOCK_WIDTH] - w.tape[clock + since * at.CLOCK_WIDTH]


def resume_asked(w: at.Run, t: int, switch: int) -> int:
    """2 when the resume condition is true, 0 when time or a hand asks, -1 when nothing does."""
    n = w.n
    if truth_at(w.s, n[at.OUT_SET], n[switch + at.SWITCH_RESUME]) == 2:
        return 2
    after = n[switch + at.SWITCH_AFTER]
    since = int(w.s[n[switch + at.SWITCH_STATE] + at.SINCE])
    if after > 0 and sessions_between(w, since, t) >= after:
        return 0
    for k in range(n[switch + at.SWITCH_HAND_COUNT]):
        if n[n[switch + at.SWITCH_HANDS] + k] == t:
            return 0
    return -1


def may_resume(w: at.Run, t: int, group: int, switch: int, enter: int) -> bool:
    """Whether nothing makes the switch enter again; one that restarts is judged on fresh cells."""
    n = w.n
    s = w.s
    if n[switch + at.SWITCH_RESTARTS] == 0:
        return enter == 0
    cells = n[group + at.SET_CELLS]
    for k in range(n[group + at.SET_CELL_COUNT]):
        s[n[at.SPARE] + k] = s[cells + k]
        s[cells + k] = s[n[group + at.SET_INIT] + k]
    call_rule(w, t, group, n[at.OUT_FRESH])
    if truth_at(s, n[at.OUT_FRESH], n[switch + at.SWITCH_ENTER]) == 0:
        return True
    for k in range(n[group + at.SET_CELL_COUNT]):
        s[cells + k] = s[n[at.SPARE] + k]
    return False


def cancel_blocked(n: at.Ints, s: at.Floats, t: int) -> None:
    """Cancel the working entries of blocked seats, after all sets have run: none sees it."""
    is_any = False
    for i in range(n[at.SEAT_COUNT]):
        seat = n[at.SEATS] + i * at.SEAT_WIDTH
        state = n[seat + at.SEAT_STATE]
        if s[state + at.BLOCK_KIND] >= 0.0 and s[state + at.BUSY] != 0.0:
            for j in range(n[seat + at.SEAT_KEY_COUNT]):
                key = n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH
                if cancel_entry(n, s, t, key, account.SWITCHED_OFF):
                    end_legs(n, s, t, key, account.SWITCHED_OFF)
                    is_any = True
    if is_any:
        measure(n, s)


def block_seats(n: at.Ints, s: at.Floats) -> None:
    """Note for each seat the switch that weighs most, and whether it must be flattened."""
    s[at.FLATTENS] = 0.0
    for i in range(n[at.SEAT_COUNT]):
        state = n[n[at.SEATS] + i * at.SEAT_WIDTH + at.SEAT_STATE]
        s[state + at.BLOCK_KIND] = -1.0
        s[state + at.FLATTENING] = 0.0
    for k in range(n[at.SET_COUNT]):
        group = n[at.SETS] + k * at.SET_WIDTH
        for j in range(n[group + at.SET_SWITCH_COUNT]):
            switch = n[group + at.SET_SWITCHES] + j * at.SWITCH_WIDTH
            if s[n[switch + at.SWITCH_STATE] + at.ON] != 0.0:
                block(n, s, group, switch)


def block(n: at.Ints, s: at.Floats, group: int, switch: int) -> None:
    """Apply one switch that is on to the seats that its set covers."""
    on = int(s[n[switch + at.SWITCH_STATE] + at.ON])
    rank = rank_of(n[switch + at.SWITCH_KIND], on)
    for i in range(n[at.SEAT_COUNT]):
        state = n[n[at.SEATS] + i * at.SEAT_WIDTH + at.SEAT_STATE]
        if n[n[group + at.SET_COVERS] + i] != 0:
            if rank == desk.FLATTEN:
                s[state + at.FLATTENING] = 1.0
                s[at.FLATTENS] = 1.0
            if rank > s[state + at.BLOCK_KIND]:
                s[state + at.BLOCK_KIND] = rank
                s[state + at.BLOCK_SET] = n[group + at.SET_NUMBER]
                s[state + at.BLOCK_SWITCH] = n[switch + at.SWITCH_NUMBER]
