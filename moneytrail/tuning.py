"""The tuning bench: past nights looked at again under other settings, and what would have become of their alerts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.errors import InputError, SettingsError
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.progress import Progress, Silent
from moneytrail.folder import check_writable, write_files
from moneytrail.run_sheet import as_json, versions
from moneytrail.scan import look
from moneytrail.settings import Settings, load, resolve
from reports.report import BANNER, RENDERERS
from reports.settings_diff import differences
from reports.tuning import Replayed, compared, figures, outcomes
from reports.tuning_page import Tuned, tuning_page

IN_FORCE = "in force"
"""Name of the settings that others are held against."""


def nights(ledger: Ledger, first: date | None, last: date | None, every: int) -> tuple[date, ...]:
    """Choose the nights to look at again: the last booking day, and so many days before it each, back to the first.

    Raises
    ------
    InputError
        If the ledger has no payment booked by the last day.
    SettingsError
        If the first lies after the last.
    """
    booked = sorted(one for one in ledger.days() if last is None or one <= last)
    if not booked:
        raise InputError(
            "there are no booked payments to look at", where=str(ledger.path), try_="choose a later last day"
        )
    end = last or booked[-1]
    if first is not None and first > end:
        raise SettingsError("the first night lies after the last", where=f"{first} to {end}", try_="swap them")
    chosen = [end]
    while first is not None and chosen[-1] - timedelta(days=every) >= max(first, booked[0]):
        chosen.append(chosen[-1] - timedelta(days=every))
    return tuple(reversed(chosen))


def swept(path: Path | None, sweep: str) -> dict[str, Settings]:
    """Make settings that differ in one key from a file.

    Parameters
    ----------
    path : pathlib.Path or None
        The settings in force.
    sweep : str
        ``"SECTION.KEY=VALUE,VALUE"``, values as in a settings file, e.g. ``detectors.fan-in.min_payers=8,10``.
    """
    key, separator, values = sweep.partition("=")
    *sections, name = key.strip().split(".")
    if not separator or not sections or not values.strip():
        raise SettingsError("a sweep names a key and its values", where=sweep, try_="alerts.least_score=0.1,0.2,0.3")
    load(path)
    made = {}
    for value in (one.strip() for one in values.split(",")):
        text: dict[str, Any] = {} if path is None else tomllib.loads(path.read_text(encoding="utf-8"))
        section = text
        for part in sections:
            section = section.setdefault(part, {})
        section[name] = _plain(value)
        said = f"{key.strip()} = {value}"
        made[said] = resolve(text, said, None if path is None else path.parent)
    return made


def _plain(value: str) -> Any:
    try:
        return tomllib.loads(f"v = {value}")["v"]
    except tomllib.TOMLDecodeError:
        # 48 h without its quotes, as a person types it.
        return value


def replay(
    ledger: Ledger, days: Sequence[date], settings: Settings, *, progress: Progress | None = None
) -> tuple[Replayed, ...]:
    """Look at past nights again, each with what was booked by then."""
    carrier = Shelf("flows.engines").load("local")(max_payments=settings.scan.payments_a_window)
    return tuple(
        Replayed(day, look(ledger, as_of=day, settings=settings, carrier=carrier, progress=progress).facts)
        for day in days
    )


def tune(
    ledger: Ledger,
    out: Path,
    days: Sequence[date],
    champion: Settings,
    challengers: Mapping[str, Settings],
    judged: Sequence[pa.Table] = (),
    *,
    complete: bool = False,
    progress: Progress | None = None,
) -> Tuned:
    """Replay nights under the settings in force and under others, and write what differs.

    Parameters
    ----------
    ledger : Ledger
        The version to look at.
    out : pathlib.Path
        Where ``tune.json`` and ``tune.html`` go.
    days : sequence of date
        The nights.
    champion : Settings
        The settings in force.
    challengers : mapping of str to Settings
        Others, by name.
    judged : sequence of pyarrow.Table
        Judgements beside the labels of the ledger, rows of `flows.payments.LABELS`.
    complete : bool
        Whether the labels name every case.
    progress : Progress, optional
        Where to show how far it is.
    """
    progress = progress or Silent()
    check_writable(out)
    labels = ledger.side("labels")
    known = outcomes([*([] if labels is None else [labels]), *judged], complete=complete)
    every = {IN_FORCE: champion, **challengers}
    replayed = {}
    with progress.stage("looking at past nights", unit="days") as stage:
        for name, settings in every.items():
            replayed[name] = replay(ledger, days, settings)
            stage.advance(len(days))
    before = replayed[IN_FORCE]
    tuned = Tuned(
        tuple(figures(name, looked, known) for name, looked in replayed.items()),
        {
            name: compared(before, replayed[name], known, least_score=settings.alerts.least_score)
            for name, settings in challengers.items()
        },
        {name: differences(champion.as_dict(), settings.as_dict()) for name, settings in challengers.items()},
        len({*known.of_account, *known.of_alert}),
        bool(ledger.planted),
    )
    sheet = {
        "restricted": BANNER,
        "ledger": {"version": ledger.version, "nights": [str(day) for day in days]},
        "versions": versions(),
        "settings": {name: settings.hash for name, settings in every.items()},
        "figures": [one.as_json() for one in tuned.figures],
        "changed": {name: list(words) for name, words in tuned.changed.items()},
        "differences": {name: [one.as_json() for one in found] for name, found in tuned.differences.items()},
    }
    html = RENDERERS.load("html")()
    write_files(out, {"tune.json": as_json(sheet).encode(), "tune.html": html.render(tuning_page(tuned))})
    return tuned
