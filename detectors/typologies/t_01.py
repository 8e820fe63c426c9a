"""T-01: Funnel account for proceeds of sexual exploitation."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Either, Every, Path, Sign, SomeOf, Typology, TypologyAbout

GONE_AT_ONCE = Every((Carries("REV", 0.9), Sign("FUN-01", 0.5), Sign("FUN-04", 0.5)))
"""Cash from several towns that leaves within a day: where adverts are paid by others and notes are handed over."""


COSTS = Carries("OPS", 0.3, without=("SEX-08",))
"""Adverts, rooms or travel; who sells at markets in several towns shops at chemists' in several towns too."""


@dataclass(frozen=True, kw_only=True)
class T01(Typology):
    """Declare the story of T-01; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4, and its gate; ours asks besides for one of the SEX
    indicators among the takings: many payers alone (FUN-05) never carry a gate, as the catalogue says of it; nor does
    what is bought at chemists' (SEX-08) help to carry the costs. It asks for neither control nor costs where takings of
    every kind come with cash in several towns that leaves within a day.
    """

    about = TypologyAbout(
        id="T-01",
        title="Funnel account for proceeds of sexual exploitation",
        picture=(
            "Small night-time credits and cash land in several cities and are drawn out elsewhere the same day; "
            "adverts and rooms are paid from the same money."
        ),
        version=4,
        unit="customer",
        legs={
            "REV": (
                30,
                {"SEX-01": 0.9, "SEX-02": 0.5, "SEX-10": 0.8, "FUN-05": 0.5, "SEX-06": 0.6},
            ),
            "OPS": (
                20,
                {"SEX-03": 0.7, "SEX-05": 0.8, "SEX-07": 0.8, "SEX-09": 0.5, "SEX-08": 0.3},
            ),
            "MOV": (
                30,
                {"FUN-01": 0.9, "FUN-02": 0.8, "FUN-03": 0.6, "FUN-04": 0.7, "FUN-12": 0.5},
            ),
            "CTL": (
                20,
                {"CTL-01": 0.9, "CTL-02": 0.9, "CTL-03": 0.6, "SEX-13": 0.9},
            ),
        },
        paths=(
            Path(
                Every(
                    (
                        Carries("REV", 0.5),
                        SomeOf(("SEX-01", "SEX-02", "SEX-06", "SEX-10")),
                        Carries("MOV", 0.5),
                        Either((Carries("CTL", 0.3), COSTS, GONE_AT_ONCE)),
                    )
                ),
                roles=(("subject", "possibly_exploited"), ("beside", "possible_controller")),
            ),
        ),
        mitigations=("MIT-03", "MIT-07", "MIT-09"),
        route=(
            "A reviewer with safeguarding knowledge, before other alerts; look also for sister accounts that "
            "share the beneficiary or a device."
        ),
        caution=(
            "The holder may be an exploited person or a runner; evidence on the receiver is not evidence on the holder."
        ),
    )
