"""`moneytrail simulate`: an invented bank to practise on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A new or empty folder.")
@click.option("--customers", required=True, type=int, help="How many customers, from 300 on.")
@click.option("--days", required=True, type=int, help="Length of the period.")
@click.option("--seed", required=True, type=int, help="Decides every draw; the same seed gives the same bytes.")
@click.option("--cases", type=click.Path(path_type=Path), help="Plan of what is planted, as TOML.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day; 2026-01-05 if not given.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def simulate(
    out: Path, customers: int, days: int, seed: int, cases: Path | None, start: datetime | None, quiet: bool
) -> None:
    """Write an invented bank: ordinary life, planted cases, innocent look-alikes, and the truth about them.

    Without --cases every kind is planted at its usual rate. Nothing in it comes from a real account.
    """
    from flows.errors import SettingsError
    from flows.progress import progress_for
    from sample_data.plan import read_plan
    from sample_data.simulation import START
    from sample_data.simulation import simulate as write_bank

    if out.exists() and any(out.iterdir()):
        raise SettingsError("the folder is not empty", where=str(out), try_="name a new folder after --out")
    written = write_bank(
        out,
        customers=customers,
        days=days,
        seed=seed,
        start=START if start is None else start.date(),
        plan=None if cases is None else read_plan(cases, days),
        progress=progress_for(quiet=quiet),
    )
    click.echo(
        f"{written.payments:,} payments of {written.customers:,} customers; "
        f"{written.planted:,} of them belong to {written.stories:,} stories"
    )
    click.echo(f"tables: {out}")
    click.echo(f"truth:  {out / 'truth'}")
