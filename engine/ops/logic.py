"""Three-valued logic and choice.

What: `and`, `or`, `not` and `if c then a else b`. A false makes `and` false and a true makes `or`
true whatever the other side; a choice on an unknown condition is na.
Why: missing data must neither fire a rule nor pass a limit.
Example:
    >>> and_series([0, 1, 2], [1, 1, 1]).tolist()
    [0, 1, 1]

Reference: Kleene, Introduction to Metamathematics (1952), section 64: strong three-valued logic.
"""

from engine.ops.numbers import and_, not_, or_, sel, sel_truth
from engine.ops.spec import FALSE, TRUE, UNKNOWN, Arg, Op
from engine.ops.whole import Values

_TABLE = {
    (FALSE, FALSE): (FALSE, FALSE),
    (FALSE, UNKNOWN): (FALSE, UNKNOWN),
    (FALSE, TRUE): (FALSE, TRUE),
    (UNKNOWN, FALSE): (FALSE, UNKNOWN),
    (UNKNOWN, UNKNOWN): (UNKNOWN, UNKNOWN),
    (UNKNOWN, TRUE): (UNKNOWN, TRUE),
    (TRUE, FALSE): (FALSE, TRUE),
    (TRUE, UNKNOWN): (UNKNOWN, TRUE),
    (TRUE, TRUE): (TRUE, TRUE),
}
"""Kleene's table: (a, b) -> (a and b, a or b)."""


def and_series(a: Values, b: Values) -> Values:
    import numpy as np

    return np.array([_TABLE[int(x), int(y)][0] for x, y in zip(a, b, strict=True)])


def or_series(a: Values, b: Values) -> Values:
    import numpy as np

    return np.array([_TABLE[int(x), int(y)][1] for x, y in zip(a, b, strict=True)])


def not_series(a: Values) -> Values:
    import numpy as np

    return np.array([{FALSE: TRUE, UNKNOWN: UNKNOWN, TRUE: FALSE}[int(x)] for x in a])


def if_series(c: Values, a: Values, b: Values) -> Values:
    import numpy as np

    c = np.asarray(c)
    return np.select([c == TRUE, c == FALSE], [a, b], np.nan)


def if_truth_series(c: Values, a: Values, b: Values) -> Values:
    import numpy as np

    c = np.asarray(c)
    return np.select([c == TRUE, c == FALSE], [a, b], UNKNOWN)


AND = Op(
    name="and",
    title="Both conditions",
    args=(Arg("a", "truth"), Arg("b", "truth")),
    result="truth",
    kernel=and_,
    series=and_series,
    example="close > open and close > low",
    formula="min(a, b) with false < unknown < true",
    source="Kleene (1952), section 64",
    symbol="and",
)

OR = Op(
    name="or",
    title="Either condition",
    args=(Arg("a", "truth"), Arg("b", "truth")),
    result="truth",
    kernel=or_,
    series=or_series,
    example="close > open or close > low",
    formula="max(a, b) with false < unknown < true",
    source="Kleene (1952), section 64",
    symbol="or",
)

NOT = Op(
    name="not",
    title="Opposite condition",
    args=(Arg("a", "truth"),),
    result="truth",
    kernel=not_,
    series=not_series,
    example="not close > open",
    formula="unknown stays unknown",
    source="Kleene (1952), section 64",
    symbol="not",
)

IF = Op(
    name="if",
    title="Choice between numbers",
    args=(Arg("c", "truth"), Arg("a"), Arg("b")),
    result="u",
    kernel=sel,
    series=if_series,
    example="if close > open then close else open",
    formula="a when c, b when not c, na when c is unknown",
    source="seawall semantics, rule 4",
    cost=lambda c: 2,
    symbol="if",
)

IF_TRUTH = Op(
    name="if_truth",
    title="Choice between conditions",
    args=(Arg("c", "truth"), Arg("a", "truth"), Arg("b", "truth")),
    result="truth",
    kernel=sel_truth,
    series=if_truth_series,
    example="if close > open then high > low else close > low",
    formula="a when c, b when not c, unknown when c is unknown",
    source="seawall semantics, rule 4",
    cost=lambda c: 2,
    symbol="if",
)
