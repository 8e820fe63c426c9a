"""CHI-02: Clock pattern of remote viewing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score, wilson
from detectors.sight import Sight
from detectors.small_abroad import small_abroad
from graphs.legs import Flags, Legs, combined


@dataclass(frozen=True, kw_only=True)
class Chi02:
    """Measure whether small payments abroad come at night, or one upon another within the hour.

    The payments are those of CHI-01 that bear the time of the event. The value is the larger of two: how sure it
    is that they come at night, and the share that another follows within the hour to the same recipient or
    country. The city of a recipient, which the catalogue asks for, is not in the ledger: the country is the wider
    circle. On its own it says when somebody is awake.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="CHI-02, window: 60 d")
    weak: float = parameter(0.3, unit="share", why="CHI-02, weak value of the catalogue")
    strong: float = parameter(0.6, unit="share", why="CHI-02, strong value of the catalogue")
    least_payments: int = parameter(8, unit="payments", least=1, why="CHI-02, support: payments of the set of CHI-01")
    session: timedelta = parameter(
        timedelta(minutes=60), unit="time", least=timedelta(minutes=1), why="CHI-02: another within 60 min"
    )

    about = IndicatorAbout(
        id="CHI-02",
        title="Clock pattern of remote viewing",
        question="Do small payments abroad come late at night and in bursts?",
        meaning="Those payments cluster late at night and in short bursts, sometimes several within an hour.",
        of=("online child sexual exploitation (buyer)",),
        cited=(
            Citation("FATF25", "read", "late-night or early-morning repetition, cross-time-zone"),
            Citation("ECPAT24", "read", "evenings and nights"),
            Citation("AUSCASE", "read", "repeated small payments per session"),
        ),
        innocent=(
            "shift worker",
            "overseas partner",
            "gamer",
        ),
        clears=("night work, or a partner in another time zone",),
        leg="CTX",
        reliability="supporting",
        roles=("possible_buyer",),
        safety=(
            "Refer urgently and in the smallest circle; never contact the account holder. Recipients may be "
            "families of exploited children."
        ),
        tiers=("D1", "D2"),
        needs=(
            "payments.payer_country",
            "payments.payee_country",
            "payments.sent_at",
        ),
        version=2,
        by="customer",
        sentence=(
            "Of {payments} abroad, {night} were made between 22:00 and 06:00, and {followed} were followed "
            "within the hour by another to the same recipient or country."
        ),
        numbers={"payments": "payments", "night": "share", "followed": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the larger of the share at night and the share in bursts, for each customer."""
        sent = small_abroad(sight).where(sight.timed)
        flags = np.zeros(sight.at.size, np.bool_)
        flags[sent.row[self._followed(sight, sent)]] = True
        sent = sight.over(sent, self.within)
        count, night, followed = sent.count(), sent.where(sight.night), sent.where(flags)
        share = followed.count() / np.maximum(count, 1)
        yield from sight.scores(
            self,
            sent.where(sight.night | flags),
            np.maximum(wilson(night.count(), count), share),
            support=count,
            met=count >= self.least_payments,
            numbers={"payments": count, "night": night.count() / np.maximum(count, 1), "followed": share},
        )

    def _followed(self, sight: Sight, sent: Legs) -> Flags:
        """Say which payments another follows within the hour, to the same recipient or country."""
        subject = sent.subject[sent.group]
        result = np.zeros(sent.row.size, np.bool_)
        for where in (sent.other, sight.codes("payee_country")[sent.row]):
            same = combined(subject, where)
            order = np.lexsort((sent.row, same))
            close = np.diff(sight.at[sent.row[order]]) <= microseconds(self.session)
            result[order[:-1][close & (np.diff(same[order]) == 0)]] = True
        return result
