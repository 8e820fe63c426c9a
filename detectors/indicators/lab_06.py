"""LAB-06: Synchronised cash-outs at one machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import HOUR, Sight
from graphs.legs import Ints


@dataclass(frozen=True, kw_only=True)
class Lab06:
    """Count the days on which the cards of the same people are used one after another at one machine.

    Stands on the motif `co-cash-out`, which finds the sessions and the people who meet in them again and again; each
    account of such a company has its score. How easily a machine brings the same people together is weighed by that
    motif's surprise, where it was measured: where chance does as much, the value counts half. Machines are told apart
    by terminal, else by the bank's own number of the machine.
    """

    weak: float = parameter(2.0, unit="days", why="LAB-06, weak value of the catalogue")
    strong: float = parameter(5.0, unit="days", why="LAB-06, strong value of the catalogue")
    wage_hours: int = parameter(
        24, unit="hours", least=0, why="LAB-06: sessions so soon after a wage or benefit weigh more"
    )
    after_wage: float = parameter(1.3, unit="times", least=1.0, why="LAB-06: boost of sessions after a wage or benefit")

    about = IndicatorAbout(
        id="LAB-06",
        title="Synchronised cash-outs at one machine",
        question="Are the cards of the same people used one after another at one machine, again and again?",
        meaning=(
            "Cards of several unrelated customers are used one after another at the same machine, again and "
            "again, usually just after payday."
        ),
        of=("forced labour", "forced criminality", "smuggling"),
        cited=(
            Citation("FORT", "read", "wages taken from many controlled accounts on payday"),
            Citation("FATF18", "recalled", "one person using several cards at an ATM"),
            Citation("POL18", "read", "controlled accounts in exploited persons' names"),
        ),
        innocent=(
            "site crew at the only village ATM on payday",
            "students at a campus machine (permutation test removes most)",
            "family errand",
            "care-home assistant",
        ),
        clears=(
            "recordings of the machine show each holder with their own card; ask for preservation, not the customer",
            "a mandate or household covers these cards",
        ),
        leg="CTL",
        reliability="core",
        roles=("possible_controller",),
        safety=(
            "Very strong marker of a third party holding the cards; CCTV is a preservation request, not a "
            "customer contact."
        ),
        tiers=("D1", "D2", "D3"),
        needs=("motif.co-cash-out", "payments.sent_at"),
        reduced={
            "payments.terminal_id": "Machines without a terminal number are told apart by the counterparty only.",
        },
        by="account",
        sentence=(
            "The cards of {people} were used one after another at the same machines on {days}, {withdrawals} in all."
        ),
        numbers={"people": "people", "days": "days", "withdrawals": "payments"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the payments of the findings, and the wages and benefits of who draws."""
        rows = sight.rows_of_motifs("co-cash-out")
        draws = np.zeros(sight.graph.nodes, np.bool_)
        draws[sight.payer[rows]] = True
        paid = sight.credits().where(sight.wages | sight.benefits)
        return np.concatenate([rows, sight.mine(paid.keep(draws[paid.own]))])

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the days of the weightiest company of each account."""
        best: dict[int, Score] = {}
        paid = sight.credits().where(sight.wages | sight.benefits)
        for finding in sight.findings("co-cash-out"):
            rows = sight.rows_of(finding.payments)
            drawers = np.unique(sight.payer[rows])
            days = np.unique(sight.day[rows]).size
            doubt = 1.0 if finding.surprise is None else 0.5 + 0.25 * min(max(finding.surprise, 0.0), 2.0)
            for drawer in drawers.tolist():
                own = rows[sight.payer[rows] == drawer]
                boost = self.after_wage if self._soon_after_pay(sight, paid.row[paid.own == drawer], own) else 1.0
                score = sight.score(
                    self,
                    rows=rows,
                    centre=drawer,
                    value=days * boost * doubt,
                    support=days,
                    numbers={"people": drawers.size, "days": days, "withdrawals": rows.size},
                    others=drawers.tolist(),
                )
                if score is not None and (drawer not in best or score.value > best[drawer].value):
                    best[drawer] = score
        yield from best.values()

    def _soon_after_pay(self, sight: Sight, pay: Ints, drawn: Ints) -> bool:
        """Say whether most withdrawals follow a wage or benefit of the same account within the hours."""
        last = np.searchsorted(sight.at[pay], sight.at[drawn], "right") - 1
        waited = sight.at[drawn[last >= 0]] - sight.at[pay[last[last >= 0]]]
        return bool(2 * np.count_nonzero(waited <= self.wage_hours * HOUR) > drawn.size)
