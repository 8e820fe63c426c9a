"""Whether everything is as it was recorded: the store, the ledger, the folders of nights, and a run made again.

What is wrong is named, by row, file or alert; what was looked at is said too, since "nothing wrong" means nothing
without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from flows import ledger_checking
from flows.errors import SettingsError, StoreError, ToolkitError
from flows.language import ENGLISH, speaking
from flows.ledger import Ledger
from flows.progress import Progress
from moneytrail.night_folder import SHEET, past_nights
from moneytrail.rerunning import Again, again
from moneytrail.settings import Settings
from reports.files import files
from reports.report import page
from reports.reproduced import reproduced
from reports.store import Store, counted_in
from reports.store_reading import RecordedRun
from reports.store_recording import content_of
from reports.store_run import canonical


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what is wrong with it.

    Parameters
    ----------
    looked_at : tuple of str
        In words, one line each.
    wrong : tuple of str
        One line each; empty where nothing is.
    """

    looked_at: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def __add__(self, other: Verified) -> Verified:
        return Verified(self.looked_at + other.looked_at, self.wrong + other.wrong)


def looked_at(what: str, look: Callable[[], Verified]) -> Verified:
    """Look at one of several things; what cannot be looked at is named among what is wrong, and the rest goes on."""
    try:
        return look()
    except ToolkitError as error:
        return Verified(wrong=(f"{what} could not be looked at: {error.what} ({error.where})",))


def verify_store(store: Store) -> Verified:
    """Hold every row of the store against its audit log."""
    log, runs, alerts = store.log(), store.runs(), store.alerts(gone=True)
    ends = f", it ends in {log[-1].hash[:16]}" if log else ""
    said = f"store: {len(log)} audit entries{ends}; {len(runs)} runs, {len(alerts)} alerts"
    return Verified((said,), store.wrong())


def verify_ledger(ledger: Ledger, store: Store | None = None) -> Verified:
    """Hold the ledger against its log and what was taken in, and the store's runs and evidence against the ledger."""
    wrong = list(ledger_checking.wrong(ledger))
    said = f"ledger: version {ledger.version}, {ledger.count():,} payments in {len(ledger.files())} files"
    if store is not None and not wrong:
        wrong += _unfounded(ledger, store)
    return Verified((said,), tuple(wrong))


def _unfounded(ledger: Ledger, store: Store) -> Iterator[str]:
    """Name runs and alerts that the ledger does not bear out."""
    runs = store.runs()
    for run in runs:
        if run.ledger_version > ledger.version:
            yield f"run {run.run_id}: the ledger has no version {run.ledger_version}"
    if not runs or runs[-1].ledger_version > ledger.version:
        return
    alerts = store.alerts()
    named = {payment for alert in alerts for payment in alert.content["payments"]}
    last = runs[-1]
    if ledger.erased():
        # The version that was looked at went with what was erased; what alerts rest on is kept in any.
        there = set(ledger.payments(columns=("payment_id",))["payment_id"].to_pylist())
    else:
        there = set(counted_in(ledger.at_version(last.ledger_version), last.as_of)(named))
    for alert in alerts:
        missing = len(set(alert.content["payments"]) - there)
        if missing:
            yield f"alert {alert.alert_id}: payments that the ledger does not have or count: {missing}"


def verify_nights(out: Path, store: Store) -> Verified:
    """Hold the folders of nights against their run sheets, and those against the store."""
    runs = {run.run_id: run for run in store.runs()}
    wrong: list[str] = []
    nights = past_nights(out)
    for night in nights:
        wrong += _folder(night.path, night.sheet)
        run = runs.get(night.night["run_id"])
        if run is None:
            wrong.append(f"{night.path.name}: the store has no run {night.night['run_id']}")
        else:
            wrong += _sheet(night.path, night.sheet, run)
    return Verified((f"folders of nights: {len(nights)}",), tuple(wrong))


def _folder(folder: Path, sheet: Mapping[str, Any]) -> Iterator[str]:
    """Name the files of a folder that are not as its run sheet says."""
    for name, hash_ in sheet["night"]["files"].items():
        path = folder / name
        if not path.is_file():
            yield f"{folder.name}/{name}: missing"
        elif sha256(path.read_bytes()).hexdigest() != hash_:
            yield f"{folder.name}/{name}: changed since it was written"


def _sheet(folder: Path, sheet: Mapping[str, Any], run: RecordedRun) -> Iterator[str]:
    """Name what a run sheet says otherwise than the store; steps after the recording are in the sheet alone."""
    for name, value in run.sheet.items():
        said = sheet.get(name)
        if name == "steps" and isinstance(said, list):
            said = said[: len(value)]
        if canonical(said) != canonical(value):
            yield f"{folder.name}/{SHEET}: {name.replace('_', ' ')} is not what the store has"


def verify_run(
    store: Store, ledger: Ledger, run_id: str, given: Settings | None = None, progress: Progress | None = None
) -> Verified:
    """Make a recorded run again, and hold what it gives against what it gave.

    Raises
    ------
    SettingsError
        If no such run was recorded, or its settings cannot be had.
    StoreError
        If the ledger does not have its version any more, and no rule of retention took it.
    """
    run = store.run(run_id)
    try:
        done = again(ledger, run.sheet, given, progress)
    except StoreError:
        if not ledger.erased():
            raise
        return Verified((f"run {run_id}: not made again, payments it looked at were erased by a rule of retention",))
    wrong = [*_alerts(store, run, done), *done.otherwise(run.sheet)]
    made = reproduced(done.scan.facts)
    wrong += [name for name, hash_ in sorted(run.outputs.items()) if made.get(name) != hash_]
    said = f"run {run.run_id} made again: {len(done.scan.facts.alerts)} alerts, {len(run.outputs)} files"
    return Verified((said,), tuple(f"run {run.run_id}: {one} came out otherwise{done.explained()}" for one in wrong))


def _alerts(store: Store, run: RecordedRun, done: Again) -> Iterator[str]:
    """Name the alerts that came out otherwise."""
    then = store.told(run.run_id)
    now = {alert.alert_id: content_of(alert) for alert in done.scan.facts.alerts}
    names = store.delta(run.run_id)
    for scan_id in sorted(then.keys() | now.keys()):
        if canonical(then.get(scan_id)) != canonical(now.get(scan_id)):
            yield f"alert {names.names.get(scan_id, scan_id) if names else scan_id}"


def verify_scan(
    folder: Path, ledger: Ledger, given: Settings | None = None, progress: Progress | None = None
) -> Verified:
    """Make the scan of a folder again, and hold every file it writes against the one that lies there.

    Raises
    ------
    StoreError
        If the folder has no run sheet that can be read.
    SettingsError
        If the settings of the scan cannot be had, or a night made the folder.
    """
    sheet = _read(folder / SHEET)
    if "night" in sheet:
        # Its files also tell what changed since the night before, which only the store knows.
        raise SettingsError(
            "this is the folder of a night and not of a scan",
            where=folder.name,
            try_=f"name its run: moneytrail verify {sheet['night']['run_id']}",
        )
    done = again(ledger, sheet, given, progress)
    facts = done.scan.facts
    with speaking(sheet.get("language", ENGLISH)):
        made = files(facts, page(facts))
    wrong = list(done.otherwise(sheet))
    for name, content in made.items():
        path = folder / name
        if not path.is_file():
            wrong.append(f"{name}, which is missing,")
        elif path.read_bytes() != content:
            wrong.append(name)
    said = f"scan in {folder.name} made again: {len(facts.alerts)} alerts, {len(made)} files"
    return Verified((said,), tuple(f"{folder.name}: {one} came out otherwise{done.explained()}" for one in wrong))


def _read(path: Path) -> dict[str, Any]:
    try:
        sheet: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(
            "the run sheet cannot be read", where=str(path), try_="name a folder that a scan or a night wrote"
        ) from error
    return sheet
