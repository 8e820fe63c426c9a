"""T-04: Massage or salon business as a front."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import ByOne, Carries, Either, Every, Path, SomeOf, Typology, TypologyAbout

LESS_OF_BOTH = Every((Carries("CTX", 0.6), Carries("OPS", 0.3), Carries("REV", 0.2)))
"""Adverts and takings that fit them say together what the catalogue asks of one; a salon pays for no such adverts."""


LATE_WITHOUT_BOOKS = Every((Carries("REV", 0.5), SomeOf(("SEX-12", "LAB-08"))))
"""Takings out of hours, and no supplies or wages that fit them; much cash late in the evening is a restaurant's."""


@dataclass(frozen=True, kw_only=True)
class T04(Typology):
    """Declare the story of T-04; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4, and its gate; ours asks besides that one customer,
    the business, shows what speaks of a front. What joins the workers (a device, a rent, a machine) is evidence on the
    business, so that it is weighed together with them: those who share something, and whom it or its owner pays. It
    asks less where adverts and takings speak at once, neither of them loudly; and takings out of hours count only where
    supplies or wages are missing besides.
    """

    about = TypologyAbout(
        id="T-04",
        title="Massage or salon business as a front",
        picture=(
            "Takings without supplies or payroll, sales at closed hours, adverts, workers housed and moved by the"
            " owner."
        ),
        version=4,
        unit="cluster",
        joined_by=("CTL-02", "LAB-03", "LAB-06", "LAB-07", "LAB-11"),
        housed_by=("SEX-11", "SEX-12"),
        fronted_by=("FUN-15", "LAB-08", "SEX-11", "SEX-12"),
        legs={
            "REV": (
                25,
                {"SEX-11": 0.7, "SEX-02": 0.4},
            ),
            "CTX": (
                30,
                {"SEX-12": 0.9, "LAB-08": 0.7, "FUN-15": 0.6, "FUN-17": 0.4},
            ),
            "OPS": (
                20,
                {"SEX-05": 0.8, "SEX-03": 0.4, "SCM-04": 0.6},
            ),
            "CTL": (
                25,
                {"LAB-07": 0.7, "LAB-11": 0.6, "LAB-06": 0.8, "LAB-03": 0.7, "CTL-02": 0.8},
            ),
        },
        paths=(
            Path(
                Every(
                    (
                        ByOne(
                            Every(
                                (
                                    Carries("CTX", 0.5),
                                    Either((LATE_WITHOUT_BOOKS, Carries("OPS", 0.5), LESS_OF_BOTH)),
                                )
                            )
                        ),
                        Carries("CTL", 0.3),
                    )
                ),
                roles=(
                    ("subject", "possible_front"),
                    ("controlled", "possibly_exploited"),
                    ("beside", "possibly_exploited"),
                ),
            ),
        ),
        mitigations=("MIT-03",),
        route="An analyst, from the desk and the bank's own records; no question on site that could reach the workers.",
        caution="Workers may be exploited persons; questions to the firm can endanger them.",
    )
