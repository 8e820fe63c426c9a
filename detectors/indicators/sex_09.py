"""SEX-09: Night ride-hail shuttling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from graphs.legs import Floats, Legs, combined


@dataclass(frozen=True, kw_only=True)
class Sex09:
    """Count taxi and ride-hail trips at night, with three more for each night of three or more.

    Somebody who rides at most twice a night and at the same hours goes to work and back: their rides weigh a fifth.
    The hours count as the same where they tell at most one bit, which is two hours used alike. A person who lives
    without a car in a town that does not sleep looks like this too.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="SEX-09, window: 30 d")
    weak: float = parameter(8.0, unit="rides", why="SEX-09, weak value of the catalogue")
    strong: float = parameter(25.0, unit="rides", why="SEX-09, strong value of the catalogue")
    least_rides: int = parameter(6, unit="rides", least=1, why="SEX-09, support: night rides")
    busy: int = parameter(3, unit="rides", least=2, why="SEX-09: rides that make a night a busy one")
    busy_weight: float = parameter(3.0, unit="rides", least=0.0, why="SEX-09: what a busy night adds")
    shift_bits: float = parameter(1.0, unit="bits", least=0.0, why="SEX-09: entropy of the hours of a shift worker")
    shift_weight: float = parameter(
        0.2, unit="times", least=0.0, most=1.0, why="ours: two rides on each of twenty nights then say nothing"
    )

    about = IndicatorAbout(
        id="SEX-09",
        title="Night ride-hail shuttling",
        question="Is this customer driven around several times a night, on many nights?",
        meaning=(
            "Several taxi or ride-hail trips in one night, on many nights, as when people are driven between "
            "appointments."
        ),
        of=("sexual exploitation",),
        cited=(
            Citation("SANDBAR", "read", "ride-share use to move exploited persons several times in a night"),
            Citation("FTR16", "recalled", "taxi and car-rental spending"),
            Citation("FIN20", "read", "transport costs out of profile; car services for a business"),
        ),
        innocent=(
            "night-shift nurse or bartender",
            "urban resident without a car",
            "courier working for several apps",
        ),
        clears=(
            "night work: rides at fixed hours, a wage from a hospital, bar or hotel",
            "a trade that delivers or drives",
        ),
        leg="OPS",
        reliability="supporting",
        roles=("possibly_exploited", "possible_controller"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D2", "D3"),
        needs=(
            "payments.sent_at",
            "payments.mcc|list.ride-hail",
        ),
        reduced={"list.ride-hail": "Rides are seen by their merchant category only."},
        by="customer",
        sentence=(
            "{rides} by taxi or ride-hail began between 22:00 and 06:00 within {span}; {busy} had three or more."
        ),
        numbers={"rides": "rides", "span": "days", "busy": "nights"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the weighed night rides of each customer."""
        taxi = sight.merchants("taxi") | sight.listed("ride-hail")
        rides = sight.over(sight.debits("customer").where(taxi & sight.night), self.within)
        count = rides.count()
        night = combined(rides.group, sight.night_of[rides.row])
        _, first, each = np.unique(night, return_index=True, return_counts=True)
        busy = np.bincount(rides.group[first[each >= self.busy]], minlength=rides.groups)
        shift = (busy == 0) & (_bits(sight, rides) <= self.shift_bits + 1e-9)
        yield from sight.scores(
            self,
            rides,
            (count + self.busy_weight * busy) * np.where(shift, self.shift_weight, 1.0),
            support=count,
            met=count >= self.least_rides,
            numbers={"rides": count, "span": np.full(rides.groups, self.within.days), "busy": busy},
        )


def _bits(sight: Sight, legs: Legs) -> Floats:
    """Give the entropy of the hours of each group, in bits."""
    hour = combined(legs.group, sight.hour[legs.row])
    _, first, times = np.unique(hour, return_index=True, return_counts=True)
    group = legs.group[first]
    share = times / np.maximum(legs.count()[group], 1)
    return np.bincount(group, weights=-share * np.log2(share), minlength=legs.groups).astype(np.float64)
