"""What an indicator owes, and what it answers.

An indicator is a published red flag made measurable: a frozen dataclass in `detectors/indicators/`, one file each,
whose `measure` looks at a `detectors.sight.Sight` and gives a `Score` for each account where it saw something. It never
makes an alert by itself (`detectors.typology`).

Nothing is not zero. Where a column that it needs is absent from the ledger the indicator is *not computable*, and
whoever asked is told the column; where an account shows too little (its *support* is not met) there is no score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from detectors.about import About
from detectors.finding import said
from flows.errors import PluginError
from flows.language import figures, say

if TYPE_CHECKING:
    from detectors.sight import Sight
    from graphs.legs import Ints

Reliability = Literal["core", "supporting", "weak"]
Level = Literal["account", "customer"]

CEILING: Final[Mapping[Reliability, float]] = {"core": 0.9, "supporting": 0.6, "weak": 0.3}
"""Most that an indicator of each reliability may weigh in a leg; catalogue, section 1. A typology states its own."""

ROLES: Final = {
    "possibly_exploited": "possibly exploited person",
    "possibly_defrauded": "possibly defrauded person",
    "possibly_extorted_family": "family of a person who may be held",
    "possible_controller": "possible controller",
    "possible_facilitator": "possible facilitator",
    "possible_buyer": "possible buyer",
    "possible_mule": "possible mule, perhaps coerced",
    "possible_launderer": "moves money for others",
    "possible_recruiter": "possible recruiter",
    "possible_broker": "possible broker",
    "possible_recipient": "possible recipient",
    "possible_smuggler": "possible smuggler",
    "possible_front": "business that may be a front",
    "business": "business",
    "landlord": "landlord",
    "independent_worker": "independent worker",
    "innocent_beneficiary": "beneficiary who may know nothing of it",
}
"""Likely roles in words. Never a statement about a person; who is not a suspect is never shown as one."""

NOT_SUSPECTED: Final = frozenset(
    {"possibly_exploited", "possibly_defrauded", "possibly_extorted_family", "innocent_beneficiary"}
)
"""Roles that are routed to support and never ranked among those to be investigated."""


@dataclass(frozen=True)
class Citation:
    """One published statement behind an indicator.

    Parameters
    ----------
    source : str
        Key of `detectors/sources.toml`.
    seen : {"read", "recalled"}
        Whether a copy was read when the catalogue was written.
    says : str
        What the source says, shortened.
    """

    source: str
    seen: Literal["read", "recalled"]
    says: str


@dataclass(frozen=True, kw_only=True)
class IndicatorAbout(About):
    """The page an analyst reads about an indicator: `About` and what only indicators have.

    Parameters
    ----------
    id : str
        As in the catalogue, e.g. ``"SEX-01"``; the file bears the same name.
    of : tuple of str
        The kinds of exploitation it belongs to, in words.
    cited : tuple of Citation
        Who published what; `sources` are their keys.
    tiers : tuple of str
        Tiers of data it needs, keys of `detectors.indicator_fields.TIERS`.
    needs : tuple of str
        Columns without a value of which there is no score: ``"payments.mcc"``, ``"customers.home_city"``,
        ``"links.value_hash"``, ``"motif.round-trip"`` (findings of a motif), ``"list.adverts"`` (a list of the
        settings). ``"a|b"`` asks for one of the two.
    reduced : mapping of str to str
        Columns without which a reduced form is measured, and what is then not seen. Such a score is `degraded`.
    reliability : {"core", "supporting", "weak"}
        How much it may weigh.
    roles : tuple of str
        Likely roles of the subject, keys of `ROLES`.
    safety : str
        What to mind before anybody acts on it.
    sentence : str
        The reason in one plain sentence, with the names of `numbers` in braces. A message id: change it only if the
        meaning changes.
    numbers : mapping of str to str
        Unit of each number of the sentence: that of `detectors.finding.said`, ``"u"`` (about a euro) or ``""`` (bare).
    by : {"account", "customer"}
        Whose legs are put together.
    """

    id: str
    of: tuple[str, ...]
    cited: tuple[Citation, ...]
    tiers: tuple[str, ...]
    needs: tuple[str, ...] = ()
    reduced: Mapping[str, str] = field(default_factory=dict)
    reliability: Reliability
    roles: tuple[str, ...]
    safety: str
    sentence: str
    numbers: Mapping[str, str]
    by: Level = "account"
    sources: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", tuple(dict.fromkeys(cited.source for cited in self.cited)))
        super().__post_init__()
        for name in ("id", "of", "tiers", "safety", "sentence", "numbers", "roles"):
            if not getattr(self, name):
                raise PluginError(f"an indicator says nothing of its {name}", where=self.title, try_=f"fill {name}")


class Indicator(Protocol):
    """Measures one published red flag."""

    @property
    def about(self) -> IndicatorAbout:
        """The page an analyst reads."""

    @property
    def weak(self) -> float:
        """The value up to which the score is 0."""

    @property
    def strong(self) -> float:
        """The value from which on the score is 1."""

    def measure(self, sight: Sight) -> Iterable[Score]:
        """Give a score for each account where it saw something, in any order.

        Accounts may be looked at in portions: of those the window owns every payment is there, of others it may not be.
        What one has to know of everybody is asked by `detectors.survey`.
        """


@runtime_checkable
class Gathering(Indicator, Protocol):
    """An indicator whose scores stand on payments of several accounts: the users of a device, the ends of a chain.

    Where accounts are looked at in portions, what it says concerns it is gathered from all of them, together with what
    else moved between the same accounts, and it is measured on that alone. So `measure` must give on the gathered
    payments what it gives on all.
    """

    def concerns(self, sight: Sight) -> Ints:
        """Give the rows of the payments that matter, of the accounts that the window owns (`Sight.mine`)."""


@dataclass(frozen=True)
class Score:
    """What one indicator says of one account.

    Parameters
    ----------
    indicator : str
        Id in the catalogue.
    version : int
        Of the indicator.
    centre : str
        The account; for a customer with several, the one with most of the evidence.
    value : float
        What was measured.
    support : int
        How much there was to measure: payments, usually.
    score : float
        Above 0, at most 1: the value on the scale from weak to strong.
    says : str
        `IndicatorAbout.sentence`.
    numbers : tuple of (str, number, str)
        Name, value and unit of each number of the sentence.
    payments : tuple of str
        Ids of the payments that show it, in time order; never empty.
    first_at, last_at : int
        Time of the first and last of them, microseconds since 1970.
    others : tuple of str
        Further accounts that belong to it: whom the money goes to, who is joined with the account. Sorted.
    roles : tuple of (str, str)
        Likely role of accounts, keys of `ROLES`; those of `IndicatorAbout.roles` where nothing is said.
    left_out : int
        Payments beyond `MOST_EVIDENCE` that show it too.
    degraded : bool
        Whether a reduced form was measured.
    """

    indicator: str
    version: int
    centre: str
    value: float
    support: int
    score: float
    says: str
    numbers: tuple[tuple[str, float, str], ...]
    payments: tuple[str, ...]
    first_at: int
    last_at: int
    others: tuple[str, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()
    left_out: int = 0
    degraded: bool = False

    def __post_init__(self) -> None:
        if not self.payments or not 0 < self.score <= 1:
            raise PluginError(
                "a score without evidence or outside 0 to 1",
                where=self.indicator,
                try_="give the payments, and no score where it is 0",
            )

    @property
    def sentence(self) -> str:
        """The reason, made from its numbers."""
        return say(self.says).format(**{name: in_words(number, unit) for name, number, unit in self.numbers})

    @property
    def order(self) -> tuple[str, str, int]:
        """The one order scores are written in."""
        return (self.centre, self.indicator, self.first_at)


def in_words(number: float, unit: str) -> str:
    """Write a number of a sentence with its unit.

    Examples
    --------
    >>> in_words(12, "payers"), in_words(0.4, "share"), in_words(249.7, "u"), in_words(3, ""), in_words(1.5, "")
    ('12 payers', '40 %', 'about 250 EUR', '3', '1.5')
    """
    if unit == "u":
        return say("about {sum} EUR", sum=figures(f"{round(number):,}"))
    whole = float(number).is_integer()
    if not unit:
        return figures(f"{int(number):,}" if whole else f"{number:,.1f}")
    return said(int(number) if whole and unit != "share" else number, unit)


def scaled(value: NDArray[np.float64], weak: float, strong: float) -> NDArray[np.float64]:
    """Put values on the scale from weak (0) to strong (1); NaN is 0.

    Examples
    --------
    >>> scaled(np.array([0.2, 0.375, 9.0, np.nan]), 0.25, 0.5)
    array([0. , 0.5, 1. , 0. ])
    """
    return np.nan_to_num(np.clip((value - weak) / (strong - weak), 0.0, 1.0), nan=0.0)


def wilson(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the lower end of the 95 % Wilson interval of shares, which protects small samples; 0 of nothing.

    Examples
    --------
    >>> wilson(np.array([6, 4, 20, 0]), np.array([8, 8, 40, 0])).round(2)
    array([0.41, 0.22, 0.35, 0.  ])
    """
    n = np.maximum(whole, 1).astype(np.float64)
    share, z2 = part / n, 1.959964**2
    centre = share + z2 / (2 * n)
    spread = np.sqrt(np.maximum(z2 * (share * (1 - share) + z2 / (4 * n)) / n, 0))
    return np.where(whole > 0, np.maximum((centre - spread) / (1 + z2 / n), 0.0), 0.0)
