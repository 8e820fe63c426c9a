"""T-08: Takings from online sexual exploitation of a child."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Path, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T08(Typology):
    """Declare the story of T-08; the picture of `about` tells it.

    Gate, weights and reliabilities are those of the catalogue, section 4.
    """

    about = TypologyAbout(
        id="T-08",
        title="Takings from online sexual exploitation of a child",
        picture="A private person receives strangers' small payments from abroad and draws them in cash within hours.",
        version=3,
        unit="customer",
        legs={
            "REV": (
                50,
                {"CHI-06": 0.9, "FUN-05": 0.4},
            ),
            "MOV": (
                35,
                {"CHI-07": 0.9, "FUN-04": 0.6, "FUN-10": 0.6, "FUN-12": 0.4},
            ),
            "CTL": (
                15,
                {"CTL-02": 0.7, "LAB-07": 0.5},
            ),
        },
        paths=(
            Path(
                Carries("REV", 0.6),
                roles=(("subject", "possible_facilitator"),),
                # CHI-06 holds the cash-out already, and the other legs are silent of whoever lives on the account too.
                alone=True,
            ),
        ),
        mitigations=("MIT-04", "MIT-07"),
        route=(
            "The specialist who refers cases from one financial intelligence unit to another; the timing is the "
            "police's, who may be planning a rescue."
        ),
        caution="The account may be that of a relative of a child in danger: no action before rescue is planned.",
        priority_needs=Carries("MOV", 0.4),
    )
