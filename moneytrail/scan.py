"""The scan: a ledger searched, its findings joined to alerts, accounts scored, and everything written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from detectors.about import SAME_DAY, About
from detectors.finding import Finding
from detectors.interface import Detector
from detectors.notes import Kind, Note
from detectors.ranking import rank
from detectors.surprise import MOST_FINDINGS
from detectors.unusual_payments import unusual_in
from flows.check import REASONS
from flows.errors import InputError
from flows.language import ENGLISH, figures, say, speaking, spoken_language
from flows.ledger import Ledger
from flows.memory import Memory
from flows.plugins import Shelf
from flows.population import Population, Totals
from flows.progress import Progress, Silent
from flows.quality import quality_in
from flows.window import SideTables, held_by
from graphs.habits import habits_in
from moneytrail import looking_back
from moneytrail.asking import Told, ask
from moneytrail.folder import check_writable, write_files
from moneytrail.ranker import ranker_of
from moneytrail.rare import COLUMNS, LeftInLedger, rare, references
from moneytrail.run_sheet import RunSheet, as_json, spread
from moneytrail.searching import by_detector, patterns
from moneytrail.settings import Settings
from moneytrail.warming import compiling_beside
from reports.alert import join
from reports.blocks import Page
from reports.exempting import exempted
from reports.facts import ScanFacts, Scanned, ScannedFile
from reports.files import files
from reports.measured import with_measures
from reports.ranked import ranked
from reports.report import BANNER, page, render
from reports.usual import Usual, alike, asked_of

DEFAULTS = Settings()


@dataclass(frozen=True)
class Scan:
    """A finished scan.

    Parameters
    ----------
    facts : ScanFacts
        What the report is made from.
    sheet : RunSheet
        What it was made with.
    told : Told
        What red flags and typologies gave, also where no alert came of it.
    """

    facts: ScanFacts
    sheet: RunSheet
    told: Told

    @cached_property
    def page(self) -> Page:
        """The report, before any medium decides how it looks."""
        return page(self.facts)


def run_scan(
    ledger: Ledger,
    out: Path,
    *,
    as_of: date | None = None,
    settings: Settings = DEFAULTS,
    engine: str = "local",
    language: str = ENGLISH,
    progress: Progress | None = None,
) -> Scan:
    """Scan a ledger and write the results into a folder.

    Parameters
    ----------
    ledger : Ledger
        The version to look at.
    out : pathlib.Path
        Where alerts, findings, scores, report and run sheet go; files of these names are replaced.
    as_of : datetime.date, optional
        Look at nothing booked after this date; the last booking date if not given.
    settings : Settings
        What differs from the defaults.
    engine : str
        Id of an engine on the shelf `flows.engines`.
    language : str
        In which sentences are told, `flows.language.languages`; names of fields, ids and tiers stay.
    progress : Progress, optional
        Where to show how far it is.

    Raises
    ------
    InputError
        If there is nothing to look at.
    StoreError
        If the results cannot be written.
    """
    progress = progress or Silent()
    carrier = Shelf("flows.engines").load(engine)(max_payments=settings.scan.payments_a_window)
    check_writable(out)
    with speaking(language):
        scanned = look(ledger, as_of=as_of, settings=settings, carrier=carrier, engine=engine, progress=progress)
        with scanned.sheet.step("writing"), progress.stage("writing the report", unit="files") as stage:
            written = files(scanned.facts, scanned.page)
            stage.advance(len(written))
        write_files(out, {**written, "run.json": as_json(scanned.sheet.whole()).encode()})
    return scanned


@compiling_beside()
def look(
    ledger: Ledger,
    *,
    as_of: date | None,
    settings: Settings,
    carrier: Any,
    engine: str = "local",
    progress: Progress | None = None,
    memory: Memory | None = None,
    program: str = "",
) -> Scan:
    """Search a ledger and put together everything a report is made from; writes nothing.

    Parameters
    ----------
    carrier : engine
        What carries the search to the windows.
    engine : str
        Its id, for the run sheet.
    memory : Memory, optional
        What earlier scans measured of findings around which nothing changed (`detectors.surprise`).
    program : str
        The versions that what is remembered depends on.
    """
    progress = progress or Silent()
    sheet = RunSheet()
    # Read first: what cannot be read is refused before hours of work, not after.
    ordinary, ranker = references(settings), ranker_of(settings)

    with sheet.step("reading the ledger") as counted, progress.stage("reading the ledger", unit="payments") as stage:
        last_day = as_of or max(ledger.days(), default=None)
        since = last_day and looking_back.beginning(last_day, settings.scan.look_back_days)
        population = Population(ledger, as_of=as_of, since=since, at_most=settings.scan.payments_a_window)
        totals = population.totals
        counted.update(rows_in=ledger.count(as_of), rows_out=totals.payments, money=totals.money)
        stage.advance(totals.payments)
    if last_day is None or not totals.payments:
        raise InputError(
            "there are no booked payments to look at",
            where=f"{ledger.path}, version {ledger.version}" + (f", up to {as_of}" if as_of else ""),
            try_="take in files with `moneytrail ingest`, or look at a later date",
        )

    found = patterns(population, settings, carrier, sheet=sheet, progress=progress, memory=memory, program=program)
    detectors, known = found.detectors, found.findings

    with sheet.step("asking indicators") as counted:
        told = ask(carrier, population, known, found.ran, settings, progress)
        counted.update(
            indicators=len(told.measured.computed),
            scores=len(told.measured.scores),
            typologies=told.by_typology(),
            task_seconds=spread(told.measured.spent),
        )

    with sheet.step("scoring accounts") as counted, progress.stage("scoring accounts", unit="accounts") as stage:
        left = None if population.in_memory else LeftInLedger(population, carrier, progress)
        window = population.specimen if left else population.whole(COLUMNS)
        unusual = rare(window, settings, ordinary, left, findings=known, searched=found.ran)
        counted.update(
            accounts=len(unusual.accounts),
            peer_groups=len(unusual.peers.groups),
            merged_groups=[asdict(merge) for merge in unusual.peers.merges],
            findings=by_detector(unusual.findings, unusual.about),
        )
        stage.advance(len(unusual.accounts))

    with sheet.step("joining findings") as counted, progress.stage("joining findings", unit="findings") as stage:
        searched_out = sorted([*known, *unusual.findings], key=lambda finding: finding.order)
        about: dict[str, About] = {id_: detector.about for id_, detector in detectors.items()}
        about |= unusual.about | dict(told.indicators)
        failures = dict(found.searched.failures) | dict(told.measured.failures)
        payments = population.named(id_ for finding in [*searched_out, *told.findings] for id_ in finding.payments)
        joined = join(
            searched_out,
            payments,
            population.hubs,
            about,
            population.side,
            joining=settings.alerts,
            failures=failures.keys(),
            stories=told.stories,
        )
        findings = tuple(sorted([*searched_out, *told.findings], key=lambda finding: finding.order))
        shown = exempted(joined.alerts, settings.exemptions, held_by(population.side), last_day)
        scores = rank(searched_out, unusual.scores, unusual.accounts, typologies=told.scores(), asked_of=detectors)
        alerts = with_measures(shown.alerts, unusual.features, unusual.scores, scores)
        in_order = None if ranker is None else ranked(alerts, ranker)
        counted.update(findings=len(findings), alerts=len(shown.alerts), hidden=len(shown.hidden))
        stage.advance(len(findings))

    with sheet.step("measuring habits and gaps") as counted:
        asked = [stretch for alert in shown.alerts for stretch in asked_of(alert)]
        with population.asking() as opened:
            habits = habits_in(opened, asked)
            quality = quality_in(opened)
        usual = Usual(habits, alike((one.account for one in asked), unusual.features, unusual.peers))
        counted.update(habits=len(habits))

    with sheet.step("measuring payments of alerts") as counted:
        asked_about = {id_ for alert in shown.alerts for id_ in alert.payments}
        with population.asking() as opened:
            odd = unusual_in(opened, payments, asked_about)
        counted.update(payments=len(asked_about), unusual=len(odd))

    notes = tuple(
        sorted(
            [
                *joined.notes,
                *shown.notes,
                *found.searched.notes,
                *unusual.notes,
                *told.notes,
                *_planted(ledger),
                *_missing(population.side),
                *_dateless(totals, about),
                *_disabled(settings),
                *_unshuffled(known),
                *_uncounted(population.left_out),
                *_unbounded(population, detectors),
                *looking_back.notes(ledger, since, settings.scan.look_back_days),
            ]
        )
    )
    sheet.facts.update(
        {
            "restricted": say(BANNER),
            "ledger": {
                "version": ledger.version,
                "rows": ledger.count(),
                "since": None if since is None else str(since),
                "as_of": str(last_day),
            },
            "inputs": [
                {
                    key: source[key]
                    for key in ("file_name", "source_file", "table", "rows", "kept", "duplicates", "rejected")
                }
                for source in ledger.sources().to_pylist()
            ],
            "engine": engine,
            "language": spoken_language(),
            "settings": settings.as_dict(),
            "settings_hash": settings.hash,
            "seeds": {"scan": settings.scan.seed},
            "detectors": {id_: about[id_].version for id_ in sorted(about)},
            "hubs": found.hubs.num_rows,
            "left_out": [note.as_json() for note in notes],
            "exempted": [one.as_json() for one in shown.hidden],
            "typologies": {id_: one.version for id_, one in sorted(told.typologies.items())},
            "drift": unusual.drift | ({"ranker": dict(in_order.drift)} if in_order and in_order.drift else {}),
            "ranker": in_order and in_order.told,
            "failed": failures,
        }
    )
    facts = ScanFacts(
        alerts=in_order.alerts if in_order else alerts,
        findings=findings,
        payments=payments,
        scanned=_scanned(ledger, totals),
        about_of=about,
        as_of=last_day,
        run=sheet.reproducible(),
        notes=notes,
        rejects={REASONS[code]: count for code, count in ledger.rejected().items()},
        failures=failures,
        hubs=found.hubs if found.hubs.num_rows else None,
        side=population.side,
        capacity=settings.scan.capacity,
        novelty_share=settings.scan.novelty_share,
        sampled_below=settings.report.below_the_line,
        account_scores=scores,
        quality=quality,
        usual=usual,
        unusual=odd,
    )
    return Scan(facts, sheet, told)


def spoken(scan: Scan, out: Path, *beside: str) -> str:
    """Say in plain words what the first alerts are, what lies beside the report, and last where it is."""
    return "\n".join([render(scan.page, "text").decode(), *beside, f"Report: {(out / 'report.html').resolve()}"])


def _unbounded(population: Population, detectors: Mapping[str, Detector]) -> list[Note]:
    """Say how much of the scan took all payments at once, where the ledger is larger than a window may be."""
    unbounded = sum(detector.reach.cut == "whole" for detector in detectors.values())
    if population.in_memory or not unbounded:
        return []
    return [
        Note(
            "capped",
            "{count} question needs all payments at once: there memory was not kept to what the settings say",
            "{count} questions need all payments at once: there memory was not kept to what the settings say",
            unbounded,
        )
    ]


def _planted(ledger: Ledger) -> list[Note]:
    """Say that a ledger is a copy with planted payments, before anybody reads an alert as one about a customer."""
    count = ledger.planted
    if not count:
        return []
    return [
        Note(
            "planted",
            "{count} payment was planted: this ledger is a copy made to test the tool, and nothing found in it says "
            "anything about a customer",
            "{count} payments were planted: this ledger is a copy made to test the tool, and nothing found in it says "
            "anything about a customer",
            count,
        )
    ]


def _missing(side: SideTables) -> list[Note]:
    """Say which tables beside the payments are absent, and what that leaves unasked."""
    lost = {
        "accounts": "There is no accounts table: kinds and ages of accounts are unknown, so peers are fewer and "
        "licensed intermediaries unnamed",
        "customers": "There is no customers table: peers cannot be told apart by kind of customer and trade",
        "links": "There is no links table: shared phones, devices and addresses cannot be seen",
    }
    return [_uncountable("missing", what) for name, what in lost.items() if getattr(side, name) is None]


UNCOUNTED: Final = {
    "undone": (
        "{count} payment that was undone was not looked at",
        "{count} payments that were undone were not looked at",
    ),
    "reversal": ("{count} reversal was not looked at", "{count} reversals were not looked at"),
    "marked as reversed": (
        "{count} payment marked as reversed was not looked at",
        "{count} payments marked as reversed were not looked at",
    ),
    "attempted": ("{count} attempted payment was not looked at", "{count} attempted payments were not looked at"),
    "pending": ("{count} pending payment was not looked at", "{count} pending payments were not looked at"),
}
"""How to say why rows do not count, by the reasons of `flows.window.left_out`."""


def _uncounted(rows: Mapping[str, int]) -> list[Note]:
    return [Note("excluded", *UNCOUNTED[reason], count) for reason, count in rows.items() if count]


def _unshuffled(findings: tuple[Finding, ...]) -> list[Note]:
    count = len(findings) - MOST_FINDINGS
    if count <= 0:
        return []
    return [
        Note(
            "capped",
            "Surprise was measured for the strongest {most} findings, not for {count} weaker one",
            "Surprise was measured for the strongest {most} findings, not for {count} weaker ones",
            count,
            values=(("most", f"{MOST_FINDINGS:,}"),),
        )
    ]


def _disabled(settings: Settings) -> list[Note]:
    return [_uncountable("skipped", "The settings switch {id} off", values=(("id", id_),)) for id_ in settings.disabled]


def _dateless(totals: Totals, about_of: Mapping[str, About]) -> list[Note]:
    """Say which questions were only half asked of payments that bear a date and no time of day."""
    count = totals.dateless
    half = [
        f"{say(what)} ({', '.join(asked)})"
        for same_day, what in SAME_DAY.items()
        if (asked := [id_ for id_, about in sorted(about_of.items()) if about.same_day == same_day])
    ]
    if not count or not half:
        return []
    share = figures(f"{100 * count / totals.payments:.{0 if count == totals.payments else 1}f}")
    return [
        Note(
            "missing",
            "{count} payment, {share} % of all, bears a date without a time of day: {what}",
            "{count} payments, {share} % of all, bear a date without a time of day: {what}",
            count,
            values=(("share", share), ("what", "; ".join(half))),
        )
    ]


def _uncountable(kind: Kind, says: str, values: tuple[tuple[str, str], ...] = ()) -> Note:
    """Say what is there or is not, and has no number."""
    return Note(kind, says, says, 1, values=values)


def _scanned(ledger: Ledger, totals: Totals) -> Scanned:
    return Scanned(
        payments=totals.payments,
        accounts=totals.accounts,
        own_accounts=totals.own_accounts,
        first_day=totals.first_day,
        last_day=totals.last_day,
        money=totals.money,
        files=tuple(
            ScannedFile(
                *(source[key] for key in ("file_name", "source_file", "rows", "kept", "duplicates", "rejected"))
            )
            for source in ledger.sources().to_pylist()
        ),
    )
