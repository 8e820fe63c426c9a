"""What people make of an alert: a judgement is about the alert, never about a person in it.

*Useful* means that the look was worth it, *not useful* that it was not; *unsure* keeps it open. The reason is one of a
closed list, so that judgements can be counted and learned from. An alert of tier priority, and one that was escalated,
is closed by two people: the second gives the same outcome, and may not be the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from flows.errors import SettingsError

Outcome = Literal["useful", "not_useful", "unsure"]
Status = Literal["open", "to_confirm", "closed"]

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

REASONS: Final[Mapping[Outcome, Mapping[str, str]]] = {
    "useful": {
        "reported": "a report was made to the authority",
        "passed_on": "handed to an investigation inside or outside the institution",
        "help_offered": "a way to help an account holder was found",
        "watched": "worth knowing; nothing to be done yet",
    },
    "not_useful": {
        "ordinary_story": "an ordinary story was confirmed",
        "known_arrangement": "an arrangement that is known and in order",
        "wrong_data": "payments were booked or read wrongly",
        "duplicate": "the same was told by another alert",
        "too_little": "too little in it to be worth a look",
    },
    "unsure": {
        "more_information": "information was asked for",
        "other_opinion": "somebody else should look",
    },
}
"""Why, by outcome, with what each means."""


@dataclass(frozen=True)
class Judgement:
    """What one person made of one alert.

    Parameters
    ----------
    alert_id : str
        Lasting id.
    version : int
        The version of the alert that was looked at.
    outcome : Outcome
        Whether the look was worth it.
    reason : str
        A key of `REASONS` under that outcome.
    who : str
        Who judged.
    at : int
        When, microseconds since 1970, UTC.
    number : int
        Of its entry in the audit log.
    """

    alert_id: str
    version: int
    outcome: Outcome
    reason: str
    who: str
    at: int
    number: int = 0

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return dict(vars(self))


def checked(outcome: str, reason: str) -> Outcome:
    """Let an outcome and its reason pass if they are on the list.

    Raises
    ------
    SettingsError
        If they are not; the message has the list.
    """
    for known in OUTCOMES:
        if known == outcome:
            if reason in REASONS[known]:
                return known
            raise SettingsError(
                f"{reason!r} is no reason for {outcome!r}" if reason else "a judgement without a reason",
                where="reason",
                try_="one of: " + ", ".join(REASONS[known]),
            )
    raise SettingsError(f"{outcome!r} is no outcome", where="outcome", try_="one of: " + ", ".join(OUTCOMES))


def person(who: str) -> str:
    """Give a name as persons are told apart by it: Ann and ann are one.

    Examples
    --------
    >>> person(" Ann  Lee") == person("ann lee")
    True
    """
    return " ".join(who.split()).casefold()


def status(judgements: Sequence[Judgement], *, four_eyes: bool) -> Status:
    """Say whether an alert is closed, given what people made of it since it last grew.

    Parameters
    ----------
    judgements : sequence of Judgement
        In the order they were given.
    four_eyes : bool
        Whether two people must agree.

    Examples
    --------
    >>> first = Judgement("A-1", 1, "not_useful", "ordinary_story", "ann", 0)
    >>> status([first], four_eyes=False), status([first], four_eyes=True)
    ('closed', 'to_confirm')
    >>> status([first, Judgement("A-1", 1, "not_useful", "ordinary_story", "ben", 1)], four_eyes=True)
    'closed'
    """
    if not judgements or judgements[-1].outcome == "unsure":
        return "open"
    agree = {person(one.who) for one in _agreeing(judgements)}
    return "closed" if not four_eyes or len(agree) > 1 else "to_confirm"


def _agreeing(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Give the last judgement and those just before it with the same outcome."""
    agreeing = []
    for one in reversed(judgements):
        if one.outcome != judgements[-1].outcome:
            break
        agreeing.append(one)
    return agreeing
