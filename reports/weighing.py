"""How much an alert weighs: evidence legs, score and tier.

Where a typology of the catalogue holds, it weighs (`detectors.typology`). This is for what no typology tells: motifs
and what is rare among its peers. Inside a leg, detectors add up as a noisy-or: each takes away a part of the doubt
that is left, so a further finding never lowers a score, and ten findings of one detector count no more than its
strongest. Across legs the same rule holds. (The catalogue's weighted mean belongs to typologies, which know which legs
to expect; here a missing leg must not lower what the others show.)

The tier is not the score: what no typology tells is at most *enquire*, however strong. It says how money moved and no
more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import prod
from typing import Literal

from detectors.about import LEGS, About, Leg

Tier = Literal["priority", "review", "enquire", "support"]

TIERS: dict[Tier, str] = {
    "priority": "A known pattern, with strong evidence of several kinds; look at it first.",
    "review": "A known pattern, with evidence of the kinds it needs; an analyst should review it.",
    "support": "Somebody may need help; goes to safeguarding, not to an inquiry into the payer.",
    "enquire": "Not enough for a known pattern, or data are missing; gather what is missing before deciding anything.",
}
"""Tiers in the order alerts are read."""

ROUTES: dict[Tier, str] = {
    "priority": "Specialist reviewer with safeguarding knowledge, today.",
    "review": "Analyst of the monitoring team.",
    "enquire": "Monitoring team: complete the picture from the bank's own records, then decide.",
    "support": "Safeguarding lead.",
}
"""Who looks at a tier. Routes never name an action against an account."""

# Ceilings of the noisy-or, `typologies/catalogue.md` section 1: core, supporting, weak.
RELIABILITY = {"kept": 0.9, "trial": 0.6, "retired": 0.0}
OUTLIER_RELIABILITY = 0.3

# Ours, until typologies bring their own weights: context by itself says little.
LEG_WEIGHT: dict[Leg, float] = {"REV": 0.8, "OPS": 0.8, "CTL": 0.9, "MOV": 0.8, "CTX": 0.4}

# `typologies/catalogue.md` section 4.
MITIGATION, MOST_MITIGATION = 0.15, 0.45


def reliability(detector: str, about: About, outliers: Collection[str]) -> float:
    """Give how much one detector's strongest finding can weigh, at most."""
    return OUTLIER_RELIABILITY if detector in outliers else RELIABILITY[about.status]


def weigh_legs(
    strengths: Mapping[str, float], about_of: Mapping[str, About], outliers: Collection[str] = ()
) -> dict[Leg, float | None]:
    """Give the weight of each evidence leg.

    Parameters
    ----------
    strengths : mapping of str to float
        Strength of the strongest finding by detector.
    about_of : mapping of str to About
        Every detector that was run.
    outliers : collection of str
        Which of them are outlier detectors.

    Returns
    -------
    dict
        0 to 1 by leg; None for a leg of which no detector was run: not computable is not zero.
    """
    asked = {about.leg for about in about_of.values()}
    doubt = {
        leg: prod(
            1.0 - reliability(detector, about_of[detector], outliers) * strengths[detector]
            for detector in sorted(strengths)
            if about_of[detector].leg == leg
        )
        for leg in LEGS
    }
    return {leg: round(1.0 - doubt[leg], 6) if leg in asked else None for leg in LEGS}


def score(legs: Mapping[Leg, float | None], mitigations: int = 0) -> float:
    """Give the score of an alert, 0 to 1, high = look sooner; not a probability.

    Examples
    --------
    >>> score({"MOV": 0.6, "CTX": 0.3}), score({"MOV": 0.6, "CTX": 0.3}, mitigations=1)
    (0.5424, 0.46104)
    """
    doubt = prod(1 - LEG_WEIGHT[leg] * (legs.get(leg) or 0.0) for leg in LEGS)
    return round((1 - doubt) * (1 - min(MITIGATION * mitigations, MOST_MITIGATION)), 6)
