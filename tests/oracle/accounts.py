"""The account.* fields of a scope, each from docs/fields.md."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .rounded import Num, divide
from .scopes import Scope
from .terms import Value

if TYPE_CHECKING:
    from .standing import Standing


def _less(a: Num | None, b: Num) -> Num | None:
    return None if a is None else a - b


ACCOUNT: Mapping[str, Callable[["Standing", Scope], Value]] = {
    "account.equity": lambda s, scope: s.worth[scope.purse],
    "account.cash": lambda s, scope: s.amount(s.cash(scope.purse)),
    "account.settled_cash": lambda s, scope: s.amount(s.settled(scope.purse)),
    "account.start_equity": lambda s, scope: s.start[scope.purse],
    "account.peak": lambda s, scope: s.peak[scope.purse],
    "account.drawdown": lambda s, scope: s.drawdown(scope.purse),
    "account.pnl_today": lambda s, scope: s.gain(scope, "today", s.t),
    "account.gross": lambda s, scope: s.gross(scope),
    "account.net": lambda s, scope: s.net(scope),
    "account.positions": lambda s, scope: s.count(scope),
    "account.return": lambda s, scope: _less(
        divide(s.worth[scope.purse], s.start[scope.purse]), Num(1.0)
    ),
    "account.exposure_room": lambda s, scope: (
        Num(s.desk.costs.buying_power) * s.worth[scope.purse] - s.gross(scope.purse)
    ),
    "account.bars": lambda s, scope: Num(float(s.t)),
    "losses.consecutive": lambda s, scope: s.log.lost_in_a_row(scope, s.log.moment(s.t)),
    "trips.closed": lambda s, scope: Num(float(len(s.log.returns(scope, s.log.moment(s.t))))),
    "trips.mean": lambda s, scope: s.log.mean_return(scope, s.log.moment(s.t)),
    "trips.deviation": lambda s, scope: s.log.deviation(scope, s.log.moment(s.t)),
}
"""The account.* fields of a scope, as they are now."""
