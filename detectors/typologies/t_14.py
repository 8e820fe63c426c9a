"""T-14: Laundering hub fed by exploitation."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import BesideTypology, Carries, Either, Every, Path, Sign, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T14(Typology):
    """Declare the story of T-14; the picture of `about` tells it.

    Gate, weights and reliabilities are those of the catalogue, section 4.
    """

    about = TypologyAbout(
        id="T-14",
        title="Laundering hub fed by exploitation",
        picture=(
            "A common pattern of laundering, which matters here because accounts beside it are consistent with "
            "exploitation."
        ),
        version=2,
        unit="customer",
        legs={
            "MOV": (
                80,
                {
                    "SMG-03": 0.8,
                    "FUN-07": 0.8,
                    "FUN-08": 0.6,
                    "FUN-09": 0.7,
                    "FUN-01": 0.7,
                    "FUN-02": 0.6,
                    "FUN-16": 0.5,
                    "FUN-06": 0.4,
                    "FUN-18": 0.3,
                },
            ),
            "CTX": (
                20,
                {"FUN-15": 0.6, "FUN-17": 0.5, "FUN-14": 0.4},
            ),
        },
        paths=(
            Path(
                Every(
                    (
                        Carries("MOV", 0.6, different=2),
                        # Cash in several towns is what the account of a controlled person shows; a hub does more.
                        Either((Sign("SMG-03", 0.5), Sign("FUN-07", 0.5), Sign("FUN-08", 0.5), Sign("FUN-09", 0.5))),
                        BesideTypology(("T-01", "T-02", "T-03", "T-04", "T-05", "T-06", "T-10"), 0.6),
                    )
                ),
                roles=(("subject", "possible_launderer"),),
            ),
        ),
        mitigations=("MIT-03",),
        route="A specialist for networks; the alerts upstream are the reason and are read with it.",
        caution="The movement is generic; only the alerts beside it make it relevant.",
    )
