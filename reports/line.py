"""The line of a night: which alerts people look at, and which of the others are kept to tune by.

Help is not rationed. Of what people can look at, a share is kept for *novelty*: alerts that no typology and no motif
tells, only that an account is rare among its peers. Without a share of their own they would never be looked at, since
what no rule names has the least weight, and nobody would ever learn whether it was worth a look; what they leave of
their share goes to the others. Below the line, the next few and a few drawn by lot are kept apart: what people make
of these tells whether the line stands in the right place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reports.alert import Alert

Place = Literal["help", "told", "novelty", "just_below", "sampled", "below"]

PLACES: Final[Mapping[Place, str]] = {
    "help": "somebody may need help; always told",
    "told": "among those that people can look at",
    "novelty": "told from the share that is kept for what no typology and no motif tells",
    "just_below": "the next ones below the line",
    "sampled": "drawn by lot from farther below the line",
    "below": "below the line",
}
"""Where an alert stands, as in the field ``line`` of `alerts.json`."""

JUST_BELOW: Final = 10
"""Alerts that count as just below the line; ours: a quarter of the capacity of a small team, so that ten nights give a
hundred."""


@dataclass(frozen=True)
class Line:
    """Where each alert of a night stands.

    Parameters
    ----------
    place_of : mapping of str to Place
        By id of the alert.
    """

    place_of: Mapping[str, Place]

    def told(self, alert: Alert) -> bool:
        """Say whether people look at an alert."""
        return self.place_of[alert.alert_id] in ("help", "told", "novelty")


def line(
    alerts: Sequence[Alert],
    capacity: int | None,
    *,
    outliers: Collection[str],
    novelty_share: float = 0.0,
    sampled: int = 0,
    seed: int = 0,
) -> Line:
    """Draw the line through the alerts of a night.

    Parameters
    ----------
    alerts : sequence of Alert
        In reading order.
    capacity : int or None
        How many people can look at; None where there is no limit.
    outliers : collection of str
        Ids of the detectors that only say what is rare.
    novelty_share : float
        Share of the capacity that is kept for novelty, 0 to 1; rounded down to whole alerts.
    sampled : int
        How many are drawn by lot from farther below.
    seed : int
        Of the lot. An alert's lot is its own: it does not depend on which others there are.
    """
    place_of: dict[str, Place] = {alert.alert_id: "help" for alert in alerts if alert.tier == "support"}
    asked = [alert for alert in alerts if alert.tier != "support"]
    if capacity is None:
        return Line({**place_of, **dict.fromkeys((alert.alert_id for alert in asked), "told")})
    novel = [alert for alert in asked if is_novel(alert, outliers)]
    kept = [alert.alert_id for alert in novel[: int(capacity * novelty_share)]]
    by_order = [alert.alert_id for alert in asked if alert.alert_id not in kept][: capacity - len(kept)]
    # One that its own weight brings above the line takes nothing from the share's purpose, and is not marked.
    reached = {alert.alert_id for alert in asked[:capacity]}
    place_of |= {id_: "told" if id_ in reached else "novelty" for id_ in kept}
    place_of |= dict.fromkeys(by_order, "told")
    below = [alert.alert_id for alert in asked if alert.alert_id not in place_of]
    place_of |= dict.fromkeys(below[:JUST_BELOW], "just_below")
    drawn = sorted(below[JUST_BELOW:], key=lambda id_: _lot(id_, seed))[:sampled]
    place_of |= dict.fromkeys(below[JUST_BELOW:], "below")
    place_of |= dict.fromkeys(drawn, "sampled")
    return Line(place_of)


def is_novel(alert: Alert, outliers: Collection[str]) -> bool:
    """Say whether nothing but rarity among peers tells an alert."""
    return all(indicator.id in outliers for indicator in alert.indicators)


def _lot(alert_id: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed} {alert_id}".encode(), digest_size=8).digest()
