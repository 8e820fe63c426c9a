"""SCM-03: Release or 'compensation' payment for a person abroad."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import followed, months
from detectors.sight import Sight
from graphs.legs import Floats, Legs, joined, legs_of


@dataclass(frozen=True, kw_only=True)
class Scm03:
    """Count three signs that a family pays for the release of somebody who took a job abroad.

    A payment to an exchange, or to a person it never paid before, that is five times what the customer sends to persons
    and exchanges in an ordinary month, and 1,000 or more; an airline ticket in the half year before; and a word of the
    institution's list for releases, contracts or visas in the reference. Whether a ticket is one way, and whether a
    relative's wages stopped, is not in the ledger. To be read by a person: never more than an enquiry.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="SCM-03, window: 60 d")
    weak: float = parameter(1.0, unit="signs", why="SCM-03, weak value of the catalogue")
    strong: float = parameter(3.0, unit="signs", why="SCM-03, strong value of the catalogue")
    times: float = parameter(5.0, unit="times", least=1.0, why="SCM-03: five times the monthly median")
    least_sum: float = parameter(1000.0, unit="u", least=0.0, why="SCM-03: 1,000u or more")
    new_for: timedelta = parameter(
        timedelta(days=60), unit="time", least=timedelta(days=1), why="ours: new within the window of the indicator"
    )
    ticket: timedelta = parameter(
        timedelta(days=180), unit="time", least=timedelta(days=1), why="SCM-03: a ticket in the last 180 days"
    )

    about = IndicatorAbout(
        id="SCM-03",
        title="Release or 'compensation' payment for a person abroad",
        question="Does a customer send an unusual lump sum that may be for the release of a person abroad?",
        meaning="Relatives send unusual lump sums, often through exchanges or brokers, linked to a job taken abroad.",
        of=("forced criminality", "smuggling"),
        cited=(
            Citation("CHAIN", "read", "ransom addresses tied to compound scam wallets"),
            Citation("UNODC25", "read", "compounds, stablecoins, guarantee marketplaces"),
            Citation("UNODC23", "read", "payments by migrants to smugglers form the bulk of the studied flows"),
        ),
        innocent=(
            "tuition abroad",
            "medical emergency",
            "visa bond",
        ),
        clears=(
            "tuition, a medical emergency or a visa bond, which the receiver confirms",
            "the traveller is back, or works where they said they would",
        ),
        leg="REV",
        reliability="weak",
        roles=("possibly_extorted_family",),
        safety=(
            "The family of a person who may be held: refer to police or consulate at once, and do not alarm anybody "
            "else."
        ),
        tiers=("D1", "D6"),
        needs=("payments.mcc|list.release",),
        reduced={"payments.mcc": "Tickets are not seen.", "list.release": "Words of the reference are not read."},
        by="customer",
        sentence=(
            "{sum} was sent to an exchange or a new receiver, {times} what is sent in an ordinary month; {signs} of "
            "three signs hold."
        ),
        numbers={"sum": "u", "times": "times", "signs": ""},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the signs of each private customer."""
        spent = sight.debits("customer")
        spent = spent.keep(sight.private[spent.own])
        crypto = sight.to_crypto | sight.listed("crypto")
        sent = spent.keep(crypto[spent.row] | (sight.unrelated(spent) & sight.private[spent.other]))
        usual = self._a_month(sight, sent)
        new = sight.at - sight.first_seen < microseconds(self.new_for)
        large = (sight.amount[sent.row] >= self.least_sum) & (sight.amount[sent.row] >= self.times * usual[sent.group])
        lump = sent.keep(large & (crypto | new)[sent.row])
        tickets = spent.where(sight.merchants("airline"))
        before = followed(sight, tickets, lump, self.ticket)
        flown = np.zeros(sight.at.size, np.bool_)
        flown[lump.row[before >= 0]] = True
        shown = np.zeros(sight.at.size, np.bool_)
        shown[tickets.row[before[before >= 0]]] = True
        lump = sight.over(lump, self.within)
        spoken = lump.where(sight.listed("release", "narrative"))
        signs = (lump.count() > 0) + (lump.where(flown).count() > 0).astype(np.int64) + (spoken.count() > 0)
        sums = lump.largest(sight.amount)
        a_month = np.maximum(usual[np.searchsorted(sent.subject, lump.subject)], 1.0)
        yield from sight.scores(
            self,
            joined(lump, sight.over(tickets.where(shown), self.within, like=lump)),
            signs,
            support=lump.count(),
            met=lump.count() > 0,
            numbers={"sum": sums, "times": np.minimum(sums / a_month, 99.0), "signs": signs},
            others=lump,
        )

    def _a_month(self, sight: Sight, sent: Legs) -> Floats:
        """Give the median of what each customer sends in a month of the ledger; 0 where it is mostly nothing."""
        month = months(sight)
        by_month = legs_of((sent.subject[sent.group] << 20) + month[sent.row], sent.row, sent.other, sent.own)
        total = by_month.total(sight.amount)
        group = np.searchsorted(sent.subject, by_month.subject >> 20)
        every = int(month.max(initial=0) - month.min(initial=0)) + 1 if month.size else 1
        count = np.bincount(group, minlength=sent.groups)
        order = np.lexsort((total, group))
        start = np.cumsum(count) - count
        # Months without any are zeros below the others: the median lies so many places into them.
        place = (every - 1) // 2 - (every - count)
        usual = np.zeros(sent.groups)
        some = place >= 0
        usual[some] = total[order][start[some] + place[some]]
        return usual
