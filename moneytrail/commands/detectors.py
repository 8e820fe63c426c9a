"""`moneytrail detectors`: says what is asked of the payments."""

from __future__ import annotations

import click


@click.command()
@click.argument("detector", required=False)
def detectors(detector: str | None) -> None:
    """List the detectors, or print the page of one of them.

    DETECTOR is an id from the list, e.g. fan-in.
    """
    from detectors.about import LEGS, SAME_DAY, settable
    from detectors.catalogue import every_detector, source_title
    from moneytrail.settings import spoken_value

    every = every_detector()
    if detector is None:
        wide = max(len(entry.id) for entry in every)
        for entry in every:
            click.echo(f"{entry.id:<{wide}}  {entry.about.status:<7}  {entry.about.leg:<3}  {entry.about.question}")
        return
    by_id = {entry.id: entry for entry in every}
    if detector not in by_id:
        raise click.BadParameter(f"no such detector; one of: {', '.join(by_id)}", param_hint="DETECTOR")
    entry = by_id[detector]
    about = entry.about
    click.echo(
        f"{about.title} ({entry.id}, {about.status}, version {about.version})\n\n{about.question}\n{about.meaning}\n"
    )
    click.echo(f"Evidence leg: {about.leg}, {LEGS[about.leg]}")
    if about.same_day:
        click.echo(f"Where payments bear a date without a time of day: {SAME_DAY[about.same_day]}.")
    click.echo("\nParameters")
    for name, field in settable(entry.kind).items():
        default = spoken_value(field.default)
        click.echo(f"  {name} = {default}  {field.metadata['unit']}\n      {field.metadata['why']}")
    for heading, lines in (
        ("Ordinary stories that look the same", about.innocent),
        ("What would settle it", about.clears),
        ("Sources", tuple(source_title(key) for key in about.sources)),
    ):
        click.echo(f"\n{heading}")
        for line in lines:
            click.echo(f"  - {line}")
