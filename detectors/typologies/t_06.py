"""T-06: Workers controlled as a group."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Every, Path, People, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T06(Typology):
    """Declare the story of T-06; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4, and its gate; ours asks besides that as many people
    show that their money is taken: devices and addresses alone are those of a shelter.
    """

    about = TypologyAbout(
        id="T-06",
        title="Workers controlled as a group",
        picture=(
            "A group that was onboarded together, paid together, emptied together and cashed out at the same machine."
        ),
        version=2,
        unit="cluster",
        # What the gate counts joins them; an address or a landlord joins strangers too.
        joined_by=("CTL-02", "CTL-06", "LAB-02", "LAB-06", "LAB-12"),
        legs={
            "CTL": (
                60,
                {
                    "LAB-06": 0.95,
                    "LAB-02": 0.8,
                    "LAB-07": 0.7,
                    "LAB-12": 0.8,
                    "CTL-02": 0.9,
                    "CTL-06": 0.8,
                    "SMG-02": 0.5,
                    "LAB-11": 0.5,
                },
            ),
            "CTX": (
                25,
                {"LAB-05": 0.7, "LAB-04": 0.6, "FUN-14": 0.4},
            ),
            "MOV": (
                15,
                {"FUN-10": 0.7, "FUN-04": 0.5, "FUN-13": 0.5},
            ),
        },
        paths=(
            Path(
                Every(
                    (
                        People(4, "CTL", 0.5, different=2),
                        People(4, "CTL", 0.5, among=("CTL-06", "LAB-02", "LAB-06", "SMG-02")),
                    )
                ),
                roles=(("subject", "possibly_exploited"), ("beside", "possible_controller")),
            ),
        ),
        mitigations=("MIT-08", "MIT-06", "MIT-05"),
        route="The safeguarding lead, as one case of the whole group and never as one for each worker.",
        caution=(
            "Members may be exploited persons; they are not to be punished for what they were made to do (Council"
            " of Europe Convention, article 26; Directive 2011/36/EU, article 8)."
        ),
    )
