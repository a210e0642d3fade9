"""Why a strategy did what it did on one bar, as an indented tree (floor 10).

Each rule with the truth of its condition and the values it is made of, then the orders and what
each limit said to them, then the switches and the account.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.report.glyphs import ARROW, FAIL, PASS, Screen, harmless
from engine.report.words import exact, listing, money, paragraphs, percent, wrap
from engine.session.answers import Truth, WhyLimit, WhyNode, WhyReport, WhyRule, WhySide

UNKNOWN = "?"
MARKS: dict[Truth, str] = {"true": PASS, "false": FAIL, "unknown": UNKNOWN}
OUTCOMES: dict[Truth, str] = {"true": "fires", "false": "silent", "unknown": "undefined"}


def why_text(report: WhyReport, screen: Screen) -> str:
    """The whole answer."""
    report = harmless(report)
    lines = [
        screen.paint(f"{report.strategy} on {report.symbol}, {report.date}", "bold"),
        wrap(f"{report.title or 'no title'} ({_where(report)})", screen.width, "", "  "),
    ]
    blocks = [
        "\n".join(lines),
        *(rule_block(r, screen) for r in report.rules),
        orders_block(report, screen),
        switches_block(report.limits, screen),
        account_block(report.account, screen),
        "\n".join(wrap(n, screen.width, "note: ", "  ") for n in report.notices),
    ]
    return paragraphs(screen.plain(b) for b in blocks)


def _where(report: WhyReport) -> str:
    where = f"in {report.crisis}" if report.crisis else f"own replay from {report.start}"
    return f"{where}, in one account with {listing(report.beside)}" if report.beside else where


# ---------------------------------------------------------------- rules


def rule_block(rule: WhyRule, screen: Screen) -> str:
    """One entry, exit, level or weight with the tree of its condition."""
    title = rule.kind if rule.kind == rule.name else f"{rule.kind} {rule.name}"
    if rule.when is None and rule.because:
        title += f" at {rule.because}"
    lines = [f"{screen.paint(title, 'bold')}  {_outcome(rule)}"]
    if rule.when is not None:
        lines += node_lines(rule.when, 1, screen)
    if rule.because and rule.when is not None and rule.when.truth == "true":
        lines.append(wrap(f"because {rule.because}", screen.width, "  "))
    return "\n".join(lines)


def _outcome(rule: WhyRule) -> str:
    if rule.when is None or rule.kind == "weight":
        return _level_or_weight(rule)
    if rule.kind == "exit" and not rule.was_judged:
        return "not asked: no position is open"
    fired = rule.when.truth or "unknown"
    if fired != "true" or rule.kind != "entry":
        return OUTCOMES[fired]
    if not rule.was_judged:
        return "fires, and was not asked: a position or an order is open already"
    if rule.size is None:
        return "fires, unsized: its size is na, so there is no order"
    price = "" if rule.price is None else f" at {value_text(rule.price, '$/share')}"
    return f"fires, asks for {value_text(rule.size, rule.size_unit)}{price}"


def _level_or_weight(rule: WhyRule) -> str:
    if rule.kind == "weight":
        value = "na" if rule.size is None else f"{percent(rule.size)} of equity"
        return value if rule.was_judged else "not asked: no rebalance today"
    if not rule.was_judged:
        return "not asked: no position is open"
    return "na" if rule.price is None else value_text(rule.price, "$/share")


def node_lines(node: WhyNode, depth: int, screen: Screen) -> list[str]:
    """A value and, indented below it, what it is made of."""
    first = "  " * depth + (f"{MARKS[node.truth]} " if node.truth else "")
    text = wrap(_node_text(node), screen.width, first, "  " * depth + "    ")
    style = {"true": ("green",), "unknown": ("yellow",)}.get(node.truth or "", ())
    lines = [screen.paint(text, *style) if style else text]
    if node.sides:
        lines.append(
            wrap(_sides_text(node.sides), screen.width, "  " * (depth + 1), "  " * (depth + 3))
        )
    for part in node.parts:
        lines += node_lines(part, depth + 1, screen)
    return lines


def _sides_text(sides: Sequence[WhySide]) -> str:
    """`before: z = −2.31, limit = −2; now: z = −2.22, limit = −2`: why it did not cross again."""
    before = ", ".join(f"{s.text} = {_number(s.before, s.unit)}" for s in sides)
    now = ", ".join(f"{s.text} = {_number(s.now, s.unit)}" for s in sides)
    return f"before: {before}; now: {now}"


def _number(value: float | None, unit: str) -> str:
    return "na" if value is None else value_text(value, unit)


def _node_text(node: WhyNode) -> str:
    spelled = f"  {node.text}" if node.name and node.text != node.name else ""
    earlier = f"  (of {node.of_date})" if node.of_date else ""
    if node.lasted is not None:
        earlier = f"  (true on {node.lasted[0]:,} of the last {node.lasted[1]:,})"
    if node.truth is not None:
        tail = ("  (unknown)" if node.truth == "unknown" else "") + earlier
        return f"{node.name}:{spelled}{tail}" if node.name else f"{node.text}{tail}"
    value = _number(node.value, node.unit)
    return f"{node.name or node.text} = {value}{spelled and '   ' + spelled.strip()}{earlier}"


def value_text(value: float, unit: str) -> str:
    """A number with its unit: `$899.22`, `40,000 shares`, `−2.31`."""
    if unit in ("$", "$/share"):
        return money(value)
    words = {"share": "shares", "bar": "bars", "ratio": "", "shares": "shares", "money": "$"}
    return f"{exact(value)} {words.get(unit, unit)}".rstrip()


# ---------------------------------------------------------------- orders and limits


def orders_block(report: WhyReport, screen: Screen) -> str:
    """This bar's orders with their verdicts, and every limit that was asked."""
    if not report.verdicts:
        return "No order was put to the limits at this close."
    lines = [screen.paint("orders and verdicts", "bold")]
    because = {x.name: x.because for x in report.limits}
    for verdict in report.verdicts:
        lines.append(_verdict_line(verdict, screen))
        lines += [_said_line(s, because, screen) for s in verdict.get("limits", ())]
    asked = [x for x in report.limits if x.said == "passed"]
    lines += [f"  {PASS} {x.name} passed" + _cap(x) for x in asked]
    return "\n".join(lines)


def _verdict_line(verdict: Mapping[str, Any], screen: Screen) -> str:
    what = f"{verdict['side']} {_shares(verdict['asked'])} at {_price(verdict['price'])}"
    text = f"{verdict['source']} {verdict['rule']}: {what}: {verdict_text(verdict)}"
    return wrap(text, screen.width, "  ", "    ")


def verdict_text(verdict: Mapping[str, Any]) -> str:
    """`allow`, `clip 40,000 → 12,300 by adv_cap`, `deny by collar`."""
    outcome, names = verdict["outcome"], _binding(verdict)
    by = f" by {names}" if names else ""
    if outcome == "clipped":
        return f"clip {_count(verdict['asked'])} {ARROW} {_count(verdict['granted'])}{by}"
    words = {
        "allowed": "allow",
        "denied": f"deny{by}",
        "blocked": f"deny: {verdict.get('switch', 'a switch')} is in force",
        "withdrawn": "deny: another leg of its spread did not pass",
        "unsized": "no order, its size is na",
        "zero": "no order, it rounds to no shares",
        "ignored": "no order, one is open or working already",
    }
    return words.get(outcome, str(outcome))


def _binding(verdict: Mapping[str, Any]) -> str:
    said = verdict.get("limits", ())
    return ", ".join(s["limit"].split(".")[-1] for s in said if s["said"] != "skipped")


def _said_line(said: Mapping[str, Any], because: Mapping[str, str], screen: Screen) -> str:
    value = said.get("value")
    cap = f" at {exact(value)} shares" if said["said"] == "bound" and value is not None else ""
    words = {"bound": "clips", "refused": "denies", "skipped": "skipped, an input is na"}
    text = f"{said['limit']} {words.get(said['said'], 'denies: it cannot be evaluated')}{cap}"
    reason = because.get(said["limit"], "")
    return wrap(f"{text}: {reason}" if reason else text, screen.width, "    ", "      ")


def _cap(limit: WhyLimit) -> str:
    is_cap = limit.value is not None and limit.text.startswith("clip")
    return f" (cap {exact(limit.value or 0.0)} shares)" if is_cap else ""


def _shares(value: float | None) -> str:
    return "na shares" if value is None else value_text(value, "share")


def _count(value: float | None) -> str:
    return "na" if value is None else exact(value)


def _price(value: float | None) -> str:
    return "na" if value is None else money(value)


# ---------------------------------------------------------------- switches and account


def switches_block(limits: Sequence[WhyLimit], screen: Screen) -> str:
    """The pauses, flattens and halts that are in force, and those that are not."""
    switches = [x for x in limits if x.said in ("in_force", "open")]
    if not switches:
        return ""
    lines = [screen.paint("pauses, flattens and halts", "bold")]
    for x in switches:
        is_on = x.said == "in_force"
        mark, tail = (FAIL, f"in force: {x.because or x.text}") if is_on else (PASS, "not in force")
        lines.append(wrap(f"{mark} {x.kind} {x.name} {tail}", screen.width, "  ", "    "))
    return "\n".join(lines)


def account_block(account: Mapping[str, float | None], screen: Screen) -> str:
    """The account at this close, in one line."""
    if not account:
        return ""
    texts = [f"{name} {_account_value(name, value)}" for name, value in account.items()]
    return wrap(f"account: {', '.join(texts)}", screen.width, "", "  ")


def _account_value(name: str, value: float | None) -> str:
    if value is None:
        return "na"
    if name in ("return", "drawdown"):
        return percent(value)
    return value_text(value, {"position": "share", "age": "bar"}.get(name, "$"))
