"""T-12: Repayment of a smuggling debt or of debt bondage."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Every, Path, People, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T12(Typology):
    """Declare the story of T-12; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4, and its gate; ours asks besides that as many people
    show that they pay, and pay the same collector, which is what the gate means: devices and addresses alone are those
    of a shelter, and whom one of them visits every month is nobody's collector.
    """

    about = TypologyAbout(
        id="T-12",
        title="Repayment of a smuggling debt or of debt bondage",
        picture="Newly arrived people send the same fixed sum month after month to one collector who moves it in bulk.",
        version=3,
        unit="cluster",
        # Whom they pay joins them; an address joins a shelter too, and whoever takes small sums from many has payers
        # of every kind.
        joined_by=("LAB-09", "SMG-02"),
        same_receiver=3,
        # Named a smuggling debt only where no sign of labour or of sexual exploitation tells it better.
        yields_to=("T-01", "T-02", "T-04", "T-05", "T-06"),
        legs={
            "REV": (
                25,
                {"SMG-01": 0.7},
            ),
            "CTL": (
                50,
                {"LAB-09": 0.8, "SMG-02": 0.7, "LAB-11": 0.5, "LAB-07": 0.5},
            ),
            "MOV": (
                25,
                {"SMG-03": 0.7, "FUN-13": 0.5, "FUN-10": 0.6},
            ),
        },
        paths=(
            Path(
                Every((Carries("CTL", 0.5), People(3, "CTL", 1e-06, among=("LAB-09", "SMG-02")))),
                roles=(("subject", "possibly_exploited"), ("beside", "possible_controller")),
            ),
        ),
        mitigations=("MIT-04", "MIT-06"),
        route=(
            "An analyst, under the name of a smuggling debt unless signs of forced labour or sexual exploitation "
            "stand beside it; the narrative says no more of the payers' stay in the country than the law asks."
        ),
        caution=(
            "Members may be exploited persons; they are not to be punished for what they were made to do (Council"
            " of Europe Convention, article 26; Directive 2011/36/EU, article 8)."
        ),
    )
