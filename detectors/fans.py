"""What fan-in and fan-out share: their peaks, what accounts alike did before, and how both are told.

A burst is held against two pasts. The account's *own*: who of its counterparties is new. And that of its *peers*: how
many accounts alike had as many counterparties in the span of equal length just before its first payment. Alike are
accounts of the bank of the same kind of holder, trade and band of payments a month (`detectors.peers`, without tenure,
which it gives up first), in that span; with fewer than `LEAST_PEERS` of them, the next wider group counts, and where
customers are unknown, accounts of like activity. Nothing at or after the burst counts, so that a burst which all share
in one month does not excuse itself.

After indicator FUN-05 of the catalogue, which asks for the number of payers against peers as well; the share of peers
takes the place of its robust z, because counts of counterparties are mostly small and their median deviation is 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.about import microseconds
from detectors.evidence import account_names, different_of_each, payment_ids, reasons_of_each, roles_of, sums_of_each
from detectors.finding import Finding, Reason
from detectors.peers import ACTIVITY, holder_traits
from flows.window import Window
from graphs.classes import of_class
from graphs.temporal import TemporalGraph, temporal_graph

if TYPE_CHECKING:  # numba is imported by whoever searches, not by whoever lists detectors.
    from graphs.kernels.fan import Fans

LEAST_PEERS: Final = 50
"""Fewest accounts to compare with, as `detectors.peers.peer_groups` has it."""

MONTH: Final = timedelta(days=30)


@dataclass(frozen=True)
class Wording:
    """How one direction of fans is told.

    Parameters
    ----------
    detector : str
        Id of the detector.
    version : int
        Its version.
    counted : str
        How many counterparties there were, with ``{measured}`` and ``{limit}``.
    fresh : str
        How many of them were new, with ``{measured}``.
    alike, alike_of_one : str
        How many accounts alike did as much, with ``{measured}`` and ``{limit}``, for many and for one of them.
    money : str
        What the payments come to, with ``{measured}``.
    centre, party : str
        Likely roles.
    known_for : timedelta
        How long before the new ones were not known.
    """

    detector: str
    version: int
    counted: str
    fresh: str
    alike: str
    alike_of_one: str
    money: str
    centre: str
    party: str
    known_for: timedelta


@dataclass(frozen=True, eq=False)
class Bursts:
    """The peaks of a window in one direction.

    Parameters
    ----------
    window : Window
        What was searched.
    inward : bool
        True for payers of one payee, False for payees of one payer.
    counted : ndarray of bool, shape (edges,)
        Which payments take part.
    within : datetime.timedelta
        The span of a peak.
    strong : int
        Counterparties from which on their number no longer adds to the strength.
    peaks : Fans
        What was found.
    """

    window: Window
    inward: bool
    counted: NDArray[np.bool_]
    within: timedelta
    strong: int
    peaks: Fans

    def own_strengths(self) -> NDArray[np.float64]:
        """Give the counterparties of each peak against `strong`, times the share of new ones."""
        of_many = np.minimum(1.0, self.peaks.parties / self.strong)
        strength: NDArray[np.float64] = of_many * self.peaks.fresh / np.maximum(1, self.peaks.fresh + self.peaks.before)
        return strength

    def told_apart(self) -> Iterator[tuple[str, int, float]]:
        """Give centre, time of the first payment and `own_strengths` of each peak, and no evidence."""
        graph = temporal_graph(self.window)
        names = account_names(graph, self.peaks.centre)
        begun = graph.at[self.peaks.edge[self.peaks.start[:-1]]].tolist()
        return zip(names, begun, self.own_strengths().tolist(), strict=True)

    def findings(self, least: int, wording: Wording) -> Iterator[Finding]:
        """Give one finding per peak, by account and time."""
        within, known = (("within", self.within),), (("known", wording.known_for),)
        peaks, graph = self.peaks, temporal_graph(self.window)
        if not peaks.centre.size:
            return
        start, edges = peaks.start, peaks.edge
        begun = graph.at[edges[start[:-1]]]
        alike, as_many = self._alike(graph, begun)
        ids = payment_ids(self.window, edges)
        parties, begin = different_of_each(graph, (graph.payer if self.inward else graph.payee)[edges], start)
        names, roles = account_names(graph, parties), roles_of(graph, parties, wording.party)
        columns = zip(
            account_names(graph, peaks.centre),
            pairwise(start.tolist()),
            pairwise(begin.tolist()),
            reasons_of_each(wording.counted, peaks.parties.tolist(), least, "accounts", within),
            reasons_of_each(wording.fresh, peaks.fresh.tolist(), None, "accounts", known),
            alike.tolist(),
            as_many.tolist(),
            begun.tolist(),
            graph.at[edges[start[1:] - 1]].tolist(),
            # Counting the account itself on both sides, so that no strength is nought for want of peers.
            (self.own_strengths() * ((alike - as_many + 1) / (alike + 1))).tolist(),
            sums_of_each(graph, edges, start, wording.money),
            strict=True,
        )
        for centre, (low, high), (
            first,
            last,
        ), count, fresh, others, same, first_at, last_at, strength, money in columns:
            yield Finding(
                detector=wording.detector,
                version=wording.version,
                centre=centre,
                accounts=(centre, *names[first:last]),
                payments=tuple(ids[low:high]),
                first_at=first_at,
                last_at=last_at,
                strength=strength,
                reasons=(
                    count,
                    fresh,
                    *(
                        (Reason(wording.alike_of_one, same, others, "", within, many=wording.alike, count=others),)
                        if others
                        else ()
                    ),
                    *money,
                ),
                roles=((centre, wording.centre), *roles[first:last]),
            )

    def _alike(self, graph: TemporalGraph, begun: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give how many accounts each peak is compared with, and how many of them had as many counterparties."""
        from graphs.kernels.standing import standing

        found = standing(
            graph,
            graph.payee if self.inward else graph.payer,
            self.counted,
            of_class(self.window, "account") & ~graph.hub,
            groups_of(self.window),
            np.array([-(-limit * self.within // MONTH) for limit, _ in ACTIVITY], np.int64),
            node=self.peaks.centre,
            at=begun,
            parties=self.peaks.parties,
            span=microseconds(self.within),
            least=LEAST_PEERS,
        )
        return found.alike, found.as_many


def bursts(
    window: Window,
    counted: NDArray[np.bool_],
    *,
    inward: bool,
    least: int,
    strong: int,
    within: timedelta,
    known_for: timedelta,
) -> Bursts:
    """Search a window for peaks of at least so many counterparties."""
    # numba is imported by whoever searches, not by whoever lists detectors.
    from graphs.kernels.fan import fans

    graph = temporal_graph(window)
    peaks = fans(
        graph.into if inward else graph.out,
        graph.at,
        counted,
        least=least,
        within=microseconds(within),
        past=microseconds(known_for),
    )
    return Bursts(window, inward, counted, within, strong, peaks)


def groups_of(window: Window) -> NDArray[np.int32]:
    """Give the group of each account, finest grouping first: kind and trade, kind, all; made once a window."""
    return window.memo("groups of holders", lambda: _groups(window))


def _groups(window: Window) -> NDArray[np.int32]:
    names = temporal_graph(window).names
    known = holder_traits(names, window.side)
    everyone = np.zeros(len(names), np.int32)
    if not known:
        return everyone[np.newaxis]
    kind, trade = (pa.array(known[trait], pa.string()).dictionary_encode() for trait in ("kind", "trade"))
    of_kind = kind.indices.to_numpy().astype(np.int64)
    both = np.unique(of_kind * len(trade.dictionary) + trade.indices.to_numpy(), return_inverse=True)[1]
    return np.stack([both, of_kind, everyone]).astype(np.int32)
