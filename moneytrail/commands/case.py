"""`moneytrail case`: take the steps of a case again, and write its dossier and exports."""

from __future__ import annotations

from pathlib import Path

import click

from flows.plugins import Shelf

FORMATS = Shelf("reports.exports").ids()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--ledger", required=True, type=click.Path(path_type=Path), help="Folder of the ledger it was made on.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for case.json, dossier.html and exports.")
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(FORMATS), help="Format of an export; may be repeated."
)
def case(file: Path, ledger: Path, out: Path | None, formats: tuple[str, ...]) -> None:
    """Replay a case file on the version of the ledger it was made on.

    Stops if any step gives other numbers than when it was taken, or was changed since. Cases are made in notebooks; see
    docs/cases.md.
    """
    if formats and out is None:
        raise click.UsageError("Where should the exports go? Add --out DIR.")
    from flows.ledger import Ledger
    from moneytrail.casework import load, spoken_case, write_case

    replayed = load(file, Ledger.open(ledger), who="moneytrail case")
    if out is not None:
        write_case(replayed, out, formats)
    click.echo(spoken_case(replayed))
    if out is not None:
        click.echo(f"Dossier: {(out / 'dossier.html').resolve()}")
