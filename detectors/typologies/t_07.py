"""T-07: Payments for online sexual exploitation of a child."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Either, Every, Path, Sign, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T07(Typology):
    """Declare the story of T-07; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4, and its gate; ours asks less of the hours (CHI-02)
    where about eight strangers abroad are paid: sponsors have as many, and pay them on the first of the month.
    """

    about = TypologyAbout(
        id="T-07",
        title="Payments for online sexual exploitation of a child",
        picture=(
            "Many tiny payments at odd hours to unrelated private people abroad, which grow and are sometimes "
            "followed by travel."
        ),
        version=2,
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
                Either(
                    (
                        Every((Carries("REV", 0.6), Either((Carries("CTX", 0.5), Carries("MOV", 0.5))))),
                        Every((Carries("REV", 0.8), Sign("CHI-02", 0.3))),
                    )
                ),
                roles=(("subject", "possible_buyer"), ("beside", "possible_facilitator")),
            ),
        ),
        mitigations=("MIT-04",),
        route=(
            "The fewest people possible, before anything else; where travel shows (CHI-04), the channel to the "
            "financial intelligence unit and the police at once."
        ),
        caution="Tell as few people as possible; recipients may be relatives of exploited children.",
    )
