"""Typologies that hold, told in alerts: what they rest on as findings, who plays which likely part, what clears them.

An indicator makes no alert; a typology whose gate holds does. Its scores become findings, so that they join with what
the motifs found, and the alert takes tier, legs and route from the typology. Whoever may be exploited is told apart:
what leads to support is an alert of its own, and nobody in such a role is shown in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from detectors.combining import Hit
from detectors.finding import Finding, Reason
from detectors.indicating import needed
from detectors.indicator import NOT_SUSPECTED, ROLES, IndicatorAbout, Score
from detectors.typology import MITIGATIONS, TypologyAbout
from flows.language import say
from flows.plural import told
from reports.mitigation import Mitigation


@dataclass(frozen=True)
class Story:
    """A typology that holds.

    Parameters
    ----------
    hit : Hit
        For whom, and by what.
    about : TypologyAbout
        What it says of itself.
    findings : tuple of Finding
        What it rests on, one per score, the strongest first.
    not_computable : tuple of str
        Which of its questions could not be asked, and for want of what.
    would_clear : tuple of str
        Without what it would fall below review, or out of what is to be asked.
    """

    hit: Hit
    about: TypologyAbout
    findings: tuple[Finding, ...]
    not_computable: tuple[str, ...]
    would_clear: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the pattern is consistent with, in words."""
        title = say(self.about.title)
        # An abbreviation keeps its capitals.
        return say("Consistent with: {title}", title=title if title[1:2].isupper() else title[:1].lower() + title[1:])

    @property
    def of_support(self) -> bool:
        """Whether it is somebody to be helped, not to be looked into."""
        return self.hit.tier == "support"

    @property
    def subjects(self) -> frozenset[str]:
        """The accounts it is about."""
        return frozenset(account for account, _ in self.hit.accounts[: self.hit.subjects])

    @property
    def speaks_for(self) -> tuple[Mitigation, ...]:
        """What the data say for an ordinary story; it has lowered the score already."""
        return tuple(Mitigation(id_, f"{say(MITIGATIONS[id_])}.") for id_ in self.hit.mitigations)


def stories(
    hits: Iterable[Hit],
    typologies: Mapping[str, TypologyAbout],
    indicators: Mapping[str, IndicatorAbout],
    lacking: Mapping[str, Sequence[str]],
) -> tuple[Story, ...]:
    """Make stories of hits.

    Parameters
    ----------
    hits : iterable of Hit
        What `detectors.combining.combine` gave.
    typologies : mapping of str to TypologyAbout
        Every typology that was weighed, by id in the catalogue.
    indicators : mapping of str to IndicatorAbout
        Every indicator that was asked or could not be, by id in the catalogue.
    lacking : mapping of str to sequence of str
        The columns, motifs or lists for want of which an indicator could not be asked.
    """
    return tuple(
        Story(
            hit,
            typologies[hit.typology],
            tuple(_finding(score) for score in hit.scores),
            tuple(
                say(
                    "{title} ({id}): the data lack {columns}.",
                    title=say(indicators[id_].title),
                    id=id_,
                    columns=", ".join(map(needed, lacking[id_])),
                )
                for id_ in hit.not_computable
            ),
            _would_clear(hit, indicators),
        )
        for hit in hits
    )


def _finding(score: Score) -> Finding:
    """Take what an indicator says of an account as a finding."""
    # The sentence is whole already; braces in it are no places for numbers.
    says = score.sentence.replace("{", "{{").replace("}", "}}")
    return Finding(
        detector=score.indicator,
        version=score.version,
        centre=score.centre,
        accounts=(score.centre, *sorted(set(score.others) - {score.centre})),
        payments=score.payments,
        first_at=score.first_at,
        last_at=score.last_at,
        strength=score.score,
        reasons=(Reason(says, score.value, None, ""),),
    )


def _would_clear(hit: Hit, indicators: Mapping[str, IndicatorAbout]) -> tuple[str, ...]:
    gone = [f"“{say(indicators[id_].title)}” ({id_})" for id_ in hit.would_clear]
    if not gone:
        return ()
    listed = gone[0] if len(gone) == 1 else f"{', '.join(gone[:-1])}{say(' and ')}{gone[-1]}"
    if hit.tier == "enquire":
        return (
            told(
                "Without {listed} there would be nothing to ask: an ordinary reason for it is enough.",
                "Without {listed} there would be nothing to ask: an ordinary reason for each is enough.",
                len(gone),
                listed=listed,
            ),
        )
    return (
        told(
            "Without {listed} it would fall below review: an ordinary reason for it is enough.",
            "Without {listed} it would fall below review: an ordinary reason for each is enough.",
            len(gone),
            listed=listed,
        ),
    )


def in_order(several: Iterable[Story]) -> list[Story]:
    """Put stories in the order they are told."""
    return sorted(several, key=lambda story: story.hit.order)


def roles_in(several: Iterable[Story]) -> dict[str, str]:
    """Give the likely role of each account in stories, in words: the strongest story's, and never one of suspicion.

    Whoever has the role of somebody to be helped in one of them has it in all.
    """
    said: dict[str, str] = {}
    for story in in_order(several):
        for account, role in story.hit.accounts:
            if account not in said or (role in NOT_SUSPECTED and said[account] not in NOT_SUSPECTED):
                said[account] = role
    return {account: ROLES[role] for account, role in said.items()}


def helped_in(several: Iterable[Story]) -> dict[str, str]:
    """Give the likely role, in words, of everybody who is to be helped and not looked into in any of all stories.

    It holds in every alert of a night: who may be exploited is shown in no other role beside.
    """
    said: dict[str, str] = {}
    for story in in_order(several):
        said |= {account: ROLES[role] for account, role in story.hit.accounts if role in NOT_SUSPECTED}
    return said


def apart(several: Iterable[Story]) -> list[list[Story]]:
    """Put together the stories of the same accounts: each list is one person, or a few, to be helped."""
    joined: list[tuple[set[str], list[Story]]] = []
    for story in in_order(several):
        same = [group for group in joined if group[0] & story.subjects]
        joined = [group for group in joined if not group[0] & story.subjects]
        names = {*story.subjects}.union(*(names for names, _ in same))
        joined.append((names, [*(one for _, own in same for one in own), story]))
    return [own for _, own in joined]
