"""Scores of indicators put together by typologies: who or what needs a look, in which tier, and what would clear it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import Leg
from detectors.indicating import Measured
from detectors.indicator import NOT_SUSPECTED, Score
from detectors.typology import BesideTypology, Evidence, Path, Tier, Typology, leaves
from flows.window import Window, held_by
from graphs.temporal import temporal_graph

MOST_JOINED: Final = 300
"""Customers that one account may join to a cluster: ours; a cohort has up to 120, a landlord or shop thousands."""
NOBODY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Hit:
    """One typology that holds for a customer or a cluster of customers.

    Parameters
    ----------
    typology : str
        Id in the catalogue.
    tier : {"priority", "review", "enquire", "support"}
        How it should be handled.
    score : float
        0 to 1, high = look sooner, after what speaks for an ordinary story. Not a probability.
    accounts : tuple of (str, str)
        Accounts with their likely roles, keys of `detectors.indicator.ROLES`: the subjects first, then those beside.
    subjects : int
        How many of them are subjects.
    legs : mapping of str to float or None
        Weight of each leg; None where it could not be computed.
    scores : tuple of Score
        What it rests on, strongest first.
    mitigations : tuple of str
        Keys of `detectors.typology.MITIGATIONS` that were found.
    would_clear : tuple of str
        The fewest indicators without which it would fall below review, taken one after another by effect.
    not_computable : tuple of str
        Its indicators that could not be asked.
    """

    typology: str
    tier: Tier
    score: float
    accounts: tuple[tuple[str, str], ...]
    subjects: int
    legs: Mapping[Leg, float | None]
    scores: tuple[Score, ...]
    mitigations: tuple[str, ...]
    would_clear: tuple[str, ...]
    not_computable: tuple[str, ...]

    @property
    def order(self) -> tuple[int, float, str, tuple[tuple[str, str], ...]]:
        """The one order hits are read in."""
        return (
            ("priority", "review", "enquire", "support").index(self.tier),
            -self.score,
            self.typology,
            self.accounts,
        )


def combine(
    measured: Measured,
    window: Window,
    typologies: Iterable[Typology],
    mitigations: Mapping[str, Collection[str]] | None = None,
) -> tuple[Hit, ...]:
    """Weigh every typology for every customer, or cluster of customers, of whom an indicator says something.

    Parameters
    ----------
    measured : Measured
        What the indicators gave.
    window : Window
        The payments, for who pays whom, and the tables that say who holds what.
    typologies : iterable of Typology
        In any order.
    mitigations : mapping of str to collection of str, optional
        Mitigating features found at each account.

    Returns
    -------
    tuple of Hit
        In reading order.
    """
    customers = _Customers(measured.scores, window)
    found: list[Hit] = []
    reached: dict[str, dict[str, float]] = defaultdict(dict)
    # Those that look at the typologies of others come last.
    for typology in sorted(typologies, key=lambda one: (_looks_beside(one), one.about.id)):
        for group in customers.units(typology):
            evidence = customers.evidence(group, typology, measured.computed, reached)
            speaks = customers.mitigating(group, typology, mitigations or {})
            reached[typology.about.id].update(
                dict.fromkeys(group, typology.score(evidence.legs, len(speaks))) if typology.way(evidence) else {}
            )
            tier = typology.tier(evidence, len(speaks))
            if tier is not None:
                found.append(customers.hit(group, typology, evidence, speaks, measured, *tier))
    return tuple(sorted(found, key=lambda hit: hit.order))


def _looks_beside(typology: Typology) -> bool:
    return any(isinstance(leaf, BesideTypology) for path in typology.about.paths for leaf in leaves(path.gate))


class _Customers:
    """Scores by customer, and who of them deals with whom."""

    def __init__(self, scores: Iterable[Score], window: Window) -> None:
        self.holder = held_by(window.side)
        self.scores: dict[str, dict[str, Score]] = defaultdict(dict)
        for score in scores:
            own = self.scores[self.of(score.centre)]
            known = own.get(score.indicator)
            if known is None or (-score.score, score.order) < (-known.score, known.order):
                own[score.indicator] = score
        self.beside = self._beside(window)

    def of(self, account: str) -> str:
        """Give the customer of an account, or the account itself."""
        return self.holder.get(account, account)

    def units(self, typology: Typology) -> Iterator[tuple[str, ...]]:
        """Give the customers, or clusters of them, that show anything of a typology, in order of name."""
        wanted = typology.about.indicators
        some = sorted(name for name, own in self.scores.items() if own.keys() & wanted)
        if typology.about.unit == "customer":
            yield from ((name,) for name in some)
        else:
            yield from _clusters(some, self._joins(some, typology))

    def _joins(self, some: Sequence[str], typology: Typology) -> dict[str, list[str]]:
        """Give the customers that each account, customer or device is named by as standing beside them."""
        joining = typology.about.joining
        by: dict[str, list[str]] = defaultdict(list)
        for name in some:
            own = self.scores[name]
            named = {self.of(other) for one in own.keys() & joining for other in own[one].others}
            for other in sorted(named | {name}):
                by[other].append(name)
        return by

    def evidence(
        self,
        group: Sequence[str],
        typology: Typology,
        computed: frozenset[str],
        reached: Mapping[str, Mapping[str, float]],
    ) -> Evidence:
        """Give what the gate of a typology is asked of."""
        wanted = typology.about.indicators
        single = [
            {id_: score.score for id_, score in self.scores[name].items() if id_ in wanted} for name in sorted(group)
        ]
        signs = _highest(single)
        around = sorted({other for name in group for other in self.beside.get(name, NOBODY)})
        return Evidence(
            signs=signs,
            legs=typology.evidence_legs(signs, computed),
            computed=computed,
            by_customer=tuple(single),
            beside=_highest({id_: score.score for id_, score in self.scores[name].items()} for name in around),
            beside_typologies=_highest(
                {id_: own[name] for id_, own in reached.items() if name in own} for name in around
            ),
        )

    def mitigating(
        self, group: Sequence[str], typology: Typology, mitigations: Mapping[str, Collection[str]]
    ) -> tuple[str, ...]:
        """Give the mitigating features of a typology that most of a group show."""
        shown = [
            {one for score in self.scores[name].values() for one in mitigations.get(score.centre, ())} for name in group
        ]
        return tuple(one for one in typology.about.mitigations if 2 * sum(one in own for own in shown) > len(group))

    def hit(
        self,
        group: Sequence[str],
        typology: Typology,
        evidence: Evidence,
        speaks: tuple[str, ...],
        measured: Measured,
        tier: Tier,
        path: Path,
    ) -> Hit:
        """Put together what an alert is made from."""
        wanted = typology.about.indicators
        scores = sorted(
            (score for name in group for id_, score in self.scores[name].items() if id_ in wanted),
            key=lambda score: (-score.score, score.order),
        )
        control = typology.about.members.get("CTL", {}).keys()
        accounts, subjects = _roles(
            scores, path, control, lambda account: not control.isdisjoint(self.scores.get(self.of(account), ()))
        )
        return Hit(
            typology=typology.about.id,
            tier=tier,
            score=typology.score(evidence.legs, len(speaks)),
            accounts=accounts,
            subjects=subjects,
            legs=evidence.legs,
            scores=tuple(scores),
            mitigations=speaks,
            would_clear=would_clear(typology, evidence, len(speaks)),
            not_computable=tuple(sorted(wanted & measured.not_computable.keys())),
        )

    def _beside(self, window: Window) -> dict[str, frozenset[str]]:
        """Give, for each customer with a score, the others with a score who paid it or were paid by it."""
        graph = temporal_graph(window)
        accounts = window.side.accounts
        names = set(self.scores)
        if accounts is not None:
            held = [account for account, customer in self.holder.items() if customer in names]
            names |= set(held)
        inside = pc.is_in(graph.names, value_set=pa.array(sorted(names), pa.string())).to_numpy(zero_copy_only=False)
        both = inside[graph.payer] & inside[graph.payee]
        pairs = np.unique(np.column_stack([graph.payer[both], graph.payee[both]]), axis=0)
        beside: dict[str, set[str]] = defaultdict(set)
        for payer, payee in zip(
            *(graph.names.take(pa.array(pairs[:, side])).to_pylist() for side in (0, 1)), strict=True
        ):
            one, other = self.of(payer), self.of(payee)
            if one != other and one in self.scores and other in self.scores:
                beside[one].add(other)
                beside[other].add(one)
        return {name: frozenset(others) for name, others in beside.items()}


def _highest(several: Iterable[Mapping[str, float]]) -> dict[str, float]:
    most: dict[str, float] = {}
    for one in several:
        for id_, score in one.items():
            most[id_] = max(most.get(id_, 0.0), score)
    return most


def _clusters(some: Sequence[str], joins: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Give groups of customers joined by a common account, customer or device; one who stands alone is one."""
    root = {name: name for name in some}

    def find(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for _, named in sorted(joins.items()):
        if len(named) <= MOST_JOINED:
            for other in named[1:]:
                first, second = sorted((find(named[0]), find(other)))
                root[second] = first
    groups: dict[str, list[str]] = defaultdict(list)
    for name in some:
        groups[find(name)].append(name)
    for _, members in sorted(groups.items()):
        yield tuple(sorted(members))


def _roles(
    scores: Sequence[Score], path: Path, control: Collection[str], held: Callable[[str], bool]
) -> tuple[tuple[tuple[str, str], ...], int]:
    """Give accounts with likely roles, subjects first, and how many subjects there are.

    Whom an indicator names as beside somebody is not a subject for that, unless an indicator is about it too; and
    whoever may be exploited is never shown in another role. A subject is not what the path says where only indicators
    of `control` speak of it: what is done to workers says nothing of them. Nor is it where none of them does, and those
    of others name it: whom twelve people pay is not one of the twelve. Whoever stands beside somebody, is named as
    nothing else and is `held` alike, is no controller but a fellow.
    """
    said = dict(path.roles)
    subject, beside = said.get("subject", "business"), said.get("beside", "")
    controlled = {score.centre for score in scores if score.indicator in control}
    active = {score.centre for score in scores if score.indicator not in control}
    subjects = sorted({score.centre for score in scores})
    named: dict[str, str] = {}
    for score in scores:
        for account, role in score.roles:
            if role in NOT_SUSPECTED or account not in named:
                named[account] = role
    # Who is only on the way of money is named by no control sign, and has no role for it.
    beside_them = {other for score in scores if score.indicator in control for other in score.others}
    around = sorted((beside_them | named.keys()) - set(subjects))
    roles = []
    for account in subjects:
        usual = subject if account in active else said.get("controlled", subject)
        exploited = subject in NOT_SUSPECTED and (account in controlled or account not in named)
        roles.append((account, subject if exploited else named.get(account, usual)))
    fellow = said.get("controlled", subject if subject in NOT_SUSPECTED else beside)
    for account in around:
        role = named.get(account, fellow if held(account) else beside)
        roles += [(account, role)] if role else []
    return tuple(roles), len(subjects)


def would_clear(typology: Typology, evidence: Evidence, mitigations: int) -> tuple[str, ...]:
    """Give the fewest indicators, taken one after another by effect, without which it would fall below review."""
    gone: list[str] = []
    left = evidence
    while typology.tier(left, mitigations) is not None and left.signs:
        tried = [(_without(typology, left, one), one) for one in sorted(left.signs)]
        left, best = min(
            tried,
            key=lambda pair: (
                typology.tier(pair[0], mitigations) is not None,
                typology.score(pair[0].legs, mitigations),
                pair[1],
            ),
        )
        gone.append(best)
    return tuple(gone)


def _without(typology: Typology, evidence: Evidence, indicator: str) -> Evidence:
    signs = {one: score for one, score in evidence.signs.items() if one != indicator}
    by_customer = tuple({one: s for one, s in own.items() if one != indicator} for own in evidence.by_customer)
    return replace(
        evidence, signs=signs, legs=typology.evidence_legs(signs, evidence.computed), by_customer=by_customer
    )
