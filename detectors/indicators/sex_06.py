"""SEX-06: Ad payment followed by a wave of credits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import followed
from detectors.proceeds import known_since, small_credits
from detectors.sight import HOUR, Sight
from graphs.legs import Floats, Ints, Legs, joined


@dataclass(frozen=True, kw_only=True)
class Sex06:
    """Measure how much faster small credits come in the three days after an advert than at other times.

    The credits are `detectors.proceeds.small_credits`, at any hour, all accounts of a customer together, since
    adverts are often paid by another card. The value is the lower end of the 90 % interval of the ratio of the two
    rates, by the exact conditional binomial. It says nothing where nearly all the time follows an advert: hours
    begin with the first payment known of the customer. A formula of the catalogue's own, not a published one.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="SEX-06, window: 60 d")
    weak: float = parameter(1.5, unit="times", why="SEX-06, weak value of the catalogue")
    strong: float = parameter(3.0, unit="times", why="SEX-06, strong value of the catalogue")
    least_adverts: int = parameter(4, unit="payments", least=1, why="SEX-06, support: payments for adverts")
    least_credits: int = parameter(12, unit="payments", least=1, why="SEX-06, support: eligible credits")
    after: timedelta = parameter(
        timedelta(hours=72), unit="time", least=timedelta(hours=1), why="SEX-06: hours in which an advert is answered"
    )
    least_off: float = parameter(
        0.25, unit="share", least=0.01, most=1.0, why="SEX-06: share of the time that must lie outside them"
    )

    about = IndicatorAbout(
        id="SEX-06",
        title="Ad payment followed by a wave of credits",
        question="Does a wave of small credits follow each advert?",
        meaning=(
            "Each time adverts are bought, a burst of small credits follows within three days; the two series "
            "move together."
        ),
        of=("sexual exploitation",),
        cited=(
            Citation("FATF18", "recalled", "link between advertising cost and receipts"),
            Citation("FTR16", "recalled", "combination of ad payment and deposits"),
        ),
        innocent=(
            "a trader or musician who advertises",
            "marketplace seller boosting listings",
        ),
        clears=(
            "a trade that advertises: the payers buy goods or tickets",
            "sales of a marketplace whose listings are paid for",
        ),
        leg="REV",
        reliability="supporting",
        roles=("possible_controller", "independent_worker"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D2", "D3"),
        needs=(
            "payments.sent_at",
            "payments.mcc|list.adverts",
        ),
        reduced={"list.adverts": "Adverts are seen by the merchant category of dating and escort services only."},
        by="customer",
        sentence=(
            "In the three days after each of {adverts} for adverts, small credits of strangers came at least "
            "{times} as often as otherwise."
        ),
        numbers={"adverts": "payments", "times": "times"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the least ratio of the two rates, for each customer."""
        credits_ = sight.over(small_credits(sight, "customer").where(sight.timed), self.within)
        paid = sight.debits("customer").where(sight.adverts & sight.timed)
        adverts = sight.over(paid, self.within, like=credits_)
        # Groups as subjects: an advert is followed within its own stretch only.
        alone = np.arange(credits_.groups)
        answer = followed(sight, replace(adverts, subject=alone), replace(credits_, subject=alone), self.after) >= 0
        on, every = credits_.keep(answer).count(), credits_.count()
        hours_on, hours = self._hours(sight, adverts)
        met = (adverts.count() >= self.least_adverts) & (every >= self.least_credits)
        met &= (hours_on > 0) & (hours - hours_on >= self.least_off * hours)
        ratio = np.where(met, _least_ratio(on, every, hours_on, hours), 0.0)
        yield from sight.scores(
            self,
            joined(credits_.keep(answer), adverts),
            ratio,
            support=every,
            met=met,
            numbers={"adverts": adverts.count(), "times": ratio},
        )

    def _hours(self, sight: Sight, adverts: Legs) -> tuple[Floats, Floats]:
        """Give the hours of each stretch that follow an advert, and all its hours since the customer is known."""
        step = -(-microseconds(self.within) // sight.given.looks)
        stop = sight.end - adverts.stretch * step
        start = np.maximum(stop - step * sight.given.looks, known_since(sight)[adverts.subject])
        order = np.argsort(adverts.group, kind="stable")
        group, at = adverts.group[order], sight.at[adverts.row[order]]
        following = np.append(at[1:], 0)[: at.size]
        last = np.append(np.diff(group) != 0, True)[: at.size]
        until = np.minimum(np.where(last, stop[group], following), at + microseconds(self.after))
        on: Floats = np.bincount(group, weights=(until - at) / HOUR, minlength=adverts.groups).astype(np.float64)
        return on, (stop - start) / HOUR


def _least_ratio(on: Ints, every: Ints, hours_on: Floats, hours: Floats) -> Floats:
    """Give the lower end of the 90 % interval of the ratio of the rates, after Clopper and Pearson."""
    # scipy is imported by whoever measures, not by whoever lists indicators.
    from scipy.special import betaincinv

    share = np.where(on > 0, betaincinv(np.maximum(on, 1), every - on + 1, 0.05), 0.0)
    return np.asarray(share / (1 - share) * (hours - hours_on) / np.maximum(hours_on, 1e-9))
