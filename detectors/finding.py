"""What a detector answers: a finding, with its evidence and its reasons."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from flows.errors import PluginError
from flows.language import figures, say
from flows.money import CURRENCIES, spoken
from flows.plural import plural
from flows.plural import spoken as spoken_time

Value = str | int | timedelta | tuple[int, str] | tuple[str, ...]
"""What may stand in a sentence besides what was measured."""


@dataclass(frozen=True)
class Reason:
    """One measured fact against the limit it was held to.

    The sentence is made from the numbers, so that text and number cannot differ.

    Parameters
    ----------
    says : str
        The sentence with ``{measured}`` and, if there is a limit, ``{limit}`` in it.
    measured : int or float
        What was measured.
    limit : int, float or None
        What it is compared with.
    unit : str
        ``"accounts"``, ``"payments"``, ``"hours"``, ``"days"``, ``"times"``, ``"share"`` (written as per cent) or a
        currency code (the numbers are then minor units).
    values : tuple of (str, Value)
        What else stands in braces, by name: a span of time, a number, a number with its unit, or a text or several
        in a row, each of which is itself looked up in the language it is told in.
    many : str
        The sentence for any other `count` than one, where there are two forms.
    count : int
        What chooses between the two.
    opening : str
        A sentence of its own that `says` begins with, as ``{opening}``; it may hold what `says` may.

    Examples
    --------
    >>> Reason("{measured} of what came in went out again (limit {limit}).", 0.97, 0.9, "share").sentence
    '97 % of what came in went out again (limit 90 %).'
    """

    says: str
    measured: int | float
    limit: int | float | None
    unit: str
    values: tuple[tuple[str, Value], ...] = ()
    many: str = ""
    count: int = 1
    opening: str = ""

    @property
    def sentence(self) -> str:
        """The sentence with its numbers."""
        limit = "" if self.limit is None else said(self.limit, self.unit)
        says = plural(self.says, self.many, self.count) if self.many else say(self.says)
        values = {name: _value(value) for name, value in self.values}
        values |= {"measured": said(self.measured, self.unit), "limit": limit}
        opening = say(self.opening).format(**values)
        return says.format(opening=opening[:1].upper() + opening[1:], **values)


def _value(value: Value) -> str:
    if isinstance(value, timedelta):
        return spoken_time(value)
    if isinstance(value, tuple):
        number, unit = value[0], value[-1]
        return said(number, str(unit)) if isinstance(number, int) else ", ".join(say(str(word)) for word in value)
    return figures(f"{value:,}") if isinstance(value, int) else say(value)


def said(number: int | float, unit: str) -> str:
    """Write a number with its unit for a reader.

    Examples
    --------
    >>> said(3, "accounts"), said(1, "accounts"), said(0.5, "share"), said(125000, "EUR"), said(6.25, "hours")
    ('3 accounts', '1 account', '50 %', '1,250.00 EUR', '6.2 hours')
    """
    if unit in CURRENCIES:
        return figures(spoken(round(number), unit))
    if unit == "share":
        return f"{100 * number:.0f} %"
    text = f"{number:,}" if isinstance(number, int) else f"{number:,.1f}"
    # Text, not number, decides: 1.04 hours are written 1.0. Of nothing there is one form in French and another here.
    counted = 1 if text in ("1", "1.0") else 0 if text in ("0", "0.0") else 2
    return f"{figures(text)} {plural(one_of(unit), unit, counted) if unit else ''}".strip()


def one_of(unit: str) -> str:
    """Give a unit in its form for one.

    Examples
    --------
    >>> one_of("payments"), one_of("countries")
    ('payment', 'country')
    """
    return ONE.get(unit, unit.removesuffix("s"))


ONE: Final = {"people": "person", "times": "times", "countries": "country", "cities": "city", "businesses": "business"}
"""Units that are not made singular by leaving off an s."""


@dataclass(frozen=True)
class Finding:
    """One answer of a detector, with the payments that show it.

    Parameters
    ----------
    detector : str
        Id of the detector.
    version : int
        `About.version` of the detector.
    centre : str
        The account the finding is about; decides which window owns it under an account cut.
    accounts : tuple of str
        All accounts in it, the centre first, the others sorted.
    payments : tuple of str
        Ids of the payments that form it, in time order; never empty.
    first_at, last_at : int
        Time of the first and last of them, microseconds since 1970.
    strength : float
        Share from 0 to 1, high = look sooner. Not a probability.
    reasons : tuple of Reason
        Why, in numbers; at least one.
    roles : tuple of (str, str)
        Likely role of accounts in the pattern, e.g. ``("acc-1", "collects")``.
    surprise : float or None
        How seldom as strong a finding occurs when times or counterparties are shuffled: -log10 of the share of
        shuffles; None where it was not measured.
    """

    detector: str
    version: int
    centre: str
    accounts: tuple[str, ...]
    payments: tuple[str, ...]
    first_at: int
    last_at: int
    strength: float
    reasons: tuple[Reason, ...]
    roles: tuple[tuple[str, str], ...] = ()
    surprise: float | None = field(default=None)

    def __post_init__(self) -> None:
        if not self.payments or not self.reasons:
            raise PluginError(
                "a finding without evidence",
                where=self.detector,
                try_="give the payments and at least one reason",
            )
        if not 0 <= self.strength <= 1:
            raise PluginError(
                "a strength outside 0 to 1",
                where=self.detector,
                try_="map the strength to a share from 0 to 1",
            )

    @property
    def weight(self) -> float:
        """Strength as far as it is a surprise; what alerts are scored and accounts ranked by.

        Half the strength where chance does as much every time, all of it from once in a hundred on (ours; weighed in
        `benchmarks/quality`). Where surprise was not measured, it is the strength.
        """
        if self.surprise is None:
            return self.strength
        return self.strength * (0.5 + 0.25 * min(max(self.surprise, 0.0), 2.0))

    @cached_property
    def finding_id(self) -> str:
        """Name made from what was found, so that the same payments give the same id in any run and order."""
        content = json.dumps([self.detector, self.version, self.centre, sorted(self.payments)])
        return "F-" + hashlib.sha256(content.encode()).hexdigest()[:16]

    @property
    def order(self) -> tuple[Any, ...]:
        """The one order findings are written in."""
        return (self.first_at, self.detector, self.centre, self.payments)
