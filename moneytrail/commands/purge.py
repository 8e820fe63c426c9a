"""`moneytrail purge`: erases what is older than its rule."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.option("--settings", required=True, type=click.Path(path_type=Path), help="TOML file with [night], [retention].")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Count ages from this day; today if not given.")
@click.option("--dry-run", is_flag=True, help="Say what would be erased, and erase nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def purge(settings: Path, as_of: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Erase payments, alerts, rejected rows and results that are older than [retention] allows.

    Payments that are evidence of an alert nobody has closed stay, and are counted. A record of each purge lies beside
    the ledger; the audit log of the store names the alerts.
    """
    from moneytrail.alert_store import whoever_runs
    from moneytrail.purging import purge as erase
    from moneytrail.purging import spoken

    day = datetime.now(UTC).date() if as_of is None else as_of.date()
    purged = erase(settings, day, whoever_runs() or "moneytrail", dry_run=dry_run)
    click.echo(json.dumps(purged.as_json(), indent=1) if as_json else spoken(purged, dry_run=dry_run))
