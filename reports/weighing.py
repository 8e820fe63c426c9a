"""How much an alert weighs: evidence legs, score and tier.

Inside a leg, detectors add up as a noisy-or: each takes away a part of the doubt that is left, so a further finding
never lowers a score, and ten findings of one detector count no more than its strongest. Across legs the same rule
holds. (The catalogue's weighted mean belongs to its typologies, which know which legs to expect; here a missing leg
must not lower what the others show.)

The tier is not the score. One indicator never makes an alert of tier *review* or *priority*: at least two independent
legs are needed, one of them movement or control; context is no leg of its own here. What is rare among its peers
(outlier detectors) may move an alert up inside its tier, and never lifts it into another. The typologies of the
catalogue, which say what kind of exploitation a pattern would be consistent with, are not computed yet: no alert says
more than how money moved.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import prod
from typing import Literal

from detectors.about import LEGS, About, Leg

Tier = Literal["priority", "review", "enquire", "support"]

TIERS: dict[Tier, str] = {
    "priority": "Several independent kinds of evidence; look at it first.",
    "review": "Two independent kinds of evidence; an analyst should review it.",
    "enquire": "One kind of evidence only; gather what is missing before deciding anything.",
    "support": "Somebody may need help; goes to safeguarding, not to an inquiry into the payer.",
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
REVIEW_SCORE, PRIORITY_SCORE = 0.45, 0.65
REVIEW_LEG, PRIORITY_LEG, PRIORITY_LEGS = 0.3, 0.4, 3
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


def tier(legs: Mapping[Leg, float | None], weighed: float) -> Tier:
    """Give the tier of an alert.

    Parameters
    ----------
    legs : mapping
        Weights of the legs *without* outlier detectors.
    weighed : float
        The score.

    Examples
    --------
    >>> tier({"MOV": 0.9}, 0.9), tier({"MOV": 0.6, "REV": 0.6}, 0.7)
    ('enquire', 'review')
    """
    carried = {leg: weight for leg, weight in legs.items() if weight is not None}
    if not independent(carried, REVIEW_LEG):
        return "enquire"
    strong = [leg for leg, weight in carried.items() if weight >= PRIORITY_LEG and leg != "CTX"]
    if weighed >= PRIORITY_SCORE and len(strong) >= PRIORITY_LEGS:
        return "priority"
    return "review" if weighed >= REVIEW_SCORE else "enquire"


def independent(legs: Mapping[Leg, float], least: float) -> bool:
    """Say whether two kinds of evidence are there, one of them movement or control, each of some weight.

    Examples
    --------
    >>> independent({"MOV": 0.5, "CTL": 0.5}, 0.3), independent({"REV": 0.5, "CTX": 0.5}, 0.3)
    (True, False)
    """
    carried = {leg for leg, weight in legs.items() if weight >= least} - {"CTX"}
    return len(carried) >= 2 and bool(carried & {"MOV", "CTL"})


def without_outliers(strengths: Mapping[str, float], outliers: Sequence[str] | Collection[str]) -> dict[str, float]:
    """Leave out what only says that something is rare."""
    return {detector: strength for detector, strength in strengths.items() if detector not in outliers}
