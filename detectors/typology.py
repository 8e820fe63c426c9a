"""Typologies: which indicators together make a story, how much each weighs, and what must hold before anybody looks.

An indicator never makes an alert. A typology weighs its indicators in evidence legs by noisy-OR, and a *gate* says
which legs must be there: the gate keeps ordinary people out, the weights only rank (catalogue, section 4). What speaks
for an ordinary story lowers the score. A leg that could not be computed is left out of the score and, where the gate
names it, leaves the best tier at ``enquire``: missing data is neither innocent nor suspicious. An indicator that could
be computed and found too little to say anything counts as nothing in its leg, so that a single leg never makes a story
just because the others were silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import ClassVar, Final, Literal

from detectors.about import LEGS, Leg, parameter
from detectors.indicator import ROLES
from flows.errors import PluginError

Tier = Literal["priority", "review", "enquire", "support"]
Unit = Literal["customer", "cluster"]

MITIGATIONS: Final = {
    "MIT-01": "Stable income: a wage or pension from one payer for six months, spent normally",
    "MIT-02": "An ordinary life: four kinds of living costs or more",
    "MIT-03": "Registered trading: a business that pays taxes, wages and suppliers",
    "MIT-04": "Known remittance: the same few recipients every month for six months",
    "MIT-05": "One household or a common holder",
    "MIT-06": "A savings club: equal contributions of a closed group, paid out in turn",
    "MIT-07": "A treasurer or collector: a club, charity or other body that collects for others",
    "MIT-08": "An institution's address or device, on the list of exemptions",
    "MIT-09": "Travel explained: an employer or agency that pays expenses besides the wage",
}
"""Mitigating features; catalogue, 3.10. `detectors.mitigations` looks for them."""


SHARED: Final = frozenset({"CTL-02", "FUN-10", "LAB-07", "LAB-12"})
"""Indicators of what several people share: a device, a telephone, an address, who introduced them. A shelter and a hall
show them as a cohort does, so they confirm what somebody shows and say nothing alone (ours; catalogue, 5.1)."""

MANY_PAY: Final = "FUN-05"
"""The indicator of many unrelated payers, which never carries a gate (catalogue): students who split bills show it."""

HANDED: Final = "CTL-01"
"""The indicator of handing on to one receiver."""


@dataclass(frozen=True)
class Evidence:
    """What a gate is asked of: one customer, or one cluster of them.

    Parameters
    ----------
    signs : mapping of str to float
        Highest score of each indicator of the typology, above 0.
    legs : mapping of str to float or None
        Weight of each leg of the typology; None where no indicator of it could be computed.
    computed : frozenset of str
        Indicators that could be computed.
    by_customer : tuple of mapping of str to float
        Signs of each customer of a cluster; one for a single customer.
    beside : mapping of str to float
        Highest score of each indicator among direct counterparties.
    beside_typologies : mapping of str to float
        Highest score of each typology among direct counterparties who matter to the subject's money.
    same_hands : int
        Customers, the subject among them, who hand all they have to the same receiver (CTL-01).
    """

    signs: Mapping[str, float]
    legs: Mapping[Leg, float | None]
    computed: frozenset[str]
    by_customer: tuple[Mapping[str, float], ...] = ()
    beside: Mapping[str, float] = field(default_factory=dict)
    beside_typologies: Mapping[str, float] = field(default_factory=dict)
    same_hands: int = 0


@dataclass(frozen=True)
class Carries:
    """A leg weighs enough, by enough different indicators, without some that are not asked."""

    leg: Leg
    least: float
    different: int = 1
    without: tuple[str, ...] = ()

    def holds(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> bool | None:
        """Say whether it does; None where the leg could not be computed."""
        asked = {one: weight for one, weight in members[self.leg].items() if one not in self.without}
        weight = evidence.legs.get(self.leg)
        if self.without:
            weight = weighed({self.leg: asked}, evidence.signs, evidence.computed)[self.leg]
        if weight is None:
            return None
        signs = sum(evidence.signs.get(one, 0) > 0 for one in asked)
        return weight >= self.least and signs >= self.different


@dataclass(frozen=True)
class Sign:
    """One indicator scores enough, of the subject or of somebody directly beside it."""

    indicator: str
    least: float
    beside: bool = False

    def holds(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> bool | None:
        """Say whether it does; None where it could not be computed."""
        if self.indicator not in evidence.computed:
            return None
        return (evidence.beside if self.beside else evidence.signs).get(self.indicator, 0) >= self.least


@dataclass(frozen=True)
class SomeOf:
    """One of several indicators says anything at all.

    What cannot be computed is left out as long as another can: it is not the leg that is missing.
    """

    indicators: tuple[str, ...]

    def holds(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> bool | None:
        """Say whether one does; None where none of them could be computed."""
        if not evidence.computed & set(self.indicators):
            return None
        return any(evidence.signs.get(one, 0) > 0 for one in self.indicators)


@dataclass(frozen=True)
class People:
    """So many customers of a cluster show so many different indicators of a leg, or of some of its indicators."""

    count: int
    leg: Leg
    least: float
    different: int = 1
    among: tuple[str, ...] = ()

    def holds(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> bool | None:
        """Say whether they do; None where the leg could not be computed."""
        if evidence.legs.get(self.leg) is None:
            return None
        return self.shown(evidence, members) >= self.count

    def shown(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> int:
        """Count them."""
        of_leg = self.among or members[self.leg]
        return sum(
            sum(signs.get(one, 0) >= self.least for one in of_leg) >= self.different for signs in evidence.by_customer
        )


@dataclass(frozen=True)
class BesideTypology:
    """A counterparty with a fair share in the subject's money in or out has a score in one of these typologies."""

    typologies: tuple[str, ...]
    least: float

    def holds(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> bool | None:
        """Say whether one has."""
        return any(evidence.beside_typologies.get(one, 0) >= self.least for one in self.typologies)


@dataclass(frozen=True)
class SameHands:
    """So many customers hand all they have to the same receiver: CTL-01, second order (`K_hand` of the catalogue)."""

    count: int

    def holds(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> bool | None:
        """Say whether they do; None where it could not be computed."""
        if HANDED not in evidence.computed:
            return None
        return evidence.signs.get(HANDED, 0) > 0 and evidence.same_hands >= self.count


@dataclass(frozen=True)
class Every:
    """All of it holds."""

    of: tuple[Condition, ...]

    def holds(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> bool | None:
        """Say whether all holds: False if some does not, else None if some could not be computed."""
        held = [one.holds(evidence, members) for one in self.of]
        return False if False in held else None if None in held else True


@dataclass(frozen=True)
class Either:
    """Some of it holds."""

    of: tuple[Condition, ...]

    def holds(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> bool | None:
        """Say whether some holds: True if some does, else None if some could not be computed."""
        held = [one.holds(evidence, members) for one in self.of]
        return True if True in held else None if None in held else False


@dataclass(frozen=True)
class ByOne:
    """One customer of a cluster shows it by itself: two halves of two people are no whole."""

    of: Condition

    def holds(self, evidence: Evidence, members: Mapping[Leg, Mapping[str, float]]) -> bool | None:
        """Say whether one does; None if it could not be computed of any."""
        held = [
            self.of.holds(replace(evidence, signs=own, legs=weighed(members, own, evidence.computed)), members)
            for own in evidence.by_customer
        ]
        return True if True in held else None if None in held else False


Condition = Carries | Sign | SomeOf | People | BesideTypology | SameHands | Every | Either | ByOne


@dataclass(frozen=True)
class Path:
    """One way into a typology.

    Parameters
    ----------
    gate : Condition
        What must hold.
    roles : tuple of (str, str)
        Likely role of the subject (key ``"subject"``), of subjects who show nothing but control (``"controlled"``,
        where it differs), of those named beside them (``"beside"``), as keys of `detectors.indicator.ROLES`.
    support : bool
        Whether whoever comes this way is to be helped and not investigated: the tier is then ``support``.
    alone : bool
        Whether the gate is enough, whatever the score.
    """

    gate: Condition
    roles: tuple[tuple[str, str], ...]
    support: bool = False
    alone: bool = False


@dataclass(frozen=True, kw_only=True)
class TypologyAbout:
    """What a typology declares: data, not code.

    Parameters
    ----------
    id, title, picture : str
        As in the catalogue.
    unit : {"customer", "cluster"}
        Whether it is weighed for each customer, or for customers joined by what they share.
    legs : mapping of str to (int, mapping of str to float)
        Weight of each leg, and reliability of each indicator in it.
    joined_by : tuple of str
        Indicators whose counterparts join customers to a cluster; those of control and of movement where none is named.
    housed_by : tuple of str
        Indicators of a business whose people, who share something, are weighed together with it.
    same_receiver : int
        Customers who must name the same account by what joins them for that to count; one payer makes no collector.
    fronted_by : tuple of str
        Indicators of what its path calls the subject; any but those of control where none is named.
    yields_to : tuple of str
        Typologies that tell it better: where one of them holds for the same people, this one is not told.
    weighed_by : tuple of str
        Legs one of which somebody must show to be one of a cluster; any where none is named.
    paths : tuple of Path
        Ways in; the first whose gate holds counts.
    mitigations : tuple of str
        Keys of `MITIGATIONS` that lower its score.
    route : str
        Who should look, and how.
    caution : str
        What the text of an alert must say about the people in it.
    most : {"priority", "review", "enquire"}
        The highest tier it may reach.
    priority_needs : Condition, optional
        What must hold besides for ``priority``.
    status : {"trial", "kept", "retired"}
        Where it stands.
    version : int
        Raised whenever the alerts of the same scores change.
    """

    id: str
    title: str
    picture: str
    unit: Unit
    legs: Mapping[Leg, tuple[int, Mapping[str, float]]]
    paths: tuple[Path, ...]
    mitigations: tuple[str, ...]
    route: str
    caution: str = ""
    joined_by: tuple[str, ...] = ()
    weighed_by: tuple[Leg, ...] = ()
    housed_by: tuple[str, ...] = ()
    same_receiver: int = 1
    fronted_by: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    most: Tier = "priority"
    priority_needs: Condition | None = None
    status: Literal["trial", "kept", "retired"] = "trial"
    version: int = 1

    def __post_init__(self) -> None:
        known = set(self.legs) <= set(LEGS) and set(self.mitigations) <= set(MITIGATIONS)
        roles = {role for path in self.paths for _, role in path.roles}
        if not known or not self.paths or not roles <= set(ROLES) or sum(w for w, _ in self.legs.values()) != 100:
            raise PluginError(
                "a typology declares what is not known, or weights that are not 100 in all",
                where=self.id,
                try_="see LEGS, MITIGATIONS and ROLES",
            )

    @property
    def members(self) -> dict[Leg, Mapping[str, float]]:
        """Reliability of each indicator, by leg."""
        return {leg: members for leg, (_, members) in self.legs.items()}

    @property
    def control(self) -> frozenset[str]:
        """Its indicators of control."""
        return frozenset(self.members.get("CTL", ()))

    @property
    def joining(self) -> frozenset[str]:
        """The indicators whose counterparts join customers to a cluster."""
        members = self.members
        return frozenset(self.joined_by) or frozenset([*members.get("CTL", ()), *members.get("MOV", ())])

    @property
    def indicators(self) -> frozenset[str]:
        """All its indicators."""
        return frozenset(one for _, members in self.legs.values() for one in members)


@dataclass(frozen=True, kw_only=True)
class Typology:
    """What all typologies share: where the tiers begin and what speaks for an ordinary story weighs."""

    review: float = parameter(0.45, unit="score", least=0.0, most=1.0, why="catalogue, section 4: review from here on")
    priority: float = parameter(
        0.65, unit="score", least=0.0, most=1.0, why="catalogue, section 4: priority from here on"
    )
    priority_legs: int = parameter(3, unit="legs", least=1, most=5, why="catalogue, section 4: legs that must carry it")
    priority_leg: float = parameter(
        0.4, unit="score", least=0.0, most=1.0, why="catalogue, section 4: a leg that carries"
    )
    mitigation: float = parameter(
        0.15, unit="share", least=0.0, most=1.0, why="catalogue, section 4: one mitigating feature"
    )
    most_mitigation: float = parameter(0.45, unit="share", least=0.0, most=1.0, why="catalogue, section 4: all of them")

    about: ClassVar[TypologyAbout]

    def evidence_legs(self, signs: Mapping[str, float], computed: frozenset[str]) -> dict[Leg, float | None]:
        """Weigh each leg by noisy-OR over its indicators; None where none of them could be computed."""
        return weighed(self.about.members, signs, computed)

    def score(self, legs: Mapping[Leg, float | None], mitigations: int = 0) -> float:
        """Give the score: the weighted mean of the legs that could be computed, less what speaks for it."""
        carried = [(self.about.legs[leg][0], weight) for leg, weight in legs.items() if weight is not None]
        total = sum(share for share, _ in carried)
        if not total:
            return 0.0
        mean = sum(share * weight for share, weight in carried) / total
        return round(mean * (1 - min(self.mitigation * mitigations, self.most_mitigation)), 6)

    def way(self, evidence: Evidence) -> tuple[Path, bool] | None:
        """Give the first path whose gate holds; else the first that only missing data keeps shut, and False."""
        held = [(path, path.gate.holds(evidence, self.about.members)) for path in self.about.paths]
        for wanted in (True, None):
            for path, holds in held:
                if holds is wanted:
                    return path, wanted is True
        return None

    def tier(self, evidence: Evidence, mitigations: int = 0) -> tuple[Tier, Path] | None:
        """Give the tier and the path that leads to it; None where the evidence is only to be stored."""
        found = self.way(evidence)
        if found is None:
            return None
        path, open_ = found
        score = self.score(evidence.legs, mitigations)
        if score < self.review and not (open_ and path.alone):
            return None
        if not open_:
            return "enquire", path
        if path.support:
            return "support", path
        strong = sum((weight or 0) >= self.priority_leg for weight in evidence.legs.values())
        more = self.about.priority_needs
        raised = score >= self.priority and strong >= self.priority_legs
        if raised and more is not None:
            raised = more.holds(evidence, self.about.members) is True
        tier: Tier = "priority" if raised else "review"
        order = ("priority", "review", "enquire")
        return (tier if order.index(tier) >= order.index(self.about.most) else self.about.most), path


def weighed(
    members: Mapping[Leg, Mapping[str, float]], signs: Mapping[str, float], computed: frozenset[str]
) -> dict[Leg, float | None]:
    """Weigh each leg by noisy-OR over its indicators; None where none of them could be computed."""
    return {
        leg: round(1 - prod(1 - weight * signs.get(one, 0.0) for one, weight in sorted(own.items())), 6)
        if computed & own.keys()
        else None
        for leg, own in members.items()
    }


def leaves(condition: Condition) -> Iterator[Carries | Sign | SomeOf | People | BesideTypology | SameHands]:
    """Give every single condition of a gate."""
    if isinstance(condition, Every | Either):
        for one in condition.of:
            yield from leaves(one)
    elif isinstance(condition, ByOne):
        yield from leaves(condition.of)
    else:
        yield condition
