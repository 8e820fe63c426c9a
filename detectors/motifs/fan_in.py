"""Many different payers of one account within a short time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np

from detectors.about import About, parameter
from detectors.fans import Bursts, Wording, bursts
from detectors.finding import Finding
from detectors.notes import note
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.temporal import temporal_graph


@dataclass(frozen=True, kw_only=True)
class FanIn:
    """Find accounts that many different payers feed within a short time.

    For an account let c(t) be the number of different payers in [t, t + within). A finding is a peak of c: at least
    `min_payers`, higher than at any payment in the `within` before, and not lower than at any in the `within` after;
    payments at the same time are one. Its evidence is every counted payment of that span. The strength is the number of
    payers against `strong_payers`, times the share of new ones among all payers of the `known_for` before and the span:
    a burst of strangers is strong, a steady crowd (tenants, pupils, customers) weak.

    That is held against the past of the account's peers as well: of n accounts alike, k had as many payers in the
    `within` before the first payment, and the strength is taken times (n - k + 1) / (n + 1). `detectors.fans` says who
    is alike; no payment at or after the first one counts for it.

    Payers are accounts, here or elsewhere. Cash machines, shops, the state and carriers of money are not persons, and
    accounts that serve the public (`Window.hubs`) are labels: neither counts as a payer. The *collecting* account is
    never left out for being a hub: an account with many payers is the very thing looked for.

    Notes
    -----
    Linear in the payments. In the first `known_for` of a ledger nobody is known yet, so everybody is new, and in the
    first `within` no peers have a past. A fan-in alone is weak: nearly every small seller shows one.

    Sources: indicator FUN-05 of the catalogue, after AMLTRIX and FIN23S; the pattern's name is that of TOOLS (AMLSim).

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0 20:00  ext:a -> anna  60 EUR p2p
    ...     day 0 22:00  ext:b -> anna  80 EUR p2p
    ...     day 1 01:00  ext:c -> anna  60 EUR p2p
    ... ''')
    ... )
    >>> [finding] = FanIn(min_payers=3, within=timedelta(hours=24)).find(window)
    >>> finding.centre, finding.payments, finding.reasons[0].sentence
    ('anna', ('p1', 'p2', 'p3'), '3 accounts paid it within 24 hours (limit 3 accounts).')
    """

    min_payers: int = parameter(
        10, unit="accounts", least=2, why="FUN-05, weak limit: ten payers in a month are more than a household has"
    )
    strong_payers: int = parameter(
        40, unit="accounts", least=2, why="FUN-05, strong limit: so many new payers give the full strength"
    )
    within: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(minutes=1), why="FUN-05, window of a month"
    )
    known_for: timedelta = parameter(
        timedelta(days=90),
        unit="time",
        least=timedelta(0),
        why="ours: monthly payers have then paid three times; FUN-05 asks for 180 days, which doubles what is read",
    )

    about = About(
        title="Many payers, one account",
        question="Do many different payers feed one account within a short time?",
        meaning="More people pay this account than is usual. It says that money is collected here, not why.",
        sources=("AMLTRIX", "FIN23S", "TOOLS"),
        innocent=(
            "a treasurer collecting the fees of a club or a class trip",
            "an online seller, tutor or hairdresser paid by many customers",
            "a landlord with many tenants",
            "a collection for a gift, a funeral or a good cause",
        ),
        clears=(
            "an invoice, price list or membership list that fits payers and amounts",
            "a declared business or association whose customers or members these are",
        ),
        leg="REV",
        version=2,
    )
    columns: ClassVar[frozenset[str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """The definition looks one span back and two ahead, peers one span back; who is new, `known_for` back."""
        return Reach(back=max(self.within, self.known_for), ahead=2 * self.within)

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per peak, by account and time."""
        graph = temporal_graph(window)
        own = of_class(window, "account")
        served = graph.hub[graph.payer] & own[graph.payee] & (graph.at >= window.since) & (graph.at < window.until)
        note(
            window,
            "fan-in",
            "excluded",
            "{count} payment by an account that serves the public was not counted",
            "{count} payments by accounts that serve the public were not counted",
            int(np.count_nonzero(served)),
        )
        wording = Wording(
            detector="fan-in",
            version=self.about.version,
            counted="{measured} paid it within {within} (limit {limit}).",
            fresh="{measured} of them had not paid it in the {known} before.",
            alike="As many payers in the {within} before: {measured} of {limit} accounts like it.",
            alike_of_one="As many payers in the {within} before: {measured} of {limit} account like it.",
            money="It received {measured} from them.",
            centre="collects",
            party="pays in",
            known_for=self.known_for,
        )
        yield from self._bursts(window).findings(self.min_payers, wording)

    def strengths(self, window: Window) -> Iterator[tuple[str, int, float]]:
        """Give centre, time of the first payment and strength of each finding, peers left aside."""
        return self._bursts(window).told_apart()

    def _bursts(self, window: Window) -> Bursts:
        graph = temporal_graph(window)
        payers = of_class(window, *PERSONS) & ~graph.hub
        counted = payers[graph.payer] & of_class(window, "account")[graph.payee]
        return bursts(
            window,
            counted,
            inward=True,
            least=self.min_payers,
            strong=self.strong_payers,
            within=self.within,
            known_for=self.known_for,
        )
