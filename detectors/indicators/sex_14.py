"""SEX-14: Adult-platform payouts pooled or diverted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.passing import passing
from detectors.sight import Sight
from graphs.legs import Floats, Ints, Legs, combined, joined


@dataclass(frozen=True, kw_only=True)
class Sex14:
    """Measure what share of platform payouts is not one creator's, or goes on at once to one unrelated receiver.

    Payouts are known by the institution's list of platforms, in the name of whoever pays or in the text. A creator
    is told by the text of the payout without its digits, so that months and order numbers do not look like people,
    and counts from the second payout on; texts are counted and never shown. What is kept by one creator scores
    nothing by construction. In place of CTL-01 at 0.5, which the catalogue asks of an account that passes payouts
    on, the payouts themselves are followed. Savings at another bank look like passing on.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="SEX-14, window: 60 d")
    weak: float = parameter(0.6, unit="share", why="SEX-14, weak value of the catalogue")
    strong: float = parameter(0.9, unit="share", why="SEX-14, strong value of the catalogue")
    least_payouts: int = parameter(3, unit="payments", least=1, why="SEX-14, support: payouts")
    least_creators: int = parameter(2, unit="creators", least=2, why="SEX-14, support: creator references")
    at_once: timedelta = parameter(
        timedelta(hours=48), unit="time", least=timedelta(minutes=1), why="SEX-14: passed on within 48 h"
    )

    about = IndicatorAbout(
        id="SEX-14",
        title="Adult-platform payouts pooled or diverted",
        question=(
            "Do payouts of platforms for several performers land in one account, or go on at once to somebody else?"
        ),
        meaning=(
            "Payouts from subscription or cam platforms for several performers land in one account, or a "
            "performer's payouts are passed on at once."
        ),
        of=(
            "sexual exploitation",
            "online child sexual exploitation",
        ),
        cited=(
            Citation("AMLTRIX", "read", "IND03017, IND03019, IND03020"),
            Citation("FTR21", "recalled", "content-platform income and third-party control"),
            Citation(
                "FIN21", "read", "third-party processors used to hide payments for online child sexual exploitation"
            ),
        ),
        innocent=(
            "talent manager with contract",
            "couple sharing an account",
            "accountant",
            "a creator who keeps the payouts: nearly all are independent",
        ),
        clears=(
            "a manager's contract, or a couple who share an account",
            "the receiver is the performer's own account elsewhere, or a landlord",
        ),
        leg="CTL",
        reliability="supporting",
        roles=("possible_controller", "possibly_exploited"),
        safety=(
            "The performer may be an exploited person or a minor: a trained colleague checks the age; nothing "
            "automatic reaches the person."
        ),
        tiers=("D1", "D6"),
        needs=(
            "list.platforms",
            "payments.merchant_name|payments.narrative",
        ),
        reduced={
            "payments.narrative": "Payouts for several creators in one account are not told apart.",
            "payments.sent_at": "What is passed on is followed by dates only.",
        },
        by="account",
        sentence=(
            "Of {payouts} of platforms within {span}, {pooled} were for others than the first creator, and "
            "{passed} of the money went on to one receiver within {hours}."
        ),
        numbers={"payouts": "payouts", "span": "days", "pooled": "share", "passed": "share", "hours": "hours"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share of payouts pooled or passed on, for each account."""
        payouts = sight.credits().where(sight.listed("platforms") | sight.listed("platforms", "narrative"))
        payouts = sight.over(payouts, self.within)
        debits = sight.over(sight.debits(), self.within, like=payouts)
        count, creators, pooled = self._creators(sight, payouts)
        found = passing(sight, payouts, debits, self.at_once)
        receiver = np.where(sight.unrelated(debits), debits.other, -1)
        one, most = debits.top(receiver, found.passing / 100)
        passed = np.divide(most, found.inflow, out=np.zeros(payouts.groups), where=found.inflow > 0)
        pooled = np.where(creators >= self.least_creators, pooled, 0.0)
        handed = debits.keep((found.passing > 0) & (receiver == one[debits.group]) & (receiver >= 0))
        yield from sight.scores(
            self,
            joined(payouts, handed),
            np.maximum(pooled, passed),
            support=count,
            met=count >= self.least_payouts,
            numbers={
                "payouts": count,
                "span": np.full(payouts.groups, self.within.days),
                "pooled": pooled,
                "passed": passed,
                "hours": np.full(payouts.groups, self.at_once / timedelta(hours=1)),
            },
            others=np.where(passed >= pooled, one, -1),
            other_role="possible_controller",
        )

    def _creators(self, sight: Sight, payouts: Legs) -> tuple[Ints, Ints, Floats]:
        """Give the payouts of each group, its creators, and the share of payouts that are not the commonest one's."""
        number, texts = sight.codes("narrative"), sight.values("narrative")
        letters = ["".join(filter(str.isalpha, text.casefold())) for text in texts]
        place = {text: index for index, text in enumerate(dict.fromkeys(filter(None, letters)))}
        creator = np.array([*(place.get(text, -1) for text in letters), -1], np.int64)[number][payouts.row]
        same = combined(payouts.group, creator)
        times = np.bincount(same[same >= 0], minlength=1)
        again = payouts.keep((same >= 0) & (np.append(times, 0)[same] >= 2))
        known = creator[(same >= 0) & (np.append(times, 0)[same] >= 2)]
        _, most = again.top(known, np.ones(again.row.size))
        return payouts.count(), again.distinct(known), 1 - most / np.maximum(again.count(), 1)
