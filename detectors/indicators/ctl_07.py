"""CTL-07: Implausible presence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.presence import card_uses
from detectors.sight import Sight
from detectors.survey import Survey
from graphs.legs import Ints, legs_of


@dataclass(frozen=True, kw_only=True)
class Ctl07:
    """Count how often a card is used in one town and minutes later in another, so that somebody else must hold a card.

    Without a map, a quarter of an hour between two towns stands for a speed that nobody travels at; towns between
    which the cards of three customers or more go as quickly are taken for neighbours and left out, and with them
    terminals whose clocks are wrong. Only cards that were there count: no purchases from afar. Where logins come from
    is not in the ledger.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="CTL-07, window: 60 d")
    weak: float = parameter(1.0, unit="times", why="CTL-07, weak value of the catalogue")
    strong: float = parameter(4.0, unit="times", why="CTL-07, strong value of the catalogue")
    apart: timedelta = parameter(
        timedelta(minutes=15), unit="time", least=timedelta(0), why="ours: at 500 km/h of CTL-07 that is 125 km"
    )
    neighbours: int = parameter(
        3, unit="people", least=2, why="ours: so many who go as quickly show that towns are near"
    )

    about = IndicatorAbout(
        id="CTL-07",
        title="Implausible presence",
        question="Is the card used in two places at once, so that somebody else must hold one?",
        meaning=(
            "The card is in one place while its owner is clearly in another, so somebody else holds the card or "
            "the login."
        ),
        of=("controlled accounts", "mule networks"),
        cited=(
            Citation("POL18", "read", "exploiters hold exploited persons' instruments"),
            Citation("MULE", "recalled", "mule account remote control"),
        ),
        innocent=(
            "family sharing a card",
            "VPN",
            "roaming IP",
            "delivery locker",
            "late-posted offline payments",
        ),
        clears=("a member of the family uses a second card", "the payment was taken offline and booked late"),
        leg="CTL",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D2", "D3", "D5"),
        needs=("payments.sent_at", "payments.city"),
        reduced={"payments.card_id": "Two cards of one customer are taken for one."},
        by="customer",
        sentence="The card was used in one town and within {span} in another, {times} in {days}.",
        numbers={"span": "minutes", "times": "times", "days": "days"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give how often each customer's card was in two places at once."""
        travelled = sight.everybody(Survey(f"CTL-07 {self.apart}", self._travelled))
        people = sight.customer[sight.payer]
        one, other = self._jumps(sight)
        once = travelled.group_by(["way", "customer"]).aggregate([])["way"].value_counts()
        place = pc.index_in(_ways(sight, one, other), value_set=once.field("values"))
        far = once.field("counts").take(place).fill_null(0).to_numpy(zero_copy_only=False) < self.neighbours
        rows = np.sort(other[far])
        before = one[far][np.argsort(other[far])]
        both = np.unique(np.concatenate([rows, before]))
        jumps = sight.over(legs_of(people[rows], rows, sight.payee[rows], sight.payer[rows]), self.within)
        shown = sight.over(legs_of(people[both], both, sight.payee[both], sight.payer[both]), self.within, like=jumps)
        count = jumps.count()
        yield from sight.scores(
            self,
            shown,
            count,
            support=count,
            met=count > 0,
            numbers={
                "span": np.full(count.size, self.apart / timedelta(minutes=1)),
                "times": count,
                "days": jumps.distinct(sight.day[jumps.row]),
            },
        )

    def _jumps(self, sight: Sight) -> tuple[Ints, Ints]:
        """Give the uses of each customer's cards that follow each other in two towns too soon."""
        uses = card_uses(sight)
        city, people = sight.codes("city"), sight.customer[sight.payer]
        order = uses[np.lexsort((uses, people[uses]))]
        one, other = order[:-1], order[1:]
        jump = (people[one] == people[other]) & (city[one] != city[other])
        jump &= sight.at[other] - sight.at[one] <= microseconds(self.apart)
        return one[jump], other[jump]

    def _travelled(self, sight: Sight) -> pa.Table:
        """Say who went between which two towns."""
        one, other = self._jumps(sight)
        payer = sight.payer[one]
        names = sight.customer_name.take(pa.array(payer))
        return pa.table({"of": payer, "way": _ways(sight, one, other), "customer": names})


def _ways(sight: Sight, one: Ints, other: Ints) -> pa.Array:
    """Name the two towns of each pair of payments, in either order alike."""
    towns = pa.array(sight.values("city"), pa.string())
    ends = [towns.take(pa.array(sight.codes("city")[row])) for row in (one, other)]
    return pc.binary_join_element_wise(pc.min_element_wise(*ends), pc.max_element_wise(*ends), "\n")
