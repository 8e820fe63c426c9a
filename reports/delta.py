"""What changed since the night before, alert by alert.

An alert keeps its id as long as it is the same thing to look at (`reports.delta_matching` says when that is). A night
says of each what became of it; for one that is not there any more, why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal, get_args

from reports.alert import Alert

State = Literal["new", "returned", "grown", "shrunk", "unchanged", "quiet", "merged", "gone"]
"""What became of an alert."""

Because = Literal["data corrected", "settings changed", "program changed", "exempted", "behaviour ended"]
"""Why an alert lost payments or is gone; the first that holds."""

STATES: Final[tuple[State, ...]] = get_args(State)
ABSENT: Final[frozenset[State]] = frozenset({"merged", "gone"})
"""States of alerts that are not told any more."""

GREW: Final[frozenset[State]] = frozenset({"new", "returned", "grown"})
"""States after which an alert has to be looked at again, even if it was closed."""


@dataclass(frozen=True)
class Change:
    """What became of one alert.

    Parameters
    ----------
    alert_id : str
        Its lasting id.
    state : State
        *quiet*: nothing was added, and its last payment lies `reports.store_recording.QUIET_AFTER` or more
        before the day looked at. *returned*: was gone or merged on an earlier night.
    tier : str
        Of an alert that is gone, the tier it had.
    because : Because or ""
        Why it is gone, or has fewer payments than before.
    tier_before : str
        The tier of the night before; empty where it was not told then.
    added, lost : int
        Payments that are evidence now and were not, and the other way round.
    into : str
        The alert it was merged into.
    split_from : str
        The alert that most of its payments were in, the night before.
    """

    alert_id: str
    state: State
    tier: str
    because: Because | Literal[""] = ""
    tier_before: str = ""
    added: int = 0
    lost: int = 0
    into: str = ""
    split_from: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values, without those that say nothing."""
        return {name: value for name, value in vars(self).items() if value not in ("", 0)}


@dataclass(frozen=True)
class Delta:
    """What changed from one recorded run to the next.

    Parameters
    ----------
    run_id : str
        The run it is about.
    previous : str
        The run before it; empty for the first.
    changes : tuple of Change
        One for each alert that is there, and one for each that went since the run before; by alert id.
    names : mapping of str to str
        The lasting id of each alert by the id that the scan gave it.
    settings_changed, program_changed : bool
        Whether settings, or versions of the program and its detectors, differ from the run before.
    """

    run_id: str
    previous: str
    changes: tuple[Change, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    settings_changed: bool = False
    program_changed: bool = False

    def of(self, state: State) -> tuple[Change, ...]:
        """Give the changes of one state."""
        return tuple(change for change in self.changes if change.state == state)

    @cached_property
    def by_alert(self) -> dict[str, Change]:
        """What became of each alert, by its lasting id."""
        return {change.alert_id: change for change in self.changes}

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many alerts are in each state, every state named."""
        return {state: len(self.of(state)) for state in STATES}

    def named(self, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
        """Give the alerts of the scan under their lasting ids; report and files of a night tell them so.

        Parameters
        ----------
        alerts : iterable of Alert
            As the scan of this run gave them.
        """
        return tuple(
            replace(
                alert,
                alert_id=self.names[alert.alert_id],
                related=tuple(sorted(self.names.get(id_, id_) for id_ in alert.related)),
            )
            for alert in alerts
        )

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values for files and programs."""
        return {
            "run_id": self.run_id,
            "previous": self.previous,
            "settings_changed": self.settings_changed,
            "program_changed": self.program_changed,
            "counts": self.counts,
            "changes": [change.as_json() for change in self.changes],
        }
