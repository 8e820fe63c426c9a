"""`moneytrail reference`: what outlier detectors learn of a period, kept for later scans."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click


@click.command()
@click.option("--ledger", required=True, type=click.Path(path_type=Path), help="Folder of the ledger.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for what is learnt.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the period; else the last booking date.")
@click.option("--settings", type=click.Path(path_type=Path), help="TOML file with what differs from the defaults.")
def reference(ledger: Path, out: Path, as_of: datetime | None, settings: Path | None) -> None:
    """Learn what is ordinary in a period, for the key reference of [scan].

    The period is as long as a scan with these settings looks back, so that counts can be compared.
    """
    from flows.errors import InputError
    from flows.ledger import Ledger
    from flows.plugins import Shelf
    from flows.population import Population
    from flows.progress import progress_for
    from moneytrail.looking_back import beginning
    from moneytrail.rare import COLUMNS, LeftInLedger, able_to_learn, keep
    from moneytrail.run_sheet import RunSheet
    from moneytrail.searching import patterns
    from moneytrail.settings import load

    chosen = load(settings)
    able_to_learn(chosen)
    opened = Ledger.open(ledger)
    last_day = as_of.date() if as_of is not None else max(opened.days(), default=None)
    since = last_day and beginning(last_day, chosen.scan.look_back_days)
    population = Population(opened, as_of=last_day, since=since, at_most=chosen.scan.payments_a_window)
    totals = population.totals
    if not totals.payments:
        raise InputError(
            "there are no booked payments to learn from",
            where=f"{ledger}, version {opened.version}" + (f", up to {last_day}" if last_day else ""),
            try_="take in files with `moneytrail ingest`, or name a later date",
        )
    carrier = Shelf("flows.engines").load("local")(max_payments=chosen.scan.payments_a_window)
    found = patterns(population, chosen, carrier, sheet=RunSheet(), progress=progress_for())
    left = None if population.in_memory else LeftInLedger(population, carrier)
    window = population.specimen if left else population.whole(COLUMNS)
    keep(window, chosen, out, left, findings=found.findings, searched=found.ran)
    click.echo(
        f"Learnt from {totals.payments:,} payments of {totals.own_accounts:,} accounts, {totals.first_day} to "
        f"{totals.last_day}: {out.resolve()}"
    )
    click.echo("Later scans use it by [scan] reference, a path seen from the settings file.")
