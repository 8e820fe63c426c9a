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
from detectors.sight import rate
from detectors.typology import (
    HANDED,
    MANY_PAY,
    SHARED,
    BesideTypology,
    Evidence,
    Path,
    Tier,
    Typology,
    TypologyAbout,
    leaves,
)
from flows.money import exponent
from flows.window import Window, held_by
from graphs.legs import Flags, Ints
from graphs.temporal import TemporalGraph, temporal_graph

MOST_JOINED: Final = 300
"""Customers that one account may join to a cluster: ours; a cohort has up to 120, a landlord or shop thousands."""
LEAST_ALIKE: Final = 2
LEAST_ALIKE_SHARE: Final = 1 / 3
"""Of those who share an identifier so many, and so large a share of them, must show the pattern too: ours. In a shelter
one or two live on cash; whose money is taken together shows it together."""
MATTERS: Final = 0.02
"""Share of somebody's money in or out from which on a counterparty matters: ours. A hub is fed, a vendor has buyers."""
TELLS: Final = 0.5
"""Score from which on an indicator tells of a business: that from which the gates of the catalogue count."""
PASSES_ON: Final = frozenset({"possible_mule", "possible_launderer"})
"""Roles of whoever only moves money on."""
NOBODY: Final[frozenset[str]] = frozenset()


Signs = Mapping[str, Mapping[str, Score]]
"""What each customer shows of a typology, by indicator."""


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
    typologies = tuple(typologies)
    customers = _Customers(measured.scores, window)
    found: list[Hit] = []
    reached: dict[str, dict[str, float]] = defaultdict(dict)
    # Those that look at the typologies of others come last.
    for typology in sorted(typologies, key=lambda one: (_looks_beside(one), one.about.id)):
        signs = customers.signs(typology.about)
        for group in customers.units(typology, signs):
            evidence = customers.evidence(group, typology, signs, measured.computed, reached)
            speaks = customers.mitigating(group, typology, mitigations or {})
            reached[typology.about.id].update(
                dict.fromkeys(group, typology.score(evidence.legs, len(speaks))) if typology.way(evidence) else {}
            )
            tier = typology.tier(evidence, len(speaks))
            if tier is not None:
                found.append(customers.hit(group, typology, signs, evidence, speaks, measured, *tier))
    yields = {typology.about.id: typology.about.yields_to for typology in typologies}
    told = {
        (hit.typology, account)
        for hit in found
        if hit.tier in ("priority", "review")
        for account, _ in hit.accounts[: hit.subjects]
    }
    kept = [
        hit
        for hit in found
        if not any((other, account) in told for other in yields[hit.typology] for account, _ in hit.accounts)
    ]
    return tuple(sorted(kept, key=lambda hit: hit.order))


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
        self.beside, self.mattering, self.paid, self.owners = self._beside(window)
        self.handing = self._handing()

    def of(self, account: str) -> str:
        """Give the customer of an account, or the account itself."""
        return self.holder.get(account, account)

    def signs(self, about: TypologyAbout) -> Signs:
        """Give the scores of a typology by customer: what is shared only of those who show something else besides.

        An address, a telephone or a device that several people share says nothing of any of them; it confirms what they
        show, and more than that many people pay them. It counts where the other is who takes the money, or where enough
        of those who share it show the pattern themselves; and it tells of nobody else.
        """
        shown = {
            name: {id_: score for id_, score in own.items() if id_ in about.indicators - SHARED}
            for name, own in self.scores.items()
        }
        telling = about.indicators - SHARED - {MANY_PAY} - about.members.get("CTX", {}).keys()
        alike = frozenset(name for name, own in shown.items() if own.keys() & telling)
        signs = {name: dict(own) for name, own in shown.items() if own}
        for name, own in signs.items():
            if own.keys() == {MANY_PAY}:
                continue
            takers = {self.of(other) for id_ in own.keys() & about.control for other in own[id_].others}
            for id_ in self.scores[name].keys() & about.indicators & SHARED:
                score = self.scores[name][id_]
                sharers = {self.of(other) for other in score.others} - {name}
                fellows = sharers & alike
                if sharers & takers or len(fellows) >= max(LEAST_ALIKE, LEAST_ALIKE_SHARE * len(sharers)):
                    own[id_] = _told_of(score, {one for one in score.others if self.of(one) in fellows | takers})
        for name, id_, score in self._housed(about, shown):
            signs.setdefault(name, {})[id_] = score
        if about.same_receiver > 1:
            self._of_one_receiver(about, signs)
        of_cluster = frozenset(one for leg in about.weighed_by for one in about.members[leg])
        return {name: own for name, own in signs.items() if not of_cluster or own.keys() & of_cluster}

    def _housed(self, about: TypologyAbout, shown: Signs) -> Iterator[tuple[str, str, Score]]:
        """Give what people share with a business of the typology, or with each other where it or its owner pays them.

        Its owner is whoever receives a good part of its money. Who pays it is a guest of a stall or a parlour: two of
        them who live in one shelter are not its workers.
        """
        wanted = about.indicators & SHARED
        for front, own in sorted(shown.items()):
            telling = [score for id_, score in own.items() if id_ in about.housed_by and score.score >= TELLS]
            if not telling:
                continue
            hands = {front, *self.owners.get(front, NOBODY)}
            near = hands.union(*(self.paid.get(hand, NOBODY) for hand in hands))
            same = {
                self.of(one) for id_ in self.scores[front].keys() & wanted for one in self.scores[front][id_].others
            }
            for name in sorted((near | same) - hands):
                for id_ in sorted(self.scores[name].keys() & wanted):
                    score = self.scores[name][id_]
                    fellows = {one for one in score.others if self.of(one) in near and self.of(one) != name}
                    if front in map(self.of, fellows) or len(set(map(self.of, fellows))) >= LEAST_ALIKE:
                        told = _told_of(score, fellows)
                        yield name, id_, replace(told, others=tuple(sorted({*told.others, telling[0].centre})))

    def _of_one_receiver(self, about: TypologyAbout, signs: dict[str, dict[str, Score]]) -> None:
        """Leave what joins customers only where enough of them name the same account: one payer makes no collector."""
        naming: dict[str, set[str]] = defaultdict(set)
        for name, own in signs.items():
            for id_ in own.keys() & about.joining:
                for other in own[id_].others:
                    naming[self.of(other)].add(name)
        for own in signs.values():
            for id_ in own.keys() & about.joining:
                kept = {one for one in own[id_].others if len(naming[self.of(one)]) >= about.same_receiver}
                if kept:
                    own[id_] = _told_of(own[id_], kept)
                else:
                    del own[id_]

    def _handing(self) -> dict[str, int]:
        """Give, for each customer who hands all on to one receiver, how many customers hand theirs to the same."""
        to: dict[str, set[str]] = defaultdict(set)
        for name, own in self.scores.items():
            if HANDED in own:
                for other in own[HANDED].others:
                    to[self.of(other)].add(name)
        return {
            name: max((len(to[self.of(other)]) for other in own[HANDED].others), default=0)
            for name, own in self.scores.items()
            if HANDED in own
        }

    def units(self, typology: Typology, signs: Signs) -> Iterator[tuple[str, ...]]:
        """Give the customers, or clusters of them, that show anything of a typology, in order of name."""
        some = sorted(signs)
        if typology.about.unit == "customer":
            yield from ((name,) for name in some)
        else:
            yield from _clusters(some, self._joins(typology, signs))

    def _joins(self, typology: Typology, signs: Signs) -> dict[str, list[str]]:
        """Give the customers that each account, customer or device is named by as standing beside them."""
        joining = typology.about.joining
        by: dict[str, list[str]] = defaultdict(list)
        for name, own in sorted(signs.items()):
            named = {self.of(other) for one in own.keys() & joining for other in own[one].others}
            for other in sorted(named | {name}):
                by[other].append(name)
        return by

    def evidence(
        self,
        group: Sequence[str],
        typology: Typology,
        signs: Signs,
        computed: frozenset[str],
        reached: Mapping[str, Mapping[str, float]],
    ) -> Evidence:
        """Give what the gate of a typology is asked of."""
        single = [{id_: score.score for id_, score in signs[name].items()} for name in sorted(group)]
        highest = _highest(single)
        around = sorted({other for name in group for other in self.beside.get(name, NOBODY)})
        matter = sorted({other for name in group for other in self.mattering.get(name, NOBODY)})
        return Evidence(
            signs=highest,
            legs=typology.evidence_legs(highest, computed),
            computed=computed,
            by_customer=tuple(single),
            beside=_highest({id_: score.score for id_, score in self.scores[name].items()} for name in around),
            beside_typologies=_highest(
                {id_: own[name] for id_, own in reached.items() if name in own} for name in matter
            ),
            same_hands=max((self.handing.get(name, 0) for name in group), default=0),
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
        signs: Signs,
        evidence: Evidence,
        speaks: tuple[str, ...],
        measured: Measured,
        tier: Tier,
        path: Path,
    ) -> Hit:
        """Put together what an alert is made from."""
        scores = sorted(
            (score for name in group for score in signs[name].values()), key=lambda score: (-score.score, score.order)
        )
        control = typology.about.control
        accounts, subjects = _roles(
            scores,
            path,
            control,
            frozenset(typology.about.fronted_by) or typology.about.indicators - control,
            lambda account: not control.isdisjoint(self.scores.get(self.of(account), ())),
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
            not_computable=tuple(sorted(typology.about.indicators & measured.not_computable.keys())),
        )

    def _beside(self, window: Window) -> tuple[dict[str, frozenset[str]], ...]:
        """Give, for each customer with a score, the others with a score who paid it or were paid by it.

        First all of them, then those who make a fair share (`MATTERS`) of its money in or of its money out; then those
        whom it paid, and those of them who received such a share of its money out.
        """
        graph = temporal_graph(window)
        accounts = window.side.accounts
        names = set(self.scores)
        if accounts is not None:
            held = [account for account, customer in self.holder.items() if customer in names]
            names |= set(held)
        inside = pc.is_in(graph.names, value_set=pa.array(sorted(names), pa.string())).to_numpy(zero_copy_only=False)
        # Whole minor units until the end, so that it does not matter how much of them was added up beforehand.
        totals = {name: self._totals(graph, getattr(graph, name), inside) for name in ("payer", "payee")}
        both = inside[graph.payer] & inside[graph.payee]
        ends = np.column_stack([graph.payer[both], graph.payee[both]])
        pairs, of = np.unique(ends, axis=0, return_inverse=True)
        sums = np.zeros((len(pairs), len(graph.currencies)), np.int64)
        np.add.at(sums, (of.ravel(), graph.unit[both]), graph.amount[both])
        moved: dict[tuple[str, str], Ints] = defaultdict(lambda: np.zeros(len(graph.currencies), np.int64))
        sides = [graph.names.take(pa.array(pairs[:, side])).to_pylist() for side in (0, 1)]
        for payer, payee, paid in zip(*sides, sums, strict=True):
            moved[self.of(payer), self.of(payee)] += paid
        between = {ends: _worth(minor, graph.currencies) for ends, minor in moved.items()}
        beside: dict[str, set[str]] = defaultdict(set)
        mattering: dict[str, set[str]] = defaultdict(set)
        paid_by: dict[str, set[str]] = defaultdict(set)
        owners: dict[str, set[str]] = defaultdict(set)
        for (one, other), paid in between.items():
            if one == other or one not in self.scores or other not in self.scores:
                continue
            beside[one].add(other)
            beside[other].add(one)
            paid_by[one].add(other)
            if paid >= MATTERS * totals["payer"][one]:
                mattering[one].add(other)
                owners[one].add(other)
            if paid >= MATTERS * totals["payee"][other]:
                mattering[other].add(one)
        tables = (beside, mattering, paid_by, owners)
        return tuple({name: frozenset(others) for name, others in table.items()} for table in tables)

    def _totals(self, graph: TemporalGraph, ends: Ints, inside: Flags) -> dict[str, float]:
        """Give the money of each customer with a score at one end of all payments, in u."""
        place, kept = np.cumsum(inside) - 1, inside[ends]
        sums = np.zeros((int(np.count_nonzero(inside)), len(graph.currencies)), np.int64)
        np.add.at(sums, (place[ends[kept]], graph.unit[kept]), graph.amount[kept])
        totals: dict[str, Ints] = defaultdict(lambda: np.zeros(len(graph.currencies), np.int64))
        for name, minor in zip(graph.names.filter(pa.array(inside)).to_pylist(), sums, strict=True):
            totals[self.of(name)] += minor
        return {name: _worth(minor, graph.currencies) for name, minor in totals.items()}


def _worth(minor: Ints, currencies: Sequence[str]) -> float:
    """Give sums in minor units, one of each currency, in u; added in the order of the currencies' names."""
    by_name = sorted(zip(currencies, minor.tolist(), strict=True))
    return sum((rate(code) * amount / 10.0 ** exponent(code) for code, amount in by_name), 0.0)


def _told_of(score: Score, kept: Collection[str]) -> Score:
    """Leave in a score those of the others who are kept."""
    return replace(
        score,
        others=tuple(other for other in score.others if other in kept),
        roles=tuple((account, role) for account, role in score.roles if account == score.centre or account in kept),
    )


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
    scores: Sequence[Score],
    path: Path,
    control: Collection[str],
    active_by: Collection[str],
    held: Callable[[str], bool],
) -> tuple[tuple[tuple[str, str], ...], int]:
    """Give accounts with likely roles, subjects first, and how many subjects there are.

    Whom an indicator names as beside somebody is not a subject for that, unless an indicator is about it too; and
    whoever may be exploited is never shown in another role. A subject is not what the path says where no indicator of
    `active_by` speaks of it, those of `control` least: what is done to workers says nothing of them, nor does a night
    in a hotel make one of them a business. Nor is it where none of control does, and those of others name it: whom
    twelve people pay is not one of the twelve. Whoever stands beside somebody, is named as
    nothing else and is `held` alike, is no controller but a fellow. And where a story knows of exploited people,
    whoever only passes money on is one of them first: a wage that goes back to the broker passes through its worker.
    """
    said = dict(path.roles)
    subject, beside = said.get("subject", "business"), said.get("beside", "")
    exploited_here = next((said[key] for key in ("subject", "controlled") if said.get(key) in NOT_SUSPECTED), "")
    passing_on = "" if subject in PASSES_ON else exploited_here
    controlled = {score.centre for score in scores if score.indicator in control}
    active = {score.centre for score in scores if score.indicator in active_by}
    subjects = sorted({score.centre for score in scores})
    named: dict[str, str] = {}
    for score in scores:
        for account, own in score.roles:
            role = passing_on if own in PASSES_ON and passing_on else own
            if role in NOT_SUSPECTED or account not in named:
                named[account] = role
    # Who is only on the way of money is named by no control sign, and has no role for it.
    beside_them: dict[str, float] = {}
    for score in scores:
        if score.indicator in control:
            for other in score.others:
                beside_them[other] = max(beside_them.get(other, 0.0), score.score)
    around = sorted((beside_them.keys() | named.keys()) - set(subjects))
    roles = []
    for account in subjects:
        usual = subject if account in active else said.get("controlled", subject)
        exploited = subject in NOT_SUSPECTED and (account in controlled or account not in named)
        roles.append((account, subject if exploited else named.get(account, usual)))
    fellow = said.get("controlled", subject if subject in NOT_SUSPECTED else beside)
    for account in around:
        # Who is held alike is a fellow where that is told loudly, and nothing where it is not: never a controller.
        alike = fellow if beside_them.get(account, 0.0) >= TELLS else ""
        role = named.get(account, alike if held(account) else beside)
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
