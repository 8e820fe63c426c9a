"""`moneytrail simulate`: an invented bank to practise on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A new or empty folder.")
@click.option("--customers", type=int, help="How many customers, from 450 on, or 300 with --cases.")
@click.option("--days", type=int, help="Length of the period.")
@click.option("--seed", required=True, type=int, help="Decides every draw; the same seed gives the same bytes.")
@click.option("--cases", type=click.Path(path_type=Path), help="Plan of what is planted, as TOML.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day; 2026-01-05 if not given.")
@click.option("--plant-into", type=click.Path(path_type=Path), help="Plant the cases into a copy of this ledger.")
@click.option("--again", is_flag=True, help="Plant into a ledger that is a planted copy already.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def simulate(
    out: Path,
    customers: int | None,
    days: int | None,
    seed: int,
    cases: Path | None,
    start: datetime | None,
    plant_into: Path | None,
    again: bool,
    quiet: bool,
) -> None:
    """Write an invented bank: ordinary life, planted cases, innocent look-alikes, and the truth about them.

    Without --cases every kind is planted at its usual rate. Nothing in it comes from a real account.

    With --plant-into the cases of the plan are carried by accounts of a bank's own ledger, in a copy that says what it
    is; the ledger itself is only read.
    """
    from flows.errors import SettingsError, StoreError
    from flows.plural import told
    from flows.progress import progress_for
    from sample_data.plan import read_plan
    from sample_data.simulation import START
    from sample_data.simulation import simulate as write_bank

    if out.exists() and any(out.iterdir()):
        raise SettingsError("the folder is not empty", where=str(out), try_="name a new folder after --out")
    if plant_into is not None:
        if cases is None or (customers, days, start) != (None, None, None):
            raise SettingsError(
                "planting takes a plan, and people and days from the ledger",
                where="--plant-into",
                try_="give --cases, and leave out --customers, --days and --start",
            )
        _plant(plant_into, cases, out, seed=seed, again=again, quiet=quiet)
        return
    if customers is None or days is None:
        raise SettingsError(
            "how large the bank is was not said", where="--customers, --days", try_="--customers 10000 --days 180"
        )
    plan = None if cases is None else read_plan(cases, days)
    begin = START if start is None else start.date()
    try:
        written = write_bank(
            out, customers=customers, days=days, seed=seed, start=begin, plan=plan, progress=progress_for(quiet=quiet)
        )
    except OSError as error:
        raise StoreError(
            f"the bank cannot be written: {error.strerror or type(error).__name__}",
            where=str(out),
            try_="name a folder you may write after --out, or make room on the disk",
        ) from error
    click.echo(
        f"{written.payments:,} payments of {written.customers:,} customers; {written.planted:,} of them belong to "
        + told("{count} story", "{count} stories", written.stories)
    )
    click.echo(f"tables: {out}")
    click.echo(f"truth:  {out / 'truth'}")


def _plant(original: Path, cases: Path, out: Path, *, seed: int, again: bool, quiet: bool) -> None:
    from flows.ledger import Ledger
    from flows.plural import told
    from flows.progress import progress_for
    from sample_data.plan import read_plan
    from sample_data.planting import plant

    ledger = Ledger.open(original)
    booked = ledger.days()
    days = (max(booked) - min(booked)).days + 1 if booked else 1
    planted = plant(ledger, read_plan(cases, days), out, seed=seed, again=again, progress=progress_for(quiet=quiet))
    of_stories = told("{count} story", "{count} stories", planted.stories)
    click.echo(f"{planted.payments:,} payments of {of_stories} planted on {planted.accounts:,} accounts")
    if planted.no_channel:
        click.echo(f"{planted.no_channel:,} left out: on channels that this ledger does not have")
    if planted.not_carried:
        click.echo(f"{planted.not_carried:,} left out: the accounts could not have paid them")
    click.echo(f"copy:  {planted.ledger}, for tests only")
    click.echo(f"truth: {out / 'truth'}")
