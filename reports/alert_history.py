"""What became of an alert and what people made of it, for its card."""

from __future__ import annotations

from collections.abc import Iterator

from flows.language import say
from reports.alert import Alert
from reports.blocks import Block, Bullets
from reports.facts import ScanFacts


def history(facts: ScanFacts, alert: Alert) -> tuple[Block, ...]:
    """Say since when an alert is known, how it changed, what was said of it and of earlier ones about the same.

    Parameters
    ----------
    facts : ScanFacts
        Of a night; of a scan by itself there is nothing to say.
    alert : Alert
        One of them.
    """
    items = tuple(_told(facts, alert))
    return (Bullets(items, say("Earlier nights and judgements")),) if items else ()


def _told(facts: ScanFacts, alert: Alert) -> Iterator[str]:
    night = facts.night
    if night is None:
        return
    change = night.change_of.get(alert.alert_id)
    if change is not None:
        first = f", {change.first_seen.isoformat()}" if change.first_seen and change.state != "new" else ""
        yield f"{say('Tonight')}: {say(change.state)}{first}. {change.why}".strip()
    for one in night.said.get(alert.alert_id, ()):
        yield f"{one.day.isoformat()}, {one.by}: {say(one.what)}" + (f" ({one.reason})" if one.reason else "")
    if earlier := night.earlier.get(alert.alert_id):
        yield say("Earlier alerts about the same: {others}", others=", ".join(earlier))
