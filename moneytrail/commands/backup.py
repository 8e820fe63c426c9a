"""`moneytrail backup`: copies ledger and store between two nights."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--settings", required=True, type=click.Path(path_type=Path), help="TOML file with a section [night].")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A folder that is not there yet.")
def backup(settings: Path, out: Path) -> None:
    """Copy ledger, store and settings into a new folder; leaves with 5 while a night is under way.

    A store in PostgreSQL is left to pg_dump. docs/operations.md says how to put a backup back.
    """
    from moneytrail.backing_up import back_up

    done = back_up(settings, out)
    click.echo(f"Ledger at version {done.ledger_version} with {done.payments:,} payments: {out / 'ledger'}")
    click.echo(f"Store: {out / done.store}" if done.store else "Store: in a database server; run pg_dump beside this.")
