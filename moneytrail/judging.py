"""What every command at the alert store shares, and the verb that two places offer: judging an alert."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

DAY = click.DateTime(["%Y-%m-%d"])


def asking(command: Command) -> Command:
    """Add the options of commands that change nothing; a script may try them dry like all others."""
    return naming(
        click.option("--dry-run", is_flag=True, expose_value=False, help="Taken by every verb; this one only reads.")(
            command
        )
    )


def naming(command: Command) -> Command:
    """Add the options that name the store and the form of the answer."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Answer as JSON."),
        click.option("--settings", type=click.Path(path_type=Path), help="Settings file; its [night] names the store."),
        click.option("--store", help="File or address of the store, instead of the one of the settings."),
    ):
        command = option(command)
    return command


def doing(command: Command) -> Command:
    """Add the options of commands that change something."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Say what would happen and keep nothing of it."),
        click.option("--who", help="Who does it; the login that runs the program if not given."),
    ):
        command = option(command)
    return naming(command)


def unmasking(command: Command) -> Command:
    """Add the options of commands that show account numbers, which people see by their last characters only."""
    for option in (
        click.option("--unmask", is_flag=True, help="Account numbers in full; the audit log says who asked for them."),
        click.option("--who", help="Who asks for them; the login that runs the program if not given."),
    ):
        command = option(command)
    return asking(command)


def answer(as_json: bool, value: Any, words: str) -> None:
    """Print an answer for programs or for people."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False) if as_json else words)


def done(alert: Any, *, as_json: bool, dry_run: bool) -> None:
    """Say how an alert stands after something was done to it."""
    from moneytrail.alert_words import STANDS

    value = {name: value for name, value in alert.as_json().items() if name != "alert"}
    words = f"{alert.alert_id}: {STANDS[alert.status]}" + (f", with {alert.assignee}" if alert.assignee else "")
    if alert.status == "to_confirm":
        words += f"; closed once somebody else judges it {alert.judgements[-1].outcome} as well"
    answer(as_json, {**value, "kept": not dry_run}, words + ("; a dry run, nothing was kept" if dry_run else ""))


def desk(store: Any, who: str | None, dry_run: bool) -> Any:
    """Give the desk of whoever is named, or whoever runs the program, now."""
    from moneytrail.alert_store import whoever_runs

    return store.desk(whoever_runs() if who is None else who, datetime.now(UTC), dry_run=dry_run)


@click.command()
@click.argument("alert_id")
@click.argument("outcome", type=click.Choice(["useful", "not_useful", "unsure"]))
@click.option("--reason", default="", help="Why: a code; left out, those of the outcome are listed.")
@click.option("--note", default="", help="What else is to be known.")
@click.option("--facts-on", type=DAY, help="The day facts were detected; clocks of law run from it.")
@doing
def judge(
    alert_id: str,
    outcome: str,
    reason: str,
    note: str,
    facts_on: datetime | None,
    store: str | None,
    settings: Path | None,
    as_json: bool,
    who: str | None,
    dry_run: bool,
) -> None:
    """Say whether the look at an alert was worth it, and why.

    Useful and not useful close it. Alerts of tier priority and escalated ones are closed by two people: the second
    gives the same outcome, and cannot be the first.
    """
    from moneytrail.alert_store import named_store

    with named_store(store, settings) as opened:
        day = None if facts_on is None else facts_on.date()
        alert = desk(opened, who, dry_run).judge(alert_id, outcome, reason, note=note, facts_on=day)
    done(alert, as_json=as_json, dry_run=dry_run)
