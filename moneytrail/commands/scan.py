"""`moneytrail scan`: search a ledger and write alerts and the report."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click


@click.command()
@click.option("--ledger", required=True, type=click.Path(path_type=Path), help="Folder of the ledger.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Look at nothing booked after this date.")
@click.option("--settings", type=click.Path(path_type=Path), help="TOML file with what differs from the defaults.")
@click.option("--capacity", type=click.IntRange(min=1), help="How many alerts people can look at; else the settings.")
@click.option("--memory", help="How much memory to take, about: 4GB; else the settings.")
@click.option("--engine", default="local", show_default=True, help="What carries the search.")
@click.option("--lang", "language", default="en", show_default=True, help="Language of report and alerts.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def scan(
    ledger: Path,
    out: Path,
    as_of: datetime | None,
    settings: Path | None,
    capacity: int | None,
    memory: str | None,
    engine: str,
    language: str,
    quiet: bool,
) -> int | None:
    """Search a ledger; write alerts, scores, the run sheet and report.html.

    Leaves with 4 if a detector failed: the results are written, and page one says which question was not asked.
    """
    from dataclasses import replace

    from flows.language import speaking
    from flows.ledger import Ledger
    from flows.progress import progress_for
    from moneytrail.fitting import payments_within
    from moneytrail.operations import watched
    from moneytrail.scan import run_scan, spoken
    from moneytrail.settings import load

    chosen = load(settings)
    if capacity is not None:
        chosen = replace(chosen, scan=replace(chosen.scan, capacity=capacity))
    if memory is not None:
        at_once = payments_within(memory, "--memory")
        chosen = replace(chosen, scan=replace(chosen.scan, memory=memory, payments_a_window=at_once))
    home = settings.resolve().parent if settings is not None else Path()
    with watched("scan", chosen.operations, home) as run:
        scanned = run_scan(
            Ledger.open(ledger),
            out,
            as_of=None if as_of is None else as_of.date(),
            settings=chosen,
            engine=engine,
            language=language,
            progress=progress_for(quiet=quiet),
        )
        run.saw(scanned.sheet.whole(), scanned.facts.alerts, out)
    with speaking(language):
        click.echo(spoken(scanned, out))
    return 4 if scanned.facts.failures else None
