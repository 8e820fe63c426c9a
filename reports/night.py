"""What a night knows beside its scan: what changed since the last one, what people said, how it went over time.

A scan alone has none of this. The sections of the report that are about nights are left out where it is absent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from reports.delta import STATES, State


@dataclass(frozen=True)
class Change:
    """What became of one alert.

    Parameters
    ----------
    alert_id : str
        Its stable name.
    state : str
        One of `reports.delta.State`.
    title, tier : str
        Of tonight's version; of the last one, where it is quiet, merged or gone.
    why : str
        How it grew, or why it is gone, as a sentence; may be empty for the other states.
    first_seen : datetime.date or None
        The night it first came up.
    """

    alert_id: str
    state: State
    title: str
    tier: str
    why: str = ""
    first_seen: date | None = None


@dataclass(frozen=True)
class Said:
    """A judgement, or another step of a person with an alert.

    Parameters
    ----------
    day : datetime.date
        When.
    what : str
        ``"useful"``, ``"not useful"``, ``"unsure"``, ``"assigned"``, ``"closed"``, ... in words.
    by : str
        Who; a sign or a role is enough.
    reason : str
        Reason code and what was written with it.
    """

    day: date
    what: str
    by: str
    reason: str = ""


@dataclass(frozen=True)
class NightFigures:
    """One night in figures, for the course over time.

    Parameters
    ----------
    day : datetime.date
        The last booking date the night looked at.
    new, told : int
        Alerts that came up, and all above the line.
    judged, useful : int
        Judgements up to this night of the days since the one before, and those among them that say useful.
    open_alerts, oldest_days : int
        Alerts nobody has closed, and the age of the oldest of them.
    payments : int
        Payments looked at.
    """

    day: date
    new: int
    told: int
    judged: int
    useful: int
    open_alerts: int
    oldest_days: int
    payments: int


@dataclass(frozen=True, kw_only=True)
class Night:
    """What a night hands to the report beside its scan.

    Parameters
    ----------
    last : datetime.date or None
        The last booking date of the night before; None on the first night.
    changes : tuple of Change
        One per alert of tonight, and one per alert that is quiet or gone since.
    said : mapping of str to tuple of Said
        What people said of an alert, the earliest first, by its id.
    earlier : mapping of str to tuple of str
        Earlier alerts about the same subjects as one of tonight, by its id.
    course : tuple of NightFigures
        The nights so far, the earliest first, tonight last.
    settings_before : mapping or None
        The settings of last night as its run sheet has them (``run.json``, ``settings``).
    late : mapping of str to int
        What came late or was corrected since, in rows, by how to say it.
    drift : tuple of str
        How tonight's payments differ from those the detectors know, as sentences.
    hidden : mapping of str to int
        Alerts not told because somebody suppressed them, by who answers for it.
    """

    last: date | None = None
    changes: tuple[Change, ...] = ()
    said: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    earlier: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    course: tuple[NightFigures, ...] = ()
    settings_before: Mapping[str, Any] | None = None
    late: Mapping[str, int] = field(default_factory=dict)
    drift: tuple[str, ...] = ()
    hidden: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def change_of(self) -> dict[str, Change]:
        """What became of each alert, by its id."""
        return {change.alert_id: change for change in self.changes}

    @cached_property
    def counts(self) -> dict[State, int]:
        """How many alerts are in each state that there is, in the order of `reports.delta.STATES`."""
        counted = Counter(change.state for change in self.changes)
        return {state: counted[state] for state in STATES if counted[state]}
