"""`moneytrail detectors`: says what is asked of the payments."""

from __future__ import annotations

import click


@click.command()
def detectors() -> None:
    """List every motif, indicator, typology and outlier detector with its status and sources.

    `moneytrail explain ID` prints the page of one.
    """
    from detectors.catalogue import SHELVES, every_detector
    from detectors.typology import TypologyAbout

    every = every_detector()
    wide = max(len(entry.name) for entry in every)
    for shelf, what in SHELVES.items():
        click.echo(what)
        for entry in every:
            if entry.shelf != shelf:
                continue
            about = entry.about
            asks = (
                f"{'':<3}  {about.title}" if isinstance(about, TypologyAbout) else f"{about.leg:<3}  {about.question}"
            )
            click.echo(f"  {entry.name:<{wide}}  {about.status:<7}  {asks}  [{', '.join(entry.sources)}]")
