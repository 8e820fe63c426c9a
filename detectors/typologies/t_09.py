"""T-09: Sextortion: who is made to pay, and who collects."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Either, Every, Path, Sign, SomeOf, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T09(Typology):
    """Declare the story of T-09; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4, and its gates; ours ask more. Who pays must show
    every part of CHI-08, or be under 25 and show all but one: friends pay each other small sums in one evening too. Who
    collects must besides empty the account at once, or into crypto or cards: a market stall has many payers and buys
    from new suppliers, and so have those who are made to earn for somebody else.
    """

    about = TypologyAbout(
        id="T-09",
        title="Sextortion: who is made to pay, and who collects",
        picture=(
            "A frightened young customer pays again and again; strangers' payments meet in one account that "
            "empties into crypto."
        ),
        version=2,
        unit="customer",
        legs={
            "REV": (
                50,
                {"CHI-08": 0.9},
            ),
            "MOV": (
                50,
                {"CHI-09": 0.9, "SCM-02": 0.6, "FUN-12": 0.5, "FUN-11": 0.5},
            ),
        },
        paths=(
            Path(
                Sign("CHI-08", 1.0),
                roles=(("subject", "possibly_exploited"),),
                support=True,
                alone=True,
            ),
            Path(
                Either(
                    (
                        Every((Sign("CHI-09", 0.6), SomeOf(("SCM-02", "FUN-11", "FUN-12")))),
                        Every((Sign("SCM-02", 0.6), Sign("CHI-08", 1e-06, beside=True))),
                    )
                ),
                roles=(("subject", "possible_mule"),),
            ),
        ),
        mitigations=("MIT-07",),
        route=(
            "Two readers: the safeguarding lead for whoever pays, within hours; an analyst for the network of "
            "whoever collects."
        ),
        caution="Whoever pays is to be helped within hours: self-harm is documented.",
    )
