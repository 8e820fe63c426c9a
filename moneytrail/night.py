"""The night: what is new is taken in, searched, compared with last night, stored and told; a scheduler runs it.

::

    inbox -> ledger -> scan -> store -> folder of the night

Each arrow ends in one commit (of the ledger, of the store, the name of the folder), and each step asks first whether it
was done already. So a night may be killed at any instant and is run again: it goes on where it stopped, and a night run
again after it is done changes nothing.

A night that the store has recorded but whose folder never appeared is told first, before new files are taken in: what
was new in it has been read by nobody. Only where the settings were changed meanwhile is it not told as it was; the next
folder then says that one is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from detectors.notes import Note
from flows.engines.remembering import Remembering
from flows.errors import InputError
from flows.ingest import FileResult, IngestResult, ingest
from flows.language import speaking
from flows.ledger import Ledger
from flows.lock import writing
from flows.mapping import MappedReader, load_mapping
from flows.memory import Memory
from flows.progress import Progress, Silent
from moneytrail import night_folder, night_inbox, night_told
from moneytrail.alert_store import open_store, place_of
from moneytrail.night_folder import PastNight, past_nights
from moneytrail.night_inbox import Inbox, Seen
from moneytrail.run_sheet import as_json, versions
from moneytrail.scan import Scan, look
from moneytrail.settings import SHELVES, Settings, load
from reports.delta import Delta
from reports.facts import ScanFacts
from reports.files import files
from reports.report import page
from reports.reproduced import reproduced
from reports.store import Store, counted_in
from reports.store_run import Run, digest

WORK: Final = ".night"
"""Folder beside the nights for the lock, what is half made, and what is remembered."""

REMEMBERED: Final = "remembered.db"
"""File of answers that need not be asked for again; it may be deleted at any time."""


@dataclass(frozen=True)
class Finished:
    """A night that was told.

    Parameters
    ----------
    folder : pathlib.Path
        Where its report is.
    scan : Scan
        What was found, under the ids that the scan gave.
    delta : Delta
        What changed since the night before.
    late : mapping of str to int
        What came late or was corrected, by the keys of `night_told.LATE`.
    """

    folder: Path
    scan: Scan
    delta: Delta
    late: Mapping[str, int]


@dataclass(frozen=True)
class Outcome:
    """What a run of `moneytrail night` did.

    Parameters
    ----------
    inbox : Inbox
        What lay in the inbox.
    ingested : IngestResult or None
        What was taken in; None where nothing was new.
    nights : tuple of Finished
        Usually one; none where nothing had changed, two where an earlier night had to be told first.
    last : PastNight or None
        The latest night, where none was told now.
    """

    inbox: Inbox
    ingested: IngestResult | None = None
    nights: tuple[Finished, ...] = ()
    last: PastNight | None = None

    @property
    def partial(self) -> bool:
        """Whether a question could not be asked."""
        return any(night.scan.facts.failures for night in self.nights)


@dataclass(frozen=True)
class Place:
    """Where a night finds and leaves things, with its settings.

    Parameters
    ----------
    settings : Settings
        The resolved settings.
    folder : pathlib.Path
        The folder of the settings file, from where paths are seen.
    """

    settings: Settings
    folder: Path

    @classmethod
    def of(cls, path: Path) -> Place:
        """Read a settings file."""
        return cls(load(path), path.resolve().parent)

    @property
    def ledger(self) -> Path:
        """The folder of the ledger."""
        return self.folder / self.settings.night.ledger

    @property
    def out(self) -> Path:
        """The folder in which each night has one."""
        return self.folder / self.settings.night.out

    @property
    def work(self) -> Path:
        """The folder of the lock and of what is remembered."""
        return self.out / WORK

    @property
    def store(self) -> str:
        """The store: an address, or a file seen from the settings."""
        return place_of(self.settings, self.folder)

    def newest(self) -> Ledger | None:
        """Open the ledger, or give None where nothing was ever taken in."""
        return Ledger.open(self.ledger) if (self.ledger / "payments" / "_delta_log").is_dir() else None


def run_night(path: Path, *, at: datetime | None = None, progress: Progress | None = None) -> Outcome:
    """Do whatever there is to do tonight.

    Parameters
    ----------
    path : pathlib.Path
        The settings file.
    at : datetime.datetime, optional
        The time written into the store; now if not given.
    progress : Progress, optional
        Where to show how far it is.

    Raises
    ------
    LockedError
        If another night is under way. Nothing was changed.
    InputError
        If a file cannot be taken in; nothing of the inbox was. Or if there is nothing to look at.
    SettingsError, StoreError
        If the settings are wrong, or ledger, store or folder cannot be used.
    """
    place = Place.of(path)
    place.work.mkdir(parents=True, exist_ok=True, mode=0o700)
    with writing(place.work):
        night_folder.clear(place.work)
        return _Night(place, at or datetime.now(UTC), progress or Silent()).run()


class _Night:
    """One run under way, holding the lock."""

    def __init__(self, place: Place, at: datetime, progress: Progress) -> None:
        self.place = place
        self.settings = place.settings
        self.at = at
        self.progress = progress
        self._past: list[PastNight] | None = None

    def run(self) -> Outcome:
        """Do it."""
        told = []
        ledger = self.place.newest()
        if ledger is not None and self.recorded_but_untold(ledger):
            told.append(self.tell(ledger, Inbox((), {}, 0), None))
        seen = Seen(self.place.work, ledger)
        inbox = night_inbox.look_into(self.settings.night, self.place.folder, ledger, seen)
        ingested = self.take_in(inbox) if inbox.new else None
        ledger = self.place.newest()
        seen.taken(inbox, ledger)
        if ledger is None or not ledger.version:
            raise InputError(
                "nothing was ever taken in, and the inbox holds nothing new",
                where=str(self.place.folder / self.settings.night.inbox),
                try_="put files into its folders, or see which patterns [night] gives for them",
            )
        last = self.past()
        if not last or last[0].night["made_from"] != made_from(ledger, self.settings):
            told.append(self.tell(ledger, inbox, ingested))
            last = []
        return Outcome(inbox, ingested, tuple(told), last[0] if last else None)

    def recorded_but_untold(self, ledger: Ledger) -> bool:
        """Say whether the store holds a night of this very ledger and these settings that has no folder."""
        with open_store(self.place.store, made=True) as store:
            runs = store.runs(at_most=1)
        if not runs or (runs[-1].ledger_version, runs[-1].settings_hash) != (ledger.version, self.settings.hash):
            return False
        last = self.past()
        return not last or last[0].night["run_id"] != runs[-1].run_id

    def past(self) -> list[PastNight]:
        """Give the nights that were told, the latest first; not those that a store put back from a backup forgot.

        Read once: a quarter of run sheets, each with every file that was ever taken in.
        """
        if self._past is None:
            with open_store(self.place.store, made=True) as store:
                self._past = known_nights(self.place, store)
        return self._past

    def take_in(self, inbox: Inbox) -> IngestResult:
        """Take the new files into the ledger, all or none."""
        night = self.settings.night
        mapping = MappedReader(load_mapping(self.place.folder / night.mapping)) if night.mapping else None
        return ingest(
            self.place.ledger,
            inbox.files,
            format_id=night.format or None,
            mapping=mapping,
            share_rejected_max=night.share_rejected_max,
            progress=self.progress,
        )

    def tell(self, ledger: Ledger, inbox: Inbox, ingested: IngestResult | None) -> Finished:
        """Scan a version of the ledger, record it, and write the folder of the night."""
        past = self.past()
        memory = Memory(self.place.work / REMEMBERED)
        program = digest(versions())
        with closing(memory), speaking(self.settings.night.language):
            scan = look(
                ledger,
                as_of=None,
                settings=self.settings,
                carrier=Remembering(self.settings.scan.payments_a_window, memory=memory, program=program),
                engine="remembering",
                progress=self.progress,
                memory=memory,
                program=program,
            )
            late = self.late(ledger, past)
            with scan.sheet.step("storing"), open_store(self.place.store, made=True) as store:
                run = Run.of(scan.sheet.reproducible(), reproduced(scan.facts))
                delta = store.record(
                    run,
                    scan.facts.alerts,
                    at=self.at,
                    findings=scan.facts.findings,
                    counted=counted_in(ledger, scan.facts.as_of),
                )
                facts = self.facts(scan, delta, store, past, late, inbox)
            with scan.sheet.step("writing"), self.progress.stage("writing the report", unit="files") as stage:
                written = files(facts, page(facts))
                stage.advance(len(written))
            assert facts.night is not None
            night = {
                "run_id": delta.run_id,
                "made_from": made_from(ledger, self.settings),
                # What `moneytrail verify` holds the files of the folder against.
                "files": {name: sha256(content).hexdigest() for name, content in sorted(written.items())},
                "figures": {**vars(facts.night.course[-1]), "day": scan.facts.as_of.isoformat()},
                "changes": delta.counts,
                # Elsewhere in the sheet alerts have the ids that the scan gave, which a run made again gives as well.
                "names": {scan_id: lasting for scan_id, lasting in sorted(delta.names.items()) if scan_id != lasting},
                "late": dict(late),
                "taken": [] if ingested is None else [_taken(file) for file in ingested.files],
                "left": dict(inbox.left),
                "left_out": [note.as_json() for note in (*_left(inbox), *_untold(delta, past))],
                "remembered": {"answers": memory.hits, "asked": memory.misses},
            }
            sheet = as_json({**scan.sheet.whole(), "night": night}).encode()
            folder = night_folder.publish(
                self.place.out, self.place.work, facts.as_of, {**written, night_folder.SHEET: sheet}
            )
            # Only now is the night over: had it died before, all that was remembered would have been asked for again.
            memory.sweep()
            self._past = None
        return Finished(folder, scan, delta, late)

    def late(self, ledger: Ledger, past: Sequence[PastNight]) -> dict[str, int]:
        """Count what came late or was corrected since last night."""
        if not past:
            return {}
        seen = past[0].sheet["ledger"]
        return night_told.came_late(ledger.at_version(seen["version"]), ledger, date.fromisoformat(seen["as_of"]))

    def facts(
        self,
        scan: Scan,
        delta: Delta,
        store: Store,
        past: Sequence[PastNight],
        late: Mapping[str, int],
        inbox: Inbox,
    ) -> ScanFacts:
        """Give what the report is made from: the scan under lasting ids, without what was suppressed, and the night."""
        # Read once: each brings all that is known of it. Never all alerts there ever were, which after years are many.
        every = {one.alert_id: one for one in store.alerts(among=(change.alert_id for change in delta.changes))}
        present = [alert for alert in every.values() if alert.present]
        suppressed = {alert.alert_id for alert in present if alert.suppressed_by}
        alerts = tuple(alert for alert in delta.named(scan.facts.alerts) if alert.alert_id not in suppressed)
        facts = replace(
            scan.facts,
            alerts=alerts,
            masked=not self.settings.report.unmask,
            sampled_below=self.settings.report.below_the_line,
            notes=tuple(sorted([*scan.facts.notes, *_left(inbox), *_untold(delta, past)])),
        )
        payments, as_of = facts.scanned.payments, facts.as_of
        figures = night_told.figures_of(store, delta, present, len(facts.to_read), payments, as_of)
        return replace(facts, night=night_told.told(store, delta, every, past, figures, late, facts.run["drift"]))


def known_nights(place: Place, store: Store) -> list[PastNight]:
    """Give the folders of the latest nights, the latest first, as far as the store knows their runs."""
    past = past_nights(place.out, at_most=night_told.MOST_NIGHTS)
    known = store.known(night.night["run_id"] for night in past)
    return [night for night in past if night.night["run_id"] in known]


def made_from(ledger: Ledger, settings: Settings) -> str:
    """Name everything that can change what a night tells: equal ledger, settings and program, equal name."""
    detectors = {id_: one.about.version for shelf in SHELVES for id_, one in settings.make(shelf)}
    return digest([ledger.version, settings.hash, versions(), detectors])[:16]


def _taken(file: FileResult) -> dict[str, Any]:
    names = ("table", "file_name", "source_hash", "rows", "kept", "duplicates", "rejected")
    return {name: getattr(file, name) for name in names}


def _untold(delta: Delta, past: Sequence[PastNight]) -> list[Note]:
    """Say that the night before has no folder: its settings were changed before it could be told."""
    if not delta.previous or (past and past[0].night["run_id"] == delta.previous):
        return []
    says = (
        "A night was recorded and its report never appeared, for it was stopped and the settings were changed: what "
        "was new in it is told here as known (run {run})"
    )
    return [Note("missing", says, says, 1, values=(("run", delta.previous),))]


def _left(inbox: Inbox) -> list[Note]:
    if not inbox.left:
        return []
    return [
        Note(
            "skipped",
            "{count} file of the inbox was left for a later night: {names}",
            "{count} files of the inbox were left for a later night: {names}",
            len(inbox.left),
            values=(("names", "; ".join(f"{name} ({reason})" for name, reason in inbox.left.items())),),
        )
    ]
