"""The published red flags asked of a ledger, and the typologies weighed: one step of a scan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from detectors.combining import Hit, combine
from detectors.finding import Finding
from detectors.indicating import Measured, measure
from detectors.indicator import IndicatorAbout
from detectors.mitigations import mitigating
from detectors.notes import Note
from detectors.run import Engine
from detectors.typology import TypologyAbout
from flows.errors import EngineError
from flows.language import say
from flows.population import Population
from flows.progress import Progress
from flows.window import Reach, SideTables, Window, held_by
from moneytrail.settings import Settings
from reports.stories import Story, stories

MOST_NAMED = 12
"""Ids in a note; `moneytrail check` says all, with what they lack."""


@dataclass(frozen=True)
class Told:
    """What indicators and typologies gave.

    Parameters
    ----------
    measured : Measured
        What every indicator said, or why it could not.
    hits : tuple of Hit
        The typologies that hold, in reading order.
    stories : tuple of Story
        The same, as alerts tell them.
    indicators : dict of str to IndicatorAbout
        The indicators that were asked or could not be, by id in the catalogue.
    typologies : dict of str to TypologyAbout
        The typologies that were weighed, by id in the catalogue.
    mitigations : dict of str to frozenset of str
        What speaks for an ordinary story at each account of which an indicator says something.
    notes : tuple of Note
        What could not be asked, or only in a reduced form.
    """

    measured: Measured
    hits: tuple[Hit, ...]
    stories: tuple[Story, ...]
    indicators: Mapping[str, IndicatorAbout]
    typologies: Mapping[str, TypologyAbout]
    mitigations: Mapping[str, frozenset[str]]
    notes: tuple[Note, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the typologies that hold rest on, each once."""
        return tuple({one.finding_id: one for story in self.stories for one in story.findings}.values())

    def by_typology(self) -> dict[str, int]:
        """Count where each typology holds."""
        return {id_: sum(hit.typology == id_ for hit in self.hits) for id_ in sorted(self.typologies)}

    def scores(self) -> dict[str, dict[str, float]]:
        """Give the score of each account by typology; who is to be helped is not ranked."""
        made: dict[str, dict[str, float]] = {id_: {} for id_ in sorted(self.typologies)}
        for hit in self.hits:
            if hit.tier == "support":
                continue
            own = made[hit.typology]
            for account, _ in hit.accounts[: hit.subjects]:
                own[account] = max(own.get(account, 0.0), hit.score)
        return made


def ask(
    engine: Engine,
    population: Population,
    findings: Iterable[Finding],
    motifs: Collection[str],
    settings: Settings,
    progress: Progress,
) -> Told:
    """Ask every indicator and weigh every typology.

    Parameters
    ----------
    engine : Engine
        Where the work is done.
    population : Population
        Everything to be looked at, with its hubs.
    findings : iterable of Finding
        What the motifs found in it.
    motifs : collection of str
        Ids of the motifs that were run to the end.
    settings : Settings
        Parameters and the institution's own lists.
    progress : Progress
        Where to show how far it is.
    """
    indicators = [indicator for _, indicator in settings.make("detectors.indicators")]
    typologies = [typology for _, typology in settings.make("detectors.typologies")]
    measured = measure(
        engine,
        population.specimen,
        indicators,
        source=population.source,
        findings=findings,
        motifs=motifs,
        lists=settings.lists,
        country=settings.scan.jurisdiction,
        progress=progress,
        named=population.named_each,
        at_once=settings.scan.payments_a_window,
    )
    outcome = engine.run(
        population.source, {"mitigating features": Mitigating(measured, settings.lists)}, progress=progress
    )
    if outcome.failures:
        # An alert that does not know what speaks for an ordinary story is worse than none.
        raise EngineError(
            f"what speaks for an ordinary story could not be looked for: {outcome.failures[0].error}",
            where=outcome.failures[0].window,
            try_="run it again; if it stays so, report the line named above",
        )
    speaks_for = {one.centre: one.features for one in outcome.found}
    hits = combine(measured, population.moved(_held_by_scored(measured, population.side)), typologies, speaks_for)
    abouts = {indicator.about.id: indicator.about for indicator in indicators}
    told_of = {typology.about.id: typology.about for typology in typologies}
    return Told(
        measured,
        hits,
        stories(hits, told_of, abouts, measured.not_computable),
        abouts,
        told_of,
        speaks_for,
        tuple(_notes(measured)),
    )


@dataclass(frozen=True)
class SpeaksFor:
    """What speaks for an ordinary story at an account: keys of `detectors.typology.MITIGATIONS`."""

    centre: str
    features: frozenset[str]
    first_at: int = 0

    @property
    def order(self) -> str:
        """The one order they are put in."""
        return self.centre


@dataclass(frozen=True)
class Mitigating:
    """The mitigating features, as a task of an engine: an account and its customer's others are enough."""

    measured: Measured
    lists: Mapping[str, tuple[str, ...]]
    reach = Reach(cut="account", whose="own")

    def find(self, window: Window) -> Iterator[SpeaksFor]:
        """Give each account of whom an indicator says something and for whom something speaks."""
        if window.payments.num_rows:
            for account, features in mitigating(window, self.measured, self.lists).items():
                yield SpeaksFor(account, features)


def _held_by_scored(measured: Measured, side: SideTables) -> set[str]:
    """Give the accounts of customers of whom an indicator says something."""
    scored = {score.centre for score in measured.scores}
    holder = held_by(side)
    customers = {holder.get(account, account) for account in scored}
    return scored | {account for account, customer in holder.items() if customer in customers}


def _notes(measured: Measured) -> Iterable[Note]:
    lacking = sorted(measured.not_computable)
    if lacking:
        yield Note(
            "missing",
            "{count} indicator could not be asked for want of columns or lists: {ids}",
            "{count} indicators could not be asked for want of columns or lists: {ids}",
            len(lacking),
            values=(("ids", _few(lacking)),),
        )
    reduced = sorted(measured.degraded)
    if reduced:
        yield Note(
            "missing",
            "{count} indicator was measured in a reduced form: {ids}",
            "{count} indicators were measured in a reduced form: {ids}",
            len(reduced),
            values=(("ids", _few(reduced)),),
        )


def _few(ids: list[str]) -> str:
    more = len(ids) - MOST_NAMED
    return ", ".join(ids[:MOST_NAMED]) + (say(" and {count} more", count=str(more)) if more > 0 else "")
