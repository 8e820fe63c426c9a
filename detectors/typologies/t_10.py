"""T-10: Money mules of a scam compound."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Either, Every, Path, People, Sign, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T10(Typology):
    """Declare the story of T-10; the picture of `about` tells it.

    Gate, weights and reliabilities are those of the catalogue, section 4.
    """

    about = TypologyAbout(
        id="T-10",
        title="Money mules of a scam compound",
        picture="Money taken by fraud hops through young accounts within hours, towards stablecoins.",
        version=2,
        unit="cluster",
        # Who only pays in was defrauded: a sign of those beside, and never one of the mules.
        weighed_by=("MOV", "CTL"),
        joined_by=("CHI-09", "CTL-02", "FUN-09", "LAB-12", "SCM-02"),
        legs={
            "MOV": (
                55,
                {
                    "SCM-02": 0.9,
                    "FUN-09": 0.9,
                    "FUN-12": 0.7,
                    "FUN-07": 0.6,
                    "CHI-09": 0.6,
                    "FUN-06": 0.4,
                    "FUN-16": 0.3,
                },
            ),
            "REV": (
                5,
                {"SCM-03": 0.3},
            ),
            "CTL": (
                25,
                {"CTL-02": 0.9, "CTL-07": 0.6, "LAB-12": 0.6, "LAB-07": 0.6},
            ),
            "CTX": (
                15,
                {"SCM-01": 0.6, "FUN-14": 0.6, "FUN-17": 0.4},
            ),
        },
        paths=(
            Path(
                Every(
                    (
                        Carries("MOV", 0.6),
                        People(2, "MOV", 0.5),
                        Either((Carries("CTL", 0.4), Sign("SCM-01", 1e-06, beside=True))),
                    )
                ),
                roles=(
                    ("subject", "possible_mule"),
                    ("controlled", "possibly_exploited"),
                    ("beside", "possible_mule"),
                ),
            ),
        ),
        mitigations=("MIT-03",),
        route=(
            "The fraud team, fast, for the recall of the money, which a person decides; that the holders may be "
            "forced stays in the narrative."
        ),
        caution=(
            "Members may be exploited persons; they are not to be punished for what they were made to do (Council"
            " of Europe Convention, article 26; Directive 2011/36/EU, article 8)."
        ),
    )
