"""T-07: OCSE buyer."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Either, Every, Path, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T07(Typology):
    """Declare the story of T-07; the picture of `about` tells it.

    Gate, weights and reliabilities are those of the catalogue, section 4.
    """

    about = TypologyAbout(
        id="T-07",
        title="OCSE buyer",
        picture=(
            "Many tiny payments at odd hours to unrelated private people abroad, escalating, sometimes followed "
            "by travel."
        ),
        unit="customer",
        legs={
            "REV": (
                45,
                {"CHI-01": 0.9},
            ),
            "CTX": (
                35,
                {"CHI-02": 0.6, "CHI-04": 0.9, "CHI-03": 0.4, "CHI-05": 0.3},
            ),
            "MOV": (
                20,
                {"CHI-07": 0.9, "FUN-13": 0.4, "FUN-11": 0.3},
            ),
        },
        paths=(
            Path(
                Every((Carries("REV", 0.6), Either((Carries("CTX", 0.5), Carries("MOV", 0.5))))),
                roles=(("subject", "possible_buyer"), ("beside", "possible_facilitator")),
            ),
        ),
        mitigations=("MIT-04",),
        route="Highest urgency, smallest circle; immediate FIU/police channel if CHI-04 fires.",
        caution="Smallest circle; recipients may be relatives of exploited children.",
    )
