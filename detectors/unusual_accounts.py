"""The accounts in the far tail of an outlier detector, as findings with the payments that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.about import About
from detectors.finding import Finding, Reason
from detectors.interface import FittedOutlierDetector
from detectors.ranking import rarity
from detectors.rarity import Move
from flows.errors import SettingsError
from flows.window import Window
from graphs.between import DAY, FLEETING
from graphs.features import Features
from graphs.measures import CASH, NEW_DAYS, clock, is_round
from graphs.temporal import TemporalGraph, temporal_graph

Edges = NDArray[np.int64]

MOST_PAYMENTS: Final = 50
"""Payments shown for one account; ours: a page."""
RAREST: Final = 1e-3
"""Tail probability from which an account is a finding: one in a thousand of its peers; ours."""


def unusual_accounts(
    fitted: FittedOutlierDetector,
    features: Features,
    window: Window,
    *,
    detector: str,
    about: About,
    rarest: float = RAREST,
    capacity: int | None = None,
    most_payments: int = MOST_PAYMENTS,
    around: Callable[[list[str]], Window] | None = None,
) -> Iterator[Finding]:
    """Turn the accounts in the far tail into findings.

    Parameters
    ----------
    fitted : FittedOutlierDetector
        A fitted detector.
    features : Features
        The accounts to look at.
    window : Window
        The payments the features were measured on.
    detector, about : str, About
        Who says it.
    rarest : float
        Largest tail probability of a finding; 0 < rarest <= 1.
    capacity : int, optional
        No more than this many accounts, the rarest first; equal ones by account.
    most_payments : int
        Most payments shown for one account, the largest of those that carry the moved features.
    around : callable, optional
        Gives a window with all payments of some accounts, where they are not all in `window`.

    Yields
    ------
    Finding
        Rarest first. Accounts that serve the public (`Window.hubs`) are left out: being unlike others is their trade.

    Raises
    ------
    SettingsError
        If `rarest` is no probability.

    Notes
    -----
    Strength is `detectors.ranking.rarity` of the tail probability: 0.5 at one in a thousand.
    """
    if not 0 < rarest <= 1:
        raise SettingsError("not a probability", where=f"rarest = {rarest}", try_="choose between 0 and 1, e.g. 0.001")
    chance = fitted.tail(features)
    far = [row for row in np.flatnonzero(chance <= rarest).tolist() if features.accounts[row] not in window.hubs]
    far.sort(key=lambda row: (chance[row], features.accounts[row]))
    window = window if around is None else around([features.accounts[row] for row in far[:capacity]])
    graph = temporal_graph(window)
    ids = window.payments["payment_id"]
    strengths = rarity(chance)
    for row in far[:capacity]:
        account = features.accounts[row]
        moves = fitted.moves(features, account)
        if not moves:
            continue
        showing = _showing(graph, window, features.as_of, graph.number[account], moves)
        listed = _largest(graph, showing, most_payments)
        yield Finding(
            detector=detector,
            version=about.version,
            centre=account,
            accounts=(account,),
            payments=tuple(ids.take(listed).to_pylist()),
            first_at=int(graph.at[listed[0]]),
            last_at=int(graph.at[listed[-1]]),
            strength=float(strengths[row]),
            reasons=(*fitted.reasons(features, account, moves), _counted(listed.size, showing.size)),
        )


def _counted(listed: int, showing: int) -> Reason:
    if listed < showing:
        return Reason(
            "{limit} payments show it; the largest is listed.",
            listed,
            showing,
            "",
            many="{limit} payments show it; the largest {measured} are listed.",
            count=listed,
        )
    return Reason("{measured} shows it.", listed, None, "payments", many="{measured} show it.", count=listed)


def _largest(graph: TemporalGraph, edges: Edges, most: int) -> Edges:
    """Give the largest payments, in time order; of equal ones, the earlier."""
    return np.asarray(np.sort(edges[np.argsort(-graph.amount[edges], kind="stable")[:most]]))


def _showing(graph: TemporalGraph, window: Window, as_of: date, node: int, moves: list[Move]) -> Edges:
    """Give the payments of an account that show its moved features: all of them where none does by itself."""
    end = int(datetime.combine(as_of + timedelta(days=1), time(), UTC).timestamp()) * 1_000_000
    edges = np.unique(np.concatenate([graph.out.of(node), graph.into.of(node)])).astype(np.int64)
    edges = edges[(graph.at[edges] < end) & (graph.payer[edges] != graph.payee[edges])]
    shows = _shows(graph, window, edges, node, end)
    telling = [shows[move.column.shown_by] for move in moves if move.column.shown_by in shows]
    some = np.logical_or.reduce(telling) if telling else np.ones(edges.size, np.bool_)
    return np.asarray(edges[some] if some.any() else edges)


def _shows(graph: TemporalGraph, window: Window, edges: Edges, node: int, end: int) -> dict[str, NDArray[np.bool_]]:
    """Say of each payment of one account what it shows; keys of `graphs.feature_columns.ShownBy` but ``"any"``."""
    into = graph.payee[edges] == node
    other, tie = np.unique(np.where(into, graph.payer[edges], graph.payee[edges]), return_inverse=True)
    begun, ended = np.full(other.size, end), np.full(other.size, -end)
    np.minimum.at(begun, tie, graph.at[edges])
    np.maximum.at(ended, tie, graph.at[edges])
    fleeting = (ended - begun <= FLEETING)[tie]
    rows = window.payments.take(edges)
    _, night, weekend = clock(rows)
    amount = graph.amount[edges]
    return {
        "in": into,
        "out": ~into,
        "fleeting": fleeting,
        "fleeting in": fleeting & into,
        "fleeting out": fleeting & ~into,
        "new": (begun >= end - NEW_DAYS * DAY)[tie],
        "round": is_round(amount),
        "large": amount == amount.max(),
        "night": night,
        "weekend": weekend,
        "cash": np.asarray(pc.is_in(rows["channel"], value_set=pa.array(CASH))),
    }
