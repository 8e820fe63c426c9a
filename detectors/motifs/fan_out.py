"""One account that pays many different accounts within a short time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.about import About, parameter
from detectors.fans import Bursts, Wording, bursts
from detectors.finding import Finding
from detectors.notes import note
from flows.payments import PAID_REGULARLY
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.temporal import temporal_graph


@dataclass(frozen=True, kw_only=True)
class FanOut:
    """Find accounts that pay many different accounts within a short time.

    For an account let c(t) be the number of different payees in [t, t + within). A finding is a peak of c: at least
    `min_payees`, higher than at any payment in the `within` before, and not lower than at any in the `within` after;
    payments at the same time are one. Its evidence is every counted payment of that span. The strength is the number of
    payees against `strong_payees`, times the share of new ones among all payees of the `known_for` before and the span:
    a burst of strangers is strong, a steady crowd (a payroll) weak.

    That is held against the past of the account's peers as well: of n accounts alike, k had as many payees in the
    `within` before the first payment, and the strength is taken times (n - k + 1) / (n + 1). `detectors.fans` says who
    is alike; no payment at or after the first one counts for it.

    Payees are accounts, here or elsewhere: shops, the state, cash machines and accounts that serve the public
    (`Window.hubs`) are ordinary spending and do not count. Payments marked as wages, pensions or benefits in
    ``purpose_code`` or by their channel do not count either. The *paying* account is never left out for being a hub.

    Notes
    -----
    Linear in the payments. In the first `known_for` of a ledger nobody is known yet, so everybody is new, and in the
    first `within` no peers have a past. Where wages carry no purpose code, an employer's payroll shows.

    Sources: indicator FUN-06 of the catalogue, after AMLTRIX (T0016.005); the pattern's name is that of TOOLS (AMLSim).

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0 20:00  anna -> ext:a  60 EUR p2p
    ...     day 0 22:00  anna -> ext:b  80 EUR p2p
    ...     day 1 01:00  anna -> ext:c  60 EUR p2p
    ... ''')
    ... )
    >>> [finding] = FanOut(min_payees=3, within=timedelta(hours=24)).find(window)
    >>> finding.centre, finding.payments, finding.reasons[0].sentence
    ('anna', ('p1', 'p2', 'p3'), 'It paid 3 accounts within 24 hours (limit 3 accounts).')
    """

    min_payees: int = parameter(
        10, unit="accounts", least=2, why="FUN-06, weak limit: ten payees in a month are more than a household has"
    )
    strong_payees: int = parameter(
        40, unit="accounts", least=2, why="FUN-06, strong limit: so many new payees give the full strength"
    )
    within: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(minutes=1), why="FUN-06, window of a month"
    )
    known_for: timedelta = parameter(
        timedelta(days=90),
        unit="time",
        least=timedelta(0),
        why="ours: those paid monthly have then been paid three times; FUN-06 calls a payee new for 30 days",
    )

    about = About(
        title="One account, many payees",
        question="Does one account pay many different accounts within a short time?",
        meaning="More people are paid from this account than is usual. It says that money is spread here, not why.",
        sources=("AMLTRIX", "TOOLS"),
        innocent=(
            "wages, tips or prizes paid by a small employer or an organiser",
            "refunds by a seller, or gifts to many relatives",
            "a charity or a savings club paying out",
        ),
        clears=(
            "a payroll, list of winners or refunds that fits payees and amounts",
            "a declared business or association that pays these people",
        ),
        leg="MOV",
        version=2,
    )
    columns: ClassVar[frozenset[str]] = frozenset({"channel", "purpose_code"})

    @property
    def reach(self) -> Reach:
        """The definition looks one span back and two ahead, peers one span back; who is new, `known_for` back."""
        return Reach(back=max(self.within, self.known_for), ahead=2 * self.within)

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per peak, by account and time."""
        graph = temporal_graph(window)
        own = of_class(window, "account")
        served = graph.hub[graph.payee] & own[graph.payer] & (graph.at >= window.since) & (graph.at < window.until)
        note(
            window,
            "fan-out",
            "excluded",
            "{count} payment to an account that serves the public was not counted",
            "{count} payments to accounts that serve the public were not counted",
            int(np.count_nonzero(served)),
        )
        wording = Wording(
            detector="fan-out",
            version=self.about.version,
            counted="It paid {measured} within {within} (limit {limit}).",
            fresh="It had not paid {measured} of them in the {known} before.",
            alike="As many payees in the {within} before: {measured} of {limit} accounts like it.",
            alike_of_one="As many payees in the {within} before: {measured} of {limit} account like it.",
            money="It paid them {measured}.",
            centre="spreads",
            party="is paid",
            known_for=self.known_for,
        )
        yield from self._bursts(window).findings(self.min_payees, wording)

    def strengths(self, window: Window) -> Iterator[tuple[str, int, float]]:
        """Give centre, time of the first payment and strength of each finding, peers left aside."""
        return self._bursts(window).told_apart()

    def _bursts(self, window: Window) -> Bursts:
        graph = temporal_graph(window)
        payees = of_class(window, *PERSONS) & ~graph.hub
        counted = payees[graph.payee] & of_class(window, "account")[graph.payer] & ~_wages(window)
        return bursts(
            window,
            counted,
            inward=False,
            least=self.min_payees,
            strong=self.strong_payees,
            within=self.within,
            known_for=self.known_for,
        )


def _wages(window: Window) -> NDArray[np.bool_]:
    """Say for each payment whether it is marked as a wage, pension or benefit."""
    purpose = pc.is_in(window.payments["purpose_code"], value_set=pa.array(PAID_REGULARLY))
    channel = pc.is_in(window.payments["channel"], value_set=pa.array(["payroll_file", "benefit"]))
    marked: NDArray[np.bool_] = pc.or_(purpose, channel).to_numpy()
    return marked
