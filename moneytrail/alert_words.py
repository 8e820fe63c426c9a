"""How alerts of the store are told on a terminal: one line in a list, a page when looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from flows.plural import told
from reports.delta import ABSENT
from reports.judgement import REASONS, Judgement
from reports.masking import masking
from reports.store_reading import Event, StoredAlert, WrittenNote, iso
from reports.store_suppressing import Hiding

STANDS: Final = {"open": "open", "to_confirm": "waits for a second person", "closed": "closed"}
"""How to say a status."""

DONE: Final = {
    "noted": "wrote a note",
    "escalated": "escalated it: two people close it from now on",
    "suppressed": "hid it for a time",
    "unmasked": "read its account numbers in full",
    "erased": "erased what was known of it, by a rule of retention",
}
"""How to say what a person did that needs no more words."""

WENT_ON: Final = {
    "merged": "merged into {into}",
    "absorbed": "took in {alert_id}",
    "split": "{alert_id} split from it",
}
"""How to say what became of two alerts; other states say it by themselves."""

BECAUSE: Final[Mapping[str, str]] = {
    "exempted": "the settings' exemptions hide it",
    "data corrected": "a payment of it does not count any more: reversed, or corrected by the bank",
    "settings changed": "the settings are not those of the run before",
    "program changed": "the program, its detectors or libraries are of other versions",
    "behaviour ended": "with what was paid since, the pattern does not stand out any more",
}
"""Why an alert lost payments or is gone, as docs/alerts.md has it."""

MOST_ACCOUNTS: Final = 12
"""Accounts of an alert shown on a terminal: whom it is about comes first, those that only paid in last."""


Masked = Callable[[str], str]
"""Masks the accounts that a text names."""


def masking_of(alerts: Iterable[StoredAlert], *, unmask: bool = False) -> Masked:
    """Give what masks every account of some alerts, as the report does; nothing where they are to be read in full."""
    if unmask:
        return str
    contents = [one.content for one in alerts]
    named = {account["account_id"] for content in contents for account in content["accounts"]}
    return masking(named.union(*(content["subjects"] for content in contents)))


def listed(alerts: Sequence[StoredAlert], hidden: int, masked: Masked = str) -> str:
    """Write a list of alerts, one line each, and how many suppressions hide."""
    lines = [
        f"{one.alert_id}  {one.tier:<8}  {one.state:<9}  {STANDS[one.status]:<8}  {one.score:.2f}  "
        f"{one.assignee or '-':<12}  {masked(one.content['title'])}"
        for one in alerts
    ]
    lines = lines or ["No alert."]
    if hidden:
        lines.append(f"{hidden} more hidden by suppressions; --hidden lists them, `moneytrail alerts hidden` says why.")
    return "\n".join(lines)


def shown(alert: StoredAlert, notes: Iterable[WrittenNote], today: date, masked: Masked = str) -> str:
    """Write all an analyst needs of one alert on a terminal; its page in the report has pictures and payments."""
    content = alert.content
    parts = [
        f"{alert.alert_id}  {content['title']}",
        content["why"],
        f"Tier {alert.tier}, score {alert.score:.2f}, {alert.typology}. {alert.state.capitalize()} in the last run; "
        f"{STANDS[alert.status]}" + (f"; with {alert.assignee}" if alert.assignee else "") + ".",
        clock(alert, today),
    ]
    if alert.escalated_by:
        parts.append(f"Escalated by {alert.escalated_by}: two people close it.")
    if alert.suppressed_by:
        parts.append("Hidden by suppression " + ", ".join(map(str, alert.suppressed_by)) + ".")
    parts += [content["caution"]] if content["caution"] else []
    parts.append("Accounts:")
    parts += [f"  {one['account_id']}  {one['likely_role']}" for one in content["accounts"][:MOST_ACCOUNTS]]
    further = len(content["accounts"]) - MOST_ACCOUNTS
    parts += [f"  and {further} more; --json lists them"] if further > 0 else []
    parts.append("Speaks for a look:")
    parts += [f"  {one['id']}: {one['sentence']}" for one in content["indicators"]]
    for title, sentences in (
        ("Speaks for an ordinary story:", [one["sentence"] for one in content["mitigations"]]),
        ("Ordinary stories that look the same:", content["innocent"]),
        ("Could not be looked at:", content["not_computable"]),
        ("Would clear it:", content["would_clear"]),
    ):
        if sentences:
            parts += [title, *(f"  {sentence}" for sentence in sentences)]
    parts.append(f"{len(content['payments'])} payments; --json lists them.")
    parts += [f"{iso(one.at)}  {one.who}: {said(one)}" for one in alert.judgements]
    parts += [f"{iso(one.at)}  {one.who} wrote: {one.text}" for one in notes]
    return masked("\n".join(parts))


def clock(alert: StoredAlert, today: date) -> str:
    """Say since when the alert is known, and since when the facts are: clocks of law run from the facts."""
    told = datetime.fromtimestamp(alert.alerted_at / 1e6, UTC).date()
    since = f"Told first on {told} ({_days(today, told)})"
    if alert.facts_on is None:
        return f"{since}; no day is set on which facts were detected."
    return f"{since}; facts detected on {alert.facts_on} ({_days(today, alert.facts_on)})."


def _days(today: date, then: date) -> str:
    count = (today - then).days
    return "today" if count == 0 else "1 day ago" if count == 1 else f"{count} days ago"


def said(judgement: Judgement) -> str:
    """Write a judgement in words."""
    return f"{judgement.outcome.replace('_', ' ')}, {REASONS[judgement.outcome][judgement.reason]}"


def told_history(events: Iterable[Event]) -> str:
    """Write what happened to an alert, one line each."""
    return "\n".join(f"{iso(one.at)}  {one.who}  {_happened(one)}" for one in events)


def _happened(event: Event) -> str:
    detail = event.detail
    if event.what == "judged":
        return f"judged it {detail['outcome'].replace('_', ' ')}: {REASONS[detail['outcome']][detail['reason']]}"
    if event.what == "assigned":
        return f"gave it to {detail['to']}" if detail["to"] else "took it from whoever had it"
    if event.what == "facts":
        return f"set the day facts were detected to {detail['on']}"
    if event.what in DONE:
        return DONE[event.what]
    said = [f"night of {detail['as_of']}: {WENT_ON.get(event.what, event.what).format_map(detail)}"]
    if event.what in ("absorbed", "split"):
        # What else is known is of the other alert.
        return said[0]
    if event.what == "new":
        said.append(told("{count} payment", "{count} payments", detail["added"]))
    elif detail.get("added"):
        said.append(told("{count} payment more", "{count} payments more", detail["added"]))
    if detail.get("lost") and event.what not in ABSENT:
        said.append(told("{count} payment less", "{count} payments less", detail["lost"]))
    if detail.get("because"):
        said.append(f"because {BECAUSE[detail['because']]}")
    if detail.get("split_from"):
        said.append(f"split from {detail['split_from']}")
    if detail.get("tier_before", detail["tier"]) != detail["tier"]:
        said.append(f"tier {detail['tier']}, before {detail['tier_before']}")
    return ", ".join(said)


def told_hidden(hidings: Iterable[Hiding], today: date) -> str:
    """Write what suppressions have hidden, each with who answers for it and until when."""
    lines = []
    for one in hidings:
        decided = one.suppression
        scope = [decided.alert_id, decided.account_id, decided.typology]
        state = f"lifted by {decided.lifted_by}" if decided.lifted_by else f"until {decided.expires}"
        if not decided.lifted_by and decided.expires < today:
            state += ", expired"
        lines.append(
            f"{decided.number}  {' / '.join(filter(None, scope))}  {state}  owner {decided.owner}: {decided.reason}"
        )
        lines += [f"    {id_}  from {first} to {last}" for id_, (first, last) in one.alerts.items()]
        lines += [] if one.alerts else ["    has hidden nothing yet"]
    return "\n".join(lines) or "No suppression."
