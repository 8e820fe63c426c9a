"""`moneytrail explain`: the page of one detector, for an analyst."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

NEAREST = 4
"""Ids that are named where there is none as asked for."""


@click.command()
@click.argument("detector", metavar="ID", required=False)
@click.option("--lang", "language", default="en", show_default=True, help="Language of the page.")
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the pages of all of them into this folder, and a list.",
)
def explain(detector: str | None, language: str, folder: Path | None) -> None:
    """Print one page on a detector: what it asks, how it measures, who published it, what looks the same.

    ID is one of those that `moneytrail detectors` lists, e.g. fan-in, SEX-01 or T-03.
    """
    from detectors.catalogue import every_detector
    from flows.language import speaking
    from moneytrail.detector_pages import page, pages
    from moneytrail.folder import check_writable, write_files

    if (detector is None) == (folder is None):
        raise click.UsageError("give the ID of one detector, or --write FOLDER for the pages of all")
    with speaking(language):
        if folder is not None:
            check_writable(folder)
            made = pages()
            write_files(folder, {name: text.encode() for name, text in made.items()})
            click.echo(f"{len(made):,} pages are in {folder}.")
            return
        by_id = {entry.id: entry for entry in every_detector()}
        found = by_id.get(str(detector).lower())
        if found is None:
            near = difflib.get_close_matches(str(detector).lower(), by_id, n=NEAREST, cutoff=0.5)
            names = ", ".join(by_id[id_].name for id_ in near)
            hint = f"did you mean {names}? " if names else ""
            raise click.BadParameter(
                f"no such detector: {detector}; {hint}`moneytrail detectors` lists all", param_hint="ID"
            )
        click.echo(page(found), nl=False)
