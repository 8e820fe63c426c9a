"""T-02: Controlled person on a circuit of cities."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.typology import Carries, Either, Every, Path, SameHands, Typology, TypologyAbout


@dataclass(frozen=True, kw_only=True)
class T02(Typology):
    """Declare the story of T-02; the picture of `about` tells it.

    Weights and reliabilities are those of the catalogue, section 4, and its gate; ours asks besides for two signs of
    the road: who goes to a clinic abroad sleeps in hotels too, and hands what was lent for it to one receiver. It asks
    less of what is handed on where two people hand theirs to the same receiver (CTL-01, second order). A card that is
    used elsewhere meanwhile (CTL-07) is no control by itself: families share cards.
    """

    about = TypologyAbout(
        id="T-02",
        title="Controlled person on a circuit of cities",
        picture=(
            "City after city, rooms and adverts, little own spending, and every evening's money handed to one person."
        ),
        version=4,
        unit="customer",
        legs={
            "REV": (
                20,
                {"SEX-01": 0.9, "SEX-10": 0.8, "SEX-02": 0.5},
            ),
            "OPS": (
                35,
                {"SEX-07": 0.9, "SEX-03": 0.8, "SEX-04": 0.8, "SEX-05": 0.6, "SEX-09": 0.5, "SEX-08": 0.3},
            ),
            "CTL": (
                45,
                {
                    "CTL-01": 0.9,
                    "CTL-04": 0.8,
                    "CTL-02": 0.9,
                    "CTL-07": 0.6,
                    "SEX-13": 0.9,
                    "SEX-14": 0.6,
                    "CTL-05": 0.5,
                },
            ),
        },
        paths=(
            Path(
                Every(
                    (
                        Either((Carries("CTL", 0.5, without=("CTL-07",)), Every((Carries("CTL", 0.2), SameHands(2))))),
                        Carries("OPS", 0.5, different=2),
                    )
                ),
                roles=(("subject", "possibly_exploited"), ("beside", "possible_controller")),
            ),
        ),
        mitigations=("MIT-09", "MIT-02"),
        route=(
            "A reviewer with safeguarding knowledge. What there is to report concerns whoever receives the money; "
            "nothing is decided about the holder's account before advice."
        ),
        caution="The holder may be an exploited person: nothing on the account is restricted before advice.",
    )
