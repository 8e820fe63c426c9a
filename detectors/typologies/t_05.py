"""T-05: Wages skimmed by a labour broker."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Either, Every, Path, Sign, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T05(Typology):
    """Declare the story of T-05; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4, and its gate; ours asks less where two fifths of
    the wages flow back to the employer's side (LAB-03) and the payroll fits the staff in one of two ways only (LAB-08).
    """

    about = TypologyAbout(
        id="T-05",
        title="Wages skimmed by a labour broker",
        picture="Client firms pay the supplier, wages are paid on paper and flow back, payroll tax is missing.",
        version=3,
        unit="cluster",
        # Wages that flow back join them; not everybody on the way of money.
        joined_by=("LAB-01", "LAB-03", "LAB-09", "LAB-10", "LAB-12"),
        legs={
            "CTL": (
                45,
                {"LAB-01": 0.9, "LAB-03": 0.95, "LAB-09": 0.8, "LAB-12": 0.7, "LAB-11": 0.6},
            ),
            "CTX": (
                25,
                {"LAB-08": 0.8, "LAB-04": 0.7},
            ),
            "MOV": (
                30,
                {"LAB-10": 0.9, "FUN-07": 0.6, "FUN-04": 0.5, "FUN-18": 0.3},
            ),
        },
        paths=(
            Path(
                Every(
                    (
                        Carries("CTL", 0.5),
                        Either(
                            (
                                Carries("CTX", 0.5),
                                Carries("MOV", 0.5),
                                Every((Sign("LAB-03", 0.9), Sign("LAB-08", 0.5))),
                            )
                        ),
                    )
                ),
                roles=(
                    ("subject", "business"),
                    ("controlled", "possibly_exploited"),
                    ("beside", "possible_controller"),
                ),
            ),
        ),
        mitigations=("MIT-03", "MIT-06"),
        route=(
            "The specialist for networks, as one case for the financial intelligence unit and the labour "
            "inspectorate; the workers are listed as possibly exploited persons."
        ),
        caution=(
            "Members may be exploited persons; they are not to be punished for what they were made to do (Council"
            " of Europe Convention, article 26; Directive 2011/36/EU, article 8)."
        ),
    )
