"""CHI-09: Sextortion or scam collector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.bursts import bursts, gifts, is_new, is_young
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.passing import share_passed
from detectors.sight import PERSON_TO_PERSON, Sight
from detectors.survey import Survey
from graphs.legs import joined


@dataclass(frozen=True, kw_only=True)
class Chi09:
    """Count strangers who send small sums, as far as the money goes on within a day to where it is hard to follow.

    The number of unrelated payers is multiplied by the share of their money that leaves within a day to an
    exchange, by gift card, to a remitter or to a new payee. Where half of it or more stays for longer there is no
    score. Three more if a third or so of the payers who bank here are under 25, or two show the burst of CHI-08.
    The holder may be a recruited student or a person held in a scam compound. A class treasurer's money waits for
    the bill.
    """

    within: timedelta = parameter(timedelta(days=14), unit="time", least=timedelta(hours=1), why="CHI-09, window: 14 d")
    weak: float = parameter(8.0, unit="payers", why="CHI-09, weak value of the catalogue")
    strong: float = parameter(20.0, unit="payers", why="CHI-09, strong value of the catalogue")
    least_credits: int = parameter(8, unit="payments", least=1, why="CHI-09, support: credits")
    least_payers: int = parameter(6, unit="payers", least=1, why="CHI-09, support: payers")
    most: float = parameter(300.0, unit="u", least=0.0, why="CHI-09: credits of at most 300")
    at_once: timedelta = parameter(
        timedelta(hours=24), unit="time", least=timedelta(minutes=1), why="CHI-09: pt(A, 24h)"
    )
    least_share: float = parameter(
        0.5,
        unit="share",
        least=0.0,
        most=1.0,
        why="ours: a market stall with very many payers buys something every day",
    )
    young: float = parameter(0.3, unit="share", least=0.0, most=1.0, why="CHI-09: share of payers under 25")
    in_a_burst: int = parameter(2, unit="payers", least=1, why="CHI-09: payers who show CHI-08")
    burst: float = parameter(0.7, unit="parts", least=0.0, why="catalogue, T-09: from which CHI-08 counts")
    more: float = parameter(3.0, unit="payers", least=0.0, why="CHI-09: for young payers or bursts")

    about = IndicatorAbout(
        id="CHI-09",
        title="Sextortion or scam collector",
        question=(
            "Does this account receive small sums from many strangers and turn them into crypto, cards or "
            "transfers at once?"
        ),
        meaning=(
            "An account receives many small credits from strangers, several of them young, and turns them into "
            "crypto or gift cards within hours."
        ),
        of=(
            "online child sexual exploitation",
            "scam networks",
        ),
        cited=(
            Citation("FIN25X", "read", "mule indicators listed next to those of the person who pays"),
            Citation("AUS22C", "read", ">3,000 accounts linked to sextortion closed since June 2022"),
            Citation("AMLTRIX", "read", "IND03068"),
        ),
        innocent=(
            "micro-seller",
            "streamer",
            "class treasurer",
            "event organiser",
        ),
        clears=(
            "goods, tickets or a trip that the payers bought: the supplier is paid",
            "a class, club or stream that the payers know",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_mule",),
        safety=(
            "The holder may be a recruited student or a person held in a scam compound; those who pay are to "
            "be helped first."
        ),
        tiers=("D1", "D2", "D4"),
        needs=("payments.sent_at",),
        reduced={"customers.age_band": "Whether payers are young is not known."},
        version=2,
        by="account",
        sentence=(
            "{payers} unrelated to the holder sent {credits} of at most 300 EUR within {span}, and {passed} "
            "of the money went on within a day to exchanges, gift cards, remitters or new payees."
        ),
        numbers={"payers": "payers", "credits": "payments", "span": "days", "passed": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the weighed payers of each private account."""
        hurried = sight.everybody(Survey(f"CHI-09 {self.burst}", self._hurried))["payment"]
        came = sight.credits().where(sight.channel(*PERSON_TO_PERSON) & (sight.amount <= self.most))
        came = came.keep(sight.private[came.other] & sight.private[came.own] & sight.unrelated(came))
        came = sight.over(came, self.within)
        payers = came.distinct(came.other)
        spent = sight.debits()
        to_person = (sight.channel(*PERSON_TO_PERSON) & is_new(sight))[spent.row] & sight.unrelated(spent)
        far = sight.to_crypto | sight.to_remitter | gifts(sight)
        share, out = share_passed(sight, came, spent.keep(far[spent.row] | to_person), self.within, self.at_once)

        ours = came.keep(sight.own[came.other])
        young = ours.keep(is_young(sight)[ours.other])
        ids = sight.window.payments["payment_id"].take(pa.array(came.row))
        hurt = came.keep(np.asarray(pc.is_in(ids, value_set=hurried.combine_chunks())))
        known = ours.distinct(ours.other)
        more = (known > 0) & (young.distinct(young.other) >= self.young * known)
        more |= hurt.distinct(hurt.other) >= self.in_a_burst
        yield from sight.scores(
            self,
            joined(came, out),
            payers * share + self.more * more,
            support=came.count(),
            met=(came.count() >= self.least_credits) & (payers >= self.least_payers) & (share >= self.least_share),
            numbers={
                "payers": payers,
                "credits": came.count(),
                "span": np.full(came.groups, self.within.days),
                "passed": share,
            },
        )

    def _hurried(self, sight: Sight) -> pa.Table:
        """Name the payments that lie in a burst of their payer."""
        found = bursts(sight)
        row = np.unique(found.payments.row[(found.met & (found.value >= self.burst))[found.payments.group]])
        return pa.table({"of": sight.payer[row], "payment": sight.window.payments["payment_id"].take(pa.array(row))})
