"""CHI-06: Facilitator fan-in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa

from detectors.about import parameter
from detectors.bursts import gifts
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import linked
from detectors.passing import share_passed
from detectors.sight import Sight
from detectors.small_abroad import is_small_abroad
from detectors.survey import Survey
from graphs.legs import Ints, Legs, joined


@dataclass(frozen=True, kw_only=True)
class Chi06:
    """Count strangers abroad who send small sums to a private person, as far as the money is cashed within a day.

    The number of payers without a tie is multiplied by the share of their money that leaves within a day as cash,
    to a remitter, an exchange or a prepaid card. Two more for senders in two countries or more; two more if the
    account shares a device, phone or address with another such recipient. There is no lower limit. A freelancer
    with clients abroad keeps the balance and scores nothing.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="CHI-06, window: 60 d")
    weak: float = parameter(4.0, unit="payers", why="CHI-06, weak value of the catalogue")
    strong: float = parameter(12.0, unit="payers", why="CHI-06, strong value of the catalogue")
    least_payers: int = parameter(4, unit="payers", least=1, why="CHI-06, support: unrelated foreign senders")
    at_once: timedelta = parameter(
        timedelta(hours=24), unit="time", least=timedelta(minutes=1), why="CHI-06: pt(A, 24h)"
    )
    several: float = parameter(
        2.0, unit="payers", least=0.0, why="CHI-06: for two countries, and for a shared identifier"
    )

    about = IndicatorAbout(
        id="CHI-06",
        title="Facilitator fan-in",
        question=("Does a private person receive small sums from many strangers abroad, and cash them at once?"),
        meaning="A private person receives small sums from many strangers abroad and cashes them out at once.",
        of=("online child sexual exploitation (facilitator)",),
        cited=(
            Citation("FATF25", "read", "developed-country senders to local facilitators; P2P and wallets"),
            Citation("EGM20", "read", "joint work on sender/recipient indicators"),
            Citation("FIN21", "read", "facilitators hide by third-party processors"),
            Citation("UNODC23", "recalled", "small-value flows"),
        ),
        innocent=(
            "freelancer",
            "shop on social media",
            "person with many relatives abroad",
            "crowd-funding",
            "language tutor",
            "church collector",
        ),
        clears=(
            "clients, customers or donors abroad who pay for something that can be named",
            "relatives abroad whom the bank knows of",
        ),
        leg="REV",
        reliability="core",
        roles=("possible_facilitator",),
        safety=(
            "The recipient is often a relative of the child: planning to bring the child to safety goes "
            "before anything on the account."
        ),
        tiers=("D1", "D2"),
        needs=(
            "payments.payer_country",
            "payments.payee_country",
            "payments.sent_at",
        ),
        reduced={
            "links.value_hash": "Whether the account shares an identifier with another such recipient is not seen."
        },
        version=2,
        by="account",
        sentence=(
            "{payers} in {countries}, unrelated to the holder, sent {credits} of at most 300 EUR within "
            "{span}, and {cashed} of the money was cashed within a day."
        ),
        numbers={
            "payers": "payers",
            "countries": "countries",
            "credits": "payments",
            "span": "days",
            "cashed": "share",
        },
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the weighed payers of each private account."""
        shared = linked(sight).group
        several = sight.everybody(Survey(f"CHI-06 {self}", self._linked))["group"]
        came, payers = self._came(sight)
        countries = came.distinct(sight.codes("payer_country")[came.row])
        ways_out = sight.cash_out | sight.to_remitter | sight.to_crypto | gifts(sight)
        share, out = share_passed(sight, came, sight.debits().where(ways_out), self.within, self.at_once)
        met = payers >= self.least_payers
        # The account shares identifiers with another such recipient.
        size = np.bincount(several.to_numpy(), minlength=int(shared.max(initial=-1)) + 2)
        more = (countries >= 2).astype(np.int64) + (size[shared[came.subject]] >= 2)
        yield from sight.scores(
            self,
            joined(came, out),
            payers * share + self.several * more,
            support=payers,
            met=met & (share > 0),
            numbers={
                "payers": payers,
                "countries": countries,
                "credits": came.count(),
                "span": np.full(came.groups, self.within.days),
                "cashed": share,
            },
            others=came,
        )

    def _came(self, sight: Sight) -> tuple[Legs, Ints]:
        """Give what each account gets in small sums from abroad, and from how many."""
        came = sight.credits().where(is_small_abroad(sight) & ~sight.tied)
        came = came.keep(sight.private[came.other] & sight.private[came.own] & sight.unrelated(came))
        came = sight.over(came, self.within)
        return came, came.distinct(came.other)

    def _linked(self, sight: Sight) -> pa.Table:
        """Give the group of those recipients who share identifiers with anybody."""
        shared = linked(sight).group
        came, payers = self._came(sight)
        several = np.unique(came.subject[payers >= self.least_payers])
        known = several[shared[several] >= 0]
        return pa.table({"of": known, "group": shared[known]})
