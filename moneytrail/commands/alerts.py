"""`moneytrail alerts`: the alerts of the store, what happened to them, and what people do about them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from moneytrail.judging import DAY, answer, asking, desk, doing, done, judge, unmasking


@click.group()
def alerts() -> None:
    """List, look at and work on alerts; docs/alerts.md tells their life."""


alerts.add_command(judge)


@alerts.command("list")
@click.option("--tier", type=click.Choice(["priority", "review", "enquire", "support"]), help="Only of this tier.")
@click.option("--state", help="Only of this state in the last run: new, grown, unchanged, quiet, gone ...")
@click.option("--status", type=click.Choice(["open", "to_confirm", "closed"]), help="Only those that stand so.")
@click.option("--assignee", help="Only those with this person.")
@click.option("--gone", is_flag=True, help="Those that are gone or merged, too.")
@click.option("--hidden", is_flag=True, help="Those that suppressions hide, too.")
@unmasking
def list_(
    tier: str | None,
    state: str | None,
    status: str | None,
    assignee: str | None,
    gone: bool,
    hidden: bool,
    store: str | None,
    settings: Path | None,
    as_json: bool,
    unmask: bool,
    who: str | None,
) -> None:
    """List the alerts that the last run told, in reading order.

    Account numbers are masked; as JSON, for programs, they are in full.
    """
    from moneytrail.alert_store import named_store
    from moneytrail.alert_words import listed, masking_of

    with named_store(store, settings) as opened:
        if unmask:
            desk(opened, who, dry_run=False).unmasked()
        every = opened.alerts(gone=gone or state in ("gone", "merged"))
    asked = {"tier": tier, "state": state, "status": status, "assignee": assignee}
    found = [one for one in every if all(value in (None, getattr(one, name)) for name, value in asked.items())]
    told = [one for one in found if hidden or not one.suppressed_by]
    answer(
        as_json, [one.as_json() for one in told], listed(told, len(found) - len(told), masking_of(told, unmask=unmask))
    )


@alerts.command()
@click.argument("alert_id")
@unmasking
def show(alert_id: str, store: str | None, settings: Path | None, as_json: bool, unmask: bool, who: str | None) -> None:
    """Print one alert as it stands, with what people made of it.

    Account numbers are masked; as JSON, for programs, they are in full.
    """
    from moneytrail.alert_store import named_store
    from moneytrail.alert_words import masking_of, shown

    with named_store(store, settings) as opened:
        alert, notes = opened.alert(alert_id), opened.notes(alert_id)
        if unmask:
            desk(opened, who, dry_run=False).unmasked(alert_id)
    value = {**alert.as_json(), "notes": [one.as_json() for one in notes]}
    answer(as_json, value, shown(alert, notes, datetime.now(UTC).date(), masking_of([alert], unmask=unmask)))


@alerts.command()
@click.argument("alert_id")
@asking
def history(alert_id: str, store: str | None, settings: Path | None, as_json: bool) -> None:
    """Print what happened to an alert: nights, merges and splits, and what people did."""
    from moneytrail.alert_store import named_store
    from moneytrail.alert_words import told_history

    with named_store(store, settings) as opened:
        events = opened.history(alert_id)
    answer(as_json, [one.as_json() for one in events], told_history(events))


@alerts.command()
@click.argument("alert_id")
@click.argument("to")
@doing
def assign(
    alert_id: str, to: str, store: str | None, settings: Path | None, as_json: bool, who: str | None, dry_run: bool
) -> None:
    """Give an alert to somebody; an empty name ("") takes it from whoever has it."""
    from moneytrail.alert_store import named_store

    with named_store(store, settings) as opened:
        alert = desk(opened, who, dry_run).assign(alert_id, to)
    done(alert, as_json=as_json, dry_run=dry_run)


@alerts.command()
@click.argument("alert_id")
@click.argument("text")
@doing
def note(
    alert_id: str, text: str, store: str | None, settings: Path | None, as_json: bool, who: str | None, dry_run: bool
) -> None:
    """Write something down about an alert."""
    from moneytrail.alert_store import named_store

    with named_store(store, settings) as opened:
        alert = desk(opened, who, dry_run).note(alert_id, text)
    done(alert, as_json=as_json, dry_run=dry_run)


@alerts.command()
@click.argument("alert_id")
@click.option("--note", default="", help="What else is to be known.")
@click.option("--facts-on", type=DAY, help="The day facts were detected; clocks of law run from it.")
@doing
def escalate(
    alert_id: str,
    note: str,
    facts_on: datetime | None,
    store: str | None,
    settings: Path | None,
    as_json: bool,
    who: str | None,
    dry_run: bool,
) -> None:
    """Bring an alert before somebody in charge: two people close it from now on, and nothing hides it."""
    from moneytrail.alert_store import named_store

    with named_store(store, settings) as opened:
        day = None if facts_on is None else facts_on.date()
        alert = desk(opened, who, dry_run).escalate(alert_id, note=note, facts_on=day)
    done(alert, as_json=as_json, dry_run=dry_run)


@alerts.command()
@click.option("--account", default="", help="Covers alerts about this account alone.")
@click.option("--typology", default="", help="Covers alerts of this typology.")
@click.option("--alert", default="", help="Covers this alert.")
@click.option("--reason", required=True, help="Why it may be hidden.")
@click.option("--until", required=True, type=DAY, help="The last day it holds; a year from today at most.")
@click.option("--owner", default="", help="Who answers for it; whoever enters it if not given.")
@doing
def suppress(
    account: str,
    typology: str,
    alert: str,
    reason: str,
    until: datetime,
    owner: str,
    store: str | None,
    settings: Path | None,
    as_json: bool,
    who: str | None,
    dry_run: bool,
) -> None:
    """Decide not to be told of some alerts for a time; what it hides is listed by `moneytrail alerts hidden`.

    All that is given holds together: --account with --typology covers that typology about that account.
    """
    from moneytrail.alert_store import named_store

    with named_store(store, settings) as opened:
        made = desk(opened, who, dry_run).suppress(
            reason=reason, expires=until.date(), owner=owner, account_id=account, typology=typology, alert_id=alert
        )
        covered = [
            one.alert_id
            for one in opened.alerts()
            if made.covers(one.alert_id, one.typology, one.content["subjects"], one.escalated_by)
        ]
    value = {**made.as_json(), "hides": covered, "kept": not dry_run}
    words = f"Suppression {made.number} until {made.expires}: alerts of the last run it hides: {len(covered)}"
    answer(as_json, value, words + ("; a dry run, nothing was kept" if dry_run else ""))


@alerts.command()
@click.argument("number", type=int)
@doing
def lift(number: int, store: str | None, settings: Path | None, as_json: bool, who: str | None, dry_run: bool) -> None:
    """End a suppression before its time."""
    from moneytrail.alert_store import named_store

    with named_store(store, settings) as opened:
        lifted = desk(opened, who, dry_run).lift(number)
    words = f"Suppression {number} is lifted" + ("; a dry run, nothing was kept" if dry_run else "")
    answer(as_json, {**lifted.as_json(), "kept": not dry_run}, words)


@alerts.command()
@asking
def hidden(store: str | None, settings: Path | None, as_json: bool) -> None:
    """Print what each suppression has hidden, who answers for it and until when it holds."""
    from moneytrail.alert_store import named_store
    from moneytrail.alert_words import told_hidden

    with named_store(store, settings) as opened:
        hidings = opened.hidden()
    answer(as_json, [one.as_json() for one in hidings], told_hidden(hidings, datetime.now(UTC).date()))
