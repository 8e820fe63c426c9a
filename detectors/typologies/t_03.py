"""T-03: Account under somebody else's control."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Either, Every, Path, SameHands, SomeOf, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T03(Typology):
    """Declare the story of T-03; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4. Its gate asks for two control indicators; ours asks
    besides that something joins the account to other people, and that something happens to its money. A wage that is
    drawn or sent on whole makes CTL-01 and LAB-02 score at once, and CTL-05 where it is lent: one fact, which whoever
    lives on cash shows too; only what several people share tells them apart (catalogue, section 10). A helper's device
    makes CTL-02 and LAB-07 score at once: one fact again, which every shelter shows. What joins an account to others
    may also be that three people hand all they have to the same receiver.
    """

    about = TypologyAbout(
        id="T-03",
        title="Account under somebody else's control",
        picture=(
            "Somebody else decides what happens with this account: same device, same beneficiary, credit taken "
            "and forwarded."
        ),
        version=3,
        unit="customer",
        legs={
            "CTL": (
                55,
                {
                    "CTL-01": 0.9,
                    "CTL-02": 0.9,
                    "CTL-03": 0.7,
                    "CTL-05": 0.7,
                    "CTL-06": 0.8,
                    "CTL-07": 0.6,
                    "LAB-02": 0.8,
                    "LAB-06": 0.9,
                    "LAB-07": 0.7,
                },
            ),
            "CTX": (
                20,
                {"LAB-05": 0.6, "FUN-14": 0.5, "FUN-17": 0.4},
            ),
            "MOV": (
                25,
                {"FUN-04": 0.7, "FUN-11": 0.5, "FUN-12": 0.4},
            ),
        },
        paths=(
            Path(
                Every(
                    (
                        Carries("CTL", 0.6, different=2),
                        Either((SomeOf(("CTL-02", "CTL-03", "CTL-06", "LAB-06", "LAB-07")), SameHands(3))),
                        SomeOf(("CTL-01", "CTL-05", "CTL-06", "CTL-07", "LAB-02", "LAB-06")),
                    ),
                ),
                roles=(("subject", "possibly_exploited"), ("beside", "possible_controller")),
                support=True,
            ),
        ),
        mitigations=("MIT-05", "MIT-08", "MIT-02"),
        route="The safeguarding lead, as a matter of help and not of inquiry.",
        caution="The holder may be an exploited person: nothing on the account is restricted before advice.",
    )
