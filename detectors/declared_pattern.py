"""A pattern that the institution declared in its settings, asked like any other detector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np

from detectors.about import LEGS, About, Leg, parameter
from detectors.evidence import sums
from detectors.finding import Finding, Reason
from detectors.pattern import MOST_FOUND, MOST_STEPS, Pattern
from detectors.pattern_grammar import longest
from flows.errors import SettingsError
from flows.window import Reach, Window
from graphs.temporal import TemporalGraph, temporal_graph

PREFIX = "pattern-"
"""Of the id of every declared pattern, so that none is taken for a detector of ours."""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What an institution says of a pattern: a section ``[patterns.NAME]`` of its settings.

    The first four must be given. A pattern without an innocent explanation is refused like any detector without one.
    """

    text: str = parameter("", unit="text", why="must be given: the pattern, as in docs/patterns.md")
    title: str = parameter("", unit="text", why="must be given: a few words that stand above an alert")
    innocent: tuple[str, ...] = parameter((), unit="sentences", why="must be given: ordinary stories that look so too")
    clears: tuple[str, ...] = parameter((), unit="sentences", why="must be given: what would settle such a story")
    question: str = parameter("", unit="text", why="made from the pattern unless given")
    meaning: str = parameter("", unit="text", why="made from the pattern unless given")
    leg: str = parameter("MOV", unit="evidence leg", why="a pattern is of money moving unless its author knows more")
    strength: float = parameter(
        0.5,
        unit="share",
        why="ours: payments follow a pattern or do not; its author may weigh it",
        least=0.01,
        most=1.0,
    )
    version: int = parameter(1, unit="version", why="for its author to raise when the pattern changes", least=1)
    most_found: int = parameter(
        MOST_FOUND, unit="matches", why="ours: more from one payment tell a reader nothing new; said if met", least=1
    )
    most_steps: int = parameter(
        MOST_STEPS,
        unit="payments",
        why="ours: bounds the walk from one payment, so that a million payments of one account stay searchable",
        least=100,
    )


@dataclass(frozen=True)
class DeclaredPattern:
    r"""Find payments that follow a pattern written by the institution itself.

    A finding is a match of the pattern (`detectors.pattern.Pattern`): its payments in the order of time, its accounts
    with the roles the pattern gives them, centred on the first account with a role. It is owned by the window that
    holds its first payment. Declared patterns carry the source ``OWN``: nobody published that they matter, and the
    report says so.

    Parameters
    ----------
    name : str
        Of the section; the detector's id is this behind ``pattern-``.
    declaration : Declaration
        The section.
    where : str
        What to call the section in an error.

    Raises
    ------
    SettingsError
        If the pattern is not understood, or something that must be given is missing.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> cashed = DeclaredPattern(
    ...     "cashed-at-once",
    ...     Declaration(
    ...         text='a -> b within 2h keeps 0.8..1 by atm_wd -> c; c: cash; b as "draws cash"',
    ...         title="Paid in and drawn at once",
    ...         innocent=("a parent sends money to a child who needs cash",),
    ...         clears=("the child confirms what the cash was for",),
    ...     ),
    ... )
    >>> window = whole(payments_from_arrows("day 0 09:00 x -> y 500 EUR\nday 0 10:00 y -> cash:7 490 EUR atm_wd"))
    >>> [(found.detector, found.centre, found.payments) for found in cashed.find(window)]
    [('pattern-cashed-at-once', 'y', ('p1', 'p2'))]
    """

    columns: ClassVar[frozenset[str]] = frozenset({"channel"})

    name: str
    declaration: Declaration
    where: str = field(default="the declared pattern", compare=False)

    def __post_init__(self) -> None:
        said = self.declaration
        for key, example in (
            ("text", '"a -> b within 6h keeps 0.9..1 -> c"'),
            ("title", '"Handed on within hours"'),
            ("innocent", '["a broker between buyer and seller"]'),
            ("clears", '["the contract of sale"]'),
        ):
            value = getattr(said, key)
            sentences = (value,) if isinstance(value, str) else value
            if not sentences or not all(isinstance(each, str) and each.strip() for each in sentences):
                raise SettingsError(f"a pattern says nothing of its {key}", where=self.where, try_=f"{key} = {example}")
        if said.leg not in LEGS:
            raise SettingsError(
                f"unknown evidence leg {said.leg!r}",
                where=self.where,
                try_="one of: " + ", ".join(f"{leg} ({words})" for leg, words in LEGS.items()),
            )
        # Read now, so that a mistake stops the run before anything is searched.
        _ = self.pattern, self.about

    @property
    def id(self) -> str:
        """Id of the detector."""
        return PREFIX + self.name

    @cached_property
    def pattern(self) -> Pattern:
        """The pattern, read."""
        return Pattern.parse(self.declaration.text, f"{self.where} text")

    @cached_property
    def about(self) -> About:
        """What an analyst reads about it."""
        said = self.declaration
        leg: Leg = next(leg for leg in LEGS if leg == said.leg)
        explained = " ".join(self.pattern.explained.splitlines())
        return About(
            title=said.title,
            question=said.question or f"Do payments follow the declared pattern {said.title!r}?",
            meaning=said.meaning or f"Payments followed a pattern that this institution declared. {explained}",
            sources=("OWN",),
            innocent=said.innocent,
            clears=said.clears,
            leg=leg,
            level="network",
            version=said.version,
            # A single payment is found whenever it was made: exchanging times says nothing of it.
            shuffled=len(self.pattern.hops) > 1,
            same_day="unseen" if len(self.pattern.hops) > 1 else None,
        )

    @property
    def reach(self) -> Reach:
        """As far ahead as the spans of the pattern allow."""
        return self.pattern.reach

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per match, in order of its payments."""
        said, pattern = self.declaration, self.pattern
        roles = {account.name: account.role for account in pattern.accounts if account.role}
        for match in pattern.find(window, id_=self.id, most_found=said.most_found, most_steps=said.most_steps):
            graph = temporal_graph(window)
            edges = np.array(match.edges, np.int32)
            centre = match.accounts[pattern.centre]
            yield Finding(
                detector=self.id,
                version=said.version,
                centre=centre,
                accounts=(centre, *sorted(set(match.accounts.values()) - {centre})),
                payments=match.payments,
                first_at=int(graph.at[edges[0]]),
                last_at=int(graph.at[edges[-1]]),
                strength=said.strength,
                reasons=self._reasons(graph, edges),
                roles=tuple((match.accounts[name], role) for name, role in roles.items()),
            )

    def _reasons(self, graph: TemporalGraph, edges: np.ndarray[tuple[int], np.dtype[np.int32]]) -> tuple[Reason, ...]:
        hops = self.pattern.hops
        reasons = [
            Reason("{measured} followed the declared pattern in its order.", len(hops), None, "payments"),
            *sums(graph, edges[:1], "The first was of {measured}."),
        ]
        if len(hops) > 1:
            took = int(graph.at[edges[-1]] - graph.at[edges[0]]) / 3.6e9
            most = longest(hops, self.pattern.span)
            reasons.append(
                Reason(
                    "From the first to the last it took {measured} (at most {most}).",
                    took,
                    None,
                    "hours",
                    (("most", most),),
                )
            )
        if len(hops) > 1 and all(hop.keeps for hop in hops[1:]) and graph.amount[edges[0]]:
            kept = int(graph.amount[edges[-1]]) / int(graph.amount[edges[0]])
            reasons.append(Reason("The last was {measured} of the first.", kept, None, "share"))
        return tuple(reasons)
