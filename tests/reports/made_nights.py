"""A night beside the scan of `conftest.night`: what changed, what was said, how it went."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from reports.night import Change, Night, NightFigures, Said


def with_night(facts, **more):
    """Give the facts of a scan as those of its 32nd night; `more` are fields of the night."""
    first, second, *rest = facts.alerts
    told = {
        "last": date(2026, 3, 4),
        "changes": (
            Change(first.alert_id, "grown", first.title, first.tier, "3 payments were added.", date(2026, 3, 1)),
            Change(second.alert_id, "new", second.title, second.tier),
            *(Change(one.alert_id, "unchanged", one.title, one.tier) for one in rest),
            Change("A-000000000000", "gone", "Gathering: ACC-99999 took in", "review", "The settings were changed."),
        ),
        "said": {first.alert_id: (Said(date(2026, 3, 2), "unsure", "kb", "more information"),)},
        "earlier": {first.alert_id: ("A-111111111111",)},
        "course": tuple(
            NightFigures(
                date(2026, 2, 2) + timedelta(days=night), 3 + night % 4, 10, night % 3, night % 2, 40, 9, 180_000
            )
            for night in range(32)
        ),
        "settings_before": {"scan": {"capacity": 40}},
        "late": {"booked on a day that had been looked at before": 12},
        "hidden": {"safeguarding lead": 2},
    }
    run = {**facts.run, "settings": {"scan": {"capacity": 20}}}
    return replace(facts, run=run, night=Night(**{**told, **more}))
