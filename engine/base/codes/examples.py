"""Whole rule files round one line, for the examples of diagnostic codes (floor 0)."""


def page(what: str, why: str, fix: str) -> str:
    """A code's explanation: what it is, why it matters, how to mend it."""
    return f"{what}\n\nWhy: {why}\n\nFix: {fix}"


def demo(*lines: str) -> str:
    """A whole strategy with these lines added to it."""
    return _strategy(lines, "close < open")


def rule(when: str, *lines: str) -> str:
    """A whole strategy whose entry fires on this condition."""
    return _strategy(lines, when)


def bare(*lines: str) -> str:
    """A strategy of nothing but these lines."""
    return "rules 1\nstrategy demo {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def limits(*lines: str) -> str:
    """A limits block of these lines."""
    return "rules 1\nlimits house {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def scenario(*lines: str) -> str:
    """A scenario of 2020 with these lines added."""
    body = "".join(f"  {line}\n" for line in ("replay 2020-02-03 .. 2020-06-30", *lines))
    return f"rules 1\nscenario covid {{\n{body}}}\n"


def tested(*lines: str, of: str = "demo") -> str:
    """A whole strategy and a test of it."""
    body = "".join(f"  {line}\n" for line in lines)
    return f'{demo()}test "it works" of {of} {{\n{body}}}\n'


def _strategy(lines: tuple[str, ...], when: str) -> str:
    return bare(
        "clock 1d on xnys",
        *lines,
        f"entry long dip {{ when {when} size 1% of equity order market }}",
        "exit back of dip { when close > sma(close, 5 bars) order market }",
        "stop hard at position.entry_price * 95%",
    )
