"""`moneytrail doctor`: says whether this installation is whole."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--settings", type=click.Path(path_type=Path), help="Look at the places of these settings, too.")
def doctor(settings: Path | None) -> None:
    """Check that the installation is whole and nothing shadows it, and with --settings that a night could run.

    The import packages have ordinary names (flows, graphs, ...), so another distribution or a file beside a notebook
    could take their place without a word. This says so before a night's results are believed.
    """
    from flows.errors import PluginError
    from moneytrail.doctor import examine, examine_place

    findings = [*examine(), *(examine_place(settings) if settings is not None else ())]
    for finding in findings:
        click.echo(f"{'ok ' if finding.well else 'BAD'}  {finding.what}")
    if not all(finding.well for finding in findings):
        raise PluginError(
            "this installation, or a place of its settings, is not as it should be",
            where="; ".join(finding.what for finding in findings if not finding.well),
            try_="mend what says BAD; the installation by an environment of its own for moneytrail",
        )
