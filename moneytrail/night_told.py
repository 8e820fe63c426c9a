"""What a night tells beside its scan: what became of each alert, what people said, what came late."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from detectors.drift import MOVED
from flows import duck, plural
from flows.language import figures as spelt
from flows.language import say
from flows.ledger import Ledger
from moneytrail.night_folder import PastNight
from reports.delta import ABSENT, Change, Delta
from reports.night import Change as Told
from reports.night import Night, NightFigures, Said
from reports.store import Store
from reports.store_reading import StoredAlert

MOST_NIGHTS: Final = 90
"""Nights in the course over time: a quarter, which is what a page of figures is read for (ours)."""

BECAUSE: Final = {
    "data corrected": "payments in it were corrected",
    "settings changed": "the settings were changed",
    "program changed": "the program was changed",
    "exempted": "those it is about were exempted",
    "behaviour ended": "what was seen has ended",
    "": "",
}
"""Why an alert is gone, in words."""

LOST_BECAUSE: Final = BECAUSE | {"behaviour ended": "with what was paid since, they do not stand out any more"}
"""Why an alert that is still told has lost payments, in words: losing some is no end of what was seen."""

MOST_DRIFT: Final = 5
"""Features named that lie elsewhere than in the reference, the farthest first; ours: a list of all says less."""

LATE: Final = {
    "late": "booked on a day that had been looked at before",
    "reversals": "undoing another payment",
    "resent": "sent again with the same content, counted once",
    "conflicts": "sent again with another content, not taken in",
}
"""What came late or was corrected, in words that follow "payments"."""


def came_late(before: Ledger | None, now: Ledger, last: date | None) -> dict[str, int]:
    """Count what came late or was corrected since a version of the ledger; reads the new files only.

    Parameters
    ----------
    before : Ledger or None
        The version last night looked at; None on the first night, when nothing can be late.
    now : Ledger
        The version of tonight.
    last : datetime.date or None
        The last booking date that last night looked at.

    Returns
    -------
    dict of str to int
        By the keys of `LATE`, those that there are.
    """
    if before is None or last is None:
        return {}
    counts: Counter[str] = Counter()
    files = sorted(set(now.files()) - set(before.files()))
    if files:
        with duck.connection() as opened:
            (late, reversals), *_ = (
                opened.execute(
                    f"""SELECT count(*) FILTER (booked_on <= $last), count(*) FILTER (reversal_of IS NOT NULL)
                        FROM {duck.read_days("$files")}""",
                    {"files": files, "last": last},
                )
            ).fetchall()
        counts.update(late=late, reversals=reversals)
    known = before.sources().num_rows
    for source in now.sources().slice(known).to_pylist():
        if source["table"] == "payments":
            counts["resent"] += source["duplicates"]
            counts["conflicts"] += json.loads(source["reasons"]).get("id_conflict", 0)
    return {name: counts[name] for name in LATE if counts[name]}


def told(
    store: Store,
    delta: Delta,
    every: Mapping[str, StoredAlert],
    past: Sequence[PastNight],
    figures: Mapping[str, Any],
    late: Mapping[str, int],
    moved: Mapping[str, Mapping[str, float]],
) -> Night:
    """Put together what the report tells of a night beside its scan.

    Parameters
    ----------
    store : Store
        After tonight was recorded.
    delta : Delta
        What changed.
    every : mapping of str to StoredAlert
        The alerts that are present, and those of which the delta says something, by id.
    past : sequence of PastNight
        Finished nights, the latest first.
    figures : mapping
        Of tonight (`figures_of`).
    late : mapping of str to int
        What came late, by the keys of `LATE`.
    moved : mapping of str to mapping of str to float
        What lies elsewhere than in the reference, as `strayed` takes it.
    """
    present = [alert for alert in every.values() if alert.present]
    owners = {one.suppression.number: one.suppression.owner for one in store.hidden()}
    hidden = Counter(owners[number] for alert in present for number in alert.suppressed_by[:1])
    nights = [night.night["figures"] for night in reversed(past[: MOST_NIGHTS - 1])]
    return Night(
        last=date.fromisoformat(past[0].sheet["ledger"]["as_of"]) if past else None,
        changes=tuple(_told(change, every[change.alert_id]) for change in delta.changes),
        said={alert.alert_id: said for alert in present if (said := _said(alert))},
        earlier=_earlier(present, store.gone_about()),
        course=tuple(NightFigures(**{**one, "day": date.fromisoformat(one["day"])}) for one in [*nights, figures]),
        settings_before=past[0].sheet["settings"] if past else None,
        late={say(LATE[name]): count for name, count in late.items()},
        drift=strayed(moved),
        hidden=dict(sorted(hidden.items())),
    )


def figures_of(
    store: Store, delta: Delta, present: Iterable[StoredAlert], told_alerts: int, payments: int, as_of: date
) -> dict[str, Any]:
    """Give a night in plain figures, the fields of `reports.night.NightFigures`."""
    runs = store.runs(at_most=2)
    lately = store.outcomes_since(runs[-2].recorded_at if len(runs) > 1 else 0)
    waiting = [alert.alerted_at for alert in present if alert.status != "closed"]
    oldest = runs[-1].recorded_at - min(waiting) if waiting else 0
    return {
        "day": as_of.isoformat(),
        "new": len(delta.of("new")) + len(delta.of("returned")),
        "told": told_alerts,
        "judged": len(lately),
        "useful": lately.count("useful"),
        "open_alerts": len(waiting),
        "oldest_days": oldest // 86_400_000_000,
        "payments": payments,
    }


def strayed(moved: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    """Say what lies elsewhere than in the reference, the farthest first.

    Parameters
    ----------
    moved : mapping of str to mapping of str to float
        Population stability index of each feature and the score, by detector, as the run sheet has it.

    Examples
    --------
    >>> strayed({"ensemble": {"night": 0.3, "weekend": 0.1}})
    ('night: elsewhere than in the reference of ensemble (population stability index 0.30).',)
    """
    far = sorted(
        (-index, detector, name)
        for detector, indices in moved.items()
        for name, index in indices.items()
        if index >= MOVED
    )
    return tuple(
        say(
            "{name}: elsewhere than in the reference of {detector} (population stability index {index}).",
            name=name,
            detector=detector,
            index=spelt(f"{-index:.2f}"),
        )
        for index, detector, name in far[:MOST_DRIFT]
    )


def _told(change: Change, alert: StoredAlert) -> Told:
    return Told(
        change.alert_id,
        change.state,
        str(alert.content["title"]),
        change.tier,
        _why(change),
        _day(alert.alerted_at),
    )


def _why(change: Change) -> str:
    """Say how an alert changed, as a sentence; nothing where its state says all."""
    if change.state == "returned":
        return say("It had gone and is back.")
    if change.state == "merged":
        return say("It is one with {alert} now.", alert=change.into)
    if change.state in ("grown", "shrunk", *ABSENT):
        counted = []
        if change.added:
            counted.append(plural.told("{count} payment was added.", "{count} payments were added.", change.added))
        if change.lost and change.state not in ABSENT:
            counted.append(
                plural.told("{count} payment is no longer in it.", "{count} payments are no longer in it.", change.lost)
            )
        because = say((BECAUSE if change.state in ABSENT else LOST_BECAUSE)[change.because])
        return " ".join([*counted, *([because[0].upper() + because[1:] + "."] if because else [])])
    return ""


def _said(alert: StoredAlert) -> tuple[Said, ...]:
    return tuple(
        Said(_day(one.at), one.outcome.replace("_", " "), one.who, one.reason.replace("_", " "))
        for one in alert.judgements
    )


def _earlier(present: Sequence[StoredAlert], gone: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    earlier = {
        alert.alert_id: sorted({id_ for subject in alert.content["subjects"] for id_ in gone.get(subject, ())})
        for alert in present
    }
    return {alert_id: tuple(ids) for alert_id, ids in earlier.items() if ids}


def _day(at: int) -> date:
    return datetime.fromtimestamp(at / 1_000_000, UTC).date()
