"""How near each limit came to acting, crisis by crisis (floor 10): what pictures show and the
sentence above them."""

from collections.abc import Mapping, Sequence

from engine.report.page.blocks import Block, Facet, Fold, Multiples, Text, Track
from engine.report.page.facets import TOP
from engine.report.page.seen import Seen, iso_days
from engine.report.words import count, listing, percent
from engine.session.cell import Ran, Used

Row = tuple[Seen, int]
"""A run and the place of a limit among its limits."""

Course = tuple[tuple[int, ...] | None, tuple[float | None, ...]]
"""The bars of shares, None for every bar, and the shares."""

SAYS = (
    "How near each limit came to acting: the share of it that was used, at every close for "
    "pauses, flattens and halts (lines) and at every order put to the others (dots). It acts at "
    f"100%, the dashed line; what lies beyond {TOP:.0%} is drawn at the upper edge. Blue is the "
    "run that came closest in that crisis, grey the others. Every share stands in limits.parquet."
)

FAR = 0.1
"""Limits of which no run used more are told apart: their pictures are all but empty."""


def pictures(found: Mapping[str, Sequence[Row]]) -> list[Block]:
    """Each limit's pictures under a sentence, those far from acting in a fold; in words those that
    cannot be drawn."""
    near: list[Multiples] = []
    far: list[Multiples] = []
    lacking: dict[str, list[str]] = {}
    for k, (name, rows) in enumerate(found.items()):
        known = [r for r in rows if _most(r) is not None]
        if not known:
            lacking.setdefault(_why(rows), []).append(name)
            continue
        kept = far if max(_most(r) or 0.0 for r in known) <= FAR else near
        kept.append(_multiples(k, name, known))
    told = tuple(f"Not drawn: {listing(names)}, as {why}." for why, names in lacking.items())
    return [
        *([Text((SAYS,))] if near or far else []),
        *near,
        *([_far(far)] if far else []),
        *([Text(told)] if told else []),
    ]


def _far(found: Sequence[Multiples]) -> Fold:
    limits = count(len(found), "limit")
    says = f"of which no run used more than {FAR:.0%}"
    return Fold("far", f"{limits} far from acting", says, tuple(found))


def _limit(row: Row) -> Mapping[str, object]:
    run, k = row
    limit: Mapping[str, object] = run.row["limits"][k]
    return limit


def _most(row: Row) -> float | None:
    run, k = row
    most: float | None = run.row["limits"][k]["most_used"]
    return most


def _why(rows: Sequence[Row]) -> str:
    """Why a limit has no picture: in most runs, where reasons differ."""
    found = [str(_limit(row)["unmeasured"]) for row in rows]
    return max(dict.fromkeys(found), key=found.count)


# ---------------------------------------------------------------- one limit


def _multiples(k: int, name: str, rows: Sequence[Row]) -> Multiples:
    crises: dict[str, list[Row]] = {}
    for row in rows:
        crises.setdefault(row[0].crisis, []).append(row)
    facets = tuple(
        _facet(f"near-{k}-{j}", name, crisis, mine)
        for j, (crisis, mine) in enumerate(crises.items())
    )
    return Multiples(_says(name, facets), facets)


def _says(name: str, facets: Sequence[Facet]) -> str:
    """In how many crises all of it was used, and where it came closest."""
    shares = [float(f.fig.value or 0.0) for f in facets]
    full = sum(share >= 1.0 for share in shares)
    if not any(shares):
        return f"{name}: nothing of it was used."
    most = facets[shares.index(max(shares))]
    return (
        f"{name}: all of it was used in {full or 'none'} of "
        f"{count(len(facets), 'crisis', 'crises')}; it came closest in {most.title}, "
        f"to {percent(max(shares))} ({most.note})."
    )


def _facet(id: str, name: str, crisis: str, rows: Sequence[Row]) -> Facet:
    """The runs of one crisis, the one that came closest first, each course told once."""
    ranked = sorted(rows, key=lambda row: -(_most(row) or 0.0))
    run, k = ranked[0]
    tracks: dict[Course, list[str]] = {}
    for each, _ in ranked:
        tracks.setdefault(_course(_ran(each).used[name]), []).append(each.strategy)
    who = "every run" if len(tracks) == 1 and len(rows) > 1 else run.strategy
    limit = run.row["limits"][k]
    return Facet(
        id=id,
        title=crisis,
        fig=run.fig("percent", "limits", k, "most_used"),
        note=f"{who}, {limit['most_used_on']}",
        alt=f"{name} in {crisis}: at most {percent(limit['most_used'])} used, {who}.",
        days=iso_days(_ran(run).desk.tape.days),
        tracks=tuple(
            Track(listing(names, 2), bars, shares) for (bars, shares), names in tracks.items()
        ),
    )


def _ran(run: Seen) -> Ran:
    assert run.ran is not None, "only runs that ran have limits"
    return run.ran


def _course(used: Used) -> Course:
    """The bars, None where it is every one, and the share on each."""
    shares = tuple([v if v == v else None for v in used.shares.tolist()])
    return (None if used.at == "closes" else tuple(used.bars.tolist())), shares
