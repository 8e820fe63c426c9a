"""`moneytrail doctor`: says whether this installation is whole."""

from __future__ import annotations

import click


@click.command()
def doctor() -> None:
    """Check that the installation is whole and nothing shadows it.

    The import packages have ordinary names (flows, graphs, ...), so another distribution or a file beside a notebook
    could take their place without a word. This says so before a night's results are believed.
    """
    from flows.errors import PluginError
    from moneytrail.doctor import examine

    findings = examine()
    for finding in findings:
        click.echo(f"{'ok ' if finding.well else 'BAD'}  {finding.what}")
    if not all(finding.well for finding in findings):
        raise PluginError(
            "this installation is not whole",
            where="; ".join(finding.what for finding in findings if not finding.well),
            try_="install moneytrail in an environment of its own",
        )
