"""What a detector says of itself, and how its parameters are declared."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from flows.errors import PluginError

Leg = Literal["REV", "OPS", "CTL", "MOV", "CTX"]

LEGS: dict[Leg, str] = {
    "REV": "proceeds coming in",
    "OPS": "running costs of exploitation",
    "CTL": "control of another person's money or identity",
    "MOV": "movement of money",
    "CTX": "context and profile",
}
"""Evidence legs, `typologies/catalogue.md` section 1."""

SameDay = Literal["unseen", "in first"]

SAME_DAY: dict[SameDay, str] = {
    "unseen": "money that goes on within the day is not seen",
    "in first": "what came in on a day counts as earlier than what went out on it",
}
"""What can be made of payments that bear a date without a time of day, where their order matters."""


@dataclass(frozen=True, kw_only=True)
class About:
    """The page an analyst reads about a detector.

    Parameters
    ----------
    title : str
        Its name in words.
    question : str
        The one question it asks of a window.
    meaning : str
        What a finding means, in plain words without a verdict.
    sources : tuple of str
        Keys of `detectors/sources.toml`: who published that this matters. At least one.
    innocent : tuple of str
        Ordinary stories that look the same. At least one.
    clears : tuple of str
        What would settle that an ordinary story is true. At least one.
    leg : str
        The evidence leg a finding belongs to.
    level : {"account", "network"}
        Whether a finding is about one account or about how several fit together.
    status : {"trial", "kept", "retired"}
        Where it stands; a retired detector is listed but not run.
    version : int
        Raised whenever the findings of the same payments change.
    shuffled : bool
        Whether chance can be asked (`detectors.surprise`): False where a finding would be the same whenever its
        payments were made, so that exchanging their times says nothing.
    same_day : {"unseen", "in first"}, optional
        What it makes of payments that bear only a date, a key of `SAME_DAY`; None where their order within a day does
        not matter. The report says it where there are such payments: a question half asked is not an answered one.
    """

    title: str
    question: str
    meaning: str
    sources: tuple[str, ...]
    innocent: tuple[str, ...]
    clears: tuple[str, ...]
    leg: Leg
    level: Literal["account", "network"] = "account"
    status: Literal["trial", "kept", "retired"] = "trial"
    version: int = 1
    shuffled: bool = True
    same_day: SameDay | None = None

    def __post_init__(self) -> None:
        for name in ("title", "question", "meaning", "sources", "innocent", "clears"):
            if not getattr(self, name):
                raise PluginError(f"a detector says nothing of its {name}", where=self.title, try_=f"fill About.{name}")


def parameter(
    default: Any, *, unit: str, why: str, least: Any = None, most: Any = None
) -> Any:  # the field's own type: dataclasses.field is typed the same way
    """Declare a parameter of a detector.

    Parameters
    ----------
    default : int, float, str, timedelta or tuple
        Its value unless the settings say otherwise.
    unit : str
        ``"accounts"``, ``"payments"``, ``"share"`` (0 to 1), ``"time"``, ``"hops"``, a currency's minor units, ...
    why : str
        Where the default comes from, or that it is ours and where it was weighed.
    least, most : optional
        The range that makes sense; a setting outside is refused.
    """
    return dataclasses.field(default=default, metadata={"unit": unit, "why": why, "least": least, "most": most})


def settable(detector: type[Any]) -> dict[str, dataclasses.Field[Any]]:
    """List the parameters of a detector class by name."""
    return {field.name: field for field in dataclasses.fields(detector) if "unit" in field.metadata}


def microseconds(span: timedelta) -> int:
    """Give a span of time in microseconds, the unit of `graphs.temporal`."""
    return span // timedelta(microseconds=1)
