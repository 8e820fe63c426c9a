"""`moneytrail tune`: look at past nights again under other settings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

_FILE = click.Path(path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--ledger", required=True, type=_FILE, help="Folder of the ledger.")
@click.option("--out", required=True, type=_FILE, help="Folder for tune.json and tune.html.")
@click.option("--settings", type=_FILE, help="The settings in force.")
@click.option("--challenger", type=_FILE, help="Other settings, to be held against them.")
@click.option("--sweep", metavar="KEY=V,V", help="Try values of one key, e.g. alerts.least_score=0.1,0.2,0.3.")
@click.option("--from", "first", type=_DAY, help="First night; without it, only the last is looked at.")
@click.option("--until", "last", type=_DAY, help="Last night; the last booking day if not given.")
@click.option("--every", default=7, show_default=True, type=click.IntRange(min=1), help="Days between the nights.")
@click.option("--store", help="The store of alerts, for what people made of them.")
@click.option("--complete", is_flag=True, help="The labels name every case: an alert about none was not useful.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def tune(
    ledger: Path,
    out: Path,
    settings: Path | None,
    challenger: Path | None,
    sweep: str | None,
    first: datetime | None,
    last: datetime | None,
    every: int,
    store: str | None,
    complete: bool,
    quiet: bool,
) -> None:
    """Replay past nights under other settings: counts with intervals, and the alerts that differ, with why."""
    from flows.ledger import Ledger
    from flows.progress import progress_for
    from moneytrail.alert_store import open_store
    from moneytrail.settings import load
    from moneytrail.tuning import nights, swept, tune

    if challenger is None and sweep is None:
        raise click.UsageError("Against what? Give --challenger FILE or --sweep KEY=VALUE,VALUE.")
    opened = Ledger.open(ledger)
    others = {} if challenger is None else {challenger.name: load(challenger)}
    others |= {} if sweep is None else swept(settings, sweep)
    judged = []
    if store is not None:
        with open_store(store) as kept:
            judged.append(kept.judgements())
    days = nights(opened, first and first.date(), last and last.date(), every)
    tuned = tune(
        opened, out, days, load(settings), others, judged, complete=complete, progress=progress_for(quiet=quiet)
    )
    for one in tuned.figures:
        above = one.useful_above
        share = "" if above.figure is None else f", useful {above.found:,} of {above.of:,} known"
        click.echo(f"{one.name}: {one.alerts:,} alerts, {one.told:,} above the line{share}")
    click.echo(f"Page: {(out / 'tune.html').resolve()}")
