"""T-13: Forced criminality: benefits, begging, coerced credit."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Either, Every, Path, People, Sign, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T13(Typology):
    """Declare the story of T-13; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4, and its gate; ours asks besides that as many people
    show that their money is taken: devices and addresses alone are those of a shelter.
    """

    about = TypologyAbout(
        id="T-13",
        title="Forced criminality: benefits, begging, coerced credit",
        picture="Several people's benefits, loans or daily small cash end in the same hands.",
        version=3,
        unit="cluster",
        # What the gate counts joins them; an address joins strangers too.
        joined_by=("CTL-01", "CTL-02", "CTL-05", "CTL-06", "LAB-06"),
        legs={
            "CTL": (
                65,
                {"CTL-06": 0.9, "CTL-05": 0.8, "CTL-01": 0.7, "LAB-06": 0.8, "CTL-02": 0.8, "LAB-07": 0.6},
            ),
            "REV": (
                10,
                {"FUN-05": 0.4},
            ),
            "MOV": (
                25,
                {"FUN-03": 0.5, "FUN-04": 0.5, "FUN-11": 0.5},
            ),
        },
        paths=(
            Path(
                Every(
                    (
                        Carries("CTL", 0.6),
                        People(3, "CTL", 1e-06, among=("CTL-01", "CTL-05", "CTL-06", "LAB-06")),
                        # Passing on alone is that of layers of any laundering.
                        Either((Sign("CTL-05", 0.5), Sign("CTL-06", 0.5), Sign("LAB-06", 0.5))),
                    )
                ),
                roles=(("subject", "possibly_exploited"), ("beside", "possible_controller")),
            ),
        ),
        mitigations=("MIT-05", "MIT-08"),
        route=(
            "The safeguarding lead, together with the unit for fraud on social benefits, and with the note that "
            "nobody is punished for what they were made to do."
        ),
        caution=(
            "Members may be exploited persons; they are not to be punished for what they were made to do (Council"
            " of Europe Convention, article 26; Directive 2011/36/EU, article 8)."
        ),
    )
