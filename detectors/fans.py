"""What fan-in and fan-out share: how a peak of counterparties is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detectors.evidence import account_names, payment_ids, sums_of_each
from detectors.finding import Finding, Reason
from flows.window import Window
from graphs.temporal import TemporalGraph

if TYPE_CHECKING:  # numba is imported by whoever searches, not by whoever lists detectors.
    from graphs.kernels.fan import Fans


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
    money : str
        What the payments come to, with ``{measured}``.
    centre, party : str
        Likely roles.
    """

    detector: str
    version: int
    counted: str
    fresh: str
    money: str
    centre: str
    party: str


def fan_findings(
    window: Window,
    graph: TemporalGraph,
    peaks: Fans,
    party: NDArray[np.int32],
    *,
    least: int,
    strong: int,
    wording: Wording,
) -> Iterator[Finding]:
    """Give one finding per peak, by account and time.

    Parameters
    ----------
    peaks : Fans
        What was found in the window's graph.
    party : ndarray of int32, shape (edges,)
        The counterparty of each payment.
    least, strong : int
        The limit, and from how many counterparties on their number no longer adds to the strength.
    """
    size = peaks.last - peaks.first
    start = np.concatenate(([0], np.cumsum(size)))
    edges = peaks.edge[np.repeat(peaks.first - start[:-1], size) + np.arange(start[-1])]
    ids, parties = payment_ids(window, edges), account_names(graph, party[edges])
    # One pair for an account in many findings: they are most of what is made.
    role = {name: (name, wording.party) for name in parties}
    columns = zip(
        account_names(graph, peaks.centre),
        pairwise(start.tolist()),
        peaks.parties.tolist(),
        peaks.fresh.tolist(),
        graph.at[edges[start[:-1]]].tolist(),
        graph.at[edges[start[1:] - 1]].tolist(),
        strengths(peaks, strong).tolist(),
        sums_of_each(graph, edges, start, wording.money),
        strict=True,
    )
    for centre, (begin, end), count, fresh, first_at, last_at, strength, money in columns:
        names = sorted(set(parties[begin:end]))
        yield Finding(
            detector=wording.detector,
            version=wording.version,
            centre=centre,
            accounts=(centre, *names),
            payments=tuple(ids[begin:end]),
            first_at=first_at,
            last_at=last_at,
            strength=strength,
            reasons=(
                Reason(wording.counted, count, least, "accounts"),
                Reason(wording.fresh, fresh, None, "accounts"),
                *money,
            ),
            roles=((centre, wording.centre), *map(role.__getitem__, names)),
        )


def strengths(peaks: Fans, strong: int) -> NDArray[np.float64]:
    """Give the strength of each peak: its counterparties against `strong`, times the share of new ones."""
    of_many = np.minimum(1.0, peaks.parties / strong)
    strength: NDArray[np.float64] = of_many * peaks.fresh / np.maximum(1, peaks.fresh + peaks.before)
    return strength
