"""T-11: Broker of organ trafficking."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Every, Path, Sign, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T11(Typology):
    """Declare the story of T-11; the picture of `about` tells it.

    Gate, weights and reliabilities are those of the catalogue, section 4.
    """

    about = TypologyAbout(
        id="T-11",
        title="Broker of organ trafficking",
        picture=(
            "A few very large private payments come in; a clinic, a laboratory, travel and a small lump sum to a "
            "poor person go out."
        ),
        version=2,
        unit="customer",
        legs={
            "REV": (
                30,
                {"ORG-01": 0.5},
            ),
            "MOV": (
                45,
                {"ORG-02": 0.8},
            ),
            "CTX": (
                15,
                {"ORG-03": 0.5},
            ),
            "OPS": (
                10,
                {"SCM-04": 0.4},
            ),
        },
        paths=(
            Path(
                Sign("ORG-02", 0.6),
                roles=(("subject", "possible_broker"),),
                # It is never ranked, so that no score keeps it from whoever looks by hand.
                alone=True,
            ),
            Path(
                Every((Sign("ORG-01", 0.6), Sign("ORG-03", 0.6, beside=True))),
                roles=(("subject", "possible_recipient"), ("beside", "possibly_exploited")),
                alone=True,
            ),
        ),
        mitigations=("MIT-03",),
        route="A specialist, by hand: it is so rare that no score ranks it.",
        caution="Never ranked automatically; a donor is a person in need of care.",
        most="enquire",
    )
