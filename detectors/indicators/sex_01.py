"""SEX-01: Night-time small credits from many payers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score, wilson
from detectors.proceeds import small_credits
from detectors.sight import Sight


@dataclass(frozen=True, kw_only=True)
class Sex01:
    """Measure how sure it is that small credits from many strangers come at night.

    The credits are `detectors.proceeds.small_credits` with the time of the event. The value is the lower end of the
    interval of the share that comes at night, less where the same few payers come again and again. It cannot tell paid
    services from tips: what it shows is paid evening work.
    """

    within: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(hours=1), why="SEX-01, window: 30 d sliding"
    )
    weak: float = parameter(0.25, unit="share", why="SEX-01, weak value of the catalogue")
    strong: float = parameter(0.5, unit="share", why="SEX-01, strong value of the catalogue")
    least_credits: int = parameter(12, unit="payments", least=1, why="SEX-01, support: eligible credits")
    least_payers: int = parameter(8, unit="payers", least=1, why="SEX-01, support: different payers")
    many_payers: float = parameter(
        0.6, unit="share", least=0.01, why="SEX-01: payers per credit below which regulars damp it"
    )

    about = IndicatorAbout(
        id="SEX-01",
        title="Night-time small credits from many payers",
        question="Do many unrelated payers send this account small sums, mostly late at night?",
        meaning=(
            "Many different people send this account small sums late at night, and they are not friends, "
            "employers or shops."
        ),
        of=("sexual exploitation",),
        cited=(
            Citation("FTR16", "read", "deposits/withdrawals between 22:00 and 06:00"),
            Citation("AUS22F", "read", "regular domestic transfers, average AUD 250 per service"),
            Citation("AMLTRIX", "read", "IND03016"),
            Citation("TRF17", "read", "late-night transaction bursts (public summary only)"),
        ),
        innocent=(
            "bar staff and musicians taking tips",
            "ride-share, food-truck or festival sellers",
            "night-class tutors",
            "split-bill friends",
            "online gamers",
            "independent sex workers working lawfully",
        ),
        clears=(
            "a contract or licence for evening work that such payments pay for",
            "the payers are colleagues or guests of one event who settle a bill",
        ),
        leg="REV",
        reliability="core",
        roles=("possibly_exploited", "independent_worker", "possible_controller"),
        safety=(
            "The holder is often the exploited person. On its own this only shows paid evening work. Never label "
            "'trafficking' without a CTL or MOV leg."
        ),
        tiers=("D1", "D2"),
        needs=("payments.sent_at",),
        by="account",
        sentence=(
            "{payers} unrelated to the holder sent {credits} of {median} each, "
            "and {night_share} of the payments came between 22:00 and 06:00."
        ),
        numbers={"payers": "payers", "credits": "payments", "median": "u", "night_share": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share of small credits at night, held low where there are few, for each account."""
        credits_ = sight.over(small_credits(sight).where(sight.timed), self.within)
        count, payers = credits_.count(), credits_.distinct(credits_.other)
        at_night = credits_.where(sight.night)
        several = np.minimum(1.0, payers / np.maximum(count, 1) / self.many_payers)
        yield from sight.scores(
            self,
            at_night,
            wilson(at_night.count(), count) * several,
            support=count,
            met=(count >= self.least_credits) & (payers >= self.least_payers),
            numbers={
                "payers": payers,
                "credits": count,
                "median": credits_.median(sight.amount[credits_.row]),
                "night_share": at_night.count() / np.maximum(count, 1),
            },
        )
