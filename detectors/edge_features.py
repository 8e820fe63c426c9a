"""Features of payments for a ranker that learns: the edge, what it takes part in, and the past of both its ends.

A payment is measured at a *look*, the end of the batch it falls in: nothing at or after the look is seen, and a
neighbouring payment of an earlier batch is seen as it was measured at its own look. With looks a day apart that is the
night's scan; with looks a fortnight apart, a review once a fortnight. What is reported of a ranker says its batch.

Most of it stands on *fresh* payments, the first ever from their payer to their payee: what ordinary life repeats falls
away, and what is left of fans, relays and circles are their arms. An end's fresh payments of the last days, and what
those at the other ends of them do in turn (`ROUNDS`), are the shape that a payment takes part in, as numbers; the small
shapes that it closes are counted (`detectors.edge_shapes`).

What only grows with time (payments since the beginning) is left out: trees cut it where the earlier rows lay, later
rows lie beyond, and scores stray (`benchmarks/quality/transactions.py` says what that was worth).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.edge_history import History, Ints, Span
from detectors.edge_shapes import SHAPE_DAYS, shapes
from detectors.edges import edge_scores, have_met
from flows.errors import SettingsError
from flows.window import Window
from graphs.between import DAY
from graphs.measures import is_round
from graphs.temporal import TemporalGraph, temporal_graph

Floats = NDArray[np.float64]

SPANS_DAYS: Final = (3, 7, 14, 30)
"""How far back counts look; ours: from a weekend to a month."""
ROUNDS: Final = 2
"""How many payments away the shape reaches; ours: the ends of a scatter-gather are two apart."""
SIDES: Final = ("payer out", "payer in", "payee out", "payee in")


@dataclass(frozen=True, eq=False)
class EdgeFeatures:
    """A row of numbers for each payment.

    Parameters
    ----------
    names : tuple of str
        Columns, in one fixed order.
    values : ndarray of float32, shape (payments, columns)
        Rows as in ``window.payments``; NaN where a payment has no such past.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]


def edge_features(window: Window, looks: Sequence[int], *, rounds: int = ROUNDS) -> EdgeFeatures:
    """Measure every payment of a window at its look.

    Parameters
    ----------
    window : Window
        Its payments, sorted as windows are.
    looks : sequence of int
        Microseconds since 1970, ascending; the last lies after the last payment.
    rounds : int
        How many payments away the shape reaches; 0 leaves it out.

    Raises
    ------
    SettingsError
        If a payment has no look, or looks do not ascend.

    Notes
    -----
    A few sorts and two searches per side and span, for all payments at once; no loop over accounts.
    """
    graph = temporal_graph(window)
    ends = np.asarray(looks, np.int64)
    if (np.diff(ends) <= 0).any() or (graph.edges and (not ends.size or graph.at[-1] >= ends[-1])):
        raise SettingsError(
            "looks that leave payments out", where="edge_features", try_="give ascending looks, the last after them all"
        )
    seen = np.searchsorted(graph.at, ends[np.searchsorted(ends, graph.at, side="right")]).astype(np.int64)
    made: dict[str, NDArray[Any]] = {}
    fresh = _of_the_edge(window, graph, seen, ends, made)
    spans = _spans(graph, seen)
    for side in SIDES:
        _of_a_side(side, graph, fresh, spans, made)
    _shape(graph, fresh, spans, made, rounds)
    _closed(graph, fresh, spans, ends, made)
    values = np.column_stack([column.astype(np.float32) for column in made.values()])
    return EdgeFeatures(tuple(made), values)


def _of_the_edge(window: Window, graph: TemporalGraph, seen: Ints, ends: Ints, made: dict[str, NDArray[Any]]) -> Ints:
    """Measure the payment and its pair; gives which payments are fresh."""
    earlier = np.searchsorted(graph.at, graph.at).astype(np.int64)
    scored = edge_scores(window)
    for name in scored.column_names[1:]:
        made[name] = scored[name].to_numpy()
    made["amount"] = np.log(np.maximum(graph.amount, 1))
    made["round amount"] = is_round(graph.amount)
    made["weekday"] = (graph.at // DAY + 3) % 7
    made["days to the look"] = (ends[np.searchsorted(ends, graph.at, side="right")] - graph.at) / DAY
    payer, payee = graph.payer.astype(np.int64), graph.payee.astype(np.int64)
    # One number for each pair, the same in both directions but for the lowest bit.
    _, tie = np.unique(np.minimum(payer, payee) * graph.nodes + np.maximum(payer, payee), return_inverse=True)
    there, back = 2 * tie + (payer > payee), 2 * tie + (payer < payee)
    history = History(there)
    past = history.between(there, 0, earlier)
    newest = past.newest
    made["pair silent days"] = np.where(newest >= 0, (graph.at - graph.at[newest]) / DAY, np.nan)
    made["pair after"] = history.between(there, earlier, seen).count - 1
    made["paid back before"] = history.between(back, 0, earlier).count
    made["paid back after"] = history.between(back, earlier, seen).count
    return (~have_met(graph, earlier)).astype(np.int64)


@dataclass(frozen=True)
class _Spans:
    """Stretches around every payment, by side: the last days up to the look, and those up to the payment."""

    recent: dict[tuple[str, int], Span]
    lately: dict[tuple[str, int], Span]
    shape: dict[str, Span]


def _spans(graph: TemporalGraph, seen: Ints) -> _Spans:
    of = {"payer": graph.payer, "payee": graph.payee}
    histories = {"out": History(graph.payer), "in": History(graph.payee)}
    earlier = np.searchsorted(graph.at, graph.at).astype(np.int64)
    since = {
        days: np.searchsorted(graph.at, graph.at - days * DAY).astype(np.int64) for days in (*SPANS_DAYS, SHAPE_DAYS)
    }
    recent, lately, shape = {}, {}, {}
    for side in SIDES:
        end, way = side.split()
        account, history = of[end], histories[way]
        shape[side] = history.between(account, since[SHAPE_DAYS], seen)
        for days in SPANS_DAYS:
            recent[side, days] = history.between(account, since[days], seen)
            lately[side, days] = history.between(account, since[days], earlier)
    return _Spans(recent, lately, shape)


def _of_a_side(side: str, graph: TemporalGraph, fresh: Ints, spans: _Spans, made: dict[str, NDArray[Any]]) -> None:
    for days in SPANS_DAYS:
        recent = spans.recent[side, days]
        count = recent.total(fresh)
        made[f"{side}: payments, {days} d"] = recent.count
        made[f"{side}: fresh, {days} d"] = count
        made[f"{side}: fresh before, {days} d"] = spans.lately[side, days].total(fresh)
        # Sums of minor units fit: 2**63 is ninety million payments of a thousand million.
        mean = recent.total(graph.amount * fresh) / np.maximum(count, 1)
        made[f"{side}: mean fresh to this, {days} d"] = mean / np.maximum(graph.amount, 1)


def _shape(graph: TemporalGraph, fresh: Ints, spans: _Spans, made: dict[str, NDArray[Any]], rounds: int) -> None:
    """Average what the fresh payments around each end are themselves, one payment further with each round."""
    counts = {f"fresh at {side}": made[f"{side}: fresh, 14 d"].astype(np.float64) for side in SIDES}
    only_fresh = {side: np.maximum(spans.shape[side].total(fresh), 1) for side in SIDES}
    told: dict[str, Floats] = {**counts, "amount": made["amount"]}
    for away in range(1, rounds + 1):
        around: dict[str, Floats] = {}
        for side in SIDES:
            for name, value in told.items():
                summed = spans.shape[side].total(np.rint(value * STEPS).astype(np.int64) * fresh)
                around[f"{name} around {side}"] = summed / (only_fresh[side] * STEPS)
        made.update({f"{name}, {away} away": value for name, value in around.items()})
        # Only counts of fresh payments go on: what is farther away is told by its shape, not by its size.
        told = {name: value for name, value in around.items() if name.startswith("fresh")}


def _closed(graph: TemporalGraph, fresh: Ints, spans: _Spans, ends: Ints, made: dict[str, NDArray[Any]]) -> None:
    """Count the shapes each payment closes, and those that the payments around its ends close."""
    closed = shapes(graph, fresh, np.searchsorted(ends, graph.at, side="right"))
    made.update(closed)
    for name in AROUND:
        made.update({f"{name} around {side}": spans.shape[side].total(closed[name]) for side in SIDES})


AROUND: Final = ("square", "two ways in", "two ways out", "back in 2")
"""Shapes that are told of the ends, too: a payment of a case may close none itself."""
STEPS: Final = 64
"""Averages of averages are summed in steps of a 64th: exact, and fine enough for counts."""
