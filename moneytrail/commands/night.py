"""`moneytrail night`: what a scheduler runs every night."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--settings", required=True, type=click.Path(path_type=Path), help="TOML file with a section [night].")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def night(settings: Path, dry_run: bool, quiet: bool) -> int | None:
    """Take in what is new, scan, compare with last night, store and report.

    Killed at any instant it is run again and goes on where it stopped; run again after it is done, it changes nothing.
    Leaves with 4 if a question could not be asked, and with 5, changing nothing, while another night is under way.
    """
    from flows.progress import progress_for
    from moneytrail.night import run_night
    from moneytrail.night_plan import planned
    from moneytrail.night_words import planned_in_words, said
    from moneytrail.operations import watched
    from moneytrail.settings import load

    if dry_run:
        click.echo(planned_in_words(planned(settings)))
        return None
    with watched("night", load(settings).operations, settings.resolve().parent) as run:
        outcome = run_night(settings, progress=progress_for(quiet=quiet))
        for done in outcome.nights:
            run.saw(done.scan.sheet.whole(), done.scan.facts.alerts, done.folder)
    click.echo(said(outcome))
    return 4 if outcome.partial else None
